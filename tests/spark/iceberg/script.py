"""Run by test_glue_catalog: Spark and PyIceberg over one table. Arguments: endpoint, bucket, result."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyiceberg.catalog.glue import GlueCatalog
from pyspark.sql import SparkSession

from lakeshift.jvm.jars import class_path

ENDPOINT, BUCKET, RESULT = sys.argv[1:]
CATALOG = {
    "catalog-impl": "org.apache.iceberg.aws.glue.GlueCatalog",
    "io-impl": "org.apache.iceberg.aws.s3.S3FileIO",
    "warehouse": f"s3://{BUCKET}/warehouse",
    "client.region": "us-east-1",
    "glue.endpoint": ENDPOINT,
    "s3.endpoint": ENDPOINT,
    "s3.path-style-access": "true",
}
PYICEBERG = {
    "glue.endpoint": ENDPOINT,
    "s3.endpoint": ENDPOINT,
    "client.access-key-id": "local",
    "client.secret-access-key": "local",
    "client.region": "us-east-1",
    "py-io-impl": "pyiceberg.io.pyarrow.PyArrowFileIO",
}


def session() -> SparkSession:
    jars = os.pathsep.join(map(str, class_path()))
    builder = (
        SparkSession.builder.master("local[2]")
        .config("spark.driver.extraClassPath", jars)
        .config("spark.driver.extraJavaOptions", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.extensions", "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions")
        .config("spark.sql.catalog.glue", "org.apache.iceberg.spark.SparkCatalog")
    )
    for name, value in CATALOG.items():
        builder = builder.config(f"spark.sql.catalog.glue.{name}", value)
    return builder.getOrCreate()


def main() -> None:
    spark = session()
    told: dict[str, Any] = {}

    def sql(text: str) -> list[list[Any]]:
        return [list(row) for row in spark.sql(text).collect()]

    sql("CREATE NAMESPACE glue.ice")
    sql("CREATE TABLE glue.ice.t (a BIGINT, p STRING) USING iceberg PARTITIONED BY (p)")
    sql("INSERT INTO glue.ice.t VALUES (1, 'x'), (2, 'y')")
    table = GlueCatalog("local", **PYICEBERG).load_table("ice.t")
    told["pyiceberg reads"] = sorted(table.scan().to_arrow().to_pydict()["a"])
    table.append(pa.table({"a": [3], "p": ["x"]}))
    sql("REFRESH TABLE glue.ice.t")
    told["spark reads"] = sql("SELECT a, p FROM glue.ice.t ORDER BY a")
    sql("ALTER TABLE glue.ice.t ADD COLUMN b DOUBLE")
    sql("MERGE INTO glue.ice.t t USING (SELECT 2 AS a) s ON t.a = s.a WHEN MATCHED THEN UPDATE SET b = 0.5")
    sql("DELETE FROM glue.ice.t WHERE a = 1")
    table = GlueCatalog("local", **PYICEBERG).load_table("ice.t")
    told["pyiceberg reads again"] = sorted(table.scan().to_arrow().to_pylist(), key=lambda row: row["a"])
    told["tables"] = [row[1] for row in sql("SHOW TABLES IN glue.ice")]
    told["snapshots"] = sql("SELECT count(*) FROM glue.ice.t.snapshots")[0][0]
    sql("ALTER TABLE glue.ice.t RENAME TO ice.u")
    told["renamed"] = [row[1] for row in sql("SHOW TABLES IN glue.ice")]
    sql("DROP TABLE glue.ice.u PURGE")
    sql("DROP NAMESPACE glue.ice")
    Path(RESULT).write_text(json.dumps(told))
    spark.stop()


if __name__ == "__main__":
    main()
