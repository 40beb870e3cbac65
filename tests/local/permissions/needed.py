"""The call that stands for a permission: a recorded one where there is one, else one made from its own pattern."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from lakeshift.definitions import TYPES, load_environment
from lakeshift.paths import REPOSITORY
from lakeshift.permissions import Role
from lakeshift.permissions.elements import Call, Element, matches
from lakeshift.permissions.reading import definitions, text
from tests.local.permissions.calling import ACCOUNT, REGION
from tools.permissions import sources

__all__ = ["local_values", "needed", "read_recorded", "recorded_calls"]

_RECORDED = Path(__file__).with_name("recorded.yaml")
_CATALOG = f"arn:aws:glue:{REGION}:{ACCOUNT}:"
_OWN_STATEMENT = (("redshift-data:statement-owner-iam-userid", "${aws:userid}"),)
_CLUSTER = f"arn:aws:redshift:{REGION}:{ACCOUNT}:cluster:"


def read_recorded() -> Mapping[str, list[str]]:
    """The calls of ``make record-calls``, by job (and ``warehouse``)."""
    document: Any = yaml.safe_load(_RECORDED.read_text(encoding="utf-8"))
    return dict(document)


def local_values() -> Mapping[str, str]:
    """What ``${Name}`` and ``${Name.Attribute}`` are in the stage local; made up where AWS alone would tell."""
    path = REPOSITORY / "environments" / "local.yaml"
    found: dict[str, str] = dict(load_environment(path.read_text(encoding="utf-8"), path.name).parameters)
    found |= {"AccountId": ACCOUNT, "Region": REGION}
    for one in definitions(sources(REPOSITORY)):
        kind = TYPES.get(one.type)
        if kind is None:
            continue
        top, _, below = (kind.names[0] if kind.names else "").partition(".")
        item = one.own(top, below) if below else one.properties.get(top)
        name = "" if item is None else text(item).replace("${Lake}", found["Lake"])
        made_up = f"arn:aws:{one.type.split('::')[1].lower()}:{REGION}:{ACCOUNT}:{one.logical_id}"
        for attribute, template in {"Ref": kind.ref, **kind.attributes}.items():
            key = one.logical_id if attribute == "Ref" else f"{one.logical_id}.{attribute}"
            found[key] = (template or made_up).format(Name=name, Region=REGION, Account=ACCOUNT)
    return found


def needed(element: Element, calls: Iterable[Call], values: Mapping[str, str]) -> Call:
    """A call that ``element`` allows."""
    return next((call for call in calls if matches(element, call, values)), element.call(values))


def recorded_calls(role: Role, recorded: Mapping[str, list[str]]) -> list[Call]:
    """What the jobs that take ``role`` (or the warehouse) were recorded to ask AWS for."""
    names = {"warehouse"} if role.logical_id == "RedshiftRole" else {role.name.replace("-", "_")}
    return list(dict.fromkeys(call for name in names for line in recorded.get(name, ()) for call in _calls(line)))


def _calls(line: str) -> Iterable[Call]:
    action, _, target = line.partition(" ")
    target = target.replace("*", "x")
    if action == "s3:ListBucket":
        zone, _, prefix = target.partition("/")
        yield Call(action, f"arn:aws:s3:::lakeshift-local-{zone}", prefix)
    elif action.startswith("s3:"):
        yield Call(action, f"arn:aws:s3:::lakeshift-local-{target}")
    elif action.startswith("glue:") and "." in target:
        database, _, table = target.partition(".")
        yield Call(action, f"{_CATALOG}catalog")
        yield Call(action, f"{_CATALOG}database/{database}")
        yield Call(action, f"{_CATALOG}table/{database}/{table}")
    elif action in ("glue:GetJobRun", "glue:GetJob"):
        yield Call(action, f"{_CATALOG}job/{target}")
    elif action == "cloudwatch:PutMetricData":
        yield Call(action, "*", keys=(("cloudwatch:namespace", "Lakeshift"),))
    elif action.startswith("redshift-data:"):
        yield Call(action, f"{_CLUSTER}{target}") if target else Call(action, "*", keys=_OWN_STATEMENT)
