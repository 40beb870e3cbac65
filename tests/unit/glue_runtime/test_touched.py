"""Which fields of its record a function touches, by its byte code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lakeshift.glue_runtime.engine.touched import touched_by

SEEN: list[Any] = []


def nests(r: Any) -> Any:
    r["Address"] = {"City": r["City"], "Zip": r.get("Zip", None)}
    del r["City"]
    if "Zip" in r:
        r.pop("Zip")
    r["n"] += 1
    r.flag = True
    return r


def chooses(r: Any) -> Any:
    r["v"] = "x" if r["n"] == 2 else r["n"]
    return r


def other(r: Any) -> Any:
    return {"x": r["a"]} if r.b else {"x": 0}


def either(r: Any) -> Any:
    if r["a"]:
        return r
    return {"a": 1}


def passes_on(r: Any) -> Any:
    SEEN.append(r)
    return r


def rebinds(r: Any) -> Any:
    r = dict(r)
    r["a"] = 1
    return r


def captures(r: Any) -> Any:
    return [r["a"] for _ in range(2)] and (lambda: r)()


def any_key(r: Any) -> Any:
    return r["a" if r["b"] else "c"]


def computed(r: Any) -> Any:
    key = "a"
    return r[key]


def sees_locals(r: Any) -> Any:
    return r["a"] and locals()


def yields(r: Any) -> Any:
    yield r["a"]


@pytest.mark.parametrize(
    ("function", "fields", "changed", "returns"),
    [
        pytest.param(lambda r: r["a"] > 1 and r.b is not None, {"a", "b"}, set(), False, id="reads"),
        pytest.param(lambda r: "a" in r and r.get("b"), {"a", "b"}, set(), False, id="in-and-get"),
        pytest.param(lambda r: True, set(), set(), False, id="nothing"),
        pytest.param(
            nests, {"Address", "City", "Zip", "n", "flag"}, {"Address", "City", "Zip", "n", "flag"}, True, id="map"
        ),
        pytest.param(chooses, {"v", "n"}, {"v"}, True, id="conditional-value"),
        pytest.param(other, {"a", "b"}, set(), False, id="a-record-of-its-own"),
    ],
)
def test_what_a_plain_function_touches(
    function: Callable[[Any], Any], fields: set[str], changed: set[str], returns: bool
) -> None:
    found = touched_by(function)
    assert found is not None
    assert (set(found.fields), set(found.changed), found.returns_record) == (fields, changed, returns)


@pytest.mark.parametrize(
    "function",
    [
        either,
        passes_on,
        rebinds,
        captures,
        any_key,
        computed,
        sees_locals,
        yields,
        pytest.param(lambda r: r.items(), id="all-items"),
        pytest.param(lambda r: [k.upper() for k in r], id="iterates"),
        pytest.param(lambda r: len(r) > 1, id="length"),
        pytest.param(lambda r: {**r, "a": 1}, id="spreads"),
        pytest.param(lambda r: r["a" + str(1)], id="made-key"),
        pytest.param(lambda r: r.get("a" + str(1)), id="made-key-of-get"),
        pytest.param(lambda *r: r[0], id="star"),
        pytest.param(len, id="built-in"),
    ],
)
def test_any_other_use_gives_no_answer(function: Callable[..., Any]) -> None:
    assert touched_by(function) is None
