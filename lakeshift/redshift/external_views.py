"""The system views of external schemas and tables, over what is kept of them here."""

from __future__ import annotations

from typing import Final

__all__ = ["EXTERNAL_DDL", "EXTERNAL_VIEWS"]

EXTERNAL_DDL: Final = (
    "CREATE TABLE IF NOT EXISTS _lakeshift.external_schemas (database VARCHAR, name VARCHAR, owner VARCHAR, "
    "glue_database VARCHAR, options VARCHAR)",
)
_HERE: Final = "database = getvariable('database')"
# Told by the session as JSON before a statement that reads them: the catalog behind them changes at any time.
_TOLD: Final = (
    "(SELECT unnest(from_json(coalesce(getvariable('external_tables'), '[]'), '[{\"schemaname\":\"VARCHAR\","
    '"tablename":"VARCHAR","location":"VARCHAR","input_format":"VARCHAR","output_format":"VARCHAR",'
    '"serialization_lib":"VARCHAR","serde_parameters":"VARCHAR","parameters":"VARCHAR",'
    '"columns":[{"columnname":"VARCHAR","external_type":"VARCHAR","columnnum":"INTEGER",'
    '"part_key":"INTEGER"}],"partitions":[{"values":"VARCHAR","location":"VARCHAR"}]}]\')) AS t)'
)
_DATABASE: Final = "getvariable('database') AS redshift_database_name"
EXTERNAL_VIEWS: Final[dict[str, str]] = {
    "svv_external_schemas": (
        "SELECT (hash(name) % 1000000)::BIGINT AS esoid, 1 AS eskind, name AS schemaname, 100 AS esowner, "
        f"glue_database AS databasename, options AS esoptions FROM _lakeshift.external_schemas WHERE {_HERE}"
    ),
    "svv_external_tables": (
        f"SELECT {_DATABASE}, t.schemaname, t.tablename, 'EXTERNAL' AS tabletype, t.location, t.input_format, "
        "t.output_format, t.serialization_lib, t.serde_parameters, 0 AS compressed, t.parameters "
        f"FROM {_TOLD}"
    ),
    "svv_external_columns": (
        f"SELECT {_DATABASE}, schemaname, tablename, c.columnname, c.external_type, c.columnnum, c.part_key, "
        f"'' AS is_nullable FROM (SELECT t.schemaname, t.tablename, unnest(t.columns) AS c FROM {_TOLD})"
    ),
    "svv_external_partitions": (
        f"SELECT schemaname, tablename, p.values, p.location, input_format, output_format, serialization_lib, "
        "serde_parameters, 0 AS compressed, parameters FROM (SELECT t.schemaname, t.tablename, t.input_format, "
        "t.output_format, t.serialization_lib, t.serde_parameters, t.parameters, unnest(t.partitions) AS p "
        f"FROM {_TOLD})"
    ),
    "svv_external_databases": (
        "SELECT (hash(glue_database) % 1000000)::BIGINT AS eskind, glue_database AS databasename, '' AS location "
        f"FROM _lakeshift.external_schemas WHERE {_HERE}"
    ),
}
