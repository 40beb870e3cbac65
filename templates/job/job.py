"""Rows of __DATABASE__.__TABLE__ counted by __KEY__, to __TARGET__ in the warehouse.

To make it yours, change ``transform``, and with it SCHEMA and the table's columns in
sql/redshift/tables/__TARGET__.sql.
"""

from __future__ import annotations

import boto3
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from common import formats, loads, redshift
from common.data_api import DataApi, Warehouse
from common.job import GlueStage

NAME, TARGET = "__NAME__", "__TARGET__"
KEY = "__KEY__"
SCHEMA = f"{KEY} string, row_count bigint"  # the order of the target's columns: COPY from Parquet goes by position
MISSING = f"missing:{KEY}"


def extract(stage: GlueStage) -> DataFrame:
    """The whole table; give from_catalog a name as its last argument, and it is only what no committed run has read."""
    rows: DataFrame = stage.from_catalog("__DATABASE__", "__TABLE__", "").toDF()
    return rows


def transform(rows: DataFrame) -> DataFrame:
    """How many rows each value of the key has; rows without one are rejected."""
    held = rows.where(F.col(KEY).isNotNull())
    return held.groupBy(F.col(KEY).cast("string").alias(KEY)).agg(F.count("*").alias("row_count"))


def load(stage: GlueStage, counts: DataFrame, api: DataApi) -> int:
    """Replace the target in one transaction by ``counts``; returns the rows of the source that it then accounts for.

    A run that dies before the transaction ends changes nothing; one that is run again replaces the same again.
    """
    arguments = stage.arguments
    folder = f"{arguments.marts}/__NAME__/run={arguments.job_run_id}"
    manifest = f"{folder}.manifest"
    files = loads.write_files(stage, formats.sized(counts, counts.count()), folder, SCHEMA)
    stage.objects.write_json(manifest, redshift.manifest(files))
    sql = stage.objects.read(f"{arguments['code_prefix']}/sql/redshift/copy/{NAME}.sql").decode()
    values = {"manifest": manifest, "iam_role": arguments["copy_role"]}
    api.transaction(redshift.statements(redshift.fill(sql, values)), f"{NAME}-{arguments.job_run_id}"[:500])
    return int(api.rows(f"SELECT SUM(row_count) FROM {TARGET}")[0][0] or 0)  # noqa: S608 - a constant


def main() -> None:
    """Run the job: rows in are the source's, rows out those that the target accounts for, and the rest was rejected."""
    names = ("code_prefix", "warehouse_cluster", "warehouse_database", "warehouse_user", "copy_role")
    stage = GlueStage.start(NAME, *names)
    arguments = stage.arguments
    warehouse = Warehouse(arguments["warehouse_cluster"], arguments["warehouse_database"], arguments["warehouse_user"])
    rows = extract(stage).persist()
    stage.audit.rows_in = rows.count()
    missing = rows.where(F.col(KEY).isNull()).count()
    if missing:
        stage.audit.rejected[MISSING] = missing
    counts = transform(rows).persist()
    stage.audit.rows_out = load(stage, counts, DataApi(boto3.client("redshift-data"), warehouse))
    stage.finish()


if __name__ == "__main__":
    main()
