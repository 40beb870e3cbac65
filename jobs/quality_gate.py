"""The rules that enriched flights must keep before they are loaded; a broken one stops the run."""

from __future__ import annotations

from awsglue.dynamicframe import DynamicFrame
from awsgluedq.transforms import EvaluateDataQuality
from pyspark.sql import DataFrame

from common import enrichment, marts_zone, partitions, quality
from common.audit import audit_url
from common.job import GlueStage

WHAT = "marts.flights_enriched"


def expected(stage: GlueStage) -> bool:
    """Whether the enriched flights of this pipeline run were changed, by their own audit."""
    told = stage.objects.read_json(audit_url(stage.arguments.ops, stage.arguments.pipeline_run_id, "flights_enriched"))
    return bool(told and told["rows_out"])


def evaluate(stage: GlueStage, flights: DataFrame, document: str) -> list[quality.Outcome]:
    """The outcome of every rule of the DQDL ``document``."""
    outcomes = EvaluateDataQuality.apply(
        frame=DynamicFrame.fromDF(flights, stage.glue, "flights_enriched"),
        ruleset=document,
        publishing_options={
            "dataQualityEvaluationContext": "flights_enriched",
            "enableDataQualityCloudWatchMetrics": False,
            "enableDataQualityResultsPublishing": False,
        },
    )
    return [
        quality.Outcome(row["Rule"], row["Outcome"], row["FailureReason"])
        for row in outcomes.toDF().select("Rule", "Outcome", "FailureReason").collect()
    ]


def main() -> None:
    """Run the stage. Raises QualityGateError; the bookmark stays, so the next run checks the same dates again."""
    stage = GlueStage.start("quality_gate")
    days = marts_zone.touched_days(stage, "marts_flights_enriched")
    if days or expected(stage):
        url = f"{stage.arguments.marts}/flights_enriched"
        flights = partitions.read_dates(stage.spark, url, enrichment.SCHEMA, "flight_date", days)
        stage.audit.rows_in = stage.audit.rows_out = flights.count()
        quality.require_rows(stage.audit.rows_in, expected=True, what=WHAT)
        outcomes = evaluate(stage, flights, quality.ruleset(quality.FLIGHTS_RULES))
        failed = sum(one.outcome != "Passed" for one in outcomes)
        stage.audit.measures.update(RulesFailed=(failed, "Count"), RulesPassed=(len(outcomes) - failed, "Count"))
        if failed:
            stage.publish()  # the run stops below
        quality.require_passed(outcomes, len(quality.FLIGHTS_RULES), WHAT)
    stage.finish()


if __name__ == "__main__":
    main()
