"""Redshift through S3: UNLOAD to read, COPY to write, both by the Data API in the connection's cluster and database.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-connect-redshift-home.html
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pyspark.errors import IllegalArgumentException
from pyspark.sql import SparkSession
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql import types as t

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.glue_runtime.engine.catalog import connection_properties
from lakeshift.glue_runtime.engine.frame import GlueFrame
from lakeshift.glue_runtime.engine.objects import client, list_files, normal_root
from lakeshift.glue_runtime.engine.options import flag
from lakeshift.glue_runtime.engine.paths import column_name
from lakeshift.glue_runtime.engine.rewrite import cast
from lakeshift.glue_runtime.engine.sinks import writable

__all__ = ["RedshiftError", "is_redshift", "read_redshift", "write_redshift"]

_PAGE: Final = "https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-connect-redshift-home.html"
_URL: Final = re.compile(r"jdbc:redshift(?::iam)?://([^/:]+)(?::\d+)?/([^?;]+)")
_NULL: Final = "@NULL@"
_MOST_STATEMENTS: Final = 40  # of one BatchExecuteStatement, which is one transaction
_TYPES: Final[dict[type[t.DataType], str]] = {
    t.BooleanType: "BOOLEAN",
    t.ByteType: "SMALLINT",
    t.ShortType: "SMALLINT",
    t.IntegerType: "INTEGER",
    t.LongType: "BIGINT",
    t.FloatType: "REAL",
    t.DoubleType: "DOUBLE PRECISION",
    t.DateType: "DATE",
    t.TimestampType: "TIMESTAMP",
    t.TimestampNTZType: "TIMESTAMP",
}


class RedshiftError(RuntimeError):
    """A statement failed; nothing of its transaction is kept."""


@dataclass(frozen=True)
class _Warehouse:
    """Where the statements run, and how COPY and UNLOAD may reach S3."""

    target: dict[str, str]
    role: str
    folder: str

    @classmethod
    def of(cls, options: Mapping[str, Any], tmp: str, catalog_id: str | None) -> _Warehouse:
        given = dict(options)
        if flag(given, "useConnectionProperties") or (given.get("connectionName") and not given.get("url")):
            known = connection_properties(str(given["connectionName"]), catalog_id)
            given = {**known, **given}
        found = _URL.match(str(given.get("url") or ""))
        if found is None:
            raise IllegalArgumentException(
                f"A Redshift connection needs a url jdbc:redshift://..., not {given.get('url')}"
            )
        folder = str(given.get("redshiftTmpDir") or given.get("tempdir") or tmp or "")
        if not folder.startswith(("s3://", "s3a://", "s3n://")):
            raise IllegalArgumentException(
                "requirement failed: redshiftTmpDir must be specified, a path on Amazon S3, to read or write Redshift"
            )
        target = {
            "ClusterIdentifier": found[1].split(".", maxsplit=1)[0],
            "Database": str(given.get("database") or found[2]),
            "DbUser": str(given.get("DbUser") or given.get("user") or "awsuser"),
        }
        role = str(given.get("aws_iam_role") or "")
        place = f"{normal_root(folder).rstrip('/')}/{uuid.uuid4()}/"
        return cls(target, f"IAM_ROLE '{role}'" if role else "IAM_ROLE default", place)

    def run(self, statements: Sequence[str]) -> None:
        """Run them as one transaction and wait for it."""
        if len(statements) > _MOST_STATEMENTS:
            raise NotSupportedLocallyError(
                f"{len(statements)} statements in preactions, COPY and postactions",
                f"Use at most {_MOST_STATEMENTS}, or a stored script run before the job.",
                _PAGE,
            )
        api = client("redshift-data")
        if len(statements) == 1:
            identifier = api.execute_statement(**self.target, Sql=statements[0])["Id"]
        else:
            identifier = api.batch_execute_statement(**self.target, Sqls=list(statements))["Id"]
        pause = 0.02
        while True:
            found = api.describe_statement(Id=identifier)
            if found["Status"] == "FINISHED":
                return
            if found["Status"] in ("FAILED", "ABORTED"):
                raise RedshiftError(f"Redshift: {found.get('Error') or found['Status']}")
            time.sleep(pause)
            pause = min(1.0, pause * 2)


def is_redshift(options: Mapping[str, Any], catalog_id: str | None = None) -> bool:
    """Whether connection options, or the connection they name, mean Redshift."""
    url = options.get("url")
    if not url and options.get("connectionName"):
        url = connection_properties(str(options["connectionName"]), catalog_id)["url"]
    return str(url or "").startswith("jdbc:redshift")


def _actions(text: Any) -> list[str]:
    if not text:
        return []
    from lakeshift.redshift import split_statements  # the warehouse's packages take most of a second to load

    return split_statements(str(text))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _type(data_type: t.DataType) -> str:
    if isinstance(data_type, t.DecimalType):
        return f"DECIMAL({data_type.precision},{data_type.scale})"
    return _TYPES.get(type(data_type), "VARCHAR(65535)")


def read_redshift(
    spark: SparkSession, options: Mapping[str, Any], tmp: str = "", catalog_id: str | None = None
) -> GlueFrame:
    """Read ``dbtable`` or ``query`` (``sampleQuery``): UNLOAD as Parquet below redshiftTmpDir, then read that.

    Raises:
        IllegalArgumentException: no table, no redshiftTmpDir, no url.
        RedshiftError: with the warehouse's text.
    """
    query = options.get("sampleQuery") or options.get("query")
    table = options.get("dbtable")
    if not query and not table:
        raise IllegalArgumentException(
            "requirement failed: You must specify a Redshift table name with 'dbtable' or a 'query'"
        )
    if options.get("jobBookmarkKeys"):
        raise NotSupportedLocallyError(
            "jobBookmarkKeys of a Redshift source", "Give a query that selects new rows.", _PAGE
        )
    warehouse = _Warehouse.of(options, tmp, catalog_id)
    # The name is the script's own; the text of the query is quoted for UNLOAD.
    select = str(query or f"SELECT * FROM {table}").rstrip("; \n").replace("'", "''")  # noqa: S608
    extra = str(options.get("extraunloadoptions") or "")
    warehouse.run([f"UNLOAD ('{select}') TO '{warehouse.folder}' {warehouse.role} FORMAT AS PARQUET {extra}".strip()])
    found = list_files([warehouse.folder], recurse=True, spark=spark).files
    if not found:  # UNLOAD of no rows leaves no file: the columns are asked for
        return GlueFrame(spark.createDataFrame([], t.StructType([])))
    return GlueFrame(spark.read.parquet(*[file.path for file in found]))


def write_redshift(frame: GlueFrame, options: Mapping[str, Any], tmp: str = "", catalog_id: str | None = None) -> None:
    """Append the records to ``dbtable``: made where it is missing, preactions, COPY, postactions; all or nothing.

    Raises:
        IllegalArgumentException: no table, no redshiftTmpDir, no url.
        RedshiftError: an action or the COPY failed; nothing of them is kept.
    """
    table = options.get("dbtable")
    if not table:
        raise IllegalArgumentException("requirement failed: You must specify a Redshift table name with 'dbtable'")
    warehouse = _Warehouse.of(options, tmp, catalog_id)
    frame.assert_thresholds()
    data = writable(frame)
    columns = ", ".join(f"{_quoted(f.name)} {_type(f.dataType)}" for f in data.schema.fields)
    names = ", ".join(_quoted(f.name) for f in data.schema.fields)
    statements = [f"CREATE TABLE IF NOT EXISTS {table} ({columns})"] if columns else []
    statements += _actions(options.get("preactions"))
    if columns and _write_text(data, warehouse.folder):
        extra = str(options.get("extracopyoptions") or "")
        copy = f"COPY {table} ({names}) FROM '{warehouse.folder}' {warehouse.role} FORMAT AS CSV NULL AS '{_NULL}' GZIP"
        statements.append(f"{copy} {extra}".strip())
    statements += _actions(options.get("postactions"))
    if statements:
        warehouse.run(statements)


def _write_text(data: Any, folder: str) -> int:
    """Write the rows as CSV for COPY; whether there are any files."""
    cells = [
        cast(F.col(column_name(f.name)), f.dataType, t.StringType()).alias(f.name)
        if isinstance(f.dataType, t.StructType | t.ArrayType | t.MapType)
        else F.col(column_name(f.name))
        for f in data.schema.fields
    ]
    options = {
        "nullValue": _NULL,
        "emptyValue": "",
        "escape": '"',
        "quoteAll": "false",
        "compression": "gzip",
        "timestampFormat": "yyyy-MM-dd HH:mm:ss.SSSSSS",
        "timestampNTZFormat": "yyyy-MM-dd HH:mm:ss.SSSSSS",
    }
    data.select(*cells).write.options(**options).csv(folder)
    return len(list_files([folder], recurse=True, spark=data.sparkSession).files)
