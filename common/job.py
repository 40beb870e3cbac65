"""Start and end of a Spark stage: context, bookmarked job, typed arguments, audit."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from typing import Any

import boto3
from awsglue.context import GlueContext
from awsglue.job import Job
from pyspark import SparkContext
from pyspark.sql import DataFrame, SparkSession

from common import metrics
from common.arguments import StageArguments, stage_arguments
from common.audit import Audit
from common.objects import Objects

__all__ = ["GlueStage", "settle"]


def settle(spark: SparkSession) -> None:
    """Set what every stage counts on, whatever the session came with."""
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    # What a stage keeps it reads once or twice: to pack it costs more than it saves (BENCH=rows_accounted).
    spark.conf.set("spark.sql.inMemoryColumnarStorage.compressed", "false")


@dataclass(slots=True)
class GlueStage:
    """One run of one stage; ``objects`` and ``catalog`` are S3 and the Data Catalog beside Spark."""

    arguments: StageArguments
    glue: Any
    spark: SparkSession
    job: Any
    objects: Objects
    catalog: Any
    audit: Audit
    started: float = field(default_factory=time.monotonic)

    @classmethod
    def start(cls, stage: str, *names: str) -> GlueStage:
        """Create the contexts and call ``Job.init``; ``names`` are further required arguments."""
        started = time.monotonic()
        arguments = stage_arguments(sys.argv, stage, *names)
        glue = GlueContext(SparkContext.getOrCreate())
        spark: SparkSession = glue.spark_session
        settle(spark)
        job = Job(glue)
        job.init(arguments.job_name, dict(arguments.resolved))
        audit = Audit(stage, arguments.job_run_id, arguments.pipeline_run_id)
        objects = Objects(boto3.client("s3"))
        return cls(arguments, glue, spark, job, objects, boto3.client("glue"), audit, started)

    def from_catalog(self, database: str, table: str, context: str) -> Any:
        """The table's DynamicFrame; a ``context`` makes it what the bookmark has not seen yet."""
        return self.glue.create_dynamic_frame.from_catalog(
            database=database, table_name=table, transformation_ctx=context
        )

    def read_if_there(self, url: str, schema: str) -> DataFrame | None:
        """A Parquet table by URL, or None where nothing is written yet."""
        return self.spark.read.schema(schema).parquet(url) if self.objects.any_under(f"{url}/") else None

    def publish(self) -> None:
        """Put the stage's metrics as they are now."""
        clients = {"cloudwatch": boto3.client("cloudwatch"), "glue": self.catalog}
        metrics.publish(clients, self.audit, self.arguments.job_name)

    def finish(self) -> None:
        """Write the audit, which must close, and only then move the bookmarks. Raises AuditMismatchError."""
        self.audit.seconds = time.monotonic() - self.started
        self.publish()
        self.audit.write(self.objects, self.arguments.ops)
        self.job.commit()
