"""EvaluateDataQuality as scripts on Glue call it.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-EvaluateDataQuality.html
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Mapping
from typing import Any

from awsglue.dynamicframe import DynamicFrame, DynamicFrameCollection
from pyspark.sql import DataFrame, Row

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.glue_runtime.engine import job, quality
from lakeshift.glue_runtime.engine.objects import client

__all__ = ["EvaluateDataQuality"]

_log = logging.getLogger("awsgluedq")
_PAGE = "https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-EvaluateDataQuality.html"
_KNOWN = {"performanceTuning.caching", "observations.scope", "compositeRuleEvaluation.method"}


def _on(options: Mapping[str, Any], name: str) -> bool:
    return str(options.get(name, False)).lower() == "true"


def _sources(given: Mapping[str, Any] | None) -> dict[str, DataFrame]:
    return {name: frame.toDF() for name, frame in (given or {}).items()}


def _publish(outcomes: list[Row], options: Mapping[str, Any]) -> None:
    """Put metrics to CloudWatch and results to S3 where the options ask for it."""
    name = str(options.get("dataQualityEvaluationContext") or "default")
    passed = sum(row.Outcome == "Passed" for row in outcomes)
    if _on(options, "enableDataQualityCloudWatchMetrics"):
        dimensions = [{"Name": "EvaluationContext", "Value": name}]
        counts = {"passed": passed, "failed": len(outcomes) - passed}
        client("cloudwatch").put_metric_data(
            Namespace="Glue Data Quality",
            MetricData=[
                {"MetricName": f"glue.data.quality.rules.{k}", "Dimensions": dimensions, "Value": v, "Unit": "Count"}
                for k, v in counts.items()
            ],
        )
    if options.get("resultsS3Prefix"):
        bucket, _, prefix = str(options["resultsS3Prefix"]).split("://", 1)[-1].partition("/")
        document = {
            "evaluationContext": name,
            "jobRunId": job.current.run_id,
            "score": passed / len(outcomes) if outcomes else 1.0,
            "rules": [row.asDict() for row in outcomes],
        }
        key = "/".join(part for part in (prefix.strip("/"), f"{name}-{uuid.uuid4().hex}.json") if part)
        client("s3").put_object(Bucket=bucket, Key=key, Body=json.dumps(document).encode())
    if _on(options, "enableDataQualityResultsPublishing"):
        _log.warning(
            "enableDataQualityResultsPublishing: the local Glue keeps no data quality results; see the outcomes"
        )


class EvaluateDataQuality:
    """Evaluate a DQDL ruleset over a frame."""

    @staticmethod
    def apply(
        frame: Any,
        ruleset: str,
        publishing_options: Mapping[str, Any] | None = None,
        additional_data_sources: Mapping[str, Any] | None = None,
        **_others: Any,
    ) -> Any:
        """Return a DynamicFrame with Rule, Outcome, FailureReason, EvaluatedMetrics and EvaluatedRule."""
        outcomes = quality.evaluate(frame.toDF(), ruleset, _sources(additional_data_sources))
        _publish(outcomes.collect(), publishing_options or {})
        return DynamicFrame.fromDF(outcomes, frame.glue_ctx, "EvaluateDataQuality")

    def process_rows(
        self,
        frame: Any,
        ruleset: str,
        publishing_options: Mapping[str, Any] | None = None,
        additional_options: Mapping[str, Any] | None = None,
        additional_data_sources: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the collection of originalData, ruleOutcomes and rowLevelOutcomes.

        Raises:
            NotSupportedLocallyError: for an option that would change the outcome.
        """
        given = dict(additional_options or {})
        for name in given.keys() - _KNOWN:
            raise NotSupportedLocallyError(f"additional_options {name}", "Leave it out.", _PAGE)
        if str(given.get("compositeRuleEvaluation.method", "DATASET")).upper() != "DATASET":
            raise NotSupportedLocallyError("compositeRuleEvaluation.method ROW", "Use DATASET.", _PAGE)
        data = frame.toDF()
        found = quality.evaluate_rows(data, ruleset, _sources(additional_data_sources))
        _publish(found.rules.collect(), publishing_options or {})
        made = {"originalData": data, "ruleOutcomes": found.rules, "rowLevelOutcomes": found.rows}
        frames = {name: DynamicFrame.fromDF(value, frame.glue_ctx, name) for name, value in made.items()}
        return DynamicFrameCollection(frames, frame.glue_ctx)
