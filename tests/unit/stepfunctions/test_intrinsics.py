"""The intrinsic functions, by the examples of the documentation and around their edges."""

from __future__ import annotations

import re
from typing import Any

import pytest

from lakeshift.local.stepfunctions.language.failure import StateFailure
from lakeshift.local.stepfunctions.language.intrinsics import call, problem
from lakeshift.local.stepfunctions.language.paths import Data

DATA = Data(
    {"name": "Ada", "n": 7, "list": [1, 2, 3, 3], "o": {"a": 1}, "p": {"b": 2}, "quote": "it's"},
    {"Execution": {"Name": "run-1"}},
    {"v": {"k": [5]}},
)

VALUES: dict[str, tuple[str, Any]] = {
    "Format one": ("States.Format('Hello, my name is {}.', $.name)", "Hello, my name is Ada."),
    "Format of a number": ("States.Format('{}-{}', $.n, 1.5)", "7-1.5"),
    "Format of an object is JSON": ("States.Format('{}', $.o)", '{"a":1}'),
    "Format of null": ("States.Format('{}', null)", "null"),
    "Format keeps escaped braces": (r"States.Format('\{\} {}', $.n)", "{} 7"),
    "Format of a quote": (r"States.Format('it\'s {}', $.name)", "it's Ada"),
    "Format of the context": ("States.Format('pipeline/{}', $$.Execution.Name)", "pipeline/run-1"),
    "Format of a variable": ("States.Format('{}', $v.k[0])", "5"),
    "StringToJson": ("""States.StringToJson('{"a": [1]}')""", {"a": [1]}),
    "JsonToString": ("States.JsonToString($.o)", '{"a":1}'),
    "Array": ("States.Array($.n, 'x', null, true)", [7, "x", None, True]),
    "Array of nothing": ("States.Array()", []),
    "ArrayPartition": ("States.ArrayPartition($.list, 3)", [[1, 2, 3], [3]]),
    "ArrayContains": ("States.ArrayContains($.list, 2)", True),
    "ArrayContains no other type": ("States.ArrayContains($.list, '2')", False),
    "ArrayRange": ("States.ArrayRange(1, 9, 2)", [1, 3, 5, 7, 9]),
    "ArrayRange downwards": ("States.ArrayRange(3, 1, -1)", [3, 2, 1]),
    "ArrayGetItem": ("States.ArrayGetItem($.list, 1)", 2),
    "ArrayLength": ("States.ArrayLength($.list)", 4),
    "ArrayUnique": ("States.ArrayUnique($.list)", [1, 2, 3]),
    "Base64Encode": ("States.Base64Encode('Data to encode')", "RGF0YSB0byBlbmNvZGU="),
    "Base64Decode": ("States.Base64Decode('RGVjb2RlZCBkYXRh')", "Decoded data"),
    "Hash": ("States.Hash('input data', 'SHA-1')", "aaff4a450a104cd177d28d18d74485e8cae074b7"),
    "Hash of MD5": ("States.Hash('', 'MD5')", "d41d8cd98f00b204e9800998ecf8427e"),
    "JsonMerge": ("States.JsonMerge($.o, $.p, false)", {"a": 1, "b": 2}),
    "MathAdd": ("States.MathAdd($.n, -1)", 6),
    "MathRandom with a seed": ("States.MathRandom(5, 6, 1)", 5),
    "StringSplit": ("States.StringSplit('1,2;3', ',;')", ["1", "2", "3"]),
    "StringSplit leaves out what is empty": ("States.StringSplit('a..b', '.')", ["a", "b"]),
    "nested": ("States.ArrayLength(States.StringSplit(States.Format('{},{}', 1, 2), ','))", 2),
    "a path with a filter as argument": ("States.ArrayLength($.list[?(@ > 1)])", 3),
    "blanks between": ("States.MathAdd( 1 , 2 )", 3),
}


@pytest.mark.parametrize(("text", "expected"), VALUES.values(), ids=VALUES)
def test_a_function_s_value(text: str, expected: Any) -> None:
    assert call(text, DATA) == expected


def test_a_uuid_is_new_each_time() -> None:
    first, second = (call("States.UUID()", DATA) for _ in range(2))
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", first)
    assert first != second


FAILURES: dict[str, str] = {
    "Format with too few values": "States.Format('{} {}', 1)",
    "Format with too many": "States.Format('{}', 1, 2)",
    "StringToJson of no JSON": "States.StringToJson('{')",
    "StringToJson of a number": "States.StringToJson(1)",
    "ArrayGetItem outside": "States.ArrayGetItem($.list, 9)",
    "ArrayGetItem before": "States.ArrayGetItem($.list, -1)",
    "ArrayPartition by nothing": "States.ArrayPartition($.list, 0)",
    "ArrayRange of too many": "States.ArrayRange(1, 5000, 1)",
    "ArrayRange without a step": "States.ArrayRange(1, 5, 0)",
    "ArrayLength of text": "States.ArrayLength('abc')",
    "Base64Decode of no Base64": "States.Base64Decode('?')",
    "Hash by another algorithm": "States.Hash('a', 'CRC')",
    "JsonMerge deep": "States.JsonMerge($.o, $.p, true)",
    "MathAdd of text": "States.MathAdd('1', 2)",
    "MathRandom backwards": "States.MathRandom(5, 1)",
    "too few arguments": "States.ArrayGetItem($.list)",
}


@pytest.mark.parametrize("text", FAILURES.values(), ids=FAILURES)
def test_what_a_function_cannot_do_is_an_intrinsic_failure(text: str) -> None:
    with pytest.raises(StateFailure) as told:
        call(text, DATA)
    assert told.value.error == "States.IntrinsicFailure"


WRONG = {
    "an unknown function": "States.Reverse('a')",
    "no call": "States.Format",
    "an argument that is none": "States.Array(a)",
    "no closing parenthesis": "States.Array(1",
    "no comma": "States.Array(1 2)",
    "something behind": "States.UUID() x",
    "eleven deep": "States.Array(" * 11 + "1" + ")" * 11,
}


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG)
def test_what_is_no_call_is_told_at_creation(text: str) -> None:
    assert problem(text) is not None


@pytest.mark.parametrize("text", [text for text, _ in VALUES.values()], ids=VALUES)
def test_a_call_is_accepted_at_creation(text: str) -> None:
    assert problem(text) is None
