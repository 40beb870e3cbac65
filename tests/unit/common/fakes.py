"""Services in memory, with the few calls that the code under test makes."""

from __future__ import annotations

import hashlib
import io
from datetime import UTC, datetime
from typing import Any


class FakeS3:
    """Objects by bucket and key; lists them in pages of two, so that paging is always met."""

    def __init__(self, **buckets: dict[str, bytes]) -> None:
        self.objects: dict[tuple[str, str], bytes] = {}
        self.writes: list[str] = []
        for bucket, objects in buckets.items():
            for key, body in objects.items():
                self.objects[bucket.replace("_", "-"), key] = body

    def get_paginator(self, call: str) -> FakeS3:
        assert call == "list_objects_v2"
        return self

    def paginate(self, Bucket: str, Prefix: str, Delimiter: str = "") -> list[dict[str, Any]]:
        found = self.list_objects_v2(Bucket, Prefix)["Contents"]
        if Delimiter:
            below = {item["Key"][len(Prefix) :] for item in found}
            folders = sorted({name.split(Delimiter)[0] for name in below if Delimiter in name})
            found = [{"Prefix": f"{Prefix}{name}{Delimiter}"} for name in folders]
        kind = "CommonPrefixes" if Delimiter else "Contents"
        return [{kind: found[at : at + 2]} for at in range(0, len(found), 2)] or [{}]

    def list_objects_v2(self, Bucket: str, Prefix: str, MaxKeys: int = 1000) -> dict[str, Any]:
        keys = sorted(key for bucket, key in self.objects if bucket == Bucket and key.startswith(Prefix))
        return {"Contents": [self._told(Bucket, key) for key in keys[:MaxKeys]]}

    def _told(self, bucket: str, key: str) -> dict[str, Any]:
        body = self.objects[bucket, key]
        etag = f'"{hashlib.md5(body).hexdigest()}"'  # noqa: S324 - what S3 does
        return {"Key": key, "Size": len(body), "LastModified": datetime(2013, 1, 1, tzinfo=UTC), "ETag": etag}

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:
        return {"Body": io.BytesIO(self.objects[Bucket, Key])}

    def put_object(self, Bucket: str, Key: str, Body: bytes, ContentType: str) -> None:
        assert ContentType
        self.writes.append(f"{Bucket}/{Key}")
        self.objects[Bucket, Key] = Body

    def copy_object(self, Bucket: str, Key: str, CopySource: dict[str, str]) -> None:
        self.objects[Bucket, Key] = self.objects[CopySource["Bucket"], CopySource["Key"]]

    def delete_objects(self, Bucket: str, Delete: dict[str, Any]) -> dict[str, Any]:
        refused = []
        for item in Delete["Objects"]:
            if "locked" in item["Key"]:
                refused.append({"Key": item["Key"], "Code": "AccessDenied"})
            else:
                self.objects.pop((Bucket, item["Key"]), None)
        return {"Errors": refused}


class NotFoundError(Exception):
    """The fake catalog's EntityNotFoundException."""


class ExistsError(Exception):
    """The fake catalog's AlreadyExistsException."""


class FakeGlue:
    """Tables and partitions of a catalog."""

    class exceptions:  # noqa: N801 - boto3's name
        EntityNotFoundException = NotFoundError
        AlreadyExistsException = ExistsError

    def __init__(self, refuse: str = "") -> None:
        self.tables: dict[tuple[str, str], dict[str, Any]] = {}
        self.partitions: dict[tuple[str, ...], dict[str, Any]] = {}
        self.calls: list[int] = []
        self.refuse = refuse

    def get_table(self, DatabaseName: str, Name: str) -> dict[str, Any]:
        if (DatabaseName, Name) not in self.tables:
            raise NotFoundError(f"Table {Name} not found.")
        return {"Table": self.tables[DatabaseName, Name]}

    def create_table(self, DatabaseName: str, TableInput: dict[str, Any]) -> None:
        if (DatabaseName, TableInput["Name"]) in self.tables:
            raise ExistsError("Table already exists.")
        self.tables[DatabaseName, TableInput["Name"]] = TableInput

    def update_table(self, DatabaseName: str, TableInput: dict[str, Any]) -> None:
        self.tables[DatabaseName, TableInput["Name"]] = TableInput

    def batch_create_partition(
        self, DatabaseName: str, TableName: str, PartitionInputList: list[Any]
    ) -> dict[str, Any]:
        self.calls.append(len(PartitionInputList))
        errors = []
        for item in PartitionInputList:
            key = (DatabaseName, TableName, *item["Values"])
            code = "AlreadyExistsException" if key in self.partitions else "InternalServiceException"
            if key in self.partitions or item["Values"] == [self.refuse]:
                errors.append({"PartitionValues": item["Values"], "ErrorDetail": {"ErrorCode": code}})
            else:
                self.partitions[key] = item
        return {"Errors": errors}


class FakeDataApi:
    """Statements that end as they are told to: texts of ``broken`` fail their batch, results come in pages of one."""

    def __init__(self, broken: str = "", results: dict[str, list[list[dict[str, Any]]]] | None = None) -> None:
        self.broken = broken
        self.results = results or {}
        self.batches: list[list[str]] = []
        self.names: list[str] = []
        self.polls = 0
        self.cancelled: list[str] = []
        self.slow = False
        self._sql: dict[str, list[str]] = {}

    def batch_execute_statement(self, Sqls: list[str], StatementName: str, **where: str) -> dict[str, str]:
        assert set(where) == {"ClusterIdentifier", "Database", "DbUser"}
        self.batches.append(Sqls)
        self.names.append(StatementName)
        return self._take(Sqls)

    def execute_statement(self, Sql: str, Parameters: Any = None, **where: str) -> dict[str, str]:
        return self._take([Sql])

    def _take(self, sql: list[str]) -> dict[str, str]:
        key = f"s{len(self._sql)}"
        self._sql[key] = sql
        self.polls = 0
        return {"Id": key}

    def describe_statement(self, Id: str) -> dict[str, Any]:
        self.polls += 1
        if self.slow or self.polls < 3:
            return {"Status": "STARTED"}
        failed = [bool(self.broken) and self.broken in text for text in self._sql[Id]]
        first = failed.index(True) if any(failed) else len(failed)
        parts = [
            {"Status": "FINISHED", "ResultRows": at} if at < first else
            {"Status": "FAILED", "Error": "relation is missing"} if at == first else {"Status": "ABORTED"}
            for at in range(len(failed))
        ]  # fmt: skip
        return {"Status": "FAILED" if any(failed) else "FINISHED", "SubStatements": parts, "Error": "ERROR: broken"}

    def get_statement_result(self, Id: str, NextToken: str = "0") -> dict[str, Any]:
        rows = self.results.get(self._sql[Id][0], [])
        at = int(NextToken)
        more = {"NextToken": str(at + 1)} if at + 1 < len(rows) else {}
        return {"Records": rows[at : at + 1], **more}

    def cancel_statement(self, Id: str) -> None:
        self.cancelled.append(Id)
