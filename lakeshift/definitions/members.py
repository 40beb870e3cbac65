"""What lies inside a property, against the SDK's model of the call that will carry it: before anything is sent.

CloudFormation's shape of these properties is that of the API.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from botocore.loaders import Loader
from botocore.model import ServiceModel

from lakeshift.definitions.document import Item

__all__ = ["check_members"]

# The service and the calls whose parameters carry the properties of a type; properties that have another shape there.
_CALLS: Final[Mapping[str, tuple[str, str, str]]] = {
    "AWS::Glue::Database": ("glue", "CreateDatabase", ""),
    "AWS::Glue::Table": ("glue", "CreateTable", ""),
    "AWS::Glue::Connection": ("glue", "CreateConnection", ""),
    "AWS::Glue::Crawler": ("glue", "CreateCrawler", "Schedule Configuration"),
    "AWS::Glue::Classifier": ("glue", "CreateClassifier", ""),
    "AWS::Glue::Job": ("glue", "CreateJob", ""),
    "AWS::Glue::Trigger": ("glue", "CreateTrigger", ""),
    "AWS::Glue::Workflow": ("glue", "CreateWorkflow", ""),
    "AWS::Glue::DataQualityRuleset": ("glue", "CreateDataQualityRuleset", ""),
    "AWS::Events::Rule": ("events", "PutRule PutTargets", "EventPattern"),
    "AWS::Scheduler::Schedule": ("scheduler", "CreateSchedule", ""),
    "AWS::CloudWatch::Alarm": ("cloudwatch", "PutMetricAlarm", ""),
    "AWS::CloudWatch::CompositeAlarm": ("cloudwatch", "PutCompositeAlarm", ""),
    "AWS::KinesisFirehose::DeliveryStream": ("firehose", "CreateDeliveryStream", ""),
    "AWS::DataSync::LocationNFS": ("datasync", "CreateLocationNfs", ""),
    "AWS::DataSync::LocationSMB": ("datasync", "CreateLocationSmb", ""),
    "AWS::DataSync::LocationS3": ("datasync", "CreateLocationS3", ""),
    "AWS::DataSync::Task": ("datasync", "CreateTask", ""),
    "AWS::Redshift::Cluster": ("redshift", "CreateCluster", ""),
    "AWS::Redshift::ClusterParameterGroup": ("redshift", "CreateClusterParameterGroup", ""),
    "AWS::Redshift::ScheduledAction": ("redshift", "CreateScheduledAction", ""),
    "AWS::Redshift::UsageLimit": ("redshift", "CreateUsageLimit", ""),
}
_CONTAINERS: Final[dict[str, tuple[Any, str]]] = {
    "structure": (dict, "a mapping"),
    "map": (dict, "a mapping"),
    "list": (list, "a list"),
}
_NUMBERS: Final = {
    "integer": "a whole number",
    "long": "a whole number",
    "double": "a number",
    "float": "a number",
}


def check_members(kind: str, properties: Mapping[str, Item], wrong: Callable[[Item, str], None]) -> None:
    """Tell ``wrong`` of every member that the call behind a property of the type ``kind`` does not take."""
    if kind not in _CALLS:
        return
    service, operations, skipped = _CALLS[kind]
    model = _model(service)
    for operation in operations.split():
        members = model.operation_model(operation).input_shape.members
        for name, item in properties.items():
            if name in members and name not in skipped.split():
                _check(members[name], item, name, wrong)


@functools.cache
def _model(service: str) -> Any:
    return ServiceModel(Loader().load_service_model(service, "service-2"), service)


def _check(shape: Any, item: Item, path: str, wrong: Callable[[Item, str], None]) -> None:
    container, told = _CONTAINERS.get(shape.type_name, (None, ""))
    if not isinstance(item.value, (dict, list, str, int, float)):
        return  # a function, known only at its end
    if container is None:
        _check_scalar(shape, item, path, wrong)
    elif not isinstance(item.value, container):
        wrong(item, f"{path} has to be {told}.")
    elif shape.type_name == "list":
        _check_size(shape, len(item.value), "entries", item, path, wrong)
        for number, child in enumerate(item.value):
            _check(shape.member, child, f"{path}[{number}]", wrong)
    elif shape.type_name == "map":
        for name, child in item.value.items():
            _check(shape.value, child, f"{path}.{name}", wrong)
    else:
        _check_structure(shape, item, path, wrong)


def _check_scalar(shape: Any, item: Item, path: str, wrong: Callable[[Item, str], None]) -> None:
    if isinstance(item.value, (dict, list)):
        wrong(item, f"{path} has to be one value.")
        return
    enum = getattr(shape, "enum", ())  # only texts have one
    if enum and isinstance(item.value, str) and item.value not in enum:
        wrong(item, f"{path} has to be one of {', '.join(enum)}, not {item.value}.")
    elif shape.type_name in _NUMBERS:
        if _is_number(item.value):
            _check_size(shape, float(str(item.value)), "", item, path, wrong)
        else:
            wrong(item, f"{path} has to be {_NUMBERS[shape.type_name]}, not {item.value}.")
    elif shape.type_name == "string" and isinstance(item.value, str):
        _check_size(shape, len(item.value), "characters", item, path, wrong)


def _check_size(shape: Any, size: float, what: str, item: Item, path: str, wrong: Callable[[Item, str], None]) -> None:
    """The least and the most that the model tells of a number, or of how long a text or a list is."""
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < least:
        wrong(item, " ".join(f"{path} has to be at least {least} {what}".split()) + ".")
    if most is not None and size > most:
        wrong(item, " ".join(f"{path} has to be at most {most} {what}".split()) + ".")


def _is_number(value: object) -> bool:
    """Whether CloudFormation takes ``value`` for a number: one, or its text."""
    try:
        float(str(value))
    except ValueError:
        return False
    return not isinstance(value, bool)


def _check_structure(shape: Any, item: Item, path: str, wrong: Callable[[Item, str], None]) -> None:
    given = cast("Mapping[str, Item]", item.value)
    for name, child in given.items():
        if name in shape.members:
            _check(shape.members[name], child, f"{path}.{name}", wrong)
        else:
            wrong(child, f"{path} takes no {name}; it takes {', '.join(sorted(shape.members))}.")
    missing = [name for name in shape.required_members if name not in given]
    if missing:
        wrong(item, f"{path} needs {', '.join(missing)}.")
