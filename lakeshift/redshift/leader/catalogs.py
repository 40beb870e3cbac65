"""The PostgreSQL catalogs as views over our own catalog; each shows the session's database.

https://docs.aws.amazon.com/redshift/latest/dg/c_intro_catalog_views.html
"""

from __future__ import annotations

from typing import Final

__all__ = ["CATALOGS", "CATALOGS_DDL"]

_HERE: Final = "database = getvariable('database')"
_MINE: Final = f"{_HERE} AND (session IS NULL OR session = CAST(getvariable('pid') AS VARCHAR))"
_ROLES: Final = (
    "SELECT id AS oid, name, superuser, createdb, valid_until, connection_limit, password IS NOT NULL AS login "
    "FROM _lakeshift.users"
)
# A catalog that is there and has no rows: what it tells of does not exist here.
_EMPTY: Final = {
    "pg_auth_members": "roleid BIGINT, member BIGINT, grantor BIGINT, admin_option BOOLEAN",
    "pg_inherits": "inhrelid BIGINT, inhparent BIGINT, inhseqno INTEGER",
    "pg_index": (
        "indexrelid BIGINT, indrelid BIGINT, indkey VARCHAR, indclass VARCHAR, indnatts SMALLINT, indisunique BOOLEAN, "
        "indisprimary BOOLEAN, indisclustered BOOLEAN, indisvalid BOOLEAN, indisreplident BOOLEAN, indimmediate "
        "BOOLEAN, indexprs VARCHAR, indpred VARCHAR, indoption VARCHAR, indcollation VARCHAR"
    ),
    "pg_trigger": (
        "oid BIGINT, tgrelid BIGINT, tgname VARCHAR, tgfoid BIGINT, tgtype SMALLINT, tgenabled VARCHAR, tgisinternal "
        "BOOLEAN, tgisconstraint BOOLEAN, tgconstraint BIGINT, tgdeferrable BOOLEAN, tginitdeferred BOOLEAN"
    ),
    "pg_rules": "schemaname VARCHAR, tablename VARCHAR, rulename VARCHAR, definition VARCHAR",
    "pg_tablespace": "oid BIGINT, spcname VARCHAR, spcowner BIGINT, spclocation VARCHAR, spcacl VARCHAR[]",
    "pg_foreign_table": "ftrelid BIGINT, ftserver BIGINT, ftoptions VARCHAR[]",
    "pg_foreign_server": "oid BIGINT, srvname VARCHAR, srvfdw BIGINT, srvoptions VARCHAR[]",
    "pg_external_schema": "esoid BIGINT, eskind INTEGER, esdbname VARCHAR, esoptions VARCHAR",
    "pg_policy": "oid BIGINT, polname VARCHAR, polrelid BIGINT, polcmd VARCHAR",
    "pg_cast": "castsource BIGINT, casttarget BIGINT, castfunc BIGINT, castcontext VARCHAR",
    "pg_operator": "oid BIGINT, oprname VARCHAR, oprnamespace BIGINT, oprleft BIGINT, oprright BIGINT",
    "pg_statistic_ext": "oid BIGINT, stxrelid BIGINT, stxnamespace BIGINT, stxname VARCHAR, stxkeys VARCHAR",
    "pg_publication": "oid BIGINT, pubname VARCHAR, puballtables BOOLEAN",
    "pg_publication_rel": "prrelid BIGINT, prpubid BIGINT",
}


def _empty(columns: str) -> str:
    items = [item.strip().rsplit(" ", 1) for item in columns.split(",")]
    return "SELECT " + ", ".join(f"CAST(NULL AS {kind}) AS {name}" for name, kind in items) + " WHERE false"


CATALOGS: Final[dict[str, str]] = {
    **{name: _empty(columns) for name, columns in _EMPTY.items()},
    "pg_proc": (
        "SELECT main.lp_routine(r.schema, r.name, r.arguments) AS oid, r.name AS proname, main.lp_schema(r.schema) AS "
        "pronamespace, coalesce((SELECT u.id FROM _lakeshift.users u WHERE u.name = r.owner), 1) AS proowner, "
        "CAST(CASE r.language WHEN 'sql' THEN 14 WHEN 'plpgsql' THEN 100125 ELSE 100126 END AS BIGINT) AS prolang, "
        "false AS proisagg, false AS proiswindow, false AS prosecdef, false AS proisstrict, false AS proretset, 'v' AS "
        "provolatile, CAST(len(main.lp_inputs(r.arguments)) AS SMALLINT) AS pronargs, CASE WHEN r.returns IS NULL THEN "
        "CAST(0 AS BIGINT) ELSE main.lp_type(split_part(r.returns, '(', 1)) END AS prorettype, "
        "array_to_string(list_transform(main.lp_inputs(r.arguments), lambda a: main.lp_type(split_part(a[3], '(', "
        "1))), ' ') AS proargtypes, list_transform(main.lp_arguments(r.arguments), lambda a: a[1]) AS proargnames, "
        "list_transform(main.lp_arguments(r.arguments), lambda a: CASE a[2] WHEN 'OUT' THEN 'o' WHEN 'INOUT' THEN 'b' "
        "ELSE 'i' END) AS proargmodes, r.body AS prosrc, CAST(NULL AS VARCHAR) AS probin, CAST(NULL AS VARCHAR[]) "
        f"AS proacl, CASE r.kind WHEN 'PROCEDURE' THEN 'p' ELSE 'f' END AS prokind FROM _lakeshift.routines r "
        f"WHERE {_HERE}"
    ),
    "svv_redshift_functions": (
        "SELECT r.database AS database_name, r.schema AS schema_name, r.name AS function_name, CASE r.kind WHEN "
        "'PROCEDURE' THEN 'STORED PROCEDURE' ELSE 'REGULAR FUNCTION' END AS function_type, "
        "array_to_string(list_transform(main.lp_inputs(r.arguments), lambda a: a[3]), ', ') AS argument_type, "
        f"r.returns AS result_type FROM _lakeshift.routines r WHERE {_HERE}"
    ),
    "svv_mv_info": (
        "SELECT r.database AS database_name, r.schema AS schema_name, r.owner AS user_name, r.name, CASE WHEN EXISTS "
        "(SELECT 1 FROM _lakeshift.stale s WHERE s.relation = r.id) THEN 't' ELSE 'f' END AS is_stale, r.owner AS "
        "owner_user_name, 0 AS state, 'f' AS autorewrite, CASE WHEN list_contains(r.constraints, 'auto refresh') THEN "
        f"'t' ELSE 'f' END AS autorefresh FROM _lakeshift.relations r WHERE {_HERE} AND r.kind = 'MATERIALIZED'"
    ),
    "pg_namespace": (
        f"SELECT main.lp_schema(name) AS oid, name AS nspname, coalesce((SELECT id FROM _lakeshift.users u WHERE "
        f"u.name = owner), 1) AS nspowner, CAST(NULL AS VARCHAR[]) AS nspacl FROM _lakeshift.schemas WHERE {_HERE} "
        "UNION ALL SELECT 11, 'pg_catalog', 1, NULL UNION ALL SELECT 99, 'pg_toast', 1, NULL UNION ALL "
        "SELECT 12, 'information_schema', 1, NULL"
    ),
    "pg_class": (
        "SELECT id AS oid, name AS relname, CASE WHEN session IS NULL THEN main.lp_schema(schema) ELSE 98 END AS "
        "relnamespace, id + 1 AS reltype, CAST(0 AS BIGINT) AS reloftype, coalesce((SELECT u.id FROM _lakeshift.users "
        "u "
        "WHERE u.name = r.owner), 1) AS relowner, CAST(0 AS BIGINT) AS relam, id AS relfilenode, CAST(0 AS BIGINT) AS "
        "reltablespace, 0 AS relpages, CAST(0 AS DOUBLE) AS reltuples, CAST(0 AS BIGINT) AS reltoastrelid, false AS "
        "relhasindex, false AS relisshared, CASE WHEN kind = 'TABLE' THEN 'r' ELSE 'v' END AS relkind, CAST((SELECT "
        "count(*) FROM _lakeshift.columns c WHERE c.relation = r.id) AS SMALLINT) AS relnatts, CAST(0 AS SMALLINT) AS "
        "relchecks, CAST(0 AS SMALLINT) AS reltriggers, false AS relhasoids, EXISTS (SELECT 1 FROM _lakeshift.columns "
        "c WHERE c.relation = r.id AND c.primary_key) AS relhaspkey, kind <> 'TABLE' AS relhasrules, false AS "
        "relhassubclass, false AS relhastriggers, false AS relrowsecurity, false AS relforcerowsecurity, false AS "
        "relispartition, 'd' AS relreplident, CASE WHEN session IS NULL THEN 'p' ELSE 't' END AS relpersistence, "
        "CAST(NULL AS VARCHAR[]) AS relacl, CAST(NULL AS VARCHAR[]) AS reloptions, CAST(CASE WHEN dist_style = 'EVEN' "
        "THEN 0 WHEN dist_key IS NOT NULL THEN 1 WHEN dist_style = 'ALL' THEN 8 ELSE 9 END AS SMALLINT) AS "
        f"reldiststyle, created AS relcreationtime FROM _lakeshift.relations r WHERE {_MINE}"
    ),
    "pg_attribute": (
        "SELECT c.relation AS attrelid, c.name AS attname, main.lp_type(c.type) AS atttypid, -1 AS attstattarget, "
        "CAST(main.lp_size(c.type) AS SMALLINT) AS attlen, CAST(c.position AS SMALLINT) AS attnum, 0 AS attndims, -1 "
        "AS "
        "attcacheoff, CAST(CASE WHEN c.type = 'numeric' THEN c.precision * 65536 + c.scale + 4 WHEN c.length IS NOT "
        "NULL THEN c.length + 4 ELSE -1 END AS INTEGER) AS atttypmod, false AS attbyval, 'x' AS attstorage, 'i' AS "
        "attalign, c.not_null AS attnotnull, (c.default_text IS NOT NULL OR c.identity_seed IS NOT NULL) AS atthasdef, "
        "false AS attisdropped, true AS attislocal, 0 AS attinhcount, CAST(NULL AS VARCHAR[]) AS attacl, CAST(0 AS "
        "BIGINT) AS attcollation, '' AS attidentity, '' AS attgenerated, CAST(NULL AS VARCHAR[]) AS attfdwoptions, "
        "coalesce(c.name = r.dist_key, false) AS attisdistkey, c.sort_position AS attsortkeyord, "
        "main.lp_encoding(c.encode) AS "
        f"attencodingtype FROM _lakeshift.columns c JOIN _lakeshift.relations r ON r.id = c.relation WHERE {_MINE}"
    ),
    "pg_attrdef": (
        "SELECT c.relation * 1000 + c.position AS oid, c.relation AS adrelid, CAST(c.position AS SMALLINT) AS adnum, "
        "main.lp_default(c.default_text, c.relation, c.identity_seed, c.identity_step) AS adbin, "
        "main.lp_default(c.default_text, c.relation, c.identity_seed, c.identity_step) AS adsrc FROM "
        "_lakeshift.columns "
        f"c JOIN _lakeshift.relations r ON r.id = c.relation WHERE {_MINE} AND (c.default_text IS NOT NULL OR "
        "c.identity_seed IS NOT NULL)"
    ),
    "pg_constraint": (
        "SELECT r.id * 10 AS oid, r.name || '_pkey' AS conname, main.lp_schema(r.schema) AS connamespace, 'p' AS "
        "contype, "
        "false AS condeferrable, false AS condeferred, true AS convalidated, r.id AS conrelid, CAST(0 AS BIGINT) AS "
        "contypid, CAST(0 AS BIGINT) AS confrelid, CAST(0 AS BIGINT) AS conparentid, CAST(0 AS BIGINT) AS conindid, "
        "list(CAST(c.position AS SMALLINT) ORDER BY c.position) AS conkey, CAST(NULL AS SMALLINT[]) AS confkey, "
        "CAST(NULL "
        "AS VARCHAR) AS conbin, 'PRIMARY KEY (' || string_agg(c.name, ', ' ORDER BY c.position) || ')' AS consrc FROM "
        f"_lakeshift.relations r JOIN _lakeshift.columns c ON c.relation = r.id AND c.primary_key WHERE {_MINE} GROUP "
        "BY r.id, r.name, r.schema"
    ),
    "pg_description": (
        "SELECT r.id AS objoid, CAST(1259 AS BIGINT) AS classoid, coalesce(c.position, 0) AS objsubid, d.description "
        "FROM _lakeshift.comments d JOIN _lakeshift.relations r ON r.database = d.database AND r.session IS NULL AND "
        "((d.kind IN ('TABLE', 'VIEW') AND d.object IN (r.name, r.schema || '.' || r.name, r.database || '.' || "
        "r.schema "
        "|| '.' || r.name)) OR d.kind = 'COLUMN') LEFT JOIN _lakeshift.columns c ON c.relation = r.id AND d.kind = "
        "'COLUMN' AND d.object IN (r.name || '.' || c.name, r.schema || '.' || r.name || '.' || c.name, r.database || "
        f"'.' || r.schema || '.' || r.name || '.' || c.name) WHERE d.{_HERE} AND (d.kind <> 'COLUMN' OR c.name IS NOT "
        "NULL)"
    ),
    "pg_database": (
        "SELECT d.id AS oid, d.name AS datname, coalesce((SELECT u.id FROM _lakeshift.users u WHERE u.name = "
        "d.owner), 1) "
        "AS datdba, 6 AS encoding, false AS datistemplate, true AS datallowconn, CASE WHEN d.connection_limit = "
        "'UNLIMITED' THEN -1 ELSE CAST(d.connection_limit AS INTEGER) END AS datconnlimit, 'en_US.UTF-8' AS "
        "datcollate, "
        "'en_US.UTF-8' AS datctype, CAST(NULL AS VARCHAR[]) AS datacl, CAST(NULL AS VARCHAR) AS datconfig, CAST(0 AS "
        "BIGINT) AS dattablespace FROM _lakeshift.databases d"
    ),
    "pg_user": (
        "SELECT name AS usename, id AS usesysid, createdb AS usecreatedb, superuser AS usesuper, false AS usecatupd, "
        "'********' AS passwd, valid_until AS valuntil, CAST(NULL AS VARCHAR) AS useconfig FROM _lakeshift.users"
    ),
    "pg_roles": (
        "SELECT oid, name AS rolname, superuser AS rolsuper, true AS rolinherit, superuser AS rolcreaterole, createdb "
        "AS "
        "rolcreatedb, login AS rolcanlogin, CASE WHEN connection_limit = 'UNLIMITED' THEN -1 ELSE "
        "CAST(connection_limit "
        "AS INTEGER) END AS rolconnlimit, valid_until AS rolvaliduntil, false AS rolreplication, false AS "
        "rolbypassrls, "
        f"'********' AS rolpassword FROM ({_ROLES})"
    ),
    "pg_group": (
        "SELECT g.name AS groname, g.id AS grosysid, (SELECT list(u.id) FROM _lakeshift.members m JOIN "
        "_lakeshift.users "
        "u ON u.name = m.member WHERE m.container = 'group ' || g.name) AS grolist FROM _lakeshift.groups g"
    ),
    "svv_roles": (
        "SELECT id AS role_id, name AS role_name, owner AS role_owner, CAST(NULL AS VARCHAR) AS external_id FROM "
        "_lakeshift.roles"
    ),
    "svv_user_grants": (
        "SELECT u.id AS user_id, u.name AS user_name, r.id AS role_id, r.name AS role_name, false AS admin_option FROM "
        "_lakeshift.members m JOIN _lakeshift.users u ON u.name = m.member JOIN _lakeshift.roles r ON m.container = "
        "'role ' || r.name"
    ),
    "svv_user_info": (
        "SELECT name AS user_name, id AS user_id, createdb, superuser, false AS catalog_update, CASE WHEN "
        "connection_limit = 'UNLIMITED' THEN -1 ELSE CAST(connection_limit AS INTEGER) END AS connection_limit, "
        "CASE WHEN syslog THEN 'UNRESTRICTED' ELSE 'RESTRICTED' END AS syslog_access, CAST(NULL AS TIMESTAMP) AS "
        "last_ddl_timestamp, session_timeout, CAST(NULL AS VARCHAR) AS external_id FROM _lakeshift.users"
    ),
    "pg_type": (
        "SELECT oid, typname, CAST(11 AS BIGINT) AS typnamespace, CAST(10 AS BIGINT) AS typowner, CAST(typlen AS "
        "SMALLINT) "
        "AS typlen, typlen BETWEEN 1 AND 8 AS typbyval, 'b' AS typtype, typcategory, true AS typisdefined, ',' AS "
        "typdelim, CAST(0 AS BIGINT) AS typrelid, CAST(0 AS BIGINT) AS typelem, CAST(0 AS BIGINT) AS typarray, CAST(0 "
        "AS "
        "BIGINT) AS typbasetype, -1 AS typtypmod, false AS typnotnull, 0 AS typndims, CAST(0 AS BIGINT) AS "
        "typcollation, "
        "CAST(NULL AS VARCHAR) AS typdefault FROM (VALUES (16, 'bool', 1, 'B'), (18, 'char', 1, 'S'), (19, 'name', 64, "
        "'S'), (20, 'int8', 8, 'N'), (21, 'int2', 2, 'N'), (23, 'int4', 4, 'N'), (25, 'text', -1, 'S'), (26, 'oid', 4, "
        "'N'), (700, 'float4', 4, 'N'), (701, 'float8', 8, 'N'), (705, 'unknown', -2, 'X'), (1042, 'bpchar', -1, 'S'), "
        "(1043, 'varchar', -1, 'S'), (1082, 'date', 4, 'D'), (1083, 'time', 8, 'D'), (1114, 'timestamp', 8, 'D'), "
        "(1184, "
        "'timestamptz', 8, 'D'), (1186, 'interval', 16, 'T'), (1266, 'timetz', 12, 'D'), (1700, 'numeric', -1, 'N'), "
        "(4000, 'super', -1, 'U'), (6551, 'varbyte', -1, 'U')) AS t(oid, typname, typlen, typcategory)"
    ),
    # With the session's temporary tables, which dbt looks up here.
    "information_schema_columns": (
        "SELECT r.database AS table_catalog, CASE WHEN r.session IS NULL THEN r.schema ELSE 'pg_temp_1' END AS "
        "table_schema, r.name AS table_name, c.name AS column_name, c.position AS ordinal_position, c.default_text AS "
        "column_default, CASE WHEN c.not_null THEN 'NO' ELSE 'YES' END AS is_nullable, c.type AS data_type, c.length "
        "AS character_maximum_length, c.precision AS numeric_precision, c.scale AS numeric_scale FROM "
        f"_lakeshift.relations r JOIN _lakeshift.columns c ON c.relation = r.id WHERE {_MINE}"
    ),
    "pg_am": "SELECT CAST(0 AS BIGINT) AS oid, 'heap' AS amname, 't' AS amtype",
    "pg_language": (
        "SELECT CAST(t.oid AS BIGINT) AS oid, t.lanname, CAST(10 AS BIGINT) AS lanowner FROM (VALUES (14, 'sql'), "
        "(100125, 'plpgsql'), (100126, 'plpythonu')) AS t(oid, lanname)"
    ),
    "pg_collation": (
        "SELECT CAST(100 AS BIGINT) AS oid, 'default' AS collname, CAST(11 AS BIGINT) AS collnamespace, "
        "CAST('en_US.UTF-8' AS VARCHAR) AS collcollate"
    ),
    "pg_rewrite": (
        "SELECT id * 10 + 1 AS oid, '_RETURN' AS rulename, id AS ev_class, '1' AS ev_type, true AS is_instead FROM "
        f"_lakeshift.relations WHERE {_HERE} AND kind <> 'TABLE'"
    ),
    "pg_depend": (
        "SELECT CAST(2618 AS BIGINT) AS classid, d.relation * 10 + 1 AS objid, 0 AS objsubid, CAST(1259 AS BIGINT) AS "
        "refclassid, d.needs AS refobjid, 0 AS refobjsubid, 'n' AS deptype FROM _lakeshift.dependencies d JOIN "
        f"_lakeshift.relations r ON r.id = d.relation WHERE r.{_HERE}"
    ),
    "pg_settings": (
        "SELECT name, setting, CAST(NULL AS VARCHAR) AS unit, '' AS category, '' AS short_desc, 'user' AS context FROM "
        "(VALUES ('server_version', '8.0.2'), ('client_encoding', 'UTF8'), ('standard_conforming_strings', 'on'), "
        "('datestyle', 'ISO, MDY'), ('timezone', 'UTC')) AS t(name, setting)"
    ),
    "pg_get_late_binding_view_cols": (
        # Told by the session before a statement that reads it: the views are looked at now.
        "SELECT t.s AS view_schema, t.v AS view_name, t.c AS col_name, t.t AS col_type, t.n AS col_num FROM (SELECT "
        'unnest(from_json(coalesce(getvariable(\'late_columns\'), \'[]\'), \'[{"s":"VARCHAR","v":"VARCHAR",'
        '"c":"VARCHAR","t":"VARCHAR","n":"INTEGER"}]\')) AS t)'
    ),
}
CATALOGS["pg_shadow"] = CATALOGS["pg_user"]
CATALOGS["pg_user_info"] = CATALOGS["pg_user"]
CATALOGS_DDL: Final = tuple(
    f'CREATE OR REPLACE VIEW _lakeshift."leader_{name}" AS {query}' for name, query in CATALOGS.items()
)
