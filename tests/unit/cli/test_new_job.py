"""A new job's files: what they are, that they fit each other and the repository, and which names are refused."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from lakeshift.paths import REPOSITORY
from lakeshift.permissions import roles
from lakeshift.scaffold import FILES, BadNameError, JobNames, checked, rendered
from tools.permissions import sources

DATABASES, SCHEMAS = ("lakeshift_raw", "lakeshift_clean"), ("flights", "staging")
GOOD = JobNames("carrier_counts", "lakeshift_clean.flights", "flights.carrier_counts", "carrier")
TEMPLATES = {path.name: path.read_text() for path in (REPOSITORY / "templates" / "job").iterdir()}


def test_every_template_becomes_one_file() -> None:
    assert set(TEMPLATES) == set(FILES)
    assert sorted(rendered(TEMPLATES, GOOD)) == [
        "jobs/carrier_counts.py",
        "jobs/carrier_counts.yaml",
        "sql/redshift/copy/carrier_counts.sql",
        "sql/redshift/tables/flights.carrier_counts.sql",
        "tests/spark/jobs/test_carrier_counts.py",
    ]


def test_no_place_is_left_and_python_is_python() -> None:
    for path, text in rendered(TEMPLATES, GOOD).items():
        assert not [place for place in GOOD.places() if place in text], path
        assert all(len(line) <= 120 for line in text.splitlines()), path
        if Path(path).suffix == ".py":
            ast.parse(text)


def test_its_role_reads_its_source_writes_its_place_and_lets_the_warehouse_read_that() -> None:
    definition = {"jobs/carrier_counts.yaml": rendered(TEMPLATES, GOOD)["jobs/carrier_counts.yaml"]}
    machines = {
        path.relative_to(REPOSITORY).as_posix(): path.read_text()
        for path in (REPOSITORY / "pipelines").glob("*.asl.json")
    }
    found = {role.logical_id: role for role in roles({**sources(REPOSITORY), **definition}, machines)}
    told = {(one.action, one.resource) for one in found["CarrierCountsRole"].grants}
    assert ("s3:GetObject", "arn:aws:s3:::${Lake}-clean/flights/*") in told
    assert ("s3:PutObject", "arn:aws:s3:::${Lake}-marts/carrier_counts/*") in told
    loads = {(one.action, one.resource) for one in found["RedshiftRole"].grants}
    assert ("s3:GetObject", "arn:aws:s3:::${Lake}-marts/carrier_counts/*") in loads


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"name": ""}, "cannot be a job's name", id="none"),
        pytest.param({"name": "Carrier"}, "cannot be a job's name", id="capital"),
        pytest.param({"name": "carrier-counts"}, "cannot be a job's name", id="hyphen"),
        pytest.param({"name": "../x"}, "cannot be a job's name", id="path"),
        pytest.param({"name": "a" * 41}, "3 to 40", id="long"),
        pytest.param({"name": "class"}, "a word of Python", id="keyword"),
        pytest.param({"source": "flights"}, "has to be database.table", id="table-alone"),
        pytest.param({"source": "lake.flights"}, "there is no database lake", id="unknown-database"),
        pytest.param({"target": "public.x"}, "there is no schema public", id="unknown-schema"),
        pytest.param({"target": "flights.order"}, "no reserved word", id="reserved-table"),
        pytest.param({"key": "select"}, "no reserved word", id="reserved-column"),
        pytest.param({"key": "a; drop"}, "cannot be a name in SQL", id="injection"),
    ],
)
def test_a_name_that_cannot_be_used_is_refused_with_what_can(change: dict[str, str], message: str) -> None:
    given = {"name": GOOD.name, "source": GOOD.source, "target": GOOD.target, "key": GOOD.key} | change
    with pytest.raises(BadNameError, match=message):
        checked(JobNames(**given), DATABASES, SCHEMAS)


def test_good_names_pass() -> None:
    assert checked(GOOD, DATABASES, SCHEMAS) is GOOD
