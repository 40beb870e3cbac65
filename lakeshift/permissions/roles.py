"""Every role that the definitions name, each with what those that name it need; nothing else gives a role."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from lakeshift.definitions.document import Item
from lakeshift.permissions.grants import Grant, Statement, statements
from lakeshift.permissions.jobs import job_grants
from lakeshift.permissions.reading import Definition, definitions, mapping, text, texts, wrong
from lakeshift.permissions.services import crawler_grants, location_grants, stream_grants, target_grants
from lakeshift.permissions.states import machine_grants
from lakeshift.permissions.warehouse import action_grants, cluster_grants

__all__ = ["Role", "roles"]

_REFERENCE: Final = re.compile(r"\$\{(\w+Role)\.Arn\}")


@dataclass(frozen=True, slots=True)
class Role:
    """One role: its logical id, the service that takes it, who uses it, and its grants in the order of their need."""

    logical_id: str
    service: str
    users: tuple[str, ...]
    grants: tuple[Grant, ...]

    @property
    def name(self) -> str:
        """Its name without the lake's: ``FlightsCleanRole`` is ``flights-clean``."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", self.logical_id.removesuffix("Role")).lower()

    def statements(self) -> tuple[Statement, ...]:
        """Its policy."""
        return statements(self.grants)


@dataclass(frozen=True, slots=True)
class _Use:
    """One definition that takes a role."""

    role: str
    service: str
    user: str
    grants: tuple[Grant, ...]


def roles(texts_by_file: Mapping[str, str], machines: Mapping[str, str]) -> tuple[Role, ...]:
    """The roles of all definitions, in the order of their names.

    ``texts_by_file`` are the YAML files but that of the roles themselves, ``machines`` the states (JSON) by file name.
    Raises DefinitionError for what has no role, or asks for a permission that is not known here.
    """
    found = definitions(texts_by_file)
    by_id = {one.logical_id: one for one in found}
    held: dict[str, list[_Use]] = {}
    for one in found:
        for use in _uses(one, by_id, machines):
            held.setdefault(use.role, []).append(use)
    return tuple(_role(name, held[name], by_id) for name in sorted(held))


def _role(name: str, uses: list[_Use], by_id: Mapping[str, Definition]) -> Role:
    services = {use.service for use in uses}
    if len(services) > 1:
        raise wrong(
            by_id[uses[0].user], f"{name} is taken by {' and '.join(sorted(services))}; give each its own role."
        )
    grants = dict.fromkeys(grant for use in uses for grant in use.grants)
    return Role(name, services.pop(), tuple(use.user for use in uses), tuple(grants))


def _uses(one: Definition, by_id: Mapping[str, Definition], machines: Mapping[str, str]) -> Iterator[_Use]:
    if one.type in ("AWS::Events::Rule", "AWS::Scheduler::Schedule"):
        yield from _targets(one)
        return
    if one.type == "AWS::Redshift::Cluster":
        places = one.own("IamRoles")
        references = texts(places)
        if references:
            yield _Use(_reference(one, references[0]), "redshift", one.logical_id, tuple(cluster_grants(one, by_id)))
        return
    if one.type in _TAKERS:
        path, service, grants = _TAKERS[one.type]
        item = one.own(*path)
        if item is None:
            raise wrong(one, f"needs its role, {'.'.join(path)}.")
        yield _Use(_reference(one, text(item)), service, one.logical_id, tuple(grants(one, by_id, machines)))


def _reference(one: Definition, reference: str) -> str:
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        raise wrong(one, f"its role has to be one of this stack, !GetAtt <Name>Role.Arn, not {reference or 'nothing'}.")
    return found[1]


def _targets(one: Definition) -> Iterator[_Use]:
    service = "events" if one.type == "AWS::Events::Rule" else "scheduler"
    listed = one.own("Targets")
    single = one.own("Target")
    for item in [*(listed.value if listed and isinstance(listed.value, list) else []), *([single] if single else [])]:
        target = mapping(item)
        if "RoleArn" in target:
            role = _reference(one, text(target["RoleArn"]))
            yield _Use(role, service, one.logical_id, tuple(target_grants(one, target)))


def _job(one: Definition, by_id: Mapping[str, Definition], _: Mapping[str, str]) -> Iterator[Grant]:
    return job_grants(one, by_id)


def _crawler(one: Definition, by_id: Mapping[str, Definition], _: Mapping[str, str]) -> Iterator[Grant]:
    return crawler_grants(one, by_id)


def _stream(one: Definition, _: Mapping[str, Definition], __: Mapping[str, str]) -> Iterator[Grant]:
    return stream_grants(one)


def _location(one: Definition, _: Mapping[str, Definition], __: Mapping[str, str]) -> Iterator[Grant]:
    return location_grants(one)


def _machine(one: Definition, _: Mapping[str, Definition], machines: Mapping[str, str]) -> Iterator[Grant]:
    place = text(one.own("DefinitionS3Location", "Key") or Item("", 1)).removeprefix("${CodeKey}/")
    if place not in machines:
        raise wrong(one, f"its states, {place or 'DefinitionS3Location.Key'}, are in no file of pipelines/.")
    return machine_grants(one, json.loads(machines[place]))


def _action(one: Definition, _: Mapping[str, Definition], __: Mapping[str, str]) -> Iterator[Grant]:
    return action_grants(one)


_Deriver = Callable[[Definition, Mapping[str, Definition], Mapping[str, str]], Iterator[Grant]]
_TAKERS: Final[Mapping[str, tuple[tuple[str, ...], str, _Deriver]]] = {
    "AWS::Glue::Job": (("Role",), "glue", _job),
    "AWS::Glue::Crawler": (("Role",), "glue", _crawler),
    "AWS::KinesisFirehose::DeliveryStream": (
        ("ExtendedS3DestinationConfiguration", "RoleARN"), "firehose", _stream,
    ),
    "AWS::DataSync::LocationS3": (("S3Config", "BucketAccessRoleArn"), "datasync", _location),
    "AWS::Redshift::ScheduledAction": (("IamRole",), "scheduler.redshift", _action),
    "AWS::StepFunctions::StateMachine": (("RoleArn",), "states", _machine),
}  # fmt: skip
