"""How two types become one: whatever the order in which objects are read."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lakeshift.crawler.types import NULL, Array, HiveType, Struct, merge

_PLAIN = ("int", "bigint", "double", "boolean", "string", "smallint", "timestamp", NULL)


def _nested(inner: st.SearchStrategy[HiveType]) -> st.SearchStrategy[HiveType]:
    fields = st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    return st.one_of(inner.map(Array), fields.map(lambda found: Struct(tuple(found.items()))))


_TYPES = st.recursive(st.sampled_from(_PLAIN), _nested, max_leaves=6)


def unordered(kind: HiveType) -> Any:
    """The type without the order of its fields, which is that of the first object that has them."""
    if isinstance(kind, Array):
        return ("array", unordered(kind.element))
    if isinstance(kind, Struct):
        return ("struct", frozenset((name, unordered(inner)) for name, inner in kind.fields))
    return kind


@given(_TYPES)
def test_a_type_merged_with_itself_or_with_nothing_stays(kind: HiveType) -> None:
    assert merge(kind, kind) == merge(kind, NULL) == merge(NULL, kind) == kind


@given(_TYPES, _TYPES)
def test_the_order_of_two_does_not_count(left: HiveType, right: HiveType) -> None:
    assert unordered(merge(left, right)) == unordered(merge(right, left))


@given(_TYPES, _TYPES, _TYPES)
def test_nor_which_two_come_first(one: HiveType, two: HiveType, three: HiveType) -> None:
    assert unordered(merge(merge(one, two), three)) == unordered(merge(one, merge(two, three)))
