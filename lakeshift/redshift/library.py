"""Macros the rewritten SQL calls, kept in the warehouse's own file so that its views stay whole."""

from __future__ import annotations

from typing import Final

from lakeshift.redshift.errors import raised_in_sql

__all__ = ["LIBRARY_DDL"]


def _raise(state: str, message: str) -> str:
    """An engine expression that raises; ``message`` is an engine expression of text."""
    return f"error('{raised_in_sql(state, '')}' || {message})"


# Blanks at the end never make a value too long: Redshift cuts them.
_FIT: Final = (
    "CASE WHEN strlen(x) > n THEN CASE WHEN strlen(rtrim(x, ' ')) <= n THEN {trimmed} ELSE {error} END ELSE x END"
)
# The longest prefix of whole characters that fits into n bytes.
_CUT: Final = (
    "CASE WHEN strlen(x) <= n OR x IS NULL THEN x ELSE list_aggregate(list_transform(range(1, length(x) + "
    "1), lambda i: CASE WHEN strlen(left(x, i)) <= n THEN left(x, i) ELSE '' END), 'max') END"
)
LIBRARY_DDL: Final = (
    "CREATE OR REPLACE MACRO main.ls_store_varchar(x, n) AS "
    + _FIT.format(
        trimmed="rtrim(x, ' ') || repeat(' ', n - strlen(rtrim(x, ' ')))",
        error=_raise("22001", "'value too long for type character varying(' || n || ')'"),
    ),
    "CREATE OR REPLACE MACRO main.ls_store_char(x, n) AS rtrim("
    + _FIT.format(
        trimmed="rtrim(x, ' ')",
        error=_raise("22001", "'value too long for type character(' || n || ')'"),
    )
    + ", ' ')",
    "CREATE OR REPLACE MACRO main.ls_cut(x, n) AS " + _CUT,
    "CREATE OR REPLACE MACRO main.ls_substring(x, start, size) AS CASE WHEN size < 0 THEN "
    + _raise("22011", "'negative substring length not allowed'")
    + " WHEN start < 1 THEN left(x, greatest(start::BIGINT + size - 1, 0)) ELSE substr(x, start, size) END",
    (
        "CREATE OR REPLACE MACRO main.ls_charindex(part, x, start) AS CASE WHEN strpos(substr(x, start), "
        "part) = 0 THEN 0 ELSE strpos(substr(x, start), part) + start - 1 END"
    ),
    "CREATE OR REPLACE MACRO main.ls_split_part(x, mark, n) AS CASE WHEN n < 1 THEN "
    + _raise("22023", "'field position must be greater than zero'")
    + " ELSE split_part(x, mark, n) END",
    (
        "CREATE OR REPLACE MACRO main.ls_quote_ident(x) AS CASE WHEN regexp_full_match(x, "
        "'[a-z_][a-z0-9_]*') THEN x ELSE '\"' || replace(x, '\"', '\"\"') || '\"' END"
    ),
    (
        "CREATE OR REPLACE MACRO main.ls_json_array_length(x, lenient) AS CASE WHEN x IS NULL THEN NULL WHEN "
        "json_valid(x) AND json_type(x) = 'ARRAY' THEN json_array_length(x)::INTEGER WHEN lenient THEN NULL ELSE "
    )
    + _raise("22023", "'invalid json array object ' || x")
    + " END",
    (
        "CREATE OR REPLACE MACRO main.ls_json_element(x, i, lenient) AS CASE WHEN x IS NULL THEN NULL WHEN "
        "json_valid(x) AND json_type(x) = 'ARRAY' THEN CASE WHEN i < 0 THEN NULL ELSE json_extract_string(x, '$[' || i "
        "|| ']') END WHEN lenient THEN NULL ELSE "
    )
    + _raise("22023", "'invalid json array object ' || x")
    + " END",
    (
        "CREATE OR REPLACE MACRO main.ls_json_path(x, path, null_if_invalid) AS CASE WHEN x IS NULL THEN "
        "NULL WHEN json_valid(x) THEN json_extract_string(x, path) WHEN null_if_invalid THEN NULL ELSE "
    )
    + _raise("22023", "'invalid json object ' || x")
    + " END",
    # A step into a SUPER value; where it leads nowhere, and to a JSON null, is NULL.
    "CREATE OR REPLACE MACRO main.ls_nav(x, path) AS nullif(json_extract(x, path), 'null'::JSON)",
    (
        "CREATE OR REPLACE MACRO main.ls_super_text(x) AS CASE WHEN json_type(x) = 'VARCHAR' THEN x ->> '$' WHEN "
        "json_type(x) = 'NULL' THEN NULL ELSE x::VARCHAR END"
    ),
    "CREATE OR REPLACE MACRO main.ls_arc(x, answer) AS CASE WHEN x BETWEEN -1 AND 1 OR x IS NULL THEN answer ELSE "
    + _raise("22003", "'input is out of range'")
    + " END",
    (
        "CREATE OR REPLACE MACRO main.ls_schemas(everything) AS "
        "'{' || array_to_string(list_concat(CASE WHEN everything THEN ['pg_catalog'] ELSE [] END, "
        "list_filter(getvariable('search_path'), lambda s: s <> 'pg_catalog')), ',') || '}'"
    ),
    (
        "CREATE OR REPLACE MACRO main.ls_setting(name) AS CASE WHEN map_contains(getvariable('settings'), lower(name)) "
        "THEN getvariable('settings')[lower(name)] ELSE "
    )
    + _raise("42704", "'unrecognized configuration parameter \"' || name || '\"'")
    + " END",
    # Everyone may use the schema public and make temporary tables; owners and superusers may do everything.
    (
        "CREATE OR REPLACE MACRO main.ls_is(thing, r_schema, r_name) AS lower(thing) = r_schema || '.' || r_name OR "
        "(lower(thing) = r_name AND list_contains(getvariable('search_path'), r_schema))"
    ),
    (
        "CREATE OR REPLACE MACRO main.ls_privilege_of(who, what, thing, wish) AS "
        "(what = 'SCHEMA' AND lower(thing) = 'public' AND lower(wish) IN ('usage', 'create')) OR (what = 'DATABASE' "
        "AND lower(wish) IN ('temp', 'temporary')) OR EXISTS (SELECT 1 FROM _lakeshift.users u WHERE u.name = "
        "lower(who) AND u.superuser) OR (what = 'TABLE' AND EXISTS (SELECT 1 FROM _lakeshift.relations r WHERE "
        "r.database = getvariable('database') AND r.owner = lower(who) AND main.ls_is(thing, r.schema, r.name))) OR "
        "(what = 'SCHEMA' AND EXISTS (SELECT 1 FROM _lakeshift.schemas s WHERE s.database = getvariable('database') "
        "AND s.owner = lower(who) AND s.name = lower(thing))) OR EXISTS (SELECT 1 FROM _lakeshift.grants g WHERE "
        "g.database = getvariable('database') AND (g.privilege = upper(wish) OR g.privilege LIKE 'ALL%') AND "
        "lower(g.grantee) IN (SELECT lower(m.grantee) FROM _lakeshift.grantees m WHERE m.member = lower(who)) AND "
        "((g.kind = what AND what <> 'TABLE' AND g.object = lower(thing)) OR (what = 'TABLE' AND EXISTS (SELECT 1 "
        "FROM _lakeshift.relations r WHERE r.database = g.database AND main.ls_is(thing, r.schema, r.name) AND "
        "((g.kind = 'TABLE' AND g.object = r.schema || '.' || r.name) OR (g.kind = 'ALL TABLES' AND g.object = "
        "r.schema))))))"
    ),
    (
        "CREATE OR REPLACE MACRO main.ls_add_months(d, n) AS CASE WHEN d::DATE = last_day(d) THEN last_day(d "
        "+ to_months(n::INTEGER))::TIMESTAMP + (d - date_trunc('day', d)) ELSE d + to_months(n::INTEGER) END"
    ),
    (
        "CREATE OR REPLACE MACRO main.ls_months_between(a, b) AS ((year(a) - year(b)) * 12 + month(a) - "
        "month(b) + CASE WHEN day(a) = day(b) OR (a::DATE = last_day(a) AND b::DATE = last_day(b)) THEN 0 "
        "ELSE (day(a) - day(b)) / 31.0 + (epoch(a) % 86400 - epoch(b) % 86400) / 86400.0 / 31.0 END)::DOUBLE"
    ),
    (
        "CREATE OR REPLACE MACRO main.ls_next_day(d, name) AS (d + ((list_position(['su', 'mo', 'tu', 'we', "
        "'th', 'fr', 'sa'], lower(left(name, 2))) - 1 - dayofweek(d) + 6) % 7 + 1)::INTEGER)::DATE"
    ),
    ("CREATE OR REPLACE MACRO main.ls_cmp(a, b) AS CASE WHEN a < b THEN -1 WHEN a = b THEN 0 WHEN a > b THEN 1 END"),
    (
        "CREATE OR REPLACE MACRO main.ls_average_unknown(average, kind) AS CASE WHEN kind IN ('TINYINT', "
        "'SMALLINT', 'INTEGER', 'BIGINT', 'HUGEINT') THEN trunc(average) ELSE average END"
    ),
    (
        "CREATE OR REPLACE MACRO main.ls_boolean(x) AS CASE WHEN lower(trim(x)) IN ('t', 'true', 'y', 'yes', '1', "
        "'on') "
        "THEN true WHEN lower(trim(x)) IN ('f', 'false', 'n', 'no', '0', 'off') THEN false WHEN x IS NULL THEN NULL "
        "ELSE "
    )
    + _raise("22P02", "'invalid input syntax for type boolean: \"' || x || '\"'")
    + " END",
    # A CONNECT BY that comes round to where it was would never end.
    "CREATE OR REPLACE MACRO main.ls_deeper(level) AS CASE WHEN level >= 1000 THEN "
    + _raise("54001", "'Maximum recursion depth of 1000 exceeded in CONNECT BY'")
    + " ELSE level + 1 END",
    # What a SUPER column keeps: a document as it is, anything else as a document of it.
    (
        "CREATE OR REPLACE MACRO main.ls_to_super(x) AS CASE WHEN typeof(x) = 'JSON' THEN x::VARCHAR::JSON ELSE "
        "to_json(x) END"
    ),
    "CREATE OR REPLACE MACRO main.ls_mod(x, y) AS CASE WHEN y = 0 THEN "
    + _raise("22012", "'Division by zero'")
    + " ELSE x % y END",
    # Redshift knows no infinity and no NaN as an answer of these: it raises.
    "CREATE OR REPLACE MACRO main.ls_sqrt(x) AS CASE WHEN x < 0 THEN "
    + _raise("2201F", "'cannot take square root of a negative number'")
    + " ELSE sqrt(x) END",
    "CREATE OR REPLACE MACRO main.ls_logged(x, answer) AS CASE WHEN x = 0 THEN "
    + _raise("2201E", "'cannot take logarithm of zero'")
    + " WHEN x < 0 THEN "
    + _raise("2201E", "'cannot take logarithm of a negative number'")
    + " ELSE answer END",
    "CREATE OR REPLACE MACRO main.ls_finite(x) AS CASE WHEN isfinite(x) OR x IS NULL THEN x ELSE "
    + _raise("22003", "'value out of range: overflow'")
    + " END",
)
