from __future__ import annotations

from typing import Any

import pytest

from lakeshift.local.events.shape import PathError, body, value_at

EVENT: dict[str, Any] = {
    "detail-type": "Object Created",
    "time": "2026-01-31T12:00:00Z",
    "detail": {"object": {"key": 'a "b".json', "size": 3}, "tags": ["x", "y"]},
}

PATHS = {
    "the event": ("$", EVENT),
    "a name with a hyphen": ("$.detail-type", "Object Created"),
    "deep": ("$.detail.object.size", 3),
    "an index": ("$.detail.tags[1]", "y"),
    "a quoted name": ("$['detail']['object'].size", 3),
    "an index too far": ("$.detail.tags[2]", None),
    "a name not there": ("$.detail.none.deeper", None),
}

BODIES = {
    "a constant": ({"Input": '{"a": 1}'}, '{"a": 1}'),
    "a part": ({"InputPath": "$.detail.object.size"}, "3"),
    "text inside quotes": (
        {"InputTransformer": {"InputPathsMap": {"n": "$.detail.object.size"}, "InputTemplate": '"size <n>"'}},
        '"size 3"',
    ),
    "quotes in a value are escaped": (
        {"InputTransformer": {"InputPathsMap": {"k": "$.detail.object.key"}, "InputTemplate": '{"key": "<k>"}'}},
        '{"key": "a \\"b\\".json"}',
    ),
    "a whole value": (
        {"InputTransformer": {"InputPathsMap": {"o": "$.detail.tags"}, "InputTemplate": '{"tags": <o>}'}},
        '{"tags": ["x", "y"]}',
    ),
    "a value that is not there": (
        {"InputTransformer": {"InputPathsMap": {"o": "$.none"}, "InputTemplate": '{"a": <o>, "b": "<o>"}'}},
        '{"a": null, "b": ""}',
    ),
    "the rule's name": (
        {"InputTransformer": {"InputTemplate": '"<aws.events.rule-name>"'}},
        '"landed"',
    ),
    "a name nobody gave": ({"InputTransformer": {"InputTemplate": '"<other>"'}}, '"<other>"'),
}


@pytest.mark.parametrize(("path", "value"), PATHS.values(), ids=PATHS)
def test_a_path_leads_to_its_value(path: str, value: Any) -> None:
    assert value_at(path, EVENT) == value


@pytest.mark.parametrize("path", ["detail", "$detail", "$.", "$.a..b", "$[x]"])
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(PathError):
        value_at(path, EVENT)


@pytest.mark.parametrize(("target", "text"), BODIES.values(), ids=BODIES)
def test_a_target_gets_what_it_asks_for(target: dict[str, Any], text: str) -> None:
    assert body(target, EVENT, "arn:aws:events:us-east-1:000000000000:rule/landed") == text
