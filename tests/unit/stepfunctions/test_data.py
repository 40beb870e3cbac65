"""What a state makes of its input: paths, templates, variables, and JSONata's fields."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lakeshift.local.stepfunctions.language.failure import StateFailure
from lakeshift.local.stepfunctions.language.paths import PathMissing, place, read
from tests.unit.stepfunctions.conftest import Engine, Service, jsonata, one, with_states

ROWS = {"rows": [{"n": 1, "a-b": "x"}, {"n": 2}], "deep": {"k": {"m": 3}}, "text": "abc"}

PATHS: dict[str, tuple[str, Any]] = {
    "all": ("$", ROWS),
    "a member": ("$.text", "abc"),
    "deep": ("$.deep.k.m", 3),
    "in brackets": ("$['deep']['k'].m", 3),
    "a name with a dash": ("$.rows[0].a-b", "x"),
    "by position": ("$.rows[1].n", 2),
    "from the end": ("$.rows[-1].n", 2),
    "every": ("$.rows[*].n", [1, 2]),
    "a slice": ("$.rows[0:1].n", [1]),
    "a filter": ("$.rows[?(@.n == 2)].n", [2]),
    "a filter that finds nothing": ("$.rows[?(@.n == 3)].n", []),
    "anywhere below": ("$..m", [3]),
    "the length": ("$.rows.length()", 2),
}


@pytest.mark.parametrize(("path", "expected"), PATHS.values(), ids=PATHS)
def test_a_path_s_value(path: str, expected: Any) -> None:
    assert read(path, ROWS) == expected


@pytest.mark.parametrize("path", ["$.none", "$.rows[9]", "$.text.more", "$.text[0]", "$.rows.n"])
def test_a_path_to_nothing_is_missing(path: str) -> None:
    with pytest.raises(PathMissing):
        read(path, ROWS)


PLACES: dict[str, tuple[str, Any]] = {
    "all": ("$", "new"),
    "a new member": ("$.b", {"a": [1, 2], "b": "new"}),
    "over a member": ("$.a", {"a": "new"}),
    "deep, made on the way": ("$.x.y", {"a": [1, 2], "x": {"y": "new"}}),
    "in an array": ("$.a[1]", {"a": [1, "new"]}),
}


@pytest.mark.parametrize(("path", "expected"), PLACES.values(), ids=PLACES)
def test_a_result_is_placed(path: str, expected: Any) -> None:
    before = {"a": [1, 2]}
    assert place(before, path, "new") == expected
    assert before == {"a": [1, 2]}


@pytest.mark.parametrize("path", ["$.a.b", "$.a[7]", "$.c[0]"])
def test_a_result_that_has_no_place_fails(path: str) -> None:
    with pytest.raises(StateFailure) as told:
        place({"a": [1]}, path, "new")
    assert told.value.error == "States.ResultPathMatchFailure"


PASSES: dict[str, tuple[dict[str, Any], Any]] = {
    "the input": ({}, ROWS),
    "InputPath": ({"InputPath": "$.deep"}, {"k": {"m": 3}}),
    "InputPath null": ({"InputPath": None}, {}),
    "OutputPath": ({"OutputPath": "$.deep.k"}, {"m": 3}),
    "OutputPath null": ({"OutputPath": None}, {}),
    "Result": ({"Result": {"x": 1}}, {"x": 1}),
    "ResultPath": ({"Result": 1, "ResultPath": "$.deep", "OutputPath": "$.deep"}, 1),
    "ResultPath null keeps the input": ({"Result": 1, "ResultPath": None}, ROWS),
    "Parameters": ({"Parameters": {"n.$": "$.rows[*].n", "fix": "$.no"}}, {"n": [1, 2], "fix": "$.no"}),
    "Parameters over InputPath": ({"InputPath": "$.deep", "Parameters": {"m.$": "$.k.m"}}, {"m": 3}),
    "Parameters inside arrays": ({"Parameters": {"a": [{"x.$": "$.text"}]}}, {"a": [{"x": "abc"}]}),
    "the context object": ({"Parameters": {"x.$": "$$.Execution.Name"}}, {"x": "e"}),
    "the state's name": ({"Parameters": {"x.$": "$$.State.Name"}}, {"x": "A"}),
}


@pytest.mark.parametrize(("fields", "output"), PASSES.values(), ids=PASSES)
def test_a_pass_state_gives(engine: Engine, fields: dict[str, Any], output: Any) -> None:
    assert engine.run(one("Pass", **fields), ROWS).output == output


def test_a_task_s_result_is_selected_and_placed(engine: Engine, service: Callable[..., Service]) -> None:
    asked = service(get_crawler=[{"Crawler": {"Name": "c", "State": "READY"}}])
    fields = {"ResultSelector": {"state.$": "$.Crawler.State"}, "ResultPath": "$.found", "OutputPath": "$.found"}
    machine = one(
        "Task", Resource="arn:aws:states:::aws-sdk:glue:getCrawler", Parameters={"Name.$": "$.text"}, **fields
    )
    assert engine.run(machine, ROWS).output == {"state": "READY"}
    assert asked.calls == [("get_crawler", {"Name": "abc"})]


def chain(*states: dict[str, Any]) -> dict[str, Any]:
    names = "ABCDEF"[: len(states)]
    made = {
        name: {**state, "Next": names[at + 1]}
        for at, (name, state) in enumerate(zip(names, states, strict=True))
        if at + 1 < len(states)
    }
    return {"StartAt": "A", "States": {**made, names[-1]: {**states[-1], "End": True}}}


TELL = {"StartAt": "X", "States": {"X": {"Type": "Pass", "Parameters": {"x.$": "$v"}, "End": True}}}
VARIABLES: dict[str, tuple[dict[str, Any], Any]] = {
    "assigned from the result": (
        chain(
            {"Type": "Pass", "Result": {"a": 1}, "Assign": {"v.$": "$.a"}},
            {"Type": "Pass", "Parameters": {"x.$": "$v"}},
        ),
        {"x": 1},
    ),
    "a path into a variable": (
        chain(
            {"Type": "Pass", "Assign": {"v": {"list": [1, 2]}}}, {"Type": "Pass", "Parameters": {"x.$": "$v.list[1]"}}
        ),
        {"x": 2},
    ),
    "assigned twice": (
        chain(
            {"Type": "Pass", "Assign": {"v": 1}},
            {"Type": "Pass", "Assign": {"v.$": "States.MathAdd($v, 1)"}},
            {"Type": "Pass", "Parameters": {"x.$": "$v"}},
        ),
        {"x": 2},
    ),
    "not yet in force in its own state": (
        chain(
            {"Type": "Pass", "Assign": {"v": "old"}},
            {"Type": "Pass", "Assign": {"v": "new", "w.$": "$v"}},
            {"Type": "Pass", "Parameters": {"v.$": "$v", "w.$": "$w"}},
        ),
        {"v": "new", "w": "old"},
    ),
    "seen inside a branch": (
        chain(
            {"Type": "Pass", "Assign": {"v": 7}},
            {"Type": "Parallel", "Branches": [TELL]},
        ),
        [{"x": 7}],
    ),
    "across the languages": (
        chain(
            {"Type": "Pass", "QueryLanguage": "JSONata", "Assign": {"v": "{% 6 * 7 %}"}},
            {"Type": "Pass", "Parameters": {"x.$": "$v"}},
        ),
        {"x": 42},
    ),
}


@pytest.mark.parametrize(("machine", "output"), VARIABLES.values(), ids=VARIABLES)
def test_a_variable(engine: Engine, machine: dict[str, Any], output: Any) -> None:
    assert engine.run(machine).output == output


def test_a_branch_s_variables_end_with_it(engine: Engine) -> None:
    inner = {"StartAt": "X", "States": {"X": {"Type": "Pass", "Assign": {"v": 1}, "End": True}}}
    machine = chain({"Type": "Parallel", "Branches": [inner]}, {"Type": "Pass", "Parameters": {"x.$": "$v"}})
    assert engine.run(machine).error == "States.Runtime"


EXPRESSIONS: dict[str, tuple[str, Any]] = {
    "the input": ("$states.input.text", "abc"),
    "an array of one is its value": ("$states.input.rows[n = 2].n", 2),
    "an array where it is wanted": ("[$states.input.rows[n = 2].n]", [2]),
    "arithmetic": ("$sum($states.input.rows.n) / 2", 1.5),
    "a whole number": ("$sum($states.input.rows.n)", 3),
    "text": ("$states.input.text & '!' & $states.context.Execution.Name", "abc!e"),
    "an object": ("{'a': $states.input.deep.k.m}", {"a": 3}),
    "null": ("null", None),
    "a condition": ("$exists($states.input.none) ? 1 : 2", 2),
    "a function of its own": ("$map($states.input.rows, function($r) { $r.n * 2 })", [2, 4]),
    "$partition": ("$partition([1, 2, 3], 2)", [[1, 2], [3]]),
    "$range": ("$range(0, 4, 2)", [0, 2, 4]),
    "$hash": ("$hash('a', 'SHA-1')", "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"),
    "$parse": ("""$parse('{"a": 1}')""", {"a": 1}),
    "$uuid": ("$length($uuid())", 36),
    "$random with a seed is the same": ("$random(1) = $random(1)", True),
    "$now is the clock's": ("$now()", "2026-01-01T00:00:00Z"),
    "$millis is the clock's": ("$millis()", 1_767_225_600_000),
    "quotes and newlines": ("""'"' & "\\n" """, '"\n'),
}


@pytest.mark.parametrize(("expression", "output"), EXPRESSIONS.values(), ids=EXPRESSIONS)
def test_an_expression(engine: Engine, expression: str, output: Any) -> None:
    outcome = engine.run(jsonata(one("Pass", Output=f"{{% {expression} %}}")), ROWS)
    assert (outcome.status, outcome.output) == ("SUCCEEDED", output), outcome.cause


WRONG = {
    "undefined": ("$states.input.none", "returned nothing (undefined)"),
    "an unknown variable": ("$none", "returned nothing (undefined)"),
    "an error": ("$number('x')", "threw an error during evaluation"),
    "its own error": ("$error('mine')", "mine"),
    "$eval": ("$eval('1')", "$eval is not supported"),
}


@pytest.mark.parametrize(("expression", "said"), WRONG.values(), ids=WRONG)
def test_an_expression_that_fails_is_an_event_of_its_own(engine: Engine, expression: str, said: str) -> None:
    outcome = engine.run(jsonata(one("Pass", Output={"x": f"{{% {expression} %}}"})), ROWS)
    assert (outcome.status, outcome.error) == ("FAILED", "States.QueryEvaluationError")
    assert said in outcome.cause
    details = next(event for event in engine.history if event["type"] == "EvaluationFailed")[
        "evaluationFailedEventDetails"
    ]
    assert (details["state"], details["location"]) == ("A", "Output/x")


def test_a_jsonata_task_has_arguments_result_output_and_variables(
    engine: Engine, service: Callable[..., Service]
) -> None:
    asked = service(get_crawler=[{"Crawler": {"Name": "c"}}])
    task = one(
        "Task",
        Resource="arn:aws:states:::aws-sdk:glue:getCrawler",
        Arguments={"Name": "{% $states.input.text %}"},
        Assign={"found": "{% $states.result.Crawler.Name %}"},
        Output={"in": "{% $states.input.text %}", "out": "{% $states.result.Crawler.Name %}"},
        Next="B",
    )
    last = {"Type": "Succeed", "Output": "{% $merge([$states.input, {'v': $found}]) %}"}
    assert engine.run(jsonata(with_states(task, B=last)), ROWS).output == {"in": "abc", "out": "c", "v": "c"}
    assert asked.calls == [("get_crawler", {"Name": "abc"})]


def test_a_jsonata_catcher_has_the_error(engine: Engine, service: Callable[..., Service]) -> None:
    service(get_crawler=["EntityNotFoundException"])
    catcher = {"ErrorEquals": ["States.ALL"], "Next": "B", "Output": "{% $states.errorOutput.Error %}"}
    task = one("Task", Resource="arn:aws:states:::aws-sdk:glue:getCrawler", Arguments={"Name": "x"}, Catch=[catcher])
    assert engine.run(jsonata(with_states(task, B={"Type": "Succeed"}))).output == "Glue.EntityNotFoundException"


FAILS: dict[str, tuple[dict[str, Any], tuple[str | None, str | None]]] = {
    "both": ({"Error": "E", "Cause": "c"}, ("E", "c")),
    "neither": ({}, (None, None)),
    "by paths": ({"ErrorPath": "$.text", "CausePath": "States.Format('{}!', $.text)"}, ("abc", "abc!")),
    "in JSONata": ({"QueryLanguage": "JSONata", "Error": "{% $states.input.text & '?' %}"}, ("abc?", None)),
}


@pytest.mark.parametrize(("fields", "told"), FAILS.values(), ids=FAILS)
def test_a_fail_state_tells(engine: Engine, fields: dict[str, Any], told: tuple[str | None, str | None]) -> None:
    outcome = engine.run(one("Fail", **fields), ROWS)
    assert (outcome.status, outcome.error, outcome.cause) == ("FAILED", *told)


def test_an_output_that_is_too_large_fails_the_execution(engine: Engine) -> None:
    machine = one("Pass", Parameters={"a.$": "$", "b.$": "$"})
    outcome = engine.run(machine, {"x": "y" * 140_000})
    assert (outcome.status, outcome.error) == ("FAILED", "States.DataLimitExceeded")


def test_expressions_in_many_threads_do_not_meet(engine: Engine) -> None:
    processor = {"StartAt": "B", "States": {"B": {"Type": "Pass", "Output": "{% $states.input * $k %}", "End": True}}}
    machine = jsonata(one("Map", Items="{% [1..60] %}", ItemProcessor=processor))
    machine["States"]["A"]["ItemSelector"] = "{% $states.context.Map.Item.Value %}"
    before = {"Type": "Pass", "Assign": {"k": 3}, "Next": "A"}
    outcome = engine.run({**machine, "StartAt": "Z", "States": {"Z": before, **machine["States"]}})
    assert outcome.output == [3 * n for n in range(1, 61)], outcome.cause
