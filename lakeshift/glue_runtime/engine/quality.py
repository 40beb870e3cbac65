"""Data quality: DQDL rulesets evaluated by deequ's own evaluator."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql import types as t

from lakeshift.errors import LakeshiftError, NotSupportedLocallyError
from lakeshift.glue_runtime.engine.local_rows import local_rows
from lakeshift.glue_runtime.engine.paths import column_name

__all__ = ["OUTCOMES", "RowOutcomes", "evaluate", "evaluate_rows"]

OUTCOMES = t.StructType(
    [
        t.StructField("Rule", t.StringType()),
        t.StructField("Outcome", t.StringType()),
        t.StructField("FailureReason", t.StringType()),
        t.StructField("EvaluatedMetrics", t.MapType(t.StringType(), t.DoubleType())),
        t.StructField("EvaluatedRule", t.StringType()),
    ]
)
"""Columns of rule outcomes.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-EvaluateDataQuality.html
"""
_ROW_COLUMNS = ("DataQualityRulesPass", "DataQualityRulesFail", "DataQualityRulesSkip", "DataQualityEvaluationResult")
_PRIMARY = "primary"
_EVALUATING = threading.Lock()
_DQDL = "https://docs.aws.amazon.com/glue/latest/dg/dqdl.html"


@dataclass(frozen=True)
class RowOutcomes:
    """The rule outcomes, and each row with the rules it passed and failed."""

    rules: DataFrame
    rows: DataFrame


def _rule_order(spark: SparkSession, ruleset: str) -> list[str]:
    """Return the rules as they stand in ``ruleset``, in the parser's spelling.

    Raises:
        LakeshiftError: the class is not on the class path.
        ValueError: the text is no DQDL; the parser says where.
    """
    jvm: Any = spark._jvm
    package = jvm.software.amazon.glue.dqdl.parser
    if "JavaPackage" in type(package.DQDLParser).__name__:
        raise LakeshiftError("The DQDL parser is not on Spark's class path; run `make setup`.")
    try:
        parsed = package.DQDLParser().parse(ruleset)
    except Exception as error:
        cause = getattr(error, "java_exception", None)
        raise ValueError(f"Invalid DQDL ruleset: {cause.getMessage() if cause is not None else error}") from error
    return [str(rule.toString()) for rule in parsed.getRules()]


def _evaluator(spark: SparkSession) -> Any:
    jvm: Any = spark._jvm
    return jvm.com.amazon.deequ.dqdl.EvaluateDataQuality


def _scala_map(spark: SparkSession, sources: Mapping[str, DataFrame]) -> Any:
    jvm: Any = spark._jvm
    return jvm.PythonUtils.toScalaMap({name: data._jdf for name, data in sources.items()})


@contextmanager
def _primary(data: DataFrame) -> Iterator[None]:
    """CustomSql sees ``data`` as ``primary``: a view of the session, so that one thread evaluates at a time."""
    with _EVALUATING:
        data.createOrReplaceTempView(_PRIMARY)
        try:
            yield
        finally:
            data.sparkSession.catalog.dropTempView(_PRIMARY)


def _checked(rows: list[Row], order: list[str]) -> list[tuple[Any, ...]]:
    """The outcomes of the ruleset's own rules (not of parts of them), in its order."""
    place = {text: i for i, text in enumerate(order)}
    own = [row for row in rows if row.Rule in place]
    for row in own:
        if row.FailureReason and "not supported due to" in row.FailureReason:
            raise NotSupportedLocallyError(f"The DQDL rule {row.Rule}", "Leave it out of the ruleset.", _DQDL)
    if {row.Rule for row in own} != set(order):
        missing = set(order) - {row.Rule for row in own}
        raise LakeshiftError(f"The evaluator gave no outcome for {', '.join(sorted(missing))}")
    own.sort(key=lambda row: place[row.Rule])
    return [(r.Rule, r.Outcome, r.FailureReason, _pairs(r.EvaluatedMetrics), r.EvaluatedRule or r.Rule) for r in own]


def _pairs(metrics: Mapping[str, float] | None) -> list[tuple[str, float]] | None:
    return None if metrics is None else list(metrics.items())


def evaluate(data: DataFrame, ruleset: str, sources: Mapping[str, DataFrame] | None = None) -> DataFrame:
    """Return one row per rule of ``ruleset`` (`OUTCOMES`), in its order.

    ``sources`` are further datasets that rules name. CustomSql sees ``data`` as ``primary``.
    """
    spark = data.sparkSession
    order = _rule_order(spark, ruleset)
    with _primary(data):
        found = _evaluator(spark).process(data._jdf, ruleset, _scala_map(spark, sources or {}))
        rows = DataFrame(found, spark).collect()
    return local_rows(spark, _checked(rows, order), OUTCOMES)


def evaluate_rows(data: DataFrame, ruleset: str, sources: Mapping[str, DataFrame] | None = None) -> RowOutcomes:
    """Return the rule outcomes and every row with its own."""
    spark = data.sparkSession
    order = _rule_order(spark, ruleset)
    evaluator = _evaluator(spark)
    with _primary(data):
        found = evaluator.processRows(data._jdf, ruleset, _scala_map(spark, sources or {}))
        rows = DataFrame(found.apply(evaluator.RULE_OUTCOMES_KEY()), spark).collect()
        marked = DataFrame(found.apply(evaluator.ROW_LEVEL_OUTCOMES_KEY()), spark)
    # The evaluator leaves a column of its own, named by a random id.
    kept = [F.col(column_name(name)) for name in (*data.columns, *_ROW_COLUMNS)]
    return RowOutcomes(local_rows(spark, _checked(rows, order), OUTCOMES), marked.select(*kept))
