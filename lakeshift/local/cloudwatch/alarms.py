"""An alarm as it is kept: its definition as it was put, its state and its history."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from lakeshift.local.cloudwatch import alarm_rule
from lakeshift.local.cloudwatch.alarm_state import EXTRA_POINTS, INSUFFICIENT_DATA, Threshold
from lakeshift.local.cloudwatch.queries import Fetch, period_of, run

__all__ = ["Alarm", "CompositeAlarm", "MetricAlarm"]

_HISTORY_DAYS: Final = 30
_COMMON: Final = (
    "AlarmName",
    "AlarmDescription",
    "ActionsEnabled",
    "OKActions",
    "AlarmActions",
    "InsufficientDataActions",
)


@dataclass
class Alarm:
    """What metric and composite alarms share; ``definition`` is the request's parameters, defaults filled in."""

    definition: dict[str, Any]
    arn: str
    updated: datetime
    state_updated: datetime
    state: str = INSUFFICIENT_DATA
    reason: str = "Unchecked: Initial alarm creation"
    reason_data: str | None = None
    history: list[dict[str, Any]] = field(default_factory=list)
    kind = ""

    @property
    def name(self) -> str:
        """The alarm's name."""
        return str(self.definition["AlarmName"])

    @property
    def actions(self) -> list[str]:
        """ARNs to be told of the state that the alarm is in."""
        key = {"OK": "OKActions", "ALARM": "AlarmActions"}.get(self.state, "InsufficientDataActions")
        return list(self.definition.get(key) or [])

    def note(self, moment: datetime, kind: str, summary: str, data: dict[str, Any]) -> None:
        """Add to the history, and drop what is older than CloudWatch keeps."""
        oldest = moment - timedelta(days=_HISTORY_DAYS)
        item = {
            "Timestamp": moment,
            "HistoryItemType": kind,
            "HistorySummary": summary,
            "HistoryData": json.dumps(data),
        }
        self.history = [*(one for one in self.history if one["Timestamp"] >= oldest), item]

    def _shared(self) -> dict[str, Any]:
        found = {key: self.definition[key] for key in _COMMON if self.definition.get(key) is not None}
        found |= {
            "AlarmArn": self.arn,
            "AlarmConfigurationUpdatedTimestamp": self.updated,
            "StateValue": self.state,
            "StateReason": self.reason,
            "StateUpdatedTimestamp": self.state_updated,
            "StateTransitionedTimestamp": self.state_updated,
        }
        return found | ({"StateReasonData": self.reason_data} if self.reason_data else {})

    def described(self) -> dict[str, Any]:
        """As DescribeAlarms tells it."""
        raise NotImplementedError


@dataclass
class MetricAlarm(Alarm):
    """On one metric, or on an expression of several."""

    kind = "MetricAlarm"

    @property
    def queries(self) -> list[dict[str, Any]]:
        """The MetricDataQueries whose one returned series is compared with the threshold."""
        found: list[dict[str, Any]] = self.definition.get("Metrics") or []
        return found or [
            {
                "Id": "m1",
                "MetricStat": {
                    "Metric": {key: self.definition.get(key) for key in ("Namespace", "MetricName", "Dimensions")},
                    "Period": self.definition["Period"],
                    "Stat": self.definition.get("Statistic") or self.definition["ExtendedStatistic"],
                    **({"Unit": self.definition["Unit"]} if self.definition.get("Unit") else {}),
                },
                "ReturnData": True,
            }
        ]

    @property
    def period(self) -> int:
        """Seconds of one datapoint."""
        return int(self.definition.get("Period") or period_of(self.queries))

    @property
    def threshold(self) -> Threshold:
        """What it is compared with."""
        of = int(self.definition["EvaluationPeriods"])
        needed = int(self.definition.get("DatapointsToAlarm") or of)
        missing = self.definition.get("TreatMissingData") or "missing"
        return Threshold(
            self.definition["ComparisonOperator"], float(self.definition["Threshold"]), of, needed, str(missing)
        )

    def points(self, fetch: Fetch, end: float) -> list[tuple[float, float | None]]:
        """The datapoints of the evaluation range that ends at ``end``, oldest first, None where one is missing."""
        count = self.threshold.of + EXTRA_POINTS
        start = end - count * self.period
        found = run(self.queries, fetch, start, end)[0].series
        return [(start + index * self.period, found.get(start + index * self.period)) for index in range(count)]

    def described(self) -> dict[str, Any]:
        """As DescribeAlarms tells it."""
        keys = (
            *("MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Dimensions", "Period", "Unit", "Metrics"),
            *("EvaluationPeriods", "DatapointsToAlarm", "Threshold", "ComparisonOperator", "TreatMissingData"),
            "EvaluateLowSampleCountPercentile",
        )
        return self._shared() | {key: self.definition[key] for key in keys if self.definition.get(key) is not None}


@dataclass
class CompositeAlarm(Alarm):
    """On the states of other alarms."""

    kind = "CompositeAlarm"

    @property
    def rule(self) -> alarm_rule.Rule:
        """The rule, read."""
        return alarm_rule.parse(self.definition["AlarmRule"])

    def described(self) -> dict[str, Any]:
        """As DescribeAlarms tells it."""
        return self._shared() | {"AlarmRule": self.definition["AlarmRule"]}
