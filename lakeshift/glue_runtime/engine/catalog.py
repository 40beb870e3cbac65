"""The Data Catalog as sources and sinks need it: tables, partitions, connections, through boto3."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql import types as t

from lakeshift.glue_runtime.engine.local_rows import local_rows
from lakeshift.glue_runtime.engine.objects import client
from lakeshift.glue_runtime.engine.paths import column_name
from lakeshift.glue_runtime.engine.type_text import parse_type

__all__ = ["CatalogTable", "Partition", "connection_properties", "get_table", "partitions", "pruned"]

_JDBC = {"postgresql", "mysql", "oracle", "sqlserver", "redshift"}


@dataclass(frozen=True)
class CatalogTable:
    """A table of the catalog; ``columns`` and ``keys`` map names to Hive type texts, in order."""

    database: str
    name: str
    location: str
    columns: dict[str, str]
    keys: dict[str, str]
    parameters: dict[str, str]
    serde: str
    serde_parameters: dict[str, str]
    raw: dict[str, Any]

    @property
    def format(self) -> str:
        """``json``, ``csv``, ``parquet``, ``orc``, ``avro``, a JDBC engine, or what the classification says."""
        named = self.parameters.get("classification", "").lower()
        if named and named != "unknown":
            return named
        for word in ("json", "csv", "parquet", "orc", "avro"):
            if word in self.serde.lower():
                return word
        return "csv" if "lazysimple" in self.serde.lower() else ""

    @property
    def is_jdbc(self) -> bool:
        """Whether the rows are in a database, reached by a connection."""
        return self.format in _JDBC or bool(self.parameters.get("connectionName"))


@dataclass(frozen=True)
class Partition:
    """One partition: its values, in the order of the table's keys, and where its files lie."""

    values: tuple[str, ...]
    location: str


def _catalog(catalog_id: str | None) -> dict[str, str]:
    return {"CatalogId": catalog_id} if catalog_id else {}


def get_table(database: str, name: str, catalog_id: str | None = None) -> CatalogTable:
    """Return a table; the client's EntityNotFoundException says what is missing."""
    raw = client("glue").get_table(DatabaseName=database, Name=name, **_catalog(catalog_id))["Table"]
    storage = raw.get("StorageDescriptor", {})
    serde = storage.get("SerdeInfo", {})
    return CatalogTable(
        database=database,
        name=name,
        location=storage.get("Location", ""),
        columns={c["Name"]: c.get("Type", "string") for c in storage.get("Columns", ())},
        keys={c["Name"]: c.get("Type", "string") for c in raw.get("PartitionKeys", ())},
        parameters={**storage.get("Parameters", {}), **raw.get("Parameters", {})},
        serde=serde.get("SerializationLibrary", ""),
        serde_parameters=dict(serde.get("Parameters", {})),
        raw=raw,
    )


def partitions(table: CatalogTable, expression: str = "", catalog_id: str | None = None) -> list[Partition]:
    """Return a table's partitions; ``expression`` is catalogPartitionPredicate, evaluated by the catalog."""
    arguments: dict[str, Any] = {"DatabaseName": table.database, "TableName": table.name, **_catalog(catalog_id)}
    if expression:
        arguments["Expression"] = expression
    return [
        Partition(tuple(item["Values"]), item["StorageDescriptor"]["Location"])
        for page in client("glue").get_paginator("get_partitions").paginate(**arguments)
        for item in page["Partitions"]
    ]


def pruned(spark: SparkSession, table: CatalogTable, found: Sequence[Partition], predicate: str) -> list[Partition]:
    """Return the partitions for which ``predicate``, Spark SQL over the partition keys, is true.

    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-partitions.html
    """
    if not predicate or not found:
        return list(found)
    names = list(table.keys)
    schema = t.StructType(
        [t.StructField(n, t.StringType()) for n in names] + [t.StructField("\u0002", t.IntegerType())]
    )
    rows = local_rows(spark, [(*p.values, i) for i, p in enumerate(found)], schema)
    typed = [F.col(column_name(n)).cast(parse_type(kind)).alias(n) for n, kind in table.keys.items()]
    kept = rows.select(*typed, "\u0002").filter(predicate).select("\u0002").collect()
    return [found[row[0]] for row in kept]


def connection_properties(name: str, catalog_id: str | None = None) -> dict[str, str]:
    """Return url, user, password and vendor of a JDBC connection; a secret is looked up.

    https://docs.aws.amazon.com/glue/latest/dg/connection-properties.html
    """
    found = client("glue").get_connection(Name=name, HidePassword=False, **_catalog(catalog_id))["Connection"]
    properties = found["ConnectionProperties"]
    url = properties["JDBC_CONNECTION_URL"]
    user, password = properties.get("USERNAME", ""), properties.get("PASSWORD", "")
    if secret := properties.get("SECRET_ID"):
        held = json.loads(client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"])
        user, password = held["username"], held["password"]
    return {"url": url, "user": user, "password": password, "vendor": url.split(":")[1] if ":" in url else ""}
