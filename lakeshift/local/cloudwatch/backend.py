"""moto's CloudWatch backend with stored datapoints and alarms that act."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

from moto.cloudwatch import urls
from moto.cloudwatch.exceptions import (
    InvalidParameterCombination,
    InvalidParameterValue,
    ResourceNotFound,
    ResourceNotFoundException,
    ValidationError,
)
from moto.cloudwatch.models import CloudWatchBackend, cloudwatch_backends
from moto.cloudwatch.utils import make_arn_for_alarm

from lakeshift.local import clock, state
from lakeshift.local.cloudwatch import alarm_rule, checks, queries
from lakeshift.local.cloudwatch.alarms import Alarm, CompositeAlarm, MetricAlarm
from lakeshift.local.cloudwatch.changes import change_state
from lakeshift.local.cloudwatch.store import Metric, MetricStore
from lakeshift.local.cloudwatch.values import Sample
from lakeshift.local.context import ACCOUNT, REGION

__all__ = ["LocalCloudWatchBackend", "the_backend"]

_FUTURE: Final = 2 * 3600  # seconds; AWS takes no datapoint further ahead
_MOST_VALUES: Final = 150
_MOST_DIMENSIONS: Final = 30
_STATES: Final = ("OK", "ALARM", "INSUFFICIENT_DATA")


class LocalCloudWatchBackend(CloudWatchBackend):
    """One account and region: this local AWS's own has a store, any other is refused."""

    store: ClassVar[MetricStore]

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.alarms: dict[str, Any] = {}
        self.alarm_lock = threading.RLock()

    @property
    def _url_module(self) -> Any:
        """The addresses, which moto looks for beside the class."""
        return urls

    def reset(self) -> None:
        """Forget alarms, dashboards and datapoints."""
        self.store.clear()
        super().reset()

    # -- datapoints --------------------------------------------------------------------------------------------------

    def put_metric_data(self, namespace: str, metric_data: list[dict[str, Any]]) -> None:
        """Keep all datapoints of a request, or none. Raises InvalidParameterValue, InvalidParameterCombination."""
        now = clock.now().timestamp()
        points = []
        for number, datum in enumerate(metric_data, 1):
            self._validate_parameters_put_metric_data(datum, number)
            metric = Metric.of(namespace, str(datum["MetricName"]), datum.get("Dimensions"))
            points.append((metric, _sample(datum, number, now)))
        self.store.add(points)

    def metrics(self, namespace: str | None, name: str | None, dimensions: Iterable[Mapping[str, Any]]) -> list[Metric]:
        """ListMetrics: those that have every dimension named (of that value, where one is given)."""
        wanted = [(one["Name"], one.get("Value")) for one in dimensions]
        return [
            metric
            for metric in self.store.metrics(clock.now().timestamp())
            if namespace in (None, metric.namespace)
            and name in (None, metric.name)
            and all(any(n == key and value in (None, v) for n, v in metric.dimensions) for key, value in wanted)
        ]

    def query(self, asked: Sequence[Mapping[str, Any]], start: datetime, end: datetime) -> list[queries.Result]:
        """GetMetricData; raises ValidationError."""
        if start >= end:
            raise ValidationError(
                "The parameter StartTime must not equal parameter EndTime."
                if start == end
                else "The parameter EndTime must be greater than StartTime."
            )
        try:
            queries.check(asked)
            shortest = min((int(one["MetricStat"]["Period"]) for one in asked if "MetricStat" in one), default=60)
            begin = start.timestamp() // min(shortest, 60) * min(shortest, 60)
            return queries.run(asked, self.store.samples, begin, end.timestamp())
        except queries.QueryError as error:
            raise ValidationError(str(error)) from error

    # -- alarms ------------------------------------------------------------------------------------------------------

    def put_alarm(self, definition: dict[str, Any]) -> None:
        """Make or replace a metric alarm; its state is kept when it was there. Raises ValidationError."""
        try:
            checks.check_metric_alarm(definition)
        except checks.AlarmError as error:
            raise ValidationError(str(error)) from error
        self._keep(definition, MetricAlarm)

    def put_composite(self, definition: dict[str, Any]) -> None:
        """Make or replace a composite alarm. Raises ValidationError."""
        if definition.get("ActionsSuppressor"):
            raise ValidationError(
                "ActionsSuppressor is not evaluated locally: put the suppressing alarm into the rule with AND NOT. "
                "See https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create_Composite_Alarm.html"
            )
        try:
            rule = alarm_rule.parse(str(definition.get("AlarmRule") or ""))
            checks.check_actions(definition)
        except (alarm_rule.RuleError, checks.AlarmError) as error:
            raise ValidationError(f"AlarmRule must be valid: {error}") from error
        missing = [name for name in rule.names if name not in self.alarms]
        if missing:
            raise ValidationError(
                f"Could not save the composite alarm as alarms [{', '.join(missing)}] in the alarm rule do not exist"
            )
        if definition["AlarmName"] in self._reached(rule.names):
            raise ValidationError(f"Cycle detected: the rule of {definition['AlarmName']} comes back to itself")
        self._keep(definition, CompositeAlarm)

    def _reached(self, names: Iterable[str]) -> set[str]:
        reached: set[str] = set()
        left = list(names)
        while left:
            name = left.pop()
            if name not in reached:
                reached.add(name)
                alarm = self.alarms.get(name)
                left += alarm.rule.names if isinstance(alarm, CompositeAlarm) else ()
        return reached

    def _keep(self, definition: dict[str, Any], kind: type[Alarm]) -> None:
        definition = {"ActionsEnabled": True} | {key: value for key, value in definition.items() if value is not None}
        tags = definition.pop("Tags", None)
        name, now = str(definition["AlarmName"]), clock.now()
        arn = make_arn_for_alarm(self.region_name, self.account_id, name)
        with self.alarm_lock:
            before = self.alarms.get(name)
            if before is not None and not isinstance(before, kind):
                raise ValidationError(f"An alarm of another type has the name {name}.")
            made = kind(definition, arn, now, now)
            if before is not None:
                made.state, made.reason, made.reason_data = before.state, before.reason, before.reason_data
                made.state_updated, made.history = before.state_updated, before.history
            made.note(now, "ConfigurationUpdate", f'Alarm "{name}" {"updated" if before else "created"}', definition)
            self.alarms[name] = made
        if tags and before is None:
            self.tagger.tag_resource(arn, tags)

    def set_alarm_state(self, alarm_name: str, reason: str, reason_data: str, state_value: str) -> None:
        """Put an alarm into a state until it is next evaluated; tells its actions, as AWS does."""
        if state_value not in _STATES:
            raise ValidationError(
                f"1 validation error detected: Value '{state_value}' at 'stateValue' failed to satisfy constraint: "
                "Member must satisfy enum value set: [INSUFFICIENT_DATA, ALARM, OK]"
            )
        with self.alarm_lock:
            alarm = self._alarm(alarm_name)
            change_state(alarm, state_value, reason, reason_data, clock.now(), self.region_name)

    def enable(self, names: Iterable[str], on: bool) -> None:
        """EnableAlarmActions and DisableAlarmActions; unknown names are passed over, as AWS does."""
        for name in names:
            if name in self.alarms:
                alarm = self.alarms[name]
                alarm.definition["ActionsEnabled"] = on
                summary = f'Alarm "{name}" updated'
                alarm.note(clock.now(), "ConfigurationUpdate", summary, {"ActionsEnabled": on})

    def delete_alarms(self, alarm_names: list[str]) -> None:
        """Raises ResourceNotFound for a name that is none, ValidationError where a composite alarm asks about one."""
        for name in alarm_names:
            self._alarm(name)
        used = [
            (other.name, name)
            for other in self.alarms.values()
            if isinstance(other, CompositeAlarm) and other.name not in alarm_names
            for name in other.rule.names
            if name in alarm_names
        ]
        if used:
            raise ValidationError(
                f"Cannot delete {used[0][1]} as there are composite alarm(s) depending on it: {used[0][0]}."
            )
        for name in alarm_names:
            self.tagger.delete_all_tags_for_resource(self.alarms.pop(name).arn)

    def _alarm(self, name: str) -> Alarm:
        found: Alarm | None = self.alarms.get(name)
        if found is None:
            raise ResourceNotFound()
        return found

    # -- tags --------------------------------------------------------------------------------------------------------

    def _tagged(self, arn: str) -> None:
        known = {alarm.arn for alarm in self.alarms.values()} | {rule.rule_arn for rule in self.insight_rules.values()}
        known |= {dashboard.arn for dashboard in self.dashboards.values()}
        if arn not in known:
            raise ResourceNotFoundException()

    def tag_resource(self, arn: str, tags: Any) -> None:
        """Raises ResourceNotFoundException."""
        self._tagged(arn)
        self.tagger.tag_resource(arn, self.tagger.convert_dict_to_tags_input(tags))

    def untag_resource(self, arn: str, tag_keys: list[str]) -> None:
        """Raises ResourceNotFoundException."""
        self._tagged(arn)
        self.tagger.untag_resource_using_names(arn, tag_keys)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name not in ("alarm_lock", "metric_data")}

    def __setstate__(self, kept: dict[str, Any]) -> None:
        self.__dict__.update(kept, alarm_lock=threading.RLock(), metric_data=[])
        self.alarms = {name: alarm for name, alarm in self.alarms.items() if isinstance(alarm, Alarm)}


def the_backend() -> LocalCloudWatchBackend:
    """The backend of this local AWS's account and region."""
    found: LocalCloudWatchBackend = cloudwatch_backends[ACCOUNT][REGION]
    return found


def put(namespace: str, data: list[dict[str, Any]]) -> None:
    """PutMetricData from inside the server."""
    the_backend().put_metric_data(namespace, data)


def alarms_changed() -> None:
    """Have the snapshot written: alarms changed outside a request."""
    state.changed("cloudwatch")


def _sample(datum: Mapping[str, Any], number: int, now: float) -> Sample:
    at = f"MetricData.member.{number}"
    moment = datum.get("Timestamp")
    time = now if moment is None else _seconds(moment)
    if time > now + _FUTURE:
        raise InvalidParameterValue(
            f"The parameter {at}.Timestamp must specify a time no more than two hours in the future."
        )
    if len(datum.get("Dimensions") or ()) > _MOST_DIMENSIONS:
        raise InvalidParameterValue(
            f"The collection {at}.Dimensions must not have a size greater than {_MOST_DIMENSIONS}."
        )
    unit = str(datum.get("Unit") or "None")
    resolution = int(datum.get("StorageResolution") or 60)
    if resolution not in (1, 60):
        raise InvalidParameterValue(f"The value {resolution} for parameter {at}.StorageResolution is not 1 or 60.")
    time = time // resolution * resolution
    if datum.get("StatisticValues"):
        stats = {key: float(value) for key, value in datum["StatisticValues"].items()}
        return Sample(time, unit, stats["SampleCount"], stats["Sum"], stats["Minimum"], stats["Maximum"], None)
    if datum.get("Values"):
        values = [float(value) for value in datum["Values"]]
        if len(values) > _MOST_VALUES:
            raise InvalidParameterValue(f"The collection {at}.Values must not have a size greater than {_MOST_VALUES}.")
        counts = [float(count) for count in datum.get("Counts") or [1.0] * len(values)]
        return Sample.of(time, unit, list(zip(values, counts, strict=True)))
    if datum.get("Value") is None:
        raise InvalidParameterCombination(
            f"At least one of the parameters {at}.Value, Values and StatisticValues must be specified."
        )
    return Sample.of(time, unit, [(float(datum["Value"]), 1.0)])


def _seconds(moment: Any) -> float:
    if isinstance(moment, datetime):
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return float(moment)
