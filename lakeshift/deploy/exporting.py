"""A stage as one CloudFormation template: for who deploys by CloudFormation, and for cfn-lint; pure.

Names and parameters are those of the stage; account, region and what only AWS knows stay functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from lakeshift import __version__
from lakeshift.definitions import Attribute, Deferred, Resource, Value, attributes_in
from lakeshift.deploy.adapters import ADAPTERS
from lakeshift.deploy.artefacts import collect
from lakeshift.deploy.project import load_environment_of, resolved_stack

__all__ = ["export_template"]

# Stand in for what CloudFormation knows where the template is used.
_ACCOUNT: Final = "\x00AccountId\x00"
_REGION: Final = "\x00Region\x00"
_PSEUDO: Final = {_ACCOUNT: "${AWS::AccountId}", _REGION: "${AWS::Region}"}


def export_template(stage: str, root: Path) -> dict[str, Any]:
    """The template of a stage of the repository ``root``. Raises LakeshiftError where its definitions are wrong.

    The code (``code/<sha>/``) and the warehouse's tables are no resources: the deploy tool or you put them there.
    """
    environment = load_environment_of(stage, root)
    code = collect(root, f"{environment.parameters['Lake']}-ops", __version__)
    parameters = {**environment.parameters, **code.parameters(), "AccountId": _ACCOUNT, "Region": _REGION}
    stack = resolved_stack(root, parameters, code)
    known = {one.logical_id for one in stack}
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"The stage {stage} of {environment.parameters['Lake']}; its code is {code.key}.",
        # the zone of the operational database is a parameter of the stage
        "Metadata": {"cfn-lint": {"config": {"ignore_checks": ["W3010"]}}},
        "Resources": {one.logical_id: _resource(one, known) for one in stack},
    }


def _resource(one: Resource, known: Iterable[str]) -> dict[str, Any]:
    properties = {key: _value(value) for key, value in one.properties.items()}
    implied = {attribute.resource for attribute in attributes_in(dict(one.properties))}
    after = sorted(set(one.depends_on) & set(known) - implied)
    keeps = one.retain or ADAPTERS[one.type].holds_data
    policy = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"} if keeps else {}
    depends = {"DependsOn": after} if after else {}
    return {"Type": one.type, **policy, **depends, "Properties": properties}


def _value(value: Value) -> Any:
    if isinstance(value, Deferred):
        return _text(value.parts)
    if isinstance(value, str):
        return _text((value,))
    if isinstance(value, Mapping):
        return {key: _value(one) for key, one in value.items()}
    return [_value(one) for one in value] if isinstance(value, list) else value


def _text(parts: tuple[str | Attribute, ...]) -> Any:
    """A plain text, a reference, or ``Fn::Sub`` of both."""
    if len(parts) == 1 and isinstance(parts[0], Attribute):
        only = parts[0]
        return {"Ref": only.resource} if only.name == "Ref" else {"Fn::GetAtt": [only.resource, only.name]}
    if parts in ((_ACCOUNT,), (_REGION,)):
        return {"Ref": _PSEUDO[str(parts[0])][2:-1]}
    plain = all(isinstance(part, str) and not any(mark in part for mark in _PSEUDO) for part in parts)
    if plain:
        return "".join(str(part) for part in parts)
    return {"Fn::Sub": "".join(_piece(part) for part in parts)}


def _piece(part: str | Attribute) -> str:
    if isinstance(part, Attribute):
        return f"${{{part.resource}}}" if part.name == "Ref" else f"${{{part}}}"
    made = part.replace("${", "${!")
    for mark, pseudo in _PSEUDO.items():
        made = made.replace(mark, pseudo)
    return made
