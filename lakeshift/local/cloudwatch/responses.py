"""CloudWatch's API over our backend."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from moto.cloudwatch.exceptions import (
    CloudWatchException,
    InvalidParameterCombination,
    InvalidParameterValue,
    ResourceNotFound,
    ValidationError,
)
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult, EmptyResult

from lakeshift.local.cloudwatch import dashboards, queries
from lakeshift.local.cloudwatch.alarms import Alarm, MetricAlarm
from lakeshift.local.cloudwatch.backend import LocalCloudWatchBackend
from lakeshift.local.cloudwatch.store import Metric
from lakeshift.local.cloudwatch.values import StatisticError, check_statistic, statistic
from lakeshift.local.context import REGION

__all__ = ["LocalCloudWatchResponse"]

_MOST_DATAPOINTS: Final = 1_440
_PAGE: Final = 500
_ALARM_PAGE: Final = 50
_HISTORY_PAGE: Final = 100


class DashboardInvalidInputError(CloudWatchException):
    """The body is not valid; each fault is in the list."""

    code = "InvalidParameterInput"

    def __init__(self, faults: list[dashboards.Fault]) -> None:
        count = len(faults)
        super().__init__(
            f"The dashboard body is invalid, there are {count} validation error{'s' * (count > 1)}: {faults}"
        )
        self.dashboardValidationMessages = faults


class LocalCloudWatchResponse(CloudWatchResponse):
    """Answers from stored datapoints and evaluated alarms; what does not act is refused by name."""

    @property
    def _backend(self) -> LocalCloudWatchBackend:
        if self.region != REGION:
            raise ValidationError(f"CloudWatch is kept for {REGION} alone here, not for {self.region}.")
        found: LocalCloudWatchBackend = self.cloudwatch_backend
        return found

    # -- datapoints --------------------------------------------------------------------------------------------------

    def put_metric_data(self) -> ActionResult:
        """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html."""
        params = self._get_params()
        namespace = str(params.get("Namespace") or "")
        if not namespace or namespace.startswith(":"):
            raise InvalidParameterValue("The value for parameter Namespace is invalid.")
        if namespace.startswith("AWS/"):
            raise InvalidParameterValue(f"The value {namespace} for parameter Namespace is invalid.")
        if params.get("EntityMetricData"):
            raise ValidationError("EntityMetricData is not kept locally: use MetricData.")
        self._backend.put_metric_data(namespace, params.get("MetricData") or [])
        return EmptyResult()

    def get_metric_data(self) -> ActionResult:
        """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html."""
        params = self._get_params()
        found = self._backend.query(
            params.get("MetricDataQueries") or [], _utc(params["StartTime"]), _utc(params["EndTime"])
        )
        ascending = params.get("ScanBy") == "TimestampAscending"
        results = []
        for one in found:
            points = sorted(one.series.items(), reverse=not ascending)
            results.append(
                {
                    "Id": one.id,
                    "Label": one.label,
                    "Timestamps": [datetime.fromtimestamp(time, UTC) for time, _ in points],
                    "Values": [value for _, value in points],
                    "StatusCode": "Complete",
                }
            )
        return ActionResult({"MetricDataResults": results, "Messages": []})

    def get_metric_statistics(self) -> ActionResult:
        """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html."""
        params = self._get_params()
        names = [*(params.get("Statistics") or []), *(params.get("ExtendedStatistics") or [])]
        start, end, period = _utc(params["StartTime"]), _utc(params["EndTime"]), int(params["Period"])
        _check_statistics(names, start, end, period)
        metric = Metric.of(params["Namespace"], params["MetricName"], params.get("Dimensions"))
        begin = start.timestamp() // min(period, 60) * min(period, 60)
        found: dict[tuple[float, str], list[Any]] = {}
        for sample in self._backend.store.samples(metric, begin, end.timestamp(), params.get("Unit")):
            found.setdefault((begin + (sample.time - begin) // period * period, sample.unit), []).append(sample)
        datapoints = []
        for (time, unit), samples in found.items():
            values = {name: statistic(name, samples) for name in names}
            simple = {name: value for name, value in values.items() if name in (params.get("Statistics") or [])}
            extended = {name: value for name, value in values.items() if name not in simple and value is not None}
            point = {"Timestamp": datetime.fromtimestamp(time, UTC), "Unit": unit, **simple}
            datapoints.append(point | ({"ExtendedStatistics": extended} if extended else {}))
        return ActionResult({"Label": params["MetricName"], "Datapoints": datapoints})

    def list_metrics(self) -> ActionResult:
        """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListMetrics.html."""
        params = self._get_params()
        wanted = params.get("Dimensions") or []
        found = self._backend.metrics(params.get("Namespace"), params.get("MetricName"), wanted)
        page, token = self._page(found, _PAGE)
        listed = [
            {
                "Namespace": metric.namespace,
                "MetricName": metric.name,
                "Dimensions": [{"Name": name, "Value": value} for name, value in metric.dimensions],
            }
            for metric in page
        ]
        return ActionResult({"Metrics": listed, **token})

    def _page(self, found: list[Any], size: int) -> tuple[list[Any], dict[str, str]]:
        token = self._get_param("NextToken")
        if token is not None and not str(token).isdigit():
            raise InvalidParameterValue("Request parameter NextToken is invalid")
        start = int(token or 0)
        more = {"NextToken": str(start + size)} if start + size < len(found) else {}
        return found[start : start + size], more

    # -- alarms ------------------------------------------------------------------------------------------------------

    def put_metric_alarm(self) -> ActionResult:
        """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html."""
        self._backend.put_alarm(dict(self._get_params()))
        return EmptyResult()

    def put_composite_alarm(self) -> ActionResult:
        """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html."""
        self._backend.put_composite(dict(self._get_params()))
        return EmptyResult()

    def describe_alarms(self) -> ActionResult:
        """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html."""
        params = self._get_params()
        kinds = params.get("AlarmTypes") or ["MetricAlarm"]
        if params.get("ChildrenOfAlarmName") or params.get("ParentsOfAlarmName"):
            raise ValidationError(
                "ChildrenOfAlarmName and ParentsOfAlarmName are not answered locally: read AlarmRule."
            )
        names, prefix = params.get("AlarmNames") or [], params.get("AlarmNamePrefix") or ""
        action, state = params.get("ActionPrefix"), params.get("StateValue")
        if names and prefix:
            raise ValidationError("AlarmNames and AlarmNamePrefix cannot both be specified.")
        kinds = kinds if params.get("AlarmTypes") or not names else ["MetricAlarm", "CompositeAlarm"]
        found: list[Alarm] = [
            alarm
            for _, alarm in sorted(self._backend.alarms.items())
            if (not names or alarm.name in names)
            and alarm.name.startswith(prefix)
            and alarm.kind in kinds
            and state in (None, alarm.state)
            and (action is None or any(arn.startswith(action) for arn in alarm.definition.get("AlarmActions") or []))
        ]
        page, token = self._page(found, int(params.get("MaxRecords") or _ALARM_PAGE))
        answer: dict[str, Any] = {f"{kind}s": [one.described() for one in page if one.kind == kind] for kind in kinds}
        return ActionResult({"MetricAlarms": [], "CompositeAlarms": [], **answer, **token})

    def describe_alarms_for_metric(self) -> ActionResult:
        """Those whose one metric it is, dimensions included."""
        params = self._get_params()
        metric = Metric.of(params["Namespace"], params["MetricName"], params.get("Dimensions"))
        found = []
        for alarm in self._backend.alarms.values():
            if isinstance(alarm, MetricAlarm) and alarm.definition.get("MetricName"):
                own = alarm.definition
                if Metric.of(own["Namespace"], own["MetricName"], own.get("Dimensions")) == metric:
                    found.append(alarm.described())
        return ActionResult({"MetricAlarms": found})

    def describe_alarm_history(self) -> ActionResult:
        """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html."""
        params = self._get_params()
        name, kind = params.get("AlarmName"), params.get("HistoryItemType")
        start, end = params.get("StartDate"), params.get("EndDate")
        found = [
            {"AlarmName": alarm.name, "AlarmType": alarm.kind, **item}
            for alarm in self._backend.alarms.values()
            if name in (None, alarm.name)
            for item in alarm.history
            if kind in (None, item["HistoryItemType"])
            and (start is None or item["Timestamp"] >= _utc(start))
            and (end is None or item["Timestamp"] <= _utc(end))
        ]
        found = found if params.get("ScanBy") == "TimestampAscending" else found[::-1]
        found.sort(key=lambda item: item["Timestamp"], reverse=params.get("ScanBy") != "TimestampAscending")
        page, token = self._page(found, int(params.get("MaxRecords") or _HISTORY_PAGE))
        return ActionResult({"AlarmHistoryItems": page, **token})

    def set_alarm_state(self) -> ActionResult:
        """Tells the alarm's actions; the next evaluation may take it back."""
        super().set_alarm_state()
        return EmptyResult()

    def enable_alarm_actions(self) -> ActionResult:
        """Unknown names are passed over."""
        self._backend.enable(self._get_param("AlarmNames") or [], on=True)
        return EmptyResult()

    def disable_alarm_actions(self) -> ActionResult:
        """Unknown names are passed over."""
        self._backend.enable(self._get_param("AlarmNames") or [], on=False)
        return EmptyResult()

    def put_anomaly_detector(self) -> ActionResult:
        """Refused."""
        raise ValidationError(
            "Anomaly detection is not evaluated locally: use an alarm with a static threshold. See "
            "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Anomaly_Detection.html"
        )

    # -- dashboards --------------------------------------------------------------------------------------------------

    def put_dashboard(self) -> ActionResult:
        """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html."""
        name, body = str(self._get_param("DashboardName")), str(self._get_param("DashboardBody"))
        faults = dashboards.check(body)
        if faults:
            raise DashboardInvalidInputError(faults)
        self._backend.put_dashboard(name, body)
        return ActionResult({"DashboardValidationMessages": []})

    def delete_dashboards(self) -> ActionResult:
        """Raises ResourceNotFound, and removes none of them then."""
        names = self._get_param("DashboardNames", [])
        missing = sorted(set(names) - set(self._backend.dashboards))
        if missing:
            raise ResourceNotFound(f"The specified dashboard does not exist. [{', '.join(missing)}]")
        return super().delete_dashboards()


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _check_statistics(names: list[str], start: datetime, end: datetime, period: int) -> None:
    if not names:
        raise InvalidParameterCombination("Must specify either Statistics or ExtendedStatistics")
    if start >= end:
        raise InvalidParameterValue("The parameter StartTime must be less than the parameter EndTime.")
    try:
        queries.check_period(period, "Period")
        for name in names:
            check_statistic(name)
    except (queries.QueryError, StatisticError) as error:
        raise InvalidParameterValue(str(error)) from error
    count = int((end - start).total_seconds() // period)
    if count > _MOST_DATAPOINTS:
        raise InvalidParameterCombination(
            f"You have requested up to {count:,} datapoints, which exceeds the limit of {_MOST_DATAPOINTS:,}. You may "
            "reduce the datapoints requested by increasing Period, or decreasing the time range."
        )
