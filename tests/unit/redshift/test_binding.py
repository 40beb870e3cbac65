"""Named parameters become literals, whatever they hold."""

from __future__ import annotations

import pytest

from lakeshift.redshift.binding import bind_named, literal
from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.tokens import tokenize

BOUND = [
    ("a value", "SELECT :a", {"a": "x"}, "SELECT 'x'"),
    ("null", "SELECT :a", {"a": None}, "SELECT NULL"),
    ("twice", "SELECT :a, :a", {"a": "x"}, "SELECT 'x', 'x'"),
    ("two", "SELECT :a||:b", {"a": "x", "b": "y"}, "SELECT 'x'||'y'"),
    ("a value with the other's name is left alone", "SELECT :a, :b", {"a": ":b", "b": "y"}, "SELECT ':b', 'y'"),
    ("a cast is no parameter", "SELECT :a::int", {"a": "1"}, "SELECT '1'::int"),
    ("not in a literal", "SELECT ':b', :a", {"a": "x"}, "SELECT ':b', 'x'"),
    ("not in an identifier", 'SELECT ":b", :a', {"a": "x"}, "SELECT \":b\", 'x'"),
    ("not in a comment", "SELECT :a -- :b", {"a": "x"}, "SELECT 'x' -- :b"),
    ("none", "SELECT 1", {}, "SELECT 1"),
]


@pytest.mark.parametrize(("sql", "values", "expected"), [case[1:] for case in BOUND], ids=[case[0] for case in BOUND])
def test_bound(sql: str, values: dict[str, str | None], expected: str) -> None:
    assert bind_named(sql, values) == expected


REFUSED = [
    ("not given", "SELECT :a", {}, "Parameter a is used in the statement but was not given"),
    ("not used", "SELECT 1", {"b": "", "a": ""}, "Unused parameters: ['a', 'b']"),
    ("used in a literal only", "SELECT ':a'", {"a": ""}, "Unused parameters: ['a']"),
]


@pytest.mark.parametrize(("sql", "values", "text"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_refused(sql: str, values: dict[str, str | None], text: str) -> None:
    with pytest.raises(RedshiftError) as caught:
        bind_named(sql, values)
    assert text in str(caught.value)
    assert caught.value.sqlstate == "42P02"


NASTY = ["'", "''", "\\", "\\'", "x'); DROP TABLE t; --", "$$", "\n\t", "é", "", "-- a", "/*", "\\n"]


@pytest.mark.parametrize("value", NASTY)
def test_a_literal_is_one_token_that_means_the_value(value: str) -> None:
    (token,) = tokenize(literal(value))
    assert (token.kind, token.value) == ("string", value)


def test_a_nul_is_refused() -> None:
    with pytest.raises(RedshiftError, match="0x00") as caught:
        literal("a\0b")
    assert caught.value.sqlstate == "22021"
