"""What a state machine's role may do: read from its states, so that a new task brings its permission with it.

https://docs.aws.amazon.com/step-functions/latest/dg/service-integration-iam-templates.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from lakeshift.permissions import lake, warehouse
from lakeshift.permissions.grants import Grant
from lakeshift.permissions.reading import Definition, mapping, text, wrong

__all__ = ["machine_grants"]

_GLUE: Final = "https://docs.aws.amazon.com/step-functions/latest/dg/connect-glue.html"
_SNS: Final = "https://docs.aws.amazon.com/step-functions/latest/dg/connect-sns.html"
_SQS: Final = "https://docs.aws.amazon.com/step-functions/latest/dg/connect-sqs.html"
_EVENTS: Final = "https://docs.aws.amazon.com/step-functions/latest/dg/connect-eventbridge.html"
_NESTED: Final = "https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html"
_SDK: Final = "https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html"
_MAP: Final = "https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html"
_LOGS: Final = "https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html"
_TRACES: Final = "https://docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html"
_DELIVERY: Final = (
    "CreateLogDelivery", "GetLogDelivery", "UpdateLogDelivery", "DeleteLogDelivery", "ListLogDeliveries",
    "PutResourcePolicy", "DescribeResourcePolicies", "DescribeLogGroups",
)  # fmt: skip

_Fields = Mapping[str, str]
_Maker = Callable[["_Task"], Iterator[Grant]]


class _Task:
    """One task: its state's name, its call, and the fields of its request (``Key.$`` as a pattern)."""

    def __init__(self, machine: Definition, state: str, resource: str, fields: _Fields) -> None:
        self.machine, self.state, self.resource, self.fields = machine, state, resource, fields

    def field(self, name: str) -> str:
        """A field that says what the task acts on. Raises DefinitionError where only the execution knows it."""
        if name not in self.fields:
            raise wrong(self.machine, f"the state {self.state} has to name its {name} in the definition.")
        return self.fields[name]


def machine_grants(machine: Definition, document: Mapping[str, Any]) -> Iterator[Grant]:
    """The grants of all tasks of ``document`` (its states), and of its logging and tracing. Raises DefinitionError."""
    places = {name: text(item) for name, item in mapping(machine.own("DefinitionSubstitutions")).items()}
    for name, state in _states(document):
        if state["Type"] == "Task":
            yield from _task_grants(_Task(machine, name, state["Resource"], _fields(state, places)))
        elif state["Type"] == "Map" and "ItemReader" in state:
            yield from _map_grants(machine, name, state, places)
    if machine.own("LoggingConfiguration") is not None:
        for action in _DELIVERY:
            yield Grant("DeliverLog", f"logs:{action}", "*", _LOGS)
    tracing = machine.own("TracingConfiguration", "Enabled")
    if tracing is not None and tracing.value is True:
        for action in ("PutTraceSegments", "PutTelemetryRecords"):
            yield Grant("Trace", f"xray:{action}", "*", _TRACES)


def _states(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, state in document["States"].items():
        yield name, state
        for inner in (
            *state.get("Branches", ()),
            *(state[key] for key in ("ItemProcessor", "Iterator") if key in state),
        ):
            yield from _states(inner)


def _fields(state: Mapping[str, Any], places: Mapping[str, str]) -> _Fields:
    """Request fields that are texts; ``States.Format('a/{}', x)`` is the pattern ``a/*``; substitutions filled in."""
    given = {**state.get("Parameters", {}), **state.get("Arguments", {})}
    found: dict[str, str] = {}
    for key, value in given.items():
        pattern = _pattern(key, value)
        if pattern is not None:
            found[key.removesuffix(".$")] = re.sub(
                r"\$\{(\w+)\}", lambda match: places.get(match[1], match[0]), pattern
            )
    return found


def _pattern(key: str, value: object) -> str | None:
    """A field's text, with ``*`` for what the execution fills in; None where all of it is the execution's."""
    if not isinstance(value, str) or value.startswith("{%"):
        return None
    if not key.endswith(".$"):
        return value
    found = re.match(r"States\.Format\('([^']*)'", value)
    return None if found is None else found[1].replace("{}", "*")


def _task_grants(task: _Task) -> Iterator[Grant]:
    integration = task.resource.removeprefix("arn:aws:states:::").removesuffix(".waitForTaskToken")
    if integration not in _INTEGRATIONS:
        known = ", ".join(sorted(_INTEGRATIONS))
        raise wrong(
            task.machine, f"which permission {task.state} needs for {integration} is not known; known are {known}."
        )
    yield from _INTEGRATIONS[integration](task)


def _job(*operations: str) -> _Maker:
    def grants(task: _Task) -> Iterator[Grant]:
        for operation in operations:
            yield Grant("RunJobs", f"glue:{operation}", lake.regional("glue", f"job/{task.field('JobName')}"), _GLUE)

    return grants


def _one(sid: str, action: str, field: str, why: str, resource: str = "{}") -> _Maker:
    """One action on what ``field`` names."""

    def grants(task: _Task) -> Iterator[Grant]:
        yield Grant(sid, action, resource.replace("{}", task.field(field)), why)

    return grants


def _object(*actions: str) -> _Maker:
    def grants(task: _Task) -> Iterator[Grant]:
        place = f"arn:aws:s3:::{task.field('Bucket')}/{task.field('Key')}".replace("${OpsBucket}", "${Lake}-ops")
        for action in actions:
            yield Grant("KeepLedger", f"s3:{action}", place, _SDK)

    return grants


def _copy(task: _Task) -> Iterator[Grant]:
    source = task.field("CopySource").replace("${OpsBucket}", "${Lake}-ops")
    yield Grant("KeepLedger", "s3:GetObject", f"arn:aws:s3:::{source}", _SDK)
    yield from _object("PutObject")(task)


def _execution(_: _Task) -> Iterator[Grant]:
    """The executions of any task: its ARN is known to the execution alone, but lies below a task of the stack."""
    yield Grant(
        "FollowTransfers", "datasync:DescribeTaskExecution", lake.regional("datasync", "task/*/execution/*"), _SDK
    )


def _statement(action: str) -> _Maker:
    def grants(task: _Task) -> Iterator[Grant]:
        cluster = task.field("ClusterIdentifier")
        yield Grant("RunStatements", f"redshift-data:{action}", lake.regional("redshift", f"cluster:{cluster}"), _SDK)
        yield from warehouse.log_in(cluster, task.field("DbUser"), task.field("Database"))

    return grants


def _follow(action: str) -> _Maker:
    def grants(_: _Task) -> Iterator[Grant]:
        yield warehouse.follow_statements(action)

    return grants


def _nested(wait: bool) -> _Maker:
    def grants(task: _Task) -> Iterator[Grant]:
        arn = task.field("StateMachineArn")
        yield Grant("StartMachines", "states:StartExecution", arn, _NESTED)
        if wait:
            for action in ("DescribeExecution", "StopExecution"):
                yield Grant(
                    "FollowMachines", f"states:{action}", lake.regional("states", "execution:${Lake}-*"), _NESTED
                )
            rule = lake.regional("events", "rule/StepFunctionsGetEventsForStepFunctionsExecutionRule")
            for action in ("PutTargets", "PutRule", "DescribeRule"):
                yield Grant("FollowMachinesByRule", f"events:{action}", rule, _NESTED)

    return grants


def _events(_: _Task) -> Iterator[Grant]:
    yield Grant("PutEvents", "events:PutEvents", lake.regional("events", "event-bus/default"), _EVENTS)


def _history(_: _Task) -> Iterator[Grant]:
    """Of an execution that only the event names: one of this stack's machines."""
    yield Grant("ReadHistory", "states:GetExecutionHistory", lake.regional("states", "execution:${Lake}-*"), _SDK)


_SYNC: Final = ("StartJobRun", "GetJobRun", "GetJobRuns", "BatchStopJobRun")
_CRAWLER_ARN: Final = lake.regional("glue", "crawler/{}")
_INTEGRATIONS: Final[Mapping[str, _Maker]] = {
    "glue:startJobRun": _job("StartJobRun"),
    "glue:startJobRun.sync": _job(*_SYNC),
    "aws-sdk:glue:startJobRun": _job("StartJobRun"),
    "aws-sdk:glue:getJobRun": _job("GetJobRun"),
    "aws-sdk:glue:startCrawler": _one("RunCrawlers", "glue:StartCrawler", "Name", _SDK, _CRAWLER_ARN),
    "aws-sdk:glue:getCrawler": _one("RunCrawlers", "glue:GetCrawler", "Name", _SDK, _CRAWLER_ARN),
    "aws-sdk:glue:stopCrawler": _one("RunCrawlers", "glue:StopCrawler", "Name", _SDK, _CRAWLER_ARN),
    "aws-sdk:datasync:startTaskExecution": _one("RunTransfers", "datasync:StartTaskExecution", "TaskArn", _SDK),
    "aws-sdk:datasync:describeTaskExecution": _execution,
    "aws-sdk:redshiftdata:executeStatement": _statement("ExecuteStatement"),
    "aws-sdk:redshiftdata:batchExecuteStatement": _statement("BatchExecuteStatement"),
    "aws-sdk:redshiftdata:describeStatement": _follow("DescribeStatement"),
    "aws-sdk:redshiftdata:getStatementResult": _follow("GetStatementResult"),
    "aws-sdk:redshiftdata:cancelStatement": _follow("CancelStatement"),
    "aws-sdk:s3:getObject": _object("GetObject"),
    "aws-sdk:s3:headObject": _object("GetObject"),
    "aws-sdk:s3:putObject": _object("PutObject"),
    "aws-sdk:s3:copyObject": _copy,
    "sns:publish": _one("Notify", "sns:Publish", "TopicArn", _SNS),
    "aws-sdk:sns:publish": _one("Notify", "sns:Publish", "TopicArn", _SNS),
    "sqs:sendMessage": _one("SendMessages", "sqs:SendMessage", "QueueArn", _SQS),
    "events:putEvents": _events,
    "aws-sdk:sfn:getExecutionHistory": _history,
    "states:startExecution": _nested(wait=False),
    "states:startExecution.sync": _nested(wait=True),
    "states:startExecution.sync:2": _nested(wait=True),
}


def _map_grants(machine: Definition, name: str, state: Mapping[str, Any], places: Mapping[str, str]) -> Iterator[Grant]:
    """A distributed Map: it starts executions of its own machine, and reads its items."""
    own = lake.regional("states", f"stateMachine:{text(machine.properties['StateMachineName'])}")
    yield Grant("RunMap", "states:StartExecution", own, _MAP)
    reader = state["ItemReader"]
    fields = _fields(reader, places)
    bucket = fields.get("Bucket", "").replace("${OpsBucket}", "${Lake}-ops")
    if not bucket:
        raise wrong(machine, f"the ItemReader of {name} has to name its Bucket in the definition.")
    if reader["Resource"].endswith(":listObjectsV2"):
        condition = ("StringLike", "s3:prefix", (f"{fields.get('Prefix', '')}*",))
        yield Grant("ReadItems", "s3:ListBucket", f"arn:aws:s3:::{bucket}", _MAP, condition)
    else:
        yield Grant("ReadItems", "s3:GetObject", f"arn:aws:s3:::{bucket}/{fields.get('Key', '*')}", _MAP)
