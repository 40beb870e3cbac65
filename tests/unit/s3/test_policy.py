"""Bucket policies decided for a request: actions, resources, principals, and every kind of condition."""

from __future__ import annotations

import base64
import json
import zlib
from datetime import UTC, datetime
from typing import Any

import pytest

from lakeshift.local.s3 import crc
from lakeshift.local.s3.policy import Asked, decide
from lakeshift.local.s3.preconditions import failed_of_copy, is_same

ACCOUNT = "000000000000"
CONTEXT = {
    "aws:securetransport": "true",
    "aws:sourceip": "10.1.2.3",
    "s3:prefix": "in/2026",
    "s3:max-keys": "10",
    "aws:currenttime": "2026-11-28T12:00:00Z",
    "aws:principalarn": f"arn:aws:iam::{ACCOUNT}:root",
    "aws:principalaccount": ACCOUNT,
}


def decided(
    statement: dict[str, Any], *, action: str = "s3:GetObject", key: str = "in/a", anonymous: bool = False
) -> Any:
    given = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*"} | statement
    given = {name: value for name, value in given.items() if value is not None}
    principal = None if anonymous else f"arn:aws:iam::{ACCOUNT}:root"
    asked = Asked(action, f"arn:aws:s3:::b/{key}", principal, ACCOUNT, CONTEXT)
    return decide(json.dumps({"Statement": given}), asked)


@pytest.mark.parametrize(
    ("statement", "applies"),
    [
        ({}, True),
        ({"Action": ["s3:Put*", "s3:getobject"]}, True),
        ({"Action": "s3:PutObject"}, False),
        ({"Action": None, "NotAction": "s3:PutObject"}, True),
        ({"Action": None, "NotAction": ["s3:Get*"]}, False),
        ({"Resource": "arn:aws:s3:::b/out/*"}, False),
        ({"Resource": "arn:aws:s3:::b/i?/a"}, True),
        ({"Resource": None, "NotResource": "arn:aws:s3:::b/in/*"}, False),
        ({"Resource": None, "NotResource": "arn:aws:s3:::b/out/*"}, True),
        ({"Principal": {"AWS": ACCOUNT}}, True),
        ({"Principal": {"AWS": [f"arn:aws:iam::{ACCOUNT}:root"]}}, True),
        ({"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/x"}}, False),
        ({"Principal": {"Service": "glue.amazonaws.com"}}, False),
        ({"Principal": None, "NotPrincipal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}, False),
        ({"Principal": None, "NotPrincipal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/x"}}, True),
    ],
    ids=str,
)
def test_a_statement_applies(statement: dict[str, Any], applies: bool) -> None:
    assert (decided(statement) == "Deny") is applies


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"Bool": {"aws:SecureTransport": "false"}}, False),
        ({"Bool": {"aws:SecureTransport": True}}, True),
        ({"IpAddress": {"aws:SourceIp": ["192.168.0.0/16", "10.0.0.0/8"]}}, True),
        ({"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, False),
        ({"NotIpAddress": {"aws:SourceIp": "192.168.0.0/16"}}, True),
        ({"StringLike": {"s3:prefix": "in/*"}}, True),
        ({"StringLike": {"s3:prefix": ["out/*"]}}, False),
        ({"StringNotLike": {"s3:prefix": ["in/*", "x"]}}, False),
        ({"StringEquals": {"s3:x-amz-acl": "private"}}, False),
        ({"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}}, True),
        ({"StringEqualsIfExists": {"s3:x-amz-acl": "private"}}, True),
        ({"StringEqualsIgnoreCase": {"s3:prefix": "IN/2026"}}, True),
        ({"Null": {"s3:x-amz-server-side-encryption": "true"}}, True),
        ({"Null": {"s3:prefix": True}}, False),
        ({"NumericLessThanEquals": {"s3:max-keys": "10"}}, True),
        ({"NumericGreaterThan": {"s3:max-keys": "10"}}, False),
        ({"DateGreaterThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}}, True),
        ({"DateLessThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}}, False),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}, True),
        ({"ForAnyValue:StringEquals": {"s3:prefix": ["a", "in/2026"]}}, True),
        ({"ForAllValues:StringEquals": {"aws:TagKeys": ["a"]}}, True),
        ({"StringLike": {"s3:prefix": "in/*"}, "Bool": {"aws:SecureTransport": "false"}}, False),
        ({"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}, False),
        ({"BinaryEquals": {"s3:prefix": "eA=="}}, False),
    ],
    ids=str,
)
def test_a_condition_holds(condition: dict[str, Any], holds: bool) -> None:
    assert (decided({"Condition": condition}) == "Deny") is holds


def test_a_deny_outweighs_an_allow_and_nobody_is_not_the_account() -> None:
    allow = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}}
    assert decided(allow) == "Allow"
    assert decided(allow, anonymous=True) is None
    assert decided({"Effect": "Allow", "Principal": "*"}, anonymous=True) == "Allow"
    both = [{"Effect": one, "Principal": "*", "Action": "s3:*", "Resource": "*"} for one in ("Allow", "Deny")]
    assert decide(json.dumps({"Statement": both}), Asked("s3:GetObject", "arn:aws:s3:::b/a", None, ACCOUNT)) == "Deny"


@pytest.mark.parametrize("size", [0, 9, 16_383, 16_384, 100_001])
def test_crc_in_lanes_is_crc_byte_by_byte(size: int) -> None:
    data = bytes(index * 7 % 251 for index in range(size))
    for polynomial, found in ((0x82F63B78, crc.crc32c(data)), (0x9A6C9329AC4BC9B5, crc.crc64nvme(data))):
        bits = 32 if polynomial < 1 << 32 else 64
        state = mask = (1 << bits) - 1
        for byte in data:
            state ^= byte
            for _ in range(8):
                state = (state >> 1) ^ (polynomial if state & 1 else 0)
        assert found == state ^ mask


def test_checksums_of_the_catalogued_text() -> None:
    assert crc.crc32c(b"123456789") == 0xE3069283
    assert crc.crc64nvme(b"123456789") == 0xAE8B14860A799888
    assert base64.b64decode(crc.compute_checksum(b"x", "CRC32")) == zlib.crc32(b"x").to_bytes(4, "big")


NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
BEFORE, AFTER = "Thu, 01 Jan 2026 11:00:00 GMT", "Thu, 01 Jan 2026 13:00:00 GMT"


@pytest.mark.parametrize(
    ("given", "failed"),
    [
        ({"match": '"e"'}, None),
        ({"match": '"f"'}, "match"),
        ({"none-match": '"e"'}, "none-match"),
        ({"none-match": '"f"'}, None),
        ({"modified-since": BEFORE}, None),
        ({"modified-since": AFTER}, "modified-since"),
        ({"unmodified-since": BEFORE}, "unmodified-since"),
        ({"unmodified-since": AFTER}, None),
        ({"match": '"e"', "unmodified-since": BEFORE}, None),
        ({"none-match": '"f"', "modified-since": AFTER}, None),
        ({"none-match": '"e"', "modified-since": BEFORE}, "none-match"),
    ],
    ids=str,
)
def test_a_condition_on_the_source_of_a_copy(given: dict[str, str], failed: str | None) -> None:
    headers = {f"X-Amz-Copy-Source-If-{name}": value for name, value in given.items()}
    assert failed_of_copy(headers, '"e"', NOON) == (failed and f"x-amz-copy-source-if-{failed}")


@pytest.mark.parametrize(("condition", "same"), [('"e"', True), ('"f"', False), (AFTER, True), (BEFORE, False)])
def test_if_range(condition: str, same: bool) -> None:
    assert is_same(condition, {"ETag": '"e"', "last-modified": "Thu, 01 Jan 2026 12:00:00 GMT"}) is same
