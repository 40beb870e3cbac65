from __future__ import annotations

import pytest

from common.redshift import LoadFile, PlaceholderError, fill, manifest, manifest_rows, statements


def test_a_manifest_names_every_file_as_mandatory_with_its_length() -> None:
    document = manifest([LoadFile("s3://b/2", 20, 2), LoadFile("s3://b/1", 10, 1)])
    assert document["entries"][0] == {
        "url": "s3://b/1", "mandatory": True, "meta": {"content_length": 10, "record_count": 1},
    }  # fmt: skip
    assert manifest_rows(document) == 3


def test_places_are_filled() -> None:
    values = {"manifest": "s3://b-marts/load/r:1/f.manifest", "role": "arn:aws:iam::000000000000:role/copy"}
    sql = "COPY t FROM '${manifest}' IAM_ROLE '${role}' -- ${role}"
    assert fill(sql, values) == (
        "COPY t FROM 's3://b-marts/load/r:1/f.manifest' IAM_ROLE 'arn:aws:iam::000000000000:role/copy' "
        "-- arn:aws:iam::000000000000:role/copy"
    )


@pytest.mark.parametrize(
    "value",
    ["", "a'b", "a;b", "a b", "a--b", "a\nb", "a\\b", 'a"b', "$$", "a/*b", "a\0", "a\u2019b", "x'; DROP TABLE t; --"],
)
def test_a_value_that_could_be_sql_is_refused(value: str) -> None:
    with pytest.raises(PlaceholderError, match="may not be"):
        fill("SELECT '${v}'", {"v": value})


def test_a_place_without_value_is_named() -> None:
    with pytest.raises(PlaceholderError, match=r"asks for \$\{role\}; given are manifest"):
        fill("${role}", {"manifest": "m"})


SCRIPTS = [
    pytest.param("a; b;", ["a", "b"], id="semicolons_part"),
    pytest.param("a", ["a"], id="the_last_needs_none"),
    pytest.param(" ; ;\n", [], id="empty_ones_are_none"),
    pytest.param("insert ';' ; b", ["insert ';'", "b"], id="in_quotes"),
    pytest.param("insert 'it''s;' ; b", ["insert 'it''s;'", "b"], id="in_quotes_with_a_quote"),
    pytest.param('select "a;b"; c', ['select "a;b"', "c"], id="in_names"),
    pytest.param("a -- x; y\n; b", ["a", "b"], id="in_line_comments"),
    pytest.param("a /* x; */; b", ["a", "b"], id="in_comments"),
    pytest.param("do $$ x; y $$; b", ["do $$ x; y $$", "b"], id="in_bodies"),
    pytest.param("select 1-2/3; b", ["select 1-2/3", "b"], id="minus_and_slash_are_no_comments"),
]


@pytest.mark.parametrize(("script", "expected"), SCRIPTS)
def test_a_script_is_its_statements(script: str, expected: list[str]) -> None:
    assert statements(script) == expected
