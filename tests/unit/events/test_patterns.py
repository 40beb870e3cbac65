"""Event patterns match as EventBridge's documentation says, and a wrong one is refused with its reason."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lakeshift.local.events.pattern import matches
from lakeshift.local.events.pattern_rules import InvalidPatternError, parse

EVENT = {
    "source": "aws.s3",
    "detail": {
        "key": "raw/flights/2026/a.json",
        "size": 300,
        "ratio": 1.5,
        "ok": True,
        "nothing": None,
        "empty": "",
        "tags": ["red", "green"],
        "none": [],
        "ip": "10.1.2.3",
        "v6": "2001:db8::1",
        "star": "a*b",
        "parts": [{"name": "x", "at": 1}, {"name": "y", "at": 2}],
    },
}


def case(name: str, rule: list[Any], fits: bool, label: str) -> Any:
    return pytest.param({"detail": {name: rule}}, fits, id=label)


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        case("key", ["raw/flights/2026/a.json"], True, "the same text"),
        case("key", ["RAW/flights/2026/a.json"], False, "case counts"),
        case("key", ["x", {"prefix": "raw/"}], True, "one of several rules is enough"),
        case("key", [{"prefix": "clean/"}], False, "another prefix"),
        case("key", [{"prefix": {"equals-ignore-case": "RAW/"}}], True, "prefix whatever the case"),
        case("key", [{"suffix": ".json"}], True, "suffix"),
        case("key", [{"suffix": {"equals-ignore-case": ".JSON"}}], True, "suffix whatever the case"),
        case("key", [{"equals-ignore-case": "RAW/flights/2026/A.json"}], True, "equals-ignore-case"),
        case("key", [{"wildcard": "raw/*/2026/*.json"}], True, "wildcard"),
        case("key", [{"wildcard": "raw/*.csv"}], False, "wildcard that does not fit"),
        case("star", [{"wildcard": "a\\*b"}], True, "an escaped star is itself"),
        case("key", [{"wildcard": "raw\\*json"}], False, "an escaped star is nothing else"),
        case("key", [{"anything-but": "x"}], True, "anything-but one"),
        case("key", [{"anything-but": ["raw/flights/2026/a.json", "x"]}], False, "anything-but several"),
        case("key", [{"anything-but": {"prefix": "raw/"}}], False, "anything-but a prefix"),
        case("key", [{"anything-but": {"suffix": [".csv", ".txt"]}}], True, "anything-but several suffixes"),
        case("key", [{"anything-but": {"wildcard": "*/flights/*"}}], False, "anything-but a wildcard"),
        case("key", [{"anything-but": {"equals-ignore-case": ["X"]}}], True, "anything-but whatever the case"),
        case("absent", [{"anything-but": "x"}], False, "anything-but needs a value"),
        case("tags", [{"anything-but": "red"}], True, "anything-but: one value of an array is enough"),
        case("size", [300], True, "number"),
        case("size", [300.0], True, "number in another notation"),
        case("size", ["300"], False, "a number is no text"),
        case("size", [{"numeric": ["=", 300]}], True, "numeric equal"),
        case("size", [{"numeric": [">", 0, "<=", 300]}], True, "numeric range"),
        case("size", [{"numeric": [">", 300]}], False, "numeric above"),
        case("ok", [True], True, "true"),
        case("ok", [1], False, "true is not 1"),
        case("nothing", [None], True, "null"),
        case("absent", [None], False, "null is not absent"),
        case("empty", [""], True, "empty text"),
        case("tags", ["green"], True, "a value of an array"),
        case("absent", [{"exists": False}], True, "absent"),
        case("key", [{"exists": False}], False, "absent although there"),
        case("nothing", [{"exists": True}], True, "null exists"),
        case("none", [{"exists": False}], True, "an empty array is no value"),
        case("parts", [{"exists": True}], False, "exists is of a value, not of an object"),
        case("ip", [{"cidr": "10.0.0.0/8"}], True, "cidr"),
        case("ip", [{"cidr": "192.168.0.0/16"}], False, "another network"),
        case("v6", [{"cidr": "2001:db8::/32"}], True, "cidr of IPv6"),
        pytest.param({"detail": {"parts": {"name": ["x"], "at": [1]}}}, True, id="one object of an array"),
        pytest.param({"detail": {"parts": {"name": ["x"], "at": [2]}}}, False, id="not two objects together"),
        pytest.param({"source": ["aws.s3"], "detail": {"size": [1]}}, False, id="every field"),
        pytest.param({"$or": [{"source": ["x"]}, {"detail": {"size": [300]}}]}, True, id="or"),
        pytest.param({"source": ["x"], "$or": [{"source": ["x"]}, {"detail": {"size": [300]}}]}, False, id="or and"),
        pytest.param({"detail": {"$or": [{"size": [1]}, {"ok": [False]}]}}, False, id="or that is neither"),
    ],
)
def test_an_event_matches(pattern: dict[str, Any], fits: bool) -> None:
    assert matches(parse(json.dumps(pattern)), EVENT) is fits


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("{", "Invalid JSON", id="no-json"),
        pytest.param("[]", "Filter is not an object", id="no-object"),
        pytest.param("{}", "Empty objects are not allowed", id="empty"),
        pytest.param('{"source": "x"}', '"source" must be an object or an array', id="text-for-array"),
        pytest.param('{"source": []}', "Empty arrays are not allowed", id="empty-array"),
        pytest.param('{"a": [[1]]}', "Match value must be String, number, true, false, or null", id="array-in-array"),
        pytest.param('{"a": [{"like": "x"}]}', "Unrecognized match type like", id="unknown-operator"),
        pytest.param('{"a": [{"prefix": "x", "suffix": "y"}]}', "Only one key allowed", id="two-operators"),
        pytest.param('{"a": [{"prefix": 1}]}', "prefix match pattern must be a string", id="prefix-of-number"),
        pytest.param('{"a": [{"wildcard": "a**b"}]}', "Consecutive wildcard characters", id="two-stars"),
        pytest.param('{"a": [{"wildcard": "a\\\\b"}]}', "Invalid escape character", id="escape"),
        pytest.param('{"a": [{"exists": "yes"}]}', "must be either true or false", id="exists"),
        pytest.param('{"a": [{"numeric": ">"}]}', "must be an array", id="numeric-no-array"),
        pytest.param('{"a": [{"numeric": ["!", 1]}]}', "Unrecognized numeric range operator: !", id="numeric-sign"),
        pytest.param('{"a": [{"numeric": [">", "1"]}]}', "must be numeric", id="numeric-text"),
        pytest.param('{"a": [{"numeric": [">", 5, "<", 1]}]}', "Bottom must be less than top", id="numeric-range"),
        pytest.param('{"a": [{"numeric": [">", 6e9]}]}', "between", id="numeric-too-large"),
        pytest.param('{"a": [{"cidr": "10.0.0.1"}]}', "Malformed CIDR", id="cidr"),
        pytest.param('{"a": [{"anything-but": ["x", 1]}]}', "mixed type is not supported", id="mixed"),
        pytest.param('{"a": [{"anything-but": {"like": "x"}}]}', "Unrecognized match type like", id="anything-but"),
    ],
)
def test_a_wrong_pattern_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(InvalidPatternError, match=reason.replace("(", r"\(")):
        parse(text)
