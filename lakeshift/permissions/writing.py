"""Roles as infra/identity.yaml: generated, and kept in the repository, so that a review sees every policy change."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Final

from lakeshift.permissions.actions import takes_resource
from lakeshift.permissions.grants import Statement
from lakeshift.permissions.roles import Role

__all__ = ["identity_text"]

_HEAD: Final = """\
# Made by `make permissions` from what the definitions declare (docs/adr/0018-permissions.md); not written by hand.
Description: >-
  One role a job and a service, each with only what it does. A `*` stands alone as a resource only where AWS takes no
  other. docs/permissions.md tells for each permission what asks for it.

Resources:
"""
_WIDTH: Final = 116


def identity_text(roles: Iterable[Role]) -> str:
    """The file's text."""
    return _HEAD + "\n".join("\n".join(_role(role)) + "\n" for role in roles)


def _role(role: Role) -> Iterator[str]:
    yield f"  {role.logical_id}:"
    yield "    Type: AWS::IAM::Role"
    yield "    Properties:"
    yield f'      RoleName: !Sub "${{Lake}}-{role.name}"'
    yield f"      Description: For {', '.join(role.users)}"
    yield "      AssumeRolePolicyDocument:"
    yield '        Version: "2012-10-17"'
    yield "        Statement:"
    yield "          - Effect: Allow"
    yield f"            Principal: {{Service: {role.service}.amazonaws.com}}"
    yield "            Action: sts:AssumeRole"
    yield "            Condition:"
    yield "              StringEquals: {aws:SourceAccount: !Ref AccountId}"
    yield "      Policies:"
    yield f"        - PolicyName: {role.name}"
    yield "          PolicyDocument:"
    yield '            Version: "2012-10-17"'
    yield "            Statement:"
    for statement in role.statements():
        yield from _statement(statement)


def _statement(statement: Statement) -> Iterator[str]:
    yield f"              - Sid: {statement.sid}"
    yield "                Effect: Allow"
    one_line = f"                Action: [{', '.join(statement.actions)}]"
    if len(one_line) <= _WIDTH:
        yield one_line
    else:
        yield "                Action:"
        yield from (f"                  - {action}" for action in statement.actions)
    yield "                Resource:"
    for resource in statement.resources:
        yield f"                  - {_resource(resource, statement)}"
    if statement.condition is not None:
        operator, key, values = statement.condition
        yield "                Condition:"
        yield f"                  {operator}: {{{key}: [{', '.join(json.dumps(value) for value in values)}]}}"


def _resource(resource: str, statement: Statement) -> str:
    if resource == "*":
        if any(takes_resource(action) for action in statement.actions):
            raise ValueError(f"{statement.sid}: {', '.join(statement.actions)} take a resource; * is too much.")
        return '"*" # these take no resource'
    if resource.startswith("${") and resource.endswith("}") and resource.count("${") == 1:
        name = resource[2:-1]
        return f"!GetAtt {name}" if "." in name else f"!Ref {name}"
    return f'!Sub "{resource}"' if "${" in resource else f'"{resource}"'
