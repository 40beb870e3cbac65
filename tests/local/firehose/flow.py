"""A delivery stream of the local AWS with its bucket, for tests."""

from __future__ import annotations

import json
import urllib.request
import uuid
from typing import Any

import boto3

from lakeshift.local.server import LocalAws

ROLE = "arn:aws:iam::000000000000:role/firehose"


class Flow:
    """A stream, its bucket, and how to flush it."""

    def __init__(self, aws: LocalAws) -> None:
        self.endpoint = aws.endpoint
        self.client = boto3.client("firehose")
        self.objects = boto3.client("s3")
        self.name = f"stream-{uuid.uuid4().hex}"
        self.bucket = f"bucket-{uuid.uuid4().hex}"
        self.objects.create_bucket(Bucket=self.bucket)

    def destination(self, **configuration: Any) -> dict[str, Any]:
        return {"RoleARN": ROLE, "BucketARN": f"arn:aws:s3:::{self.bucket}", **configuration}

    def create(self, kinesis: str | None = None, **configuration: Any) -> None:
        source: dict[str, Any] = {"DeliveryStreamType": "DirectPut"}
        if kinesis is not None:
            given = {"KinesisStreamARN": kinesis, "RoleARN": ROLE}
            source = {"DeliveryStreamType": "KinesisStreamAsSource", "KinesisStreamSourceConfiguration": given}
        self.client.create_delivery_stream(
            DeliveryStreamName=self.name,
            ExtendedS3DestinationConfiguration=self.destination(**configuration),
            **source,
        )

    def put(self, *records: bytes) -> dict[str, Any]:
        return self.client.put_record_batch(
            DeliveryStreamName=self.name, Records=[{"Data": record} for record in records]
        )

    def flush(self, name: str | None = None) -> dict[str, Any]:
        url = f"{self.endpoint}/_lakeshift/firehose/{name or self.name}/flush"
        with urllib.request.urlopen(urllib.request.Request(url, method="POST")) as answer:
            return json.loads(answer.read())

    def describe(self) -> dict[str, Any]:
        return self.client.describe_delivery_stream(DeliveryStreamName=self.name)["DeliveryStreamDescription"]

    def delivered(self) -> dict[str, bytes]:
        pages = self.objects.get_paginator("list_objects_v2").paginate(Bucket=self.bucket)
        keys = [found["Key"] for page in pages for found in page.get("Contents", [])]
        return {key: self.objects.get_object(Bucket=self.bucket, Key=key)["Body"].read() for key in keys}
