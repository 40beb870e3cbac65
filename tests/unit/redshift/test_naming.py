"""Which relation a name means: search path, databases, temporary tables, system views."""

from __future__ import annotations

from typing import Any, cast

import pytest

from lakeshift.redshift.catalog import Catalog, Relation
from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.naming import Names, cte_names, table_name
from lakeshift.redshift.reading import parse_query
from lakeshift.redshift.walking import Nodes


class FakeRelation:
    def __init__(self, name: str, kind: str = "TABLE") -> None:
        self.name = name
        self.kind = kind


class FakeCatalog:
    """Relations by database, schema and name; a schema of None holds the session's temporary tables."""

    database = "dev"

    def __init__(self) -> None:
        self.asked = 0
        self._relations = {
            ("dev", "public", "both"): FakeRelation("public.both"),
            ("dev", "other", "both"): FakeRelation("other.both"),
            ("dev", "other", "only"): FakeRelation("other.only"),
            ("dev", "public", "hidden"): FakeRelation("public.hidden"),
            ("dev", None, "hidden"): FakeRelation("temporary.hidden"),
            ("dev", "public", "view"): FakeRelation("view", "VIEW"),
            ("far", "public", "both"): FakeRelation("far.both"),
        }

    def find(self, schema: str | None, name: str, database: str | None = None) -> FakeRelation | None:
        self.asked += 1
        return self._relations.get((database or self.database, schema, name))

    def schemas(self) -> list[str]:
        return ["other", "public"]


def names(*search_path: str) -> tuple[Names, FakeCatalog]:
    catalog = FakeCatalog()
    return Names(cast(Catalog, catalog), search_path), catalog


FOUND = [
    ("the first schema of the path", ("public", "other"), ("both",), "public.both"),
    ("the path's order counts", ("other", "public"), ("both",), "other.both"),
    ("a later schema of the path", ("public", "other"), ("only",), "other.only"),
    ("a schema beside the path", ("public",), ("other", "both"), "other.both"),
    ("another database", ("public",), ("far", "public", "both"), "far.both"),
    ("a temporary table hides the path's", ("public",), ("hidden",), "temporary.hidden"),
    ("a schema looks behind the temporary table", ("public",), ("public", "hidden"), "public.hidden"),
]


@pytest.mark.parametrize(("path", "name", "found"), [case[1:] for case in FOUND], ids=[case[0] for case in FOUND])
def test_found(path: tuple[str, ...], name: tuple[str, ...], found: str) -> None:
    assert names(*path)[0].need(name).name == found


ABSENT = [
    ("not on the path", ("only",), 'relation "only" does not exist', "42P01"),
    ("no such schema", ("none", "both"), 'relation "none.both" does not exist', "42P01"),
    ("no such database", ("none", "public", "both"), 'relation "none.public.both" does not exist', "42P01"),
    ("a view where a table is needed", ("view",), '"view" is not a table', "42809"),
]


@pytest.mark.parametrize(("name", "text", "state"), [case[1:] for case in ABSENT], ids=[case[0] for case in ABSENT])
def test_needed_but_absent(name: tuple[str, ...], text: str, state: str) -> None:
    with pytest.raises(RedshiftError) as caught:
        names("public")[0].need(name, table=True)
    assert (str(caught.value), caught.value.sqlstate) == (text, state)


def test_what_was_found_is_remembered_until_forgotten() -> None:
    found, catalog = names("public")
    first = found.find(("public", "both"))
    assert found.find(("public", "both")) is first
    assert catalog.asked == 1
    found.forget()
    found.find(("public", "both"))
    assert catalog.asked == 2


def seen(found: Names, *kept_under: int | None) -> None:
    """Find a table under the first version, then begin statements under the others."""
    found.forget(kept_under[0])
    found.find(("both",))
    for version in kept_under[1:]:
        found.forget(version)


LASTING: list[tuple[str, tuple[int | None, ...], int]] = [
    ("under the same version it is not asked for again", (1, 1), 1),
    ("under another version it is", (1, 2), 2),
    ("also when the first comes back", (1, 2, 1), 2),
    ("without a version nothing lasts", (None, None), 2),
    ("what was found without one lasts under none", (None, 1), 2),
]


@pytest.mark.parametrize(("versions", "asked"), [case[1:] for case in LASTING], ids=[case[0] for case in LASTING])
def test_what_lasts_over_statements(versions: tuple[int | None, ...], asked: int) -> None:
    found, catalog = names("public", "other")
    before = catalog.asked
    seen(found, *versions)
    found.find(("both",))
    per_search = 2  # a temporary table first, then the path
    assert catalog.asked - before == asked * per_search


def test_another_search_path_finds_its_own() -> None:
    found, _ = names("public", "other")
    seen(found, 1)
    found.search_path = ("other",)
    found.forget(1)
    assert found.need(("both",)).name == "other.both"


def test_what_is_not_there_is_asked_for_again() -> None:
    found, catalog = names("public")
    found.forget(1)
    found.find(("absent",))
    before = catalog.asked
    found.forget(1)
    found.find(("absent",))
    assert catalog.asked > before


NEW = [
    ("the path's first schema that is there", ("none", "other", "public"), ("t",), "other"),
    ("the schema named", ("public",), ("other", "t"), "other"),
    ("this database", ("public",), ("dev", "other", "t"), "other"),
]


@pytest.mark.parametrize(("path", "name", "schema"), [case[1:] for case in NEW], ids=[case[0] for case in NEW])
def test_schema_for_new(path: tuple[str, ...], name: tuple[str, ...], schema: str) -> None:
    assert names(*path)[0].schema_for_new(name) == schema


NOWHERE = [
    ("no schema of the path is there", ("t",), "no schema has been selected to create in", "3F000"),
    ("no such schema", ("absent", "t"), 'schema "absent" does not exist', "3F000"),
    ("another database", ("far", "public", "t"), "cross-database reference", "0A000"),
]


@pytest.mark.parametrize(("name", "text", "state"), [case[1:] for case in NOWHERE], ids=[case[0] for case in NOWHERE])
def test_nowhere_to_create(name: tuple[str, ...], text: str, state: str) -> None:
    with pytest.raises(RedshiftError) as caught:
        names("none")[0].schema_for_new(name)
    assert str(caught.value).startswith(text)
    assert caught.value.sqlstate == state


SYSTEM: list[tuple[str, tuple[str, ...], str | None]] = [
    ("a system view", ("svv_tables",), '_lakeshift."svv_tables"'),
    ("in pg_catalog", ("pg_catalog", "pg_table_def"), '_lakeshift."pg_table_def"'),
    ("in information_schema", ("information_schema", "tables"), '_lakeshift."information_schema_tables"'),
    ("not by our own name", ("information_schema_tables",), None),
    ("not in another schema", ("public", "svv_tables"), None),
    ("no system view", ("both",), None),
]


@pytest.mark.parametrize(("name", "view"), [case[1:] for case in SYSTEM], ids=[case[0] for case in SYSTEM])
def test_system_view(name: tuple[str, ...], view: str | None) -> None:
    assert names("public")[0].system_view(name) == view


@pytest.mark.parametrize("schema", ["pg_catalog", "information_schema"])
def test_an_unknown_system_view_does_not_exist(schema: str) -> None:
    with pytest.raises(RedshiftError, match=f'relation "{schema}.absent" does not exist'):
        names("public")[0].system_view((schema, "absent"))


def test_names_in_a_tree() -> None:
    tree: Any = parse_query("WITH c AS (SELECT 1 AS a), D AS (SELECT 2 AS a) SELECT * FROM c, x.y.z")
    assert cte_names(Nodes(tree)) == {"c", "d"}
    last = tree.args["joins"][0].this
    assert table_name(last) == ("x", "y", "z")


def test_the_fakes_keep_to_the_catalog() -> None:
    assert {"kind", "name"} <= set(Relation.__dataclass_fields__)
    assert all(hasattr(Catalog, member) for member in ("find", "schemas"))
