"""Secrets: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_Operations.html.

A value is made once, on creation; it is never read for a plan, compared or written again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from lakeshift.deploy.adapters.base import Adapter, Live, Properties, chosen, tag_list
from lakeshift.deploy.session import AwsSession
from lakeshift.errors import LakeshiftError

__all__ = ["Secret", "resolved"]

_PLAIN: Final = ("Description", "KmsKeyId")
_OWN: Final = ("SecretStringTemplate", "GenerateStringKey")
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html
_REFERENCE: Final = re.compile(r"\{\{resolve:secretsmanager:([^:}]+):SecretString:([^:}]+)\}\}")


class Secret(Adapter):
    """A secret."""

    type = "AWS::SecretsManager::Secret"
    identity = ("Name",)
    tagged = ("secretsmanager", "{Name}")
    holds_data = True
    write_only = frozenset({"SecretString", "GenerateSecretString"})

    def read(self, aws: AwsSession, want: Properties) -> Live | None:
        """What may be shown of it; one that waits for its deletion is not there."""
        found = _describe(aws, want)
        if found is None or found.get("DeletedDate"):
            return None
        return Live(chosen(found, "Name", *_PLAIN), {"Ref": found["ARN"], "Id": found["ARN"]})

    def create(self, aws: AwsSession, want: Properties, tags: Mapping[str, str]) -> None:
        """With the value given, or a new random one; one that waits for its deletion is taken back with its value."""
        given = chosen(want, "Name", *_PLAIN)
        if _describe(aws, want) is not None:
            aws.call("secretsmanager", "restore_secret", SecretId=want["Name"])
            self.update(aws, want, Live({}), frozenset(given) - {"Name"})
            return
        value = _value(aws, want)
        aws.call("secretsmanager", "create_secret", SecretString=value, Tags=tag_list(tags), **given)

    def update(self, aws: AwsSession, want: Properties, live: Live, changed: frozenset[str]) -> None:
        """All but its value."""
        given = {name: want[name] for name in changed}
        if given:
            aws.call("secretsmanager", "update_secret", SecretId=want["Name"], **given)

    def delete(self, aws: AwsSession, want: Properties, live: Live) -> None:
        """Can be taken back for 30 days."""
        aws.call("secretsmanager", "delete_secret", SecretId=want["Name"])


def _describe(aws: AwsSession, want: Properties) -> dict[str, Any] | None:
    return aws.find("secretsmanager", "describe_secret", ("ResourceNotFoundException",), SecretId=want["Name"])


def _value(aws: AwsSession, want: Properties) -> str:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-secretsmanager-secret-generatesecretstring.html."""
    if "SecretString" in want:
        return str(want["SecretString"])
    rules = want.get("GenerateSecretString", {})
    asked = {key: value for key, value in rules.items() if key not in _OWN}
    password = str(aws.call("secretsmanager", "get_random_password", **asked)["RandomPassword"])
    if "GenerateStringKey" not in rules:
        return password
    document = json.loads(rules.get("SecretStringTemplate", "{}"))
    return json.dumps({**document, rules["GenerateStringKey"]: password})


def resolved(aws: AwsSession, value: Any) -> str:
    """``{{resolve:secretsmanager:<name>:SecretString:<key>}}`` in a text, replaced by what the secret holds now."""

    def told(match: re.Match[str]) -> str:
        name, key = match.groups()
        text = aws.call("secretsmanager", "get_secret_value", SecretId=name)["SecretString"]
        document = json.loads(text)
        if key not in document:
            raise LakeshiftError(f"The secret {name} has no key {key}; put one in, then deploy again.")
        return str(document[key])

    return _REFERENCE.sub(told, str(value))
