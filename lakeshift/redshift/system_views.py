"""The system views tools ask for, over our own catalog; each shows the session's database.

https://docs.aws.amazon.com/redshift/latest/dg/cm_chap_system-tables.html
"""

from __future__ import annotations

from typing import Final

from lakeshift.redshift.external_views import EXTERNAL_VIEWS
from lakeshift.redshift.load_views import DURATION, LOAD_VIEWS

__all__ = ["SYSTEM_VIEWS", "SYSTEM_VIEWS_DDL"]

_HERE: Final = "database = getvariable('database')"
_TYPE: Final = (
    "CASE WHEN c.type = 'numeric' THEN 'numeric(' || c.precision || ',' || c.scale || ')' WHEN c.length IS "
    "NOT NULL THEN c.type || '(' || c.length || ')' ELSE c.type END"
)
_ENCODE: Final = (
    "coalesce(c.encode, CASE WHEN c.sort_position > 0 THEN 'none' WHEN c.type IN ('boolean', 'real', 'double "
    "precision') THEN 'none' WHEN c.length IS NOT NULL OR c.type = 'super' THEN 'lzo' ELSE 'az64' END)"
)
_JOINED: Final = (
    "_lakeshift.relations r JOIN _lakeshift.columns c ON c.relation = r.id WHERE r.database = "
    "getvariable('database') AND r.session IS NULL"
)
_KIND: Final = "CASE WHEN kind = 'TABLE' THEN 'BASE TABLE' ELSE 'VIEW' END"
_STYLE: Final = (
    "CASE WHEN dist_key IS NOT NULL THEN 'KEY(' || dist_key || ')' WHEN dist_style IS NULL OR dist_style = "
    "'AUTO' THEN 'AUTO(ALL)' ELSE dist_style END"
)
SYSTEM_VIEWS: Final[dict[str, str]] = {
    **LOAD_VIEWS,
    **EXTERNAL_VIEWS,
    "svv_tables": (
        f"SELECT database AS table_catalog, schema AS table_schema, name AS table_name, {_KIND} AS "
        f"table_type, CAST(NULL AS VARCHAR) AS remarks FROM _lakeshift.relations WHERE {_HERE} AND session IS "
        "NULL"
    ),
    "svv_all_tables": (
        "SELECT database AS database_name, schema AS schema_name, name AS table_name, CASE WHEN kind = "
        "'TABLE' THEN 'TABLE' ELSE 'VIEW' END AS table_type, CAST(NULL AS VARCHAR) AS table_acl, CAST(NULL "
        f"AS VARCHAR) AS remarks FROM _lakeshift.relations WHERE {_HERE} AND session IS NULL"
    ),
    "svv_redshift_tables": (
        "SELECT database AS database_name, schema AS schema_name, name AS table_name, CASE WHEN kind = "
        "'TABLE' THEN 'TABLE' ELSE 'VIEW' END AS table_type, CAST(NULL AS VARCHAR) AS table_acl, CAST(NULL "
        f"AS VARCHAR) AS remarks FROM _lakeshift.relations WHERE {_HERE} AND session IS NULL"
    ),
    "svv_columns": (
        "SELECT r.database AS table_catalog, r.schema AS table_schema, r.name AS table_name, c.name AS "
        "column_name, c.position AS ordinal_position, c.default_text AS column_default, CASE WHEN c.not_null "
        "THEN 'NO' ELSE 'YES' END AS is_nullable, c.type AS data_type, c.length AS character_maximum_length, "
        "c.precision AS numeric_precision, c.scale AS numeric_scale, CAST(NULL AS VARCHAR) AS remarks FROM "
        f"{_JOINED}"
    ),
    "svv_all_columns": (
        "SELECT r.database AS database_name, r.schema AS schema_name, r.name AS table_name, c.name AS "
        "column_name, c.position AS ordinal_position, c.default_text AS column_default, CASE WHEN c.not_null "
        "THEN 'NO' ELSE 'YES' END AS is_nullable, c.type AS data_type, c.length AS character_maximum_length, "
        f"c.precision AS numeric_precision, c.scale AS numeric_scale FROM {_JOINED}"
    ),
    "svv_all_schemas": (
        "SELECT database AS database_name, name AS schema_name, owner AS schema_owner, 'local' AS "
        f"schema_type FROM _lakeshift.schemas WHERE {_HERE}"
    ),
    "svv_redshift_databases": (
        "SELECT d.name AS database_name, CAST(coalesce((SELECT u.id FROM _lakeshift.users u WHERE u.name = d.owner), "
        "1) AS INTEGER) AS database_owner, 'local' AS database_type, CAST(NULL AS VARCHAR) AS database_acl, "
        "CAST(NULL AS VARCHAR) AS database_options, CASE WHEN d.isolation = 'SNAPSHOT' THEN 'Snapshot Isolation' ELSE "
        "'Serializable' END AS database_isolation_level FROM _lakeshift.databases d"
    ),
    "pg_table_def": (
        f'SELECT r.schema AS schemaname, r.name AS tablename, c.name AS "column", {_TYPE} AS "type", '
        f'{_ENCODE} AS "encoding", coalesce(c.name = r.dist_key, false) AS distkey, CASE WHEN r.sort_style = '
        "'INTERLEAVED' AND c.sort_position % 2 = 0 THEN -c.sort_position ELSE c.sort_position END AS "
        f"sortkey, c.not_null AS \"notnull\" FROM {_JOINED} AND r.kind = 'TABLE' AND "
        "list_contains(getvariable('search_path'), r.schema)"
    ),
    "svv_table_info": (
        'SELECT r.database AS "database", r.schema AS "schema", r.id AS table_id, r.name AS "table", CASE '
        "WHEN EXISTS (SELECT 1 FROM _lakeshift.columns c WHERE c.relation = r.id AND c.encode IS NOT NULL) "
        f"THEN 'Y' ELSE 'Y, AUTO(ENCODE)' END AS encoded, {_STYLE} AS diststyle, coalesce((SELECT c.name FROM "
        "_lakeshift.columns c WHERE c.relation = r.id AND c.sort_position = 1), 'AUTO(SORTKEY)') AS "
        "sortkey1, (SELECT max(c.length) FROM _lakeshift.columns c WHERE c.relation = r.id AND c.type = "
        f"'character varying') AS max_varchar, (SELECT any_value({_ENCODE}) FROM _lakeshift.columns c WHERE "
        "c.relation = r.id AND c.sort_position = 1) AS sortkey1_enc, (SELECT count(*) FROM _lakeshift.columns c "
        "WHERE c.relation = r.id AND c.sort_position > 0) AS sortkey_num, CAST(NULL AS BIGINT) AS size, "
        "CAST(NULL AS DECIMAL(10, 4)) AS pct_used, CAST(0 AS BIGINT) AS empty, CAST(0 AS BIGINT) AS unsorted, "
        "CAST(0 AS DOUBLE) AS stats_off, CAST(r.estimated_rows AS BIGINT) AS tbl_rows, CAST(NULL AS DECIMAL(19, 2)) "
        "AS skew_sortkey1, CAST(NULL AS DECIMAL(19, 2)) AS skew_rows, CAST(r.estimated_rows AS BIGINT) AS "
        "estimated_visible_rows, CAST(NULL AS VARCHAR) AS risk_event, CAST(0 AS DECIMAL(12, 2)) AS "
        "vacuum_sort_benefit, r.created AS create_time FROM (SELECT t.*, d.estimated_size AS "
        "estimated_rows FROM _lakeshift.relations t JOIN duckdb_tables() d ON d.schema_name = t.database || "
        f"'.' || t.schema AND d.table_name = t.name) r WHERE r.{_HERE} AND r.session IS NULL AND r.kind = "
        "'TABLE'"
    ),
    "stl_query": (
        "SELECT 100 AS userid, query, database, text AS querytxt, starttime, endtime, CASE WHEN state = "
        f"'failed' THEN 1 ELSE 0 END AS aborted, pid FROM _lakeshift.query_log WHERE {_HERE}"
    ),
    "sys_query_history": (
        "SELECT 100 AS user_id, username, query AS query_id, CAST(pid AS INTEGER) AS session_id, database AS "
        "database_name, kind AS query_type, state AS status, false AS result_cache_hit, text AS query_text, starttime "
        f"AS start_time, endtime AS end_time, {DURATION} AS elapsed_time, CAST(0 AS BIGINT) AS queue_time, "
        f"{DURATION} AS execution_time, rows AS returned_rows, error AS error_message FROM _lakeshift.query_log "
        f"WHERE {_HERE}"
    ),
    "svv_relation_privileges": (
        "SELECT split_part(object, '.', 1) AS namespace_name, split_part(object, '.', 2) AS relation_name, "
        "privilege AS privilege_type, grantee AS identity_name, grantor AS grantor_name FROM "
        f"_lakeshift.grants WHERE {_HERE} AND kind = 'TABLE'"
    ),
    "svv_schema_privileges": (
        "SELECT object AS namespace_name, privilege AS privilege_type, grantee AS identity_name, grantor AS "
        f"grantor_name FROM _lakeshift.grants WHERE {_HERE} AND kind = 'SCHEMA'"
    ),
    "svv_function_privileges": (
        "SELECT split_part(object, '.', 1) AS namespace_name, split_part(split_part(object, '.', 2), '(', 1) AS "
        "function_name, rtrim(split_part(object, '(', 2), ')') AS argument_types, privilege AS privilege_type, grantee "
        f"AS identity_name FROM _lakeshift.grants WHERE {_HERE} AND kind IN ('FUNCTION', 'PROCEDURE') AND verb = "
        "'GRANT'"
    ),
    "svv_language_privileges": (
        "SELECT object AS language_name, privilege AS privilege_type, grantee AS identity_name FROM _lakeshift.grants "
        f"WHERE {_HERE} AND kind = 'LANGUAGE' AND verb = 'GRANT'"
    ),
    "pg_tables": (
        "SELECT schema AS schemaname, name AS tablename, owner AS tableowner FROM _lakeshift.relations WHERE "
        f"{_HERE} AND session IS NULL AND kind = 'TABLE'"
    ),
    "pg_views": (
        "SELECT schema AS schemaname, name AS viewname, owner AS viewowner, definition FROM "
        f"_lakeshift.relations WHERE {_HERE} AND session IS NULL AND kind <> 'TABLE'"
    ),
    "pg_namespace": (
        "SELECT (hash(name) % 1000000)::BIGINT AS oid, name AS nspname, owner AS nspowner FROM "
        f"_lakeshift.schemas WHERE {_HERE}"
    ),
    "pg_database": (
        "SELECT DISTINCT (hash(database) % 1000000)::BIGINT AS oid, database AS datname FROM _lakeshift.schemas"
    ),
    "information_schema_tables": (
        f"SELECT database AS table_catalog, schema AS table_schema, name AS table_name, {_KIND} AS table_type "
        f"FROM _lakeshift.relations WHERE {_HERE} AND session IS NULL"
    ),
    "information_schema_columns": (
        "SELECT r.database AS table_catalog, r.schema AS table_schema, r.name AS table_name, c.name AS "
        "column_name, c.position AS ordinal_position, c.default_text AS column_default, CASE WHEN c.not_null "
        "THEN 'NO' ELSE 'YES' END AS is_nullable, c.type AS data_type, c.length AS character_maximum_length, "
        f"c.precision AS numeric_precision, c.scale AS numeric_scale FROM {_JOINED}"
    ),
    "information_schema_schemata": (
        "SELECT database AS catalog_name, name AS schema_name, owner AS schema_owner FROM _lakeshift.schemas "
        f"WHERE {_HERE}"
    ),
    "information_schema_views": (
        "SELECT database AS table_catalog, schema AS table_schema, name AS table_name, definition AS "
        f"view_definition FROM _lakeshift.relations WHERE {_HERE} AND session IS NULL AND kind <> 'TABLE'"
    ),
}
SYSTEM_VIEWS_DDL: Final = tuple(
    f'CREATE OR REPLACE VIEW _lakeshift."{name}" AS {query}' for name, query in SYSTEM_VIEWS.items()
)
