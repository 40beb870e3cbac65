"""DropFields, RenameField, SplitFields, DropNullFields."""

from __future__ import annotations

from typing import Any

import pytest
from awsglue.transforms import DropFields, DropNullFields, RenameField, SplitFields

from tests.contract.cases import Case, check, printed, records_of, table

DROP = "aws-glue-api-crawler-pyspark-transforms-DropFields"
RENAME = "aws-glue-api-crawler-pyspark-transforms-RenameField"
SPLIT = "aws-glue-api-crawler-pyspark-transforms-SplitFields"
NULLS = "aws-glue-api-crawler-pyspark-transforms-DropNullFields"
METHOD = "aws-glue-api-crawler-pyspark-extensions-dynamic-frame"
FRIENDS = (
    {
        "name": "Sally",
        "age": 23,
        "location": {"state": "WY", "county": "Fremont"},
        "friends": [{"name": "Kim", "age": 22}],
    },
    {
        "name": "Varun",
        "age": 34,
        "location": {"state": "NE", "county": "Douglas"},
        "friends": [{"name": "Aditya", "age": 32}],
    },
)
ORG = ({"id": "o", "name": "n", "links": [{"url": "u"}], "identifiers": [1]},)
TREE = ({"a": 1, "b": {"c": 2, "d": 3}, "e.f": 4},)


@table(
    Case(
        "top-level-nested-and-in-an-array",
        DROP,
        FRIENDS,
        lambda f: f.drop_fields(["age", "location.county", "friends.age"]),
        (
            "|-- name: string",
            "|-- location: struct",
            "|    |-- state: string",
            "|-- friends: array",
            "|    |-- element: struct",
            "|    |    |-- name: string",
        ),
        (
            {"name": "Sally", "location": {"state": "WY"}, "friends": [{"name": "Kim"}]},
            {"name": "Varun", "location": {"state": "NE"}, "friends": [{"name": "Aditya"}]},
        ),
    ),
    Case(
        "the-last-field-takes-its-struct-along",
        DROP,
        ({"a": {"b": 1}, "c": 2},),
        lambda f: f.drop_fields(["a.b"]),
        ("|-- c: int",),
        ({"c": 2},),
    ),
    Case(
        "a-name-with-a-dot",
        DROP,
        TREE,
        lambda f: f.drop_fields(["`e.f`"]),
        ("|-- a: int", "|-- b: struct", "|    |-- c: int", "|    |-- d: int"),
    ),
    Case("a-path-as-text", METHOD, TREE, lambda f: f.drop_fields("b"), ("|-- a: int", "|-- e.f: int")),
    Case("unknown-names-change-nothing", DROP, TREE, lambda f: f.drop_fields(["zz", "b.zz"]), rows=TREE),
    Case("by-the-transform", DROP, TREE, lambda f: DropFields.apply(f, ["a", "b"]), ("|-- e.f: int",), ({"e.f": 4},)),
    Case(
        "a-choice-goes-whole",
        DROP,
        ({"v": 1, "w": 1}, {"v": "x", "w": 2}),
        lambda f: f.drop_fields(["v"]),
        ("|-- w: int",),
        ({"w": 1}, {"w": 2}),
    ),
    Case(
        "absent-and-null-are-told-apart-afterwards",
        DROP,
        ({"a": None, "b": 1}, {"b": 2}, {"a": 1}),
        lambda f: f.drop_fields(["b"]),
        rows=({"a": None}, {}, {"a": 1}),
    ),
)
def test_drop_fields(case: Case, of_json: Any) -> None:
    check(case, of_json(*case.given))


@table(
    Case(
        "goes-to-the-end-of-its-record",
        RENAME,
        ORG,
        lambda f: f.rename_field("id", "org_id").rename_field("name", "org_name"),
        rows=({"links": [{"url": "u"}], "identifiers": [1], "org_id": "o", "org_name": "n"},),
    ),
    Case(
        "inside-a-struct",
        RENAME,
        TREE,
        lambda f: f.rename_field("b.c", "b.z"),
        ("|-- a: int", "|-- b: struct", "|    |-- d: int", "|    |-- z: int", "|-- e.f: int"),
    ),
    Case(
        "a-name-with-a-dot-needs-back-ticks",
        METHOD,
        ({"this.old.name": 1},),
        lambda f: f.rename_field("`this.old.name`", "thisNewName"),
        ("|-- thisNewName: int",),
        ({"thisNewName": 1},),
    ),
    Case(
        "out-of-a-struct",
        RENAME,
        TREE,
        lambda f: f.rename_field("b.c", "c"),
        rows=({"a": 1, "b": {"d": 3}, "e.f": 4, "c": 2},),
    ),
    Case(
        "into-a-struct",
        RENAME,
        TREE,
        lambda f: f.rename_field("a", "b.z"),
        rows=({"e.f": 4, "b": {"c": 2, "d": 3, "z": 1}},),
    ),
    Case(
        "into-a-new-struct",
        RENAME,
        TREE,
        lambda f: f.rename_field("a", "n.m.z"),
        rows=({"b": {"c": 2, "d": 3}, "e.f": 4, "n": {"m": {"z": 1}}},),
    ),
    Case(
        "deep-into-a-struct",
        RENAME,
        ({"a": 1, "b": {"c": {"d": 2}}},),
        lambda f: f.rename_field("a", "b.c.e"),
        rows=({"b": {"c": {"d": 2, "e": 1}}},),
    ),
    Case(
        "in-the-elements-of-an-array",
        RENAME,
        FRIENDS[:1],
        lambda f: f.rename_field("friends.age", "friends.years"),
        rows=({**FRIENDS[0], "friends": [{"name": "Kim", "years": 22}]},),
    ),
    Case("unknown-names-change-nothing", RENAME, TREE, lambda f: f.rename_field("nowhere", "x"), rows=TREE),
    Case(
        "by-the-transform",
        RENAME,
        TREE,
        lambda f: RenameField.apply(f, "a", "z"),
        rows=({"b": {"c": 2, "d": 3}, "e.f": 4, "z": 1},),
    ),
    Case(
        "a-null-stays-null-and-an-absent-key-absent",
        RENAME,
        ({"a": None}, {"b": 1}, {"a": 2}),
        lambda f: f.rename_field("a", "z"),
        rows=({"z": None}, {"b": 1}, {"z": 2}),
    ),
    Case(
        "a-choice-keeps-its-types",
        RENAME,
        ({"v": 1}, {"v": "x"}),
        lambda f: f.rename_field("v", "w"),
        ("|-- w: choice", "|    |-- int", "|    |-- string"),
        ({"w": 1}, {"w": "x"}),
    ),
)
def test_rename_field(case: Case, of_json: Any) -> None:
    check(case, of_json(*case.given))


@pytest.mark.page(SPLIT)
@pytest.mark.parametrize(
    ("paths", "names", "first", "second"),
    [
        pytest.param(["name", "age"], ("left", "right"), {"name", "age"}, {"location", "friends"}, id="two-frames"),
        pytest.param("age", ("one", "two"), {"age"}, {"name", "location", "friends"}, id="a-path-as-text"),
    ],
)
def test_split_fields(of_json: Any, paths: Any, names: tuple[str, str], first: set[str], second: set[str]) -> None:
    frames = of_json(*FRIENDS).split_fields(paths, *names)
    assert list(frames.keys()) == list(names)
    assert [set(records_of(frames[name])[0]) for name in names] == [first, second]


@pytest.mark.page(SPLIT)
def test_split_fields_names_its_frames_after_the_frame(of_json: Any) -> None:
    frame = of_json(*FRIENDS)
    assert set(SplitFields.apply(frame, ["age"]).keys()) == {f"{frame.name or 'frame'}1", f"{frame.name or 'frame'}2"}
    assert set(SplitFields.apply(frame, ["age"], "a", "b").keys()) == {"a", "b"}


@table(
    Case(
        "columns-that-only-hold-nulls",
        NULLS,
        ({"a": 1, "b": None, "c.d": None}, {"a": None, "b": None}),
        DropNullFields.apply,
        ("|-- a: int",),
        ({"a": 1}, {"a": None}),
    ),
    Case(
        "within-structs",
        NULLS,
        ({"s": {"x": None, "y": 1}},),
        DropNullFields.apply,
        ("|-- s: struct", "|    |-- y: int"),
        ({"s": {"y": 1}},),
    ),
    Case(
        "within-arrays-of-structs",
        NULLS,
        ({"l": [{"x": None, "y": 1}]},),
        DropNullFields.apply,
        rows=({"l": [{"y": 1}]},),
    ),
    Case(
        "a-column-with-any-value-stays",
        NULLS,
        ({"a": None}, {"a": "x"}),
        DropNullFields.apply,
        ("|-- a: string",),
        ({"a": None}, {"a": "x"}),
    ),
)
def test_drop_null_fields(case: Case, of_json: Any) -> None:
    check(case, of_json(*case.given))


@pytest.mark.page(NULLS)
def test_drop_null_fields_says_which(of_json: Any) -> None:
    assert printed(lambda: DropNullFields.apply(of_json({"a": 1, "b": None}))) == ["null_fields ['b']"]
