"""What public scripts expect to find: objects, tables, crawls, connections, a warehouse; and reading what they left."""

from __future__ import annotations

import csv
import io
import json
import shutil
import tempfile
import time
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import boto3
import pyarrow.parquet as pq

from lakeshift.sample.database import PASSWORD, USER, OperationalDatabase

__all__ = ["Place", "rows_at"]

_SERDES = {
    "json": "org.openx.data.jsonserde.JsonSerDe",
    "csv": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
    "parquet": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
}


def _split(path: str) -> tuple[str, str]:
    bucket, _, key = path.removeprefix("s3://").partition("/")
    return bucket, key


def rows_at(path: str, kind: str) -> list[dict[str, Any]]:
    """Return the records of every object below an S3 path; ``kind`` is parquet, json (lines, or one array) or csv."""
    s3 = boto3.client("s3")
    bucket, prefix = _split(path)
    rows: list[dict[str, Any]] = []
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for item in page.get("Contents", ()):
            hidden = any(part.startswith(("_", ".")) for part in item["Key"].split("/"))
            if item["Size"] and not hidden and not item["Key"].endswith("_$folder$"):
                rows += _records(s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read(), kind)
    return rows


def _records(body: bytes, kind: str) -> list[dict[str, Any]]:
    if kind == "parquet":
        found: list[dict[str, Any]] = pq.read_table(io.BytesIO(body)).to_pylist()
        return found
    text = body.decode("utf-8")
    if kind == "csv":
        return list(csv.DictReader(io.StringIO(text)))
    if text.startswith("["):
        return list(json.loads(text))
    return [json.loads(line) for line in text.splitlines() if line]


class Place:
    """Prepares the local AWS that the environment points at; ``values`` are what the table may name in braces."""

    def __init__(self, state: Path, scripts: Path) -> None:
        self.state, self.scripts = state, scripts
        self.values: dict[str, str] = {"user": USER, "password": PASSWORD}
        self._glue, self._s3 = boto3.client("glue"), boto3.client("s3")
        self._database: OperationalDatabase | None = None
        self._home = Path(tempfile.mkdtemp(prefix="lakeshift-postgres-"))

    def __enter__(self) -> Place:
        self.bucket("public-scripts")
        return self

    def __exit__(self, *_error: object) -> None:
        if self._database is not None:
            self._database.stop()
        shutil.rmtree(self._home, ignore_errors=True)

    def prepare(self, needs: Iterable[dict[str, Any]]) -> None:
        """Do each step; a step is one key, which names a method, and its value."""
        for step in needs:
            for name, value in step.items():
                getattr(self, name)(*value if isinstance(value, list) else [value])

    def bucket(self, name: str) -> None:
        """Create a bucket that may be there."""
        if name not in {b["Name"] for b in self._s3.list_buckets()["Buckets"]}:
            self._s3.create_bucket(Bucket=name)

    def put(self, path: str, body: bytes) -> str:
        """Put an object, with its bucket; returns its path."""
        bucket, key = _split(path)
        self.bucket(bucket)
        self._s3.put_object(Bucket=bucket, Key=key, Body=body)
        return path

    def text(self, path: str, text: str) -> None:
        """An object of this text."""
        self.put(path, text.encode())

    def lines(self, path: str, *records: dict[str, Any]) -> None:
        """An object of JSON lines."""
        self.put(path, "".join(json.dumps(record) + "\n" for record in records).encode())

    def file(self, path: str, source: str) -> None:
        """An object from a file of the public repositories."""
        self.put(path, (self.scripts / source).read_bytes())

    def parquet(self, path: str, *records: dict[str, Any]) -> None:
        """An object of Parquet records."""
        import pyarrow as pa

        sink = io.BytesIO()
        pq.write_table(pa.Table.from_pylist(list(records)), sink)
        self.put(path, sink.getvalue())

    def database(self, name: str) -> None:
        """A database of the catalog that may be there."""
        if name not in {d["Name"] for d in self._glue.get_databases()["DatabaseList"]}:
            self._glue.create_database(DatabaseInput={"Name": name})

    def table(self, name: str, kind: str, location: str, columns: str) -> None:
        """A table ``database.name`` with columns ``a string, b bigint``."""
        database, _, table = name.partition(".")
        self.database(database)
        listed = [dict(zip(("Name", "Type"), part.strip().rsplit(" ", 1), strict=True)) for part in columns.split(",")]
        serde: dict[str, Any] = {"SerializationLibrary": _SERDES[kind]}
        if kind == "csv":
            serde["Parameters"] = {"field.delim": ","}
        storage = {"Columns": listed, "Location": location, "SerdeInfo": serde}
        parameters = {"classification": kind} | ({"skip.header.line.count": "1"} if kind == "csv" else {})
        self._glue.create_table(
            DatabaseName=database,
            TableInput={
                "Name": table,
                "TableType": "EXTERNAL_TABLE",
                "StorageDescriptor": storage,
                "Parameters": parameters,
            },
        )

    def crawl(self, database: str, path: str) -> None:
        """Run a crawler over a path into a database, both made where they are not there."""
        self.database(database)
        name = f"crawl-{database}"
        if name not in self._glue.list_crawlers()["CrawlerNames"]:
            targets = {"S3Targets": [{"Path": path}]}
            self._glue.create_crawler(Name=name, Role="public-scripts", DatabaseName=database, Targets=targets)
        self._glue.start_crawler(Name=name)
        while (crawler := self._glue.get_crawler(Name=name)["Crawler"])["State"] != "READY":
            time.sleep(0.1)
        if crawler["LastCrawl"]["Status"] != "SUCCEEDED":
            raise RuntimeError(f"crawler {name}: {crawler['LastCrawl']}")

    def redshift(self, connection: str, database: str) -> None:
        """A Glue connection to the database of the cluster ``public``, which is made with it."""
        if "warehouse" not in self.values:
            boto3.client("redshift").create_cluster(
                ClusterIdentifier="public",
                NodeType="ra3.xlplus",
                MasterUsername="admin",
                MasterUserPassword="Not-used-1",
                DBName=database,
                IamRoles=["arn:aws:iam::123456789012:role/copy"],
            )
            self.values["warehouse"] = database
        url = f"jdbc:redshift://public.abc.us-east-1.redshift.amazonaws.com:5439/{database}"
        properties = {"JDBC_CONNECTION_URL": url, "USERNAME": "admin", "PASSWORD": "Not-used-1"}
        self._glue.create_connection(
            ConnectionInput={"Name": connection, "ConnectionType": "JDBC", "ConnectionProperties": properties}
        )

    def postgres(self, database: str, script: str) -> None:
        """A PostgreSQL with a database made by a script; its address is the value ``postgres``."""
        if self._database is None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of the server's wheel, about folders it does not use here
                self._database = OperationalDatabase(self._home / "data").start()
            self.values["postgres"] = f"127.0.0.1:{self._database.port}"
        self._database.psql("postgres", f"CREATE DATABASE {database}")
        self._database.psql(database, script)

    def sql(self, text: str) -> list[list[Any]]:
        """The rows of a query of the warehouse; with ``database:`` before it, of that PostgreSQL database as text."""
        database, _, query = text.partition(":")
        if query and database.isidentifier():
            if self._database is None:
                raise ValueError(f"no PostgreSQL for {text}")
            return [line.split("|") for line in self._database.psql(database, query).splitlines()]
        api = boto3.client("redshift-data")
        target = {"ClusterIdentifier": "public", "Database": self.values["warehouse"], "DbUser": "admin"}
        number = api.execute_statement(**target, Sql=text)["Id"]
        while (found := api.describe_statement(Id=number))["Status"] not in ("FINISHED", "FAILED", "ABORTED"):
            time.sleep(0.02)
        if found["Status"] != "FINISHED":
            raise RuntimeError(f"{text}: {found.get('Error')}")
        records = api.get_statement_result(Id=number)["Records"] if found.get("HasResultSet") else []
        return [[None if "isNull" in cell else next(iter(cell.values())) for cell in record] for record in records]

    def columns(self, name: str) -> str:
        """The columns of a table of the catalog, as ``a string, b bigint``, its partition keys after a bar."""
        database, _, table = name.partition(".")
        found = self._glue.get_table(DatabaseName=database, Name=table)["Table"]
        parts = [found["StorageDescriptor"]["Columns"], found.get("PartitionKeys", [])]
        return " | ".join(", ".join(f"{c['Name']} {c['Type']}" for c in part) for part in parts if part)
