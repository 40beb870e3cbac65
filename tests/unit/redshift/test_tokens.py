"""How a text falls into tokens and a script into statements."""

from __future__ import annotations

import pytest

from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.tokens import Reader, split_statements, tokenize

TOKENS: list[tuple[str, str, list[tuple[str, str]]]] = [
    ("words and numbers", "select a1, 2", [("word", "select"), ("word", "a1"), ("symbol", ","), ("number", "2")]),
    (
        "fractions and exponents are one number",
        "1.5 .5 1e-3 2.E+4",
        [("number", text) for text in ("1.5", ".5", "1e-3", "2.E+4")],
    ),
    ("a sign is not of the number", "-1", [("symbol", "-"), ("number", "1")]),
    ("a dotted name is three tokens", "a.b", [("word", "a"), ("symbol", "."), ("word", "b")]),
    ("a cast is one symbol", "a::int", [("word", "a"), ("symbol", "::"), ("word", "int")]),
    ("a parameter is a colon and a word", ":a", [("symbol", ":"), ("word", "a")]),
    ("letters of every alphabet", "straße _x a$b", [("word", "straße"), ("word", "_x"), ("word", "a$b")]),
    ("a temporary table's name", "#tmp", [("word", "#tmp")]),
    ("a doubled quote stays inside", "'it''s'", [("string", "'it''s'")]),
    ("a backslash escapes a quote", r"'it\'s' x", [("string", r"'it\'s'"), ("word", "x")]),
    ("a string goes over lines", "'a\nb'", [("string", "'a\nb'")]),
    ("a doubled double quote stays inside", '"a""b"', [("quoted", '"a""b"')]),
    ("dollar quotes hold anything", "$$ 'a; $$", [("dollar", "$$ 'a; $$")]),
    ("tagged dollar quotes hold plain ones", "$f$ a $$ b $f$", [("dollar", "$f$ a $$ b $f$")]),
    ("a line comment goes", "a -- 'b\nc", [("word", "a"), ("word", "c")]),
    ("a block comment goes", "a /* ' ; */ b", [("word", "a"), ("word", "b")]),
    ("a comment in a string stays", "'--a'", [("string", "'--a'")]),
    ("a semicolon", "a;b", [("word", "a"), ("symbol", ";"), ("word", "b")]),
    ("nothing", " \n\t", []),
]


@pytest.mark.parametrize(("sql", "expected"), [case[1:] for case in TOKENS], ids=[case[0] for case in TOKENS])
def test_tokens(sql: str, expected: list[tuple[str, str]]) -> None:
    found = tokenize(sql)
    assert [(token.kind, token.text) for token in found] == expected
    assert [sql[token.start : token.end] for token in found] == [token.text for token in found]


VALUES = [
    ("an identifier folds to lower case", "MyTable", "mytable"),
    ("a quoted identifier folds too", '"My Table"', "my table"),
    ("a doubled quote is one", "'it''s'", "it's"),
    ("an escaped quote is one", r"'it\'s'", "it's"),
    ("a newline is written as one", r"'a\nb\tc'", "a\nb\tc"),
    ("an escaped backslash is one", r"'a\\b'", "a\\b"),
    ("any other escaped character is itself", r"'\q'", "q"),
    ("empty", "''", ""),
    ("dollar quotes take nothing away", r"$t$it's \n$t$", r"it's \n"),
    ("a number is its digits", "1.50", "1.50"),
]


@pytest.mark.parametrize(("sql", "value"), [case[1:] for case in VALUES], ids=[case[0] for case in VALUES])
def test_value(sql: str, value: str) -> None:
    (token,) = tokenize(sql)
    assert token.value == value


MALFORMED = [
    ("an unterminated literal", "SELECT 'abc", "unterminated quoted string"),
    ("a literal that ends in a backslash", r"SELECT 'abc\'", "unterminated quoted string"),
    ("an unterminated identifier", 'SELECT "abc', "unterminated quoted string"),
    ("an empty identifier", 'SELECT ""', "unterminated quoted string"),
    ("an unterminated comment", "SELECT 1 /* abc", "unterminated /* comment"),
    ("a NUL", "SELECT \0", "unterminated quoted string"),
]


@pytest.mark.parametrize(("sql", "text"), [case[1:] for case in MALFORMED], ids=[case[0] for case in MALFORMED])
def test_malformed(sql: str, text: str) -> None:
    with pytest.raises(RedshiftError) as caught:
        tokenize(sql)
    assert text in str(caught.value)
    assert caught.value.sqlstate == "42601"


SCRIPTS = [
    ("one without a semicolon", "SELECT 1", ["SELECT 1"]),
    ("the last semicolon adds nothing", "SELECT 1; SELECT 2;", ["SELECT 1", "SELECT 2"]),
    ("empty statements go", ";; SELECT 1 ;;", ["SELECT 1"]),
    ("a semicolon in a literal stays", "SELECT ';'; SELECT 2", ["SELECT ';'", "SELECT 2"]),
    ("a semicolon in an identifier stays", 'SELECT ";"', ['SELECT ";"']),
    ("a semicolon in dollar quotes stays", "SELECT $$;$$; SELECT 2", ["SELECT $$;$$", "SELECT 2"]),
    ("a semicolon in a comment stays", "SELECT 1 -- ;\n, 2", ["SELECT 1 -- ;\n, 2"]),
    ("a comment between statements goes", "-- first\nSELECT 1; /* second */ SELECT 2", ["SELECT 1", "SELECT 2"]),
    ("a comment inside stays", "SELECT /* one */ 1", ["SELECT /* one */ 1"]),
    ("nothing but a comment", "-- only", []),
]


@pytest.mark.parametrize(("sql", "statements"), [case[1:] for case in SCRIPTS], ids=[case[0] for case in SCRIPTS])
def test_split(sql: str, statements: list[str]) -> None:
    assert split_statements(sql) == statements


def test_reader_takes_words_only_together() -> None:
    reader = Reader("if not there")
    assert not reader.take("IF", "NOT", "EXISTS")
    assert reader.at == 0
    assert reader.take("IF", "NOT")
    assert reader.peek() == "THERE"


def test_a_quoted_word_is_never_a_keyword() -> None:
    reader = Reader('"select"')
    assert not reader.take("SELECT")
    assert reader.identifier() == "select"


def test_reader_parts() -> None:
    reader = Reader("a.\"B\".c (X, y) 'text' $$body$$ -5 (1 + (2)) f(1, 2) + 3 not null")
    assert reader.name() == ("a", "b", "c")
    assert reader.names() == ("x", "y")
    assert (reader.string(), reader.string()) == ("text", "body")
    assert reader.integer() == -5
    assert reader.group() == "1 + (2)"
    assert reader.expression(frozenset({"NOT"})) == "f(1, 2) + 3"
    assert reader.rest() == "not null"
    assert reader.done
    assert reader.rest() == ""


STOPS = [
    ("an identifier is no literal", "identifier", "'a'", "'a'"),
    ("a string is no identifier", "string", "a", "a"),
    ("a whole number has no fraction", "integer", "1.5", "1.5"),
    ("a list is not empty", "names", "()", ")"),
    ("a list ends", "names", "(a b)", "b"),
    ("a token more than the statement", "end", "a", "a"),
]


@pytest.mark.parametrize(("part", "sql", "near"), [case[1:] for case in STOPS], ids=[case[0] for case in STOPS])
def test_reader_names_the_token_it_stops_at(part: str, sql: str, near: str) -> None:
    with pytest.raises(RedshiftError) as caught:
        getattr(Reader(sql), part)()
    assert str(caught.value) == f'syntax error at or near "{near}"'


ENDS = [("a name", "identifier", ""), ("a list", "names", "(a"), ("a group", "group", "(a (b)")]


@pytest.mark.parametrize(("part", "sql"), [case[1:] for case in ENDS], ids=[case[0] for case in ENDS])
def test_reader_tells_of_the_end(part: str, sql: str) -> None:
    with pytest.raises(RedshiftError, match="syntax error at end of input"):
        getattr(Reader(sql), part)()
