"""CloudWatch of the local AWS: datapoints in and out, alarms by the clock, whom they tell, what is kept."""

from __future__ import annotations

import json
import pickle
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from lakeshift.local import clock
from lakeshift.local.cloudwatch.backend import the_backend
from lakeshift.local.cloudwatch.store import Metric, MetricStore
from lakeshift.local.cloudwatch.values import Sample
from lakeshift.local.events import bus
from lakeshift.local.server import LocalAws


@dataclass
class Watch:
    """Clients, and a topic with a queue that hears it."""

    cloudwatch: Any
    sqs: Any
    events: Any
    topic: str
    queue: str
    namespace: str

    def put(self, value: float, name: str = "Rows", **more: Any) -> None:
        self.cloudwatch.put_metric_data(
            Namespace=self.namespace, MetricData=[{"MetricName": name, "Value": value, **more}]
        )

    def alarm(self, name: str, **more: Any) -> None:
        given: dict[str, Any] = {
            "Namespace": self.namespace,
            "MetricName": "Rows",
            "Statistic": "Sum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 10,
            "ComparisonOperator": "GreaterThanThreshold",
            "AlarmActions": [self.topic],
            "OKActions": [self.topic],
        } | more
        self.cloudwatch.put_metric_alarm(
            AlarmName=name, **{key: value for key, value in given.items() if value is not None}
        )

    def state(self, name: str) -> str:
        kinds = ["MetricAlarm", "CompositeAlarm"]
        found = self.cloudwatch.describe_alarms(AlarmNames=[name], AlarmTypes=kinds)
        return str([*found["MetricAlarms"], *found["CompositeAlarms"]][0]["StateValue"])

    def minutes(self, count: float) -> list[str]:
        """Let time pass, and all alarms be looked at."""
        clock.advance(60 * count)
        return [line for line in clock.moved() if line.startswith("alarm ")]

    def heard(self) -> list[dict[str, Any]]:
        """What the queue got, oldest first."""
        found = []
        while messages := self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages"):
            for one in messages:
                found.append(json.loads(one["Body"]))
                self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=one["ReceiptHandle"])
        return found


@pytest.fixture
def watch(local_aws: LocalAws) -> Iterator[Watch]:
    name = f"w{uuid.uuid4().hex[:8]}"
    sns, sqs = boto3.client("sns"), boto3.client("sqs")
    topic, queue = sns.create_topic(Name=name)["TopicArn"], sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    made = Watch(boto3.client("cloudwatch"), sqs, boto3.client("events"), topic, queue, f"Test/{name}")
    yield made
    found = made.cloudwatch.describe_alarms(AlarmTypes=["CompositeAlarm", "MetricAlarm"])
    for kind in ("CompositeAlarms", "MetricAlarms"):
        for alarm in found[kind]:
            made.cloudwatch.delete_alarms(AlarmNames=[alarm["AlarmName"]])


def delivered() -> None:
    """Every event so far has reached its targets."""
    end = time.monotonic() + 30
    while not bus.idle():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_an_alarm_goes_to_alarm_and_back_and_tells_each_change_once(watch: Watch) -> None:
    watch.alarm("rows", AlarmDescription="too many", TreatMissingData="notBreaching")
    assert watch.state("rows") == "INSUFFICIENT_DATA"
    watch.minutes(2)
    assert watch.state("rows") == "OK"
    watch.put(11)
    assert watch.minutes(1) == ["alarm rows: OK -> ALARM"]
    assert watch.minutes(30) == ["alarm rows: ALARM -> OK"]
    changes = [(one["OldStateValue"], one["NewStateValue"]) for one in watch.heard()]
    assert changes == [("INSUFFICIENT_DATA", "OK"), ("OK", "ALARM"), ("ALARM", "OK")]


def test_the_message_is_what_aws_sends(watch: Watch) -> None:
    watch.alarm("rows", AlarmDescription="too many", Dimensions=[{"Name": "Stage", "Value": "x"}])
    watch.put(11, Dimensions=[{"Name": "Stage", "Value": "x"}])
    watch.minutes(1)
    (message,) = watch.heard()
    assert message["AlarmName"] == "rows"
    assert message["AlarmDescription"] == "too many"
    assert message["AWSAccountId"] == "000000000000"
    assert message["Region"] == "US East (N. Virginia)"
    assert message["AlarmArn"] == "arn:aws:cloudwatch:us-east-1:000000000000:alarm:rows"
    assert message["NewStateReason"].startswith("Threshold Crossed: 1 out of the last 1 datapoints [11.0 (")
    assert message["StateChangeTime"].endswith("+0000")
    assert message["Trigger"] == {
        "MetricName": "Rows",
        "Namespace": watch.namespace,
        "StatisticType": "Statistic",
        "Statistic": "SUM",
        "Unit": None,
        "Dimensions": [{"value": "x", "name": "Stage"}],
        "Period": 60,
        "EvaluationPeriods": 1,
        "DatapointsToAlarm": 1,
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": 10.0,
        "TreatMissingData": "missing",
        "EvaluateLowSampleCountPercentile": "",
    }


def test_a_jump_over_an_alarm_and_its_end_tells_both(watch: Watch) -> None:
    watch.alarm("rows", TreatMissingData="notBreaching", OKActions=None)
    watch.put(11)
    told = watch.minutes(60 * 24 * 120)
    assert told == ["alarm rows: INSUFFICIENT_DATA -> ALARM", "alarm rows: ALARM -> OK"]
    assert [one["NewStateValue"] for one in watch.heard()] == ["ALARM"]


def test_without_data_the_alarm_has_not_enough_of_it(watch: Watch) -> None:
    watch.alarm("rows")
    watch.put(1)
    watch.minutes(1)
    assert watch.state("rows") == "OK"
    watch.minutes(10)
    assert watch.state("rows") == "INSUFFICIENT_DATA"


def test_two_of_three_datapoints(watch: Watch) -> None:
    watch.alarm("rows", EvaluationPeriods=3, DatapointsToAlarm=2, TreatMissingData="notBreaching")
    states = []
    for value in (11, 1, 11, 1, 1):
        watch.put(value)
        watch.minutes(1)
        states.append(watch.state("rows"))
    assert states == ["OK", "OK", "ALARM", "OK", "OK"]


def test_a_share_by_metric_math_and_a_percentile(watch: Watch) -> None:
    def stat(name: str, metric: str) -> dict[str, Any]:
        named = {"Namespace": watch.namespace, "MetricName": metric}
        return {"Id": name, "MetricStat": {"Metric": named, "Period": 60, "Stat": "Sum"}, "ReturnData": False}

    share = {"Id": "share", "Expression": "IF(rows > 0, 100 * bad / rows, 0)", "Label": "share"}
    metrics = [share, stat("rows", "Rows"), stat("bad", "Bad")]
    nothing = dict.fromkeys(("Namespace", "MetricName", "Statistic", "Period"))
    watch.alarm("share", Metrics=metrics, Threshold=5, **nothing)
    watch.alarm("slow", MetricName="Seconds", Statistic=None, ExtendedStatistic="p90", Threshold=9)
    watch.put(100)
    watch.put(6, "Bad")
    watch.cloudwatch.put_metric_data(
        Namespace=watch.namespace,
        MetricData=[{"MetricName": "Seconds", "Values": [1.0, 10.0], "Counts": [1.0, 9.0], "Unit": "Seconds"}],
    )
    watch.minutes(1)
    assert (watch.state("share"), watch.state("slow")) == ("ALARM", "ALARM")


def test_a_composite_alarm_follows_its_children(watch: Watch) -> None:
    watch.alarm("a", AlarmActions=[], OKActions=[], TreatMissingData="notBreaching")
    watch.alarm("b", AlarmActions=[], OKActions=[], TreatMissingData="notBreaching", MetricName="Other")
    watch.cloudwatch.put_composite_alarm(
        AlarmName="both", AlarmRule='ALARM("a") AND NOT ALARM(b)', AlarmActions=[watch.topic]
    )
    watch.put(11)
    watch.minutes(1)
    assert watch.state("both") == "ALARM"
    (message,) = watch.heard()
    assert message["AlarmRule"] == 'ALARM("a") AND NOT ALARM(b)'
    assert "alarm:a transitioned to ALARM" in message["NewStateReason"]
    with pytest.raises(ClientError, match="composite alarm"):
        watch.cloudwatch.delete_alarms(AlarmNames=["a"])


def test_set_alarm_state_tells_and_the_next_evaluation_takes_it_back(watch: Watch) -> None:
    watch.alarm("rows", TreatMissingData="notBreaching")
    watch.minutes(1)
    watch.cloudwatch.set_alarm_state(AlarmName="rows", StateValue="ALARM", StateReason="a drill")
    assert [one["NewStateReason"] for one in watch.heard()][-1] == "a drill"
    watch.minutes(1)
    assert watch.state("rows") == "OK"


def test_disabled_actions_are_not_taken_and_the_history_tells_all(watch: Watch) -> None:
    watch.alarm("rows", TreatMissingData="notBreaching")
    watch.cloudwatch.disable_alarm_actions(AlarmNames=["rows"])
    watch.put(11)
    watch.minutes(1)
    assert watch.heard() == []
    watch.cloudwatch.enable_alarm_actions(AlarmNames=["rows"])
    watch.minutes(30)
    assert [one["NewStateValue"] for one in watch.heard()] == ["OK"]
    told = watch.cloudwatch.describe_alarm_history(AlarmName="rows", ScanBy="TimestampAscending")["AlarmHistoryItems"]
    assert [one["HistoryItemType"] for one in told] == [
        *("ConfigurationUpdate", "ConfigurationUpdate", "StateUpdate"),
        *("ConfigurationUpdate", "StateUpdate", "Action"),
    ]
    assert told[2]["HistorySummary"] == "Alarm updated from INSUFFICIENT_DATA to ALARM"


def test_a_rule_on_the_change_of_an_alarm_is_triggered(watch: Watch) -> None:
    pattern = {"source": ["aws.cloudwatch"], "detail-type": ["CloudWatch Alarm State Change"]}
    pattern |= {"detail": {"alarmName": ["rows"], "state": {"value": ["ALARM"]}}}  # type: ignore[dict-item]
    watch.events.put_rule(Name="of-alarms", EventPattern=json.dumps(pattern))
    arn = watch.sqs.get_queue_attributes(QueueUrl=watch.queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    watch.events.put_targets(Rule="of-alarms", Targets=[{"Id": "q", "Arn": arn}])
    watch.alarm("rows", AlarmActions=[])
    watch.put(11)
    watch.minutes(1)
    delivered()
    (event,) = watch.heard()
    assert event["resources"] == ["arn:aws:cloudwatch:us-east-1:000000000000:alarm:rows"]
    assert event["detail"]["previousState"]["value"] == "INSUFFICIENT_DATA"
    assert event["detail"]["configuration"]["metrics"][0]["metricStat"]["metric"]["name"] == "Rows"
    named = {"Namespace": "AWS/Events", "MetricName": "TriggeredRules"}
    assert watch.cloudwatch.list_metrics(**named, Dimensions=[{"Name": "RuleName", "Value": "of-alarms"}])["Metrics"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"AlarmActions": ["arn:aws:automate:us-east-1:ec2:stop"]}, "not taken locally|Invalid arn"),
        ({"ComparisonOperator": "GreaterThanUpperThreshold"}, "Anomaly detection"),
        ({"DatapointsToAlarm": 2}, "DatapointsToAlarm"),
        ({"Period": 45}, "multiple of 60"),
        ({"EvaluationPeriods": 2000}, "more than a day"),
        ({"TreatMissingData": "good"}, "TreatMissingData"),
        ({"Statistic": None, "ExtendedStatistic": "tm90"}, "tm90"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_an_alarm_that_would_not_act_is_refused(watch: Watch, given: dict[str, Any], told: str) -> None:
    with pytest.raises(ClientError, match=told) as refused:
        watch.alarm("rows", **given)
    assert refused.value.response["Error"]["Code"] == "ValidationError"


def test_anomaly_detectors_and_suppressors_are_refused_by_name(watch: Watch) -> None:
    with pytest.raises(ClientError, match="Anomaly detection is not evaluated locally"):
        watch.cloudwatch.put_anomaly_detector(
            SingleMetricAnomalyDetector={"Namespace": "a", "MetricName": "b", "Stat": "Sum"}
        )
    watch.alarm("rows")
    with pytest.raises(ClientError, match="ActionsSuppressor"):
        watch.cloudwatch.put_composite_alarm(
            AlarmName="c", AlarmRule="ALARM(rows)", ActionsSuppressor="rows", ActionsSuppressorWaitPeriod=1
        )


def test_a_dashboard_that_is_wrong_is_refused_with_each_fault(watch: Watch) -> None:
    with pytest.raises(ClientError) as refused:
        watch.cloudwatch.put_dashboard(DashboardName="d", DashboardBody='{"widgets": [{"type": "cake"}]}')
    assert refused.value.response["Error"]["Code"] in ("InvalidParameterInput", "DashboardInvalidInputError")
    assert "/widgets/0/type" in str(refused.value)


def test_datapoints_are_read_back_by_statistics_and_queries(watch: Watch) -> None:
    for value in (1, 2, 3, 10):
        watch.put(value, Unit="Count")
    now = clock.now()
    span = {"StartTime": now - timedelta(minutes=2), "EndTime": now + timedelta(minutes=1)}
    found = watch.cloudwatch.get_metric_statistics(
        Namespace=watch.namespace, MetricName="Rows", Period=300, Statistics=["Sum", "Maximum"],
        ExtendedStatistics=["p50"], **span,
    )["Datapoints"]  # fmt: skip
    assert [(one["Sum"], one["Maximum"], one["ExtendedStatistics"], one["Unit"]) for one in found] == [
        (16.0, 10.0, {"p50": 2.5}, "Count")
    ]
    named = {"Namespace": watch.namespace, "MetricName": "Rows"}
    asked = [
        {"Id": "r", "MetricStat": {"Metric": named, "Period": 300, "Stat": "Average"}},
        {"Id": "twice", "Expression": "r * 2"},
    ]
    answer = watch.cloudwatch.get_metric_data(MetricDataQueries=asked, **span)["MetricDataResults"]
    assert [(one["Id"], one["Values"]) for one in answer] == [("r", [4.0]), ("twice", [8.0])]
    assert watch.cloudwatch.list_metrics(Namespace=watch.namespace)["Metrics"] == [
        {"Namespace": watch.namespace, "MetricName": "Rows", "Dimensions": []}
    ]
    search = [{"Id": "s", "Expression": "SEARCH('{x}', 'Sum', 60)"}]
    with pytest.raises(ClientError, match="SEARCH is not evaluated locally"):
        watch.cloudwatch.get_metric_data(MetricDataQueries=search, **span)


def test_metrics_and_alarms_outlive_the_server(watch: Watch, tmp_path: Path) -> None:
    watch.alarm("rows")
    watch.cloudwatch.set_alarm_state(AlarmName="rows", StateValue="ALARM", StateReason="x")
    backend = the_backend()
    kept = pickle.loads(pickle.dumps(backend.__getstate__()))  # noqa: S301
    again = object.__new__(type(backend))
    again.__setstate__(kept)
    assert (again.alarms["rows"].state, again.alarms["rows"].reason) == ("ALARM", "x")
    for _ in range(2):
        store = MetricStore(tmp_path / "metrics")
        if not store.metrics(100.0):
            store.add([(Metric("N", "m", (("a", "b"),)), Sample.of(60.0, "Count", [(3.0, 2.0)]))])
        assert store.samples(Metric("N", "m", (("a", "b"),)), 0, 100) == [Sample.of(60.0, "Count", [(3.0, 2.0)])]
        store.close()


def test_datapoints_older_than_455_days_are_gone(tmp_path: Path) -> None:
    store = MetricStore(tmp_path / "metrics")
    store.add([(Metric("N", "m"), Sample.of(day * 86_400.0, "Count", [(1.0, 1.0)])) for day in (0, 1, 2)])
    assert store.expire(456.5 * 86_400) == 2
    store.close()
