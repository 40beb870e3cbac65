"""Python values to Arrow and back: what a Python row function sees, and what becomes of what it returns."""

from __future__ import annotations

import datetime as dt
import decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyspark.sql.pandas.types import to_arrow_schema

from lakeshift.glue_runtime.engine.arrow_decode import ABSENT, records_of, values_of
from lakeshift.glue_runtime.engine.arrow_encode import encode, encode_structs
from lakeshift.glue_runtime.engine.arrow_retype import conformed, retyped_fields
from lakeshift.glue_runtime.engine.shapes import framed, merge_all, type_of


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (True, "boolean"),
        (2**31 - 1, "int"),
        (2**31, "long"),
        (-(2**31), "int"),
        (-(2**31) - 1, "long"),
        (2**63, "double"),
        (1.0, "double"),
        ("x", "string"),
        (None, "null"),
        (ABSENT, "absent"),
        ({}, "struct"),
        ([], "array"),
        ((1,), "array"),
        ({1}, "array"),
        (dt.date(2013, 1, 1), "date"),
        (dt.datetime(2013, 1, 1, tzinfo=dt.UTC), "timestamp"),
        (decimal.Decimal("1.5"), "decimal"),
        (b"", "binary"),
        (dt.timedelta(1), "string"),
    ],
)
def test_kinds_of_python_values(value: Any, kind: str) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-types.html"""
    assert set(encode([value])[1]) == {kind}


def test_values_of_several_kinds_are_a_choice() -> None:
    array, shape = encode([1, "x", 2**40, None, {"a": 1}])
    assert set(shape) == {"int", "string", "long", "struct", "null"}
    assert values_of(array, frozenset()) == [1, "x", 2**40, None, {"a": 1}]


def test_a_naive_datetime_is_that_of_utc() -> None:
    noon = dt.datetime(2013, 6, 1, 12)
    array, _ = encode([noon, noon.replace(tzinfo=dt.timezone(dt.timedelta(hours=2)))])
    assert values_of(array, frozenset()) == [noon, noon - dt.timedelta(hours=2)]


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.text(max_size=5),
    st.dates(),
)
NAMES = st.sampled_from(["a", "b", "c.d", "e f"])
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=8
)
RECORDS = st.lists(st.dictionaries(NAMES, VALUES, min_size=1, max_size=4), min_size=1, max_size=6)


def _whole(chunks: list[list[Any]]) -> list[Any]:
    """Encode each chunk on its own, give all of them one schema, decode."""
    encoded = [encode_structs(chunk) for chunk in chunks]
    schema, absent = framed(merge_all({"struct": fields} for _, fields in encoded))
    target = pa.struct(list(to_arrow_schema(schema)))
    seen = []
    for array, _ in encoded:
        whole = conformed(array, target)
        columns = {name: whole.field(i) for i, name in enumerate(schema.names)}
        seen += records_of(columns, len(whole), absent, schema.names)
    return seen


@given(RECORDS, RECORDS)
def test_records_come_back_as_they_were(left: list[Any], right: list[Any]) -> None:
    """Absent keys stay absent, nulls stay null, whatever the other chunks hold."""
    assert _whole([left, right]) == left + right


@given(RECORDS)
def test_retyping_is_decoding_and_encoding_only_quicker(records: list[Any]) -> None:
    array, fields = encode_structs(records)
    schema, absent = framed({"struct": fields})
    whole = conformed(array, pa.struct(list(to_arrow_schema(schema))))
    columns = {name: whole.field(i) for i, name in enumerate(schema.names)}
    made, retyped = retyped_fields(columns, list(fields), absent, ())
    assert {n: type_of(s) for n, s in retyped.items()} == {n: type_of(s) for n, s in fields.items()}
    assert records_of(made, len(whole), absent, made) == records
