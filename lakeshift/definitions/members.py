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

_CALLS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "AWS::Glue::Database": ("CreateDatabase", ("DatabaseInput",)),
    "AWS::Glue::Connection": ("CreateConnection", ("ConnectionInput",)),
    "AWS::Glue::Crawler": (
        "CreateCrawler",
        ("Targets", "SchemaChangePolicy", "RecrawlPolicy", "LineageConfiguration", "Classifiers"),
    ),
    "AWS::Glue::Classifier": (
        "CreateClassifier",
        ("GrokClassifier", "XMLClassifier", "JsonClassifier", "CsvClassifier"),
    ),
    "AWS::Glue::Job": ("CreateJob", ("Command", "Connections", "ExecutionProperty", "NotificationProperty")),
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
    operation, checked = _CALLS.get(kind, ("", ()))
    if not operation:
        return
    members = _glue().operation_model(operation).input_shape.members
    for name in checked:
        if name in properties and name in members:
            _check(members[name], properties[name], name, wrong)


@functools.cache
def _glue() -> Any:
    return ServiceModel(Loader().load_service_model("glue", "service-2"), "glue")


def _check(shape: Any, item: Item, path: str, wrong: Callable[[Item, str], None]) -> None:
    container, told = _CONTAINERS.get(shape.type_name, (None, ""))
    if not isinstance(item.value, (dict, list, str, int, float)):
        return  # a function, known only at its end
    if container is None:
        _check_scalar(shape, item, path, wrong)
    elif not isinstance(item.value, container):
        wrong(item, f"{path} has to be {told}.")
    elif shape.type_name == "list":
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
    elif shape.type_name in _NUMBERS and not _is_number(item.value):
        wrong(item, f"{path} has to be {_NUMBERS[shape.type_name]}, not {item.value}.")


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
