"""Transforms, by the examples of the documentation."""

from __future__ import annotations

from typing import Any

import pytest

from lakeshift.glue_runtime.engine import job
from tests.bookmarked import Bookmarked

pytestmark = pytest.mark.spark

FRIENDS = {
    "name": "Sally",
    "age": 23,
    "location": {"state": "WY", "county": "Fremont"},
    "friends": [{"name": "Megan", "age": 21}, {"name": "Kim", "age": 22}],
}


def test_apply_mapping_renames_casts_nests_and_drops(of_json: Any, shown: Any, tree: Any) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-ApplyMapping.html"""
    frame = of_json({"id": "12", "x.y": 1.9, "gone": 1, "in": {"deep": 5}}, {"id": "none", "x.y": 2.0})
    mapped = frame.apply_mapping(
        [
            ("ID", "string", "number", "int"),
            ("`x.y`", "double", "to.text", "String"),
            ("in.deep", "int", "deep", "bigint"),
            ("nowhere", "string", "nowhere", "string"),
        ]
    )
    assert tree(mapped) == ["root", "|-- number: int", "|-- to: struct", "|    |-- text: string", "|-- deep: long"]
    assert shown(mapped)[0] == {"number": 12, "to": {"text": "1.9"}, "deep": 5}
    assert "deep" not in shown(mapped)[1]
    assert mapped.toDF().collect()[1].number is None


@pytest.mark.parametrize(
    ("specs", "choice", "schema", "rows"),
    [
        pytest.param([("v", "cast:int")], "", ["|-- v: int"], [(1,), (None,)], id="cast"),
        pytest.param([("v", "project:string")], "", ["|-- v: string"], [(None,), ("x",)], id="project"),
        pytest.param(
            None, "make_cols", ["|-- v_int: int", "|-- v_string: string"], [(1, None), (None, "x")], id="make-cols"
        ),
        pytest.param(
            None,
            "make_struct",
            ["|-- v: struct", "|    |-- int: int", "|    |-- string: string"],
            [((1, None),), ((None, "x"),)],
            id="make-struct",
        ),
        pytest.param(None, "cast:string", ["|-- v: string"], [("1",), ("x",)], id="choice-cast-all"),
    ],
)
def test_resolve_choice(of_json: Any, tree: Any, specs: Any, choice: str, schema: list[str], rows: list[Any]) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-ResolveChoice.html"""
    resolved = of_json({"v": 1}, {"v": "x"}).resolveChoice(specs=specs, choice=choice)
    assert tree(resolved) == ["root", *schema]
    assert [tuple(r) for r in resolved.toDF().collect()] == rows


def test_resolve_choice_inside_an_array(of_json: Any) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-ResolveChoice.html"""
    frame = of_json({"l": [{"price": 100.0}, {"price": "$100.00"}]})
    resolved = frame.resolveChoice(specs=[("l[].price", "cast:double")])
    assert [[e.price for e in r.l] for r in resolved.toDF().collect()] == [[100.0, None]]


def test_unknown_resolve_action_is_an_error(of_json: Any) -> None:
    with pytest.raises(ValueError, match="Invalid resolve action"):
        of_json({"v": 1}).resolveChoice(specs=[("v", "guess")])


def test_to_df_makes_structs_of_choices(of_json: Any) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-dynamic-frame.html"""
    data = of_json({"v": 1}, {"v": "x"}).toDF()
    assert data.schema.simpleString() == "struct<v:struct<int:int,string:string>>"


def test_drop_fields_at_any_depth(of_json: Any, shown: Any) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-DropFields.html"""
    frame = of_json(FRIENDS).drop_fields(["age", "location.county", "friends.age"])
    assert shown(frame) == [
        {"name": "Sally", "location": {"state": "WY"}, "friends": [{"name": "Megan"}, {"name": "Kim"}]}
    ]


def test_dropping_the_last_field_drops_the_struct(of_json: Any, shown: Any) -> None:
    frame = of_json({"a": {"b": 1}, "c": 2}).drop_fields(["a.b"])
    assert shown(frame) == [{"c": 2}]


def test_select_fields_keeps_the_frames_order(of_json: Any, shown: Any) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-SelectFields.html"""
    frame = of_json({"a": 1, "b": 2, "c": 3}).select_fields(["c", "a", "zz"])
    assert [list(r) for r in shown(frame)] == [["a", "c"]]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param("a", "z", {"b": {"c": 2, "d": 3}, "e.f": 4, "z": 1}, id="top-level-goes-to-the-end"),
        pytest.param("b.c", "b.z", {"a": 1, "b": {"d": 3, "z": 2}, "e.f": 4}, id="inside-a-struct"),
        pytest.param("`e.f`", "ef", {"a": 1, "b": {"c": 2, "d": 3}, "ef": 4}, id="name-with-a-dot"),
        pytest.param("b.c", "c", {"a": 1, "b": {"d": 3}, "e.f": 4, "c": 2}, id="out-of-a-struct"),
        pytest.param("a", "b.z", {"e.f": 4, "b": {"c": 2, "d": 3, "z": 1}}, id="into-a-struct"),
        pytest.param("nowhere", "x", {"a": 1, "b": {"c": 2, "d": 3}, "e.f": 4}, id="unknown-changes-nothing"),
    ],
)
def test_rename_field(of_json: Any, shown: Any, old: str, new: str, expected: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-RenameField.html"""
    (record,) = shown(of_json({"a": 1, "b": {"c": 2, "d": 3}, "e.f": 4}).rename_field(old, new))
    assert record == expected
    assert list(record) == list(expected)


def test_drop_null_fields_drops_columns_without_a_type(of_json: Any, shown: Any) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-DropNullFields.html"""
    from awsglue.transforms import DropNullFields

    frame = DropNullFields.apply(of_json({"a": 1, "b": None, "c.d": None}, {"a": None, "b": None}))
    assert shown(frame) == [{"a": 1}, {"a": None}]


def test_split_fields_and_rows(of_json: Any, shown: Any) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-SplitRows.html"""
    frame = of_json(*[{"id": i, "n": str(i)} for i in range(1, 13)], {"n": "absent"})
    fields = frame.split_fields(["id"], "one", "two")
    assert list(shown(fields["one"])[0]) == ["id"]
    assert list(shown(fields["two"])[0]) == ["n"]
    rows = frame.split_rows({"id": {">": 10}}, "high", "low")
    assert [r["id"] for r in shown(rows["high"])] == [11, 12]
    assert len(shown(rows["low"])) == 11


def test_filter_drops_records_whose_function_misses_a_key(of_json: Any) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-filter.html"""
    from awsglue.transforms import Filter

    frame = of_json({"v": 1}, {"v": 0}, {"w": 1})
    assert Filter.apply(frame=frame, f=lambda r: r["v"] != 0).count() == 1


def test_map_infers_the_schema_anew_and_keeps_errors_beside(of_json: Any, tree: Any, shown: Any) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-map.html"""
    from awsglue.transforms import Map

    def change(record: Any) -> Any:
        if record["v"] == 3:
            raise RuntimeError("three")
        record["address"] = {"zip": record["v"]}
        record["v"] = "x" if record["v"] == 2 else record["v"]
        return record

    mapped = Map.apply(frame=of_json({"v": 1}, {"v": 2}, {"v": 3}), f=change)
    assert shown(mapped) == [{"v": 1, "address": {"zip": 1}}, {"v": "x", "address": {"zip": 2}}]
    assert "|-- v: choice" in tree(mapped)
    assert (mapped.errorsCount(), mapped.stageErrorsCount()) == (1, 1)
    (error,) = shown(mapped.errorsAsDynamicFrame())
    assert (error["error"]["msg"], error["error"]["dynamicRecord"]) == ("three", {"v": 3})


def test_join_keeps_both_keys_and_dots_the_right_duplicate(of_json: Any, glue: Any, write: Any) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-join.html"""
    left = of_json({"zip": 1, "a": "x"}, {"zip": 2, "a": "y"}, {"a": "z"})
    path = write("right/r.json", '{"zip": 1, "customers": 5}\n{"zip": 9, "customers": 6}\n')
    right = glue.create_dynamic_frame.from_options("s3", {"paths": [path]}, "json")
    joined = left.join(["zip"], ["zip"], right)
    data = joined.toDF()
    assert set(data.columns) == {"zip", "a", ".zip", "customers"}
    assert [r.asDict() for r in data.collect()] == [{"zip": 1, "a": "x", ".zip": 1, "customers": 5}]
    assert set(joined.drop_fields(["`.zip`"]).toDF().columns) == {"zip", "a", "customers"}


def test_union_merges_schemas_as_records_do(of_json: Any, glue: Any, write: Any, tree: Any) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-union.html"""
    other = glue.create_dynamic_frame.from_options("s3", {"paths": [write("o/o.json", '{"v": "x", "w": 1}\n')]}, "json")
    both = of_json({"v": 1}).union(other)
    assert tree(both) == ["root", "|-- v: choice", "|    |-- int", "|    |-- string", "|-- w: int"]
    assert both.count() == 2


def test_merge_takes_stage_over_source(of_json: Any, glue: Any, write: Any, shown: Any) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-dynamic-frame.html"""
    path = write("stage/s.json", '{"id": 2, "v": "new"}\n')
    stage = glue.create_dynamic_frame.from_options("s3", {"paths": [path]}, "json")
    merged = of_json({"id": 1, "v": "a"}, {"id": 2, "v": "b"}).mergeDynamicFrame(stage, ["id"])
    assert sorted((r["id"], r["v"]) for r in shown(merged)) == [(1, "a"), (2, "new")]


def test_unnest_names_fields_by_their_path(of_json: Any, shown: Any) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-UnnestFrame.html"""
    assert shown(of_json({"a": {"b": {"c": 1}, "Zip.Code": 2}, "l": [1]}).unnest()) == [
        {"a.b.c": 1, "a.Zip.Code": 2, "l": [1]}
    ]


def test_relationalize_pivots_arrays_into_tables(of_json: Any, tmp_path: Any) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-Relationalize.html"""
    frame = of_json(
        {"company": "a", "employees": [{"name": "x", "tags": [1, 2]}, {"name": "y", "tags": [3]}], "o": {"p": 1}},
        {"company": "b", "employees": [{"name": "z"}]},
        {"company": "c"},
    )
    tables = frame.relationalize("root", str(tmp_path / "staging"))
    assert set(tables.keys()) == {"root", "root_employees", "root_employees.val.tags"}
    root = {r["company"]: r for r in tables["root"].toDF().collect()}
    assert root["c"].employees is None
    assert sorted(root[c].employees for c in "ab") == [1, 2]
    assert root["a"]["o.p"] == 1
    people = tables["root_employees"].toDF()
    assert set(people.columns) == {"id", "index", "employees.val.name", "employees.val.tags"}
    found = {(r.id, r["index"]): r for r in people.collect()}
    assert found[(root["a"].employees, 1)]["employees.val.name"] == "y"
    tags = tables["root_employees.val.tags"].toDF().collect()
    assert sorted(r["employees.val.tags.val"] for r in tags) == [1, 2, 3]


def test_relationalize_counts_on_from_the_last_run_with_a_bookmark(
    of_json: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-Relationalize.html"""
    state = Bookmarked()
    monkeypatch.setattr(job, "current", state)

    def keys(context: str, *records: Any) -> dict[str, list[int]]:
        made = of_json(*records).relationalize("r", str(tmp_path), transformation_ctx=context)
        columns = {"r": ("a", "b"), "r_a": ("id",), "r_b": ("id",)}
        rows = {name: made[name].toDF().collect() for name in columns}
        return {f"{n}.{c}": sorted(r[c] for r in rows[n] if r[c]) for n, cs in columns.items() for c in cs}

    two = ({"a": [1, 2], "b": [3]}, {"a": [4]})
    assert keys("ctx", *two) == {"r.a": [1, 2], "r.b": [1], "r_a.id": [1, 1, 2], "r_b.id": [1]}
    assert keys("ctx", *two)["r.a"] == [3, 4], "a second call of the same run goes on, too"
    state.after = {}
    assert keys("ctx", *two)["r.a"] == [1, 2], "what was not committed is given again"
    state.next_run()
    assert keys("ctx", *two) == {"r.a": [3, 4], "r.b": [2], "r_a.id": [3, 3, 4], "r_b.id": [2]}
    assert keys("another", *two)["r.a"] == [1, 2]
    assert keys("", *two)["r.a"] == [1, 2]


def test_unbox_parses_and_keeps_errors_beside(of_json: Any, shown: Any) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-Unbox.html"""
    frame = of_json({"id": 1, "w": '{"s": 220, "p": null}'}, {"id": 2, "w": '{"s": '})
    unboxed = frame.unbox("w", "json")
    assert shown(unboxed) == [{"id": 1, "w": {"s": 220, "p": None}}]
    assert unboxed.errorsCount() == 1


@pytest.mark.parametrize("threshold", [0, 1, 2], ids=["never-fails", "at", "below"])
def test_total_threshold_allows_up_to_its_number(of_json: Any, threshold: int) -> None:
    frame = of_json({"w": "{"}, {"w": "{}"})
    assert frame.unbox("w", "json", totalThreshold=threshold).count() == 1


def test_errors_above_the_threshold_fail(of_json: Any) -> None:
    with pytest.raises(RuntimeError, match="exceeds"):
        of_json({"w": "{"}, {"w": "["}).unbox("w", "json", totalThreshold=1)


def test_names_that_differ_by_case_are_different(of_json: Any) -> None:
    frame = of_json({"serialNumber": 1, "serialnumber": 2})
    assert frame.select_fields(["serialNumber"]).toDF().columns == ["serialNumber"]


def test_repartition_and_coalesce(of_json: Any) -> None:
    frame = of_json(*[{"a": i} for i in range(10)])
    assert frame.repartition(3).getNumPartitions() == 3
    assert frame.repartition(3).coalesce(1).getNumPartitions() == 1
