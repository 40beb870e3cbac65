"""What a load or an unload is allowed by: a role or keys, and the S3 place it names.

https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-authorization.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.tokens import Token, tokenize

__all__ = ["check_access", "check_url", "is_role", "redacted"]

# One role, or a chain of them.
_ROLE: Final = re.compile(
    r"default|arn:aws[\w-]*:iam::\d{12}:role/[\w+=,.@/-]+(,arn:aws[\w-]*:iam::\d{12}:role/[\w+=,.@/-]+)*"
)
_URL: Final = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/[^\0]{1,1024}")
_KEYS: Final = ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY")
# Words whose value is a secret wherever they stand before a text.
_SECRETS: Final = frozenset(
    {"CREDENTIALS", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN", "TOKEN", "MASTER_SYMMETRIC_KEY", "PASSWORD"}
)


def check_access(options: Mapping[str, object], verb: str, page: str) -> None:
    """Raise RedshiftError unless exactly one form of authorization is there and well-formed.

    Keys are taken as Redshift takes them; :func:`redacted` keeps them out of every log.
    """
    role, credentials = options.get("IAM_ROLE"), options.get("CREDENTIALS")
    if isinstance(credentials, str):
        role = _from_credentials(credentials, role)
        if role is None:
            return
    if any(name in options for name in (*_KEYS, "SESSION_TOKEN")):
        for name in _KEYS:
            if name not in options:
                raise RedshiftError(f"{verb} requires {name} with the other keys", "0A000")
        if role is not None:
            raise RedshiftError("IAM_ROLE is not compatible with ACCESS_KEY_ID", "0A000")
        return
    if role is None:
        raise RedshiftError(f"{verb} requires authorization: IAM_ROLE is missing", "0A000", hint=page)
    if not is_role(str(role)):
        raise RedshiftError(
            f'The IAM role "{role}" is not valid', "22023", hint="Use arn:aws:iam::<account>:role/<name>."
        )


def _from_credentials(text: str, role: object) -> object:
    """The role of a CREDENTIALS text, None where it holds keys; the text itself is in no error: it is a secret."""
    parts = dict(part.partition("=")[::2] for part in text.split(";") if part)
    if role is not None:
        raise RedshiftError("IAM_ROLE is not compatible with CREDENTIALS", "0A000")
    if "aws_iam_role" in parts:
        return parts["aws_iam_role"]
    if {"aws_access_key_id", "aws_secret_access_key"} <= parts.keys():
        return None
    raise RedshiftError("Invalid credentials. Must be of the format: credentials 'aws_iam_role=...' or "
                        "'aws_access_key_id=...;aws_secret_access_key=...[;token=...]'", "22023")  # fmt: skip


def is_role(text: str) -> bool:
    """Whether it is ``default``, a role's ARN, or a chain of ARNs."""
    return _ROLE.fullmatch(text) is not None


def check_url(url: str) -> None:
    """Raise unless it names a bucket and a key prefix."""
    if not _URL.fullmatch(url):
        raise RedshiftError(f"The specified S3 prefix '{url}' does not exist", "XX000")


def redacted(sql: str) -> str:
    """The statement with every secret's text emptied, as STL_QUERY shows it; an unreadable one is cut."""
    if not any(word in sql.upper() for word in _SECRETS):
        return sql
    try:
        tokens = tokenize(sql)
    except RedshiftError:
        return f"{sql.split(maxsplit=1)[0]} (unreadable, with credentials)"
    made, last = "", 0
    for index, token in enumerate(tokens):
        if token.kind in ("string", "dollar") and _is_secret(tokens, index):
            made, last = f"{made}{sql[last : token.start]}''", token.end
    return made + sql[last:]


def _is_secret(tokens: list[Token], index: int) -> bool:
    before = [token.upper for token in tokens[max(0, index - 3) : index] if token.text != "="]
    while before and before[-1] in ("AS", "WITH"):
        before.pop()
    return bool(before) and before[-1] in _SECRETS
