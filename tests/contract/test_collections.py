"""DynamicFrameCollection: select, map, flatmap, and the transforms on collections."""

from __future__ import annotations

from typing import Any

import pytest
from awsglue.dynamicframe import DynamicFrame, DynamicFrameCollection
from awsglue.transforms import FlatMap, MapToCollection, SelectFields, SelectFromCollection

from tests.contract.cases import records_of

PAGE = "aws-glue-api-crawler-pyspark-extensions-dynamic-frame-collection"
FLATMAP = "aws-glue-api-crawler-pyspark-transforms-flat-map"
MAPTO = "aws-glue-api-crawler-pyspark-transforms-MapToCollection"
SELECT = "aws-glue-api-crawler-pyspark-transforms-SelectFromCollection"


@pytest.fixture
def collection(of_json: Any, glue: Any) -> Any:
    return DynamicFrameCollection({"a": of_json({"x": 1, "y": 2}), "b": of_json({"x": 3})}, glue)


@pytest.mark.page(PAGE)
def test_it_knows_its_frames(collection: Any) -> None:
    assert (len(collection), list(collection.keys())) == (2, ["a", "b"])
    assert [records_of(frame) for frame in collection.values()] == [[{"x": 1, "y": 2}], [{"x": 3}]]
    assert records_of(collection["b"]) == [{"x": 3}]


@pytest.mark.page(PAGE)
def test_it_is_made_of_a_list_by_the_frames_names(glue: Any, spark: Any) -> None:
    made = DynamicFrameCollection([DynamicFrame.fromDF(spark.range(1), glue, name) for name in ("p", "q")], glue)
    assert set(made.keys()) == {"p", "q"}


@pytest.mark.page(PAGE)
def test_it_is_made_of_nothing_else(glue: Any) -> None:
    with pytest.raises(TypeError, match="list or dict"):
        DynamicFrameCollection("a", glue)


@pytest.mark.page(SELECT)
def test_select(collection: Any) -> None:
    assert records_of(SelectFromCollection.apply(collection, "a")) == [{"x": 1, "y": 2}]


@pytest.mark.page(SELECT)
def test_select_of_a_missing_key_is_an_empty_frame(collection: Any) -> None:
    frame = SelectFromCollection.apply(collection, "zz")
    assert (frame.name, frame.count(), records_of(frame)) == ("zz", 0, [])


@pytest.mark.page(MAPTO)
def test_map_to_collection(collection: Any) -> None:
    made = MapToCollection.apply(collection, lambda frame, ctx: frame.select_fields(["x"], transformation_ctx=ctx))
    assert {name: records_of(made[name]) for name in made.keys()} == {"a": [{"x": 1}], "b": [{"x": 3}]}  # noqa: SIM118


@pytest.mark.page(PAGE)
def test_map_gives_each_frame_its_own_context(collection: Any) -> None:
    seen: list[str] = []
    collection.map(lambda frame, ctx: seen.append(ctx) or frame, "ctx")
    assert seen == ["ctx:a", "ctx:b"]


@pytest.mark.page(PAGE)
def test_map_must_return_frames(collection: Any) -> None:
    with pytest.raises(TypeError, match="must return a DynamicFrame"):
        collection.map(lambda frame, ctx: 1)


@pytest.mark.page(FLATMAP)
def test_flatmap_applies_a_transform_to_every_frame(glue: Any, spark: Any) -> None:
    frames = [DynamicFrame.fromDF(spark.sql(f"select {i} x, 0 y"), glue, name) for i, name in enumerate("ab")]
    made = FlatMap.apply(DynamicFrameCollection(frames, glue), SelectFields, "frame", paths=["x"])
    assert {name: records_of(made[name]) for name in made.keys()} == {"a": [{"x": 0}], "b": [{"x": 1}]}  # noqa: SIM118


@pytest.mark.page(FLATMAP)
def test_flatmap_must_return_frames(collection: Any) -> None:
    with pytest.raises(TypeError, match="flatmap must return"):
        collection.flatmap(lambda frame, ctx: 1)
