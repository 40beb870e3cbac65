"""One stage of a repository on disk, read and resolved."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from lakeshift import __version__
from lakeshift.definitions import (
    Deferred,
    DefinitionError,
    Environment,
    Problem,
    Resource,
    Stack,
    Value,
    joined,
    load,
    load_environment,
)
from lakeshift.deploy.artefacts import Code, collect
from lakeshift.deploy.commit import commit_of
from lakeshift.deploy.session import AwsSession
from lakeshift.errors import LakeshiftError

__all__ = ["Project", "load_environment_of", "load_project", "resolved_stack"]

_FOLDERS: Final = ("infra", "crawlers", "jobs", "pipelines", "ingest")
_PLACE: Final = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Project:
    """The stage's name and parameters, its resources, its code, the commit it is of, and where it lies.

    ``account_is_named`` is whether the stage's file says which account it may be deployed to.
    """

    stage: str
    root: Path
    parameters: Mapping[str, str]
    stack: Stack
    code: Code
    commit: str = ""
    account_is_named: bool = True

    def refuse_unnamed_account(self) -> None:
        """Raises LakeshiftError for a stage on AWS whose file does not say which account it is for."""
        if self.stage != "local" and not self.account_is_named:
            raise LakeshiftError(
                f"environments/{self.stage}.yaml does not say which account it is for, so the wrong one could not be "
                f'told. Add the line `Account: "{self.parameters["AccountId"]}"` to it, if the account of these '
                "credentials is the right one. Nothing was done."
            )

    @property
    def name(self) -> str:
        """The value of the tag ``lakeshift:stack``."""
        return self.parameters["Lake"]


def load_project(stage: str, session: AwsSession, overrides: Mapping[str, str] | None, root: Path) -> Project:
    """Read the stage from ``root``. Raises LakeshiftError for a stage, parameter or account that does not fit."""
    environment = load_environment_of(stage, root)
    _check(stage, session, environment, overrides or {})
    parameters = {**environment.parameters, **(overrides or {})}
    code = collect(root, f"{parameters['Lake']}-ops", __version__)
    parameters |= {**code.parameters(), "AccountId": session.account(), "Region": session.region}
    stack = resolved_stack(root, parameters, code)
    return Project(stage, root, parameters, stack, code, commit_of(root), environment.account is not None)


def resolved_stack(root: Path, parameters: Mapping[str, str], code: Code) -> Stack:
    """The resources of all definitions of ``root`` with the stage's ``parameters``. Raises DefinitionError."""
    texts = {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8")
        for folder in _FOLDERS
        for path in sorted((root / folder).glob("*.yaml"))
    }
    return _with_state_machines(load(texts, parameters), code)


def load_environment_of(stage: str, root: Path) -> Environment:
    """environments/<stage>.yaml. Raises LakeshiftError, which names the stages there are, where it is missing."""
    path = root / "environments" / f"{stage}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in path.parent.glob("*.yaml"))) or "none"
        raise LakeshiftError(f"There is no stage {stage}: {path} is missing. Known are {known}.")
    return load_environment(path.read_text(encoding="utf-8"), f"environments/{path.name}")


def _check(stage: str, session: AwsSession, environment: Environment, overrides: Mapping[str, str]) -> None:
    parameters = environment.parameters
    if session.stage != stage:
        raise LakeshiftError(f"The session is of the stage {session.stage}, the plan of {stage}. Give both the same.")
    for name in ("Stage", "Lake", "Region"):
        if name not in parameters:
            raise LakeshiftError(f"environments/{stage}.yaml has no parameter {name}, which every stage needs.")
    if parameters["Region"] != session.region:
        raise LakeshiftError(f"The stage {stage} is in {parameters['Region']}, the session in {session.region}.")
    unknown = sorted(set(overrides) - set(parameters))
    if unknown:
        raise LakeshiftError(
            f"{', '.join(unknown)}: no parameter of environments/{stage}.yaml, so nothing to override."
        )
    if environment.account is not None and environment.account != session.account():
        raise LakeshiftError(
            f"The stage {stage} belongs to the account {environment.account}; the credentials are of "
            f"{session.account()}. Nothing was done."
        )


def _with_state_machines(stack: Stack, code: Code) -> Stack:
    """``DefinitionS3Location`` and substitutions as ``DefinitionString``, from the files that are uploaded."""
    files = {
        f"{code.key}/{artefact.path}": artefact.content.decode()
        for artefact in code.artefacts
        if artefact.path.startswith("pipelines/")
    }
    problems: list[Problem] = []
    resources = tuple(
        _with_definition(one, files, problems) if one.type == "AWS::StepFunctions::StateMachine" else one
        for one in stack
    )
    if problems:
        raise DefinitionError(problems)
    return Stack(resources)


def _with_definition(one: Resource, files: Mapping[str, str], problems: list[Problem]) -> Resource:
    properties = dict(one.properties)
    place = properties.pop("DefinitionS3Location", None)
    given = properties.pop("DefinitionSubstitutions", {})
    text = properties.get("DefinitionString")
    if isinstance(place, dict):
        text = files.get(str(place.get("Key")))
    if not isinstance(text, str) or not isinstance(given, dict):
        message = f"{one.logical_id}: needs DefinitionS3Location with Bucket !Ref CodeBucket and the Key of a file in "
        problems.append(Problem(one.file, one.line, f'{message}pipelines/: !Sub "${{CodeKey}}/pipelines/x.asl.json".'))
        return one
    asked = set(_PLACE.findall(text))
    wrong = [f"no DefinitionSubstitutions for ${{{name}}}." for name in sorted(asked - set(given))]
    wrong += [f"the definition does not ask for ${{{name}}}." for name in sorted(set(given) - asked)]
    problems += [Problem(one.file, one.line, f"{one.logical_id}: {what}") for what in wrong]
    properties["DefinitionString"] = _substituted(text, given)
    return replace(one, properties=properties)


def _substituted(text: str, given: Mapping[str, Value]) -> str | Deferred:
    pieces = _PLACE.split(text)
    parts: list[str | Deferred] = []
    for number, piece in enumerate(pieces):
        value = given.get(piece) if number % 2 else piece
        parts.append(value if isinstance(value, str | Deferred) else str(value))
    return joined(parts)
