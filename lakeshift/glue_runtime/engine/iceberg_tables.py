"""Iceberg tables of the Data Catalog.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-format-iceberg.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pyspark.sql import DataFrame, SparkSession

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.glue_runtime.engine.catalog import CatalogTable
from lakeshift.glue_runtime.engine.frame import GlueFrame
from lakeshift.glue_runtime.engine.rewrite import resolve_to_structs

__all__ = ["append_iceberg", "is_iceberg", "read_iceberg"]

_PAGE: Final = "https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-format-iceberg.html"
_READ_OPTIONS: Final = ("snapshot-id", "as-of-timestamp", "branch", "tag", "start-snapshot-id", "end-snapshot-id")


def is_iceberg(table: CatalogTable) -> bool:
    """Whether a table of the catalog is an Iceberg table."""
    return table.parameters.get("table_type", "").upper() == "ICEBERG"


def _spark_catalog(spark: SparkSession) -> str | None:
    """The name of the session's Iceberg catalog, ``glue_catalog`` where there are several."""
    entries: Any = spark._jsparkSession.conf().getAll()
    catalogs = {str(e._1()): str(e._2()) for e in _iterate(entries) if str(e._1()).startswith("spark.sql.catalog.")}
    found = [k.split(".")[3] for k, value in catalogs.items() if k.count(".") == 3 and "iceberg" in value.lower()]
    return "glue_catalog" if "glue_catalog" in found else next(iter(found), None)


def _iterate(scala_map: Any) -> Iterator[Any]:
    entries = scala_map.iterator()
    while entries.hasNext():
        yield entries.next()


def _name(catalog: str, table: CatalogTable) -> str:
    return f"`{catalog}`.`{table.database}`.`{table.name}`"


def read_iceberg(spark: SparkSession, table: CatalogTable, options: Mapping[str, Any]) -> DataFrame:
    """Read the table's current snapshot, or the one that options name (snapshot-id, as-of-timestamp, branch, tag)."""
    given = {name: str(options[name]) for name in _READ_OPTIONS if name in options}
    catalog = _spark_catalog(spark)
    reader = spark.read.options(**given)
    if catalog is not None and not table.parameters.get("metadata_location", "").startswith("file:"):
        return reader.format("iceberg").table(_name(catalog, table))
    return reader.format("iceberg").load(table.parameters["metadata_location"])


def append_iceberg(frame: GlueFrame, table: CatalogTable, options: Mapping[str, Any]) -> None:
    """Append the records in one commit of the table.

    Raises:
        NotSupportedLocallyError: the session has no Iceberg catalog.
    """
    catalog = _spark_catalog(frame.spark)
    if catalog is None:
        raise NotSupportedLocallyError(
            f"Writing Iceberg table {table.database}.{table.name} in a session without an Iceberg catalog",
            "Start the job with --datalake-formats iceberg and spark.sql.catalog.glue_catalog in --conf.",
            _PAGE,
        )
    frame.assert_thresholds()
    given = {k: str(v) for k, v in options.items() if isinstance(v, str | int | bool) and "." not in k}
    data = resolve_to_structs(frame.data)
    data.writeTo(_name(catalog, table)).options(**given).append()
