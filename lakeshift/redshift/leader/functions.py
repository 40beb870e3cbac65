"""The functions of the leader node's catalogs, as the engine's macros."""

from __future__ import annotations

from typing import Final

from lakeshift.redshift.functions import FUNCTIONS

__all__ = ["LEADER_FUNCTIONS", "LEADER_MACROS_DDL", "PLAIN_FUNCTIONS"]

_TYPES: Final = (
    ("boolean", 16, 1), ("smallint", 21, 2), ("integer", 23, 4), ("bigint", 20, 8), ("real", 700, 4),
    ("double precision", 701, 8), ("character", 1042, -1), ("character varying", 1043, -1), ("date", 1082, 4),
    ("time without time zone", 1083, 8), ("timestamp without time zone", 1114, 8),
    ("timestamp with time zone", 1184, 8), ("time with time zone", 1266, 12), ("interval", 1186, 16),
    ("numeric", 1700, -1), ("super", 4000, -1), ("binary varying", 6551, -1), ("unknown", 705, -2),
)  # fmt: skip
_OID: Final = " ".join(f"WHEN '{name}' THEN {oid}" for name, oid, _ in _TYPES)
_SIZE: Final = " ".join(f"WHEN '{name}' THEN {size}" for name, _, size in _TYPES)
_NAME: Final = " ".join(f"WHEN {oid} THEN '{name}'" for name, oid, _ in _TYPES)
_ENCODINGS: Final = (
    "['none', 'bytedict', 'delta', 'delta32k', 'lzo', 'mostly8', 'mostly16', 'mostly32', 'runlength', 'text255', "
    "'text32k', 'zstd', 'az64', 'raw', 'auto']"
)
_VERSION: Final = FUNCTIONS["version"][0].template
_USER: Final = "(SELECT any_value(u.name) FROM _lakeshift.users u WHERE u.id = {0})"
_MINE: Final = (
    "r.database = getvariable('database') AND (r.session IS NULL OR r.session = CAST(getvariable('pid') AS VARCHAR))"
)

# Macros the views and the templates below use: name and parameters, expression.
_MACROS: Final = {
    "lp_type(p_t)": f"CAST(CASE p_t {_OID} ELSE 705 END AS BIGINT)",
    "lp_size(p_t)": f"CASE p_t {_SIZE} ELSE -1 END",
    "lp_schema(p_s)": (
        "CAST(CASE p_s WHEN 'public' THEN 2200 WHEN 'pg_catalog' THEN 11 WHEN 'information_schema' THEN 12 ELSE 20000 "
        "+ "
        "hash(p_s) % 1000000 END AS BIGINT)"
    ),
    "lp_default(p_t, p_relation, p_seed, p_step)": (
        "CASE WHEN p_seed IS NOT NULL THEN '\"identity\"(' || p_relation || ', 0, ''' || p_seed || ',' || p_step || "
        "'''::text)' "
        "ELSE p_t END"
    ),
    "lp_format(p_oid, p_modifier)": (
        f"CASE CAST(p_oid AS BIGINT) WHEN 25 THEN 'text' WHEN 19 THEN 'name' WHEN 26 THEN 'oid' WHEN 18 THEN "
        f"'\"char\"' "
        f"{_NAME} END || CASE WHEN p_modifier IS NULL OR p_modifier < 4 THEN '' WHEN p_oid = 1700 THEN '(' || "
        f"((p_modifier - 4) "
        "// 65536) || ',' || ((p_modifier - 4) % 65536) || ')' WHEN p_oid IN (1042, 1043, 6551) THEN '(' || "
        "(p_modifier - 4) "
        "|| ')' ELSE '' END"
    ),
    "lp_regclass(p_name)": (
        "(SELECT min(r.id) FROM _lakeshift.relations r WHERE replace(lower(CAST(p_name AS VARCHAR)), '\"', '') IN "
        f"(r.schema || '.' || r.name, CASE WHEN list_contains(getvariable('search_path'), r.schema) OR r.session IS "
        f"NOT "
        f"NULL THEN r.name END, CAST(r.id AS VARCHAR)) AND {_MINE})"
    ),
    "lp_relation(p_oid)": (
        "(SELECT any_value(CASE WHEN list_contains(getvariable('search_path'), r.schema) OR r.session IS NOT NULL THEN "
        "r.name ELSE r.schema || '.' || r.name END) FROM _lakeshift.relations r WHERE r.id = p_oid)"
    ),
    "lp_visible(p_oid)": (
        "EXISTS (SELECT 1 FROM _lakeshift.relations r WHERE r.id = p_oid AND (r.session IS NOT NULL OR "
        "list_contains(getvariable('search_path'), r.schema)))"
    ),
    "lp_comment(p_oid, p_number)": (
        '(SELECT any_value(d.description) FROM _lakeshift."leader_pg_description" d WHERE d.objoid = p_oid AND '
        "d.objsubid "
        "= p_number)"
    ),
    "lp_encoding(p_name)": f"CAST(coalesce(list_position({_ENCODINGS}, lower(p_name)), 1) - 1 AS SMALLINT)",
    # A routine's arguments as [name, mode, type] each, all of them or the inputs alone.
    "lp_arguments(p_a)": "from_json(p_a, '[[\"VARCHAR\"]]')",
    "lp_inputs(p_a)": "list_filter(from_json(p_a, '[[\"VARCHAR\"]]'), lambda a: a[2] <> 'OUT')",
    "lp_routine(p_s, p_n, p_a)": "CAST(3000000 + hash(p_s || '.' || p_n || p_a) % 1000000 AS BIGINT)",
    "lp_written(p_oid)": (
        "(SELECT any_value(array_to_string(list_transform(main.lp_arguments(r.arguments), lambda a: trim(CASE a[2] "
        "WHEN 'IN' THEN '' ELSE a[2] || ' ' END || a[1] || ' ' || a[3])), ', ')) FROM _lakeshift.routines r WHERE "
        "main.lp_routine(r.schema, r.name, r.arguments) = p_oid)"
    ),
    "lp_returned(p_oid)": (
        "(SELECT any_value(r.returns) FROM _lakeshift.routines r WHERE main.lp_routine(r.schema, r.name, r.arguments) "
        "= p_oid)"
    ),
    # Users and things by name, or by oid.
    "ls_privilege(p_who, p_what, p_thing, p_wish)": (
        "main.ls_privilege_of(coalesce((SELECT any_value(u.name) FROM _lakeshift.users u WHERE CAST(u.id AS VARCHAR) = "
        "p_who), p_who), p_what, coalesce(CASE p_what WHEN 'TABLE' THEN (SELECT any_value(r.schema || '.' || r.name) "
        f"FROM _lakeshift.relations r WHERE CAST(r.id AS VARCHAR) = p_thing AND {_MINE}) WHEN 'SCHEMA' THEN (SELECT "
        "any_value(s.name) FROM _lakeshift.schemas s WHERE s.database = getvariable('database') AND "
        "CAST(main.lp_schema(s.name) AS VARCHAR) = p_thing) ELSE (SELECT any_value(d.name) FROM _lakeshift.databases d "
        "WHERE CAST(d.id AS VARCHAR) = p_thing) END, p_thing), p_wish)"
    ),
    "lp_text(p_items)": "'{' || array_to_string(p_items, ',') || '}'",
}
LEADER_MACROS_DDL: Final = tuple(f"CREATE OR REPLACE MACRO main.{name} AS {body}" for name, body in _MACROS.items())

# name -> template; ``{n}`` is an argument, ``{n?x}`` one that is x where it is left out.
LEADER_FUNCTIONS: Final = {
    "version": _VERSION,
    "pg_get_userbyid": f"coalesce({_USER}, 'rdsdb')",
    "pg_encoding_to_char": "'UTF8'",
    "pg_table_is_visible": "main.lp_visible({0})",
    "pg_type_is_visible": "true",
    "pg_function_is_visible": "true",
    "pg_get_expr": "{0}",
    "pg_get_viewdef": "(SELECT any_value(r.definition) FROM _lakeshift.relations r WHERE r.id = {0})",
    "pg_get_constraintdef": '(SELECT any_value(t.consrc) FROM _lakeshift."leader_pg_constraint" t WHERE t.oid = {0})',
    "pg_get_indexdef": "CAST(NULL AS VARCHAR)",
    "pg_get_triggerdef": "CAST(NULL AS VARCHAR)",
    "pg_tablespace_location": "CAST(NULL AS VARCHAR)",
    "pg_get_ruledef": "CAST(NULL AS VARCHAR)",
    "pg_get_function_result": "main.lp_returned({0})",
    "pg_get_function_arguments": "main.lp_written({0})",
    "pg_get_function_identity_arguments": "main.lp_written({0})",
    "pg_get_partkeydef": "CAST(NULL AS VARCHAR)",
    "pg_relation_is_publishable": "false",
    "pg_get_statisticsobjdef_columns": "CAST(NULL AS VARCHAR)",
    "pg_table_size": "CAST(0 AS BIGINT)",
    "pg_total_relation_size": "CAST(0 AS BIGINT)",
    "pg_relation_size": "CAST(0 AS BIGINT)",
    "pg_size_pretty": "CAST({0} AS VARCHAR) || ' bytes'",
    "format_type": "main.lp_format({0}, {1})",
    "format_encoding": f"coalesce(({_ENCODINGS})[1 + CAST({{0}} AS INTEGER)], 'none')",
    "col_description": "main.lp_comment({0}, {1})",
    "obj_description": "main.lp_comment({0}, 0)",
    "shobj_description": "CAST(NULL AS VARCHAR)",
    "current_schemas": (
        "CASE WHEN {0} THEN list_prepend('pg_catalog', list_filter(getvariable('search_path'), lambda s: s <> "
        "'pg_catalog')) ELSE list_filter(getvariable('search_path'), lambda s: s <> 'pg_catalog') END"
    ),
    "current_schema": "getvariable('schema')",
    "current_database": "getvariable('database')",
    "current_user": "getvariable('user')",
    "session_user": "getvariable('user')",
    "current_setting": (
        'coalesce((SELECT any_value(s.setting) FROM _lakeshift."leader_pg_settings" s WHERE s.name = lower({0})), '
        "main.ls_setting({0}))"
    ),
    "has_schema_privilege": "main.ls_privilege(CAST({0} AS VARCHAR), 'SCHEMA', CAST({1} AS VARCHAR), {2})",
    "has_table_privilege": "main.ls_privilege(CAST({0} AS VARCHAR), 'TABLE', CAST({1} AS VARCHAR), {2})",
    "has_database_privilege": "main.ls_privilege(CAST({0} AS VARCHAR), 'DATABASE', CAST({1} AS VARCHAR), {2})",
    "pg_is_in_recovery": "false",
    "inet_server_addr": "CAST('127.0.0.1' AS VARCHAR)",
    "quote_ident": "'\"' || replace({0}, '\"', '\"\"') || '\"'",
    "regexp_substr": "regexp_extract({0}, {1})",
    "array_upper": "len({0})",
    "array_lower": "1",
}
# The engine's own, meaning the same there.
_PLAIN: Final = """
abs any_value array_length array_to_string btrim ceil char_length coalesce concat count date_trunc floor
generate_series greatest least left length list lower lpad ltrim max md5 min nullif position regexp_replace
repeat replace right round row_number rtrim split_part string_agg strpos substr substring sum trim upper
"""
PLAIN_FUNCTIONS: Final = frozenset(_PLAIN.split())
