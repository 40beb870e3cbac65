"""Texts that would be SQL, a path or a pattern if anything of ours took them for such: each is a text, or is refused.

200 payloads, each in the S3 path, the table, the column, the role, the delimiter, the region, the null text, a manifest
entry and a value; and a hundred odd names and values that are legal, none of which may be refused.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator

import pytest

from lakeshift.errors import LakeshiftError
from lakeshift.redshift import Warehouse
from lakeshift.redshift.load_access import redacted
from tests.unit.redshift.loading import ROLE, LoadBench

_ENDS = (
    "'",
    "''",
    '"',
    "\\'",
    "';",
    "');",
    "')",
    "$$",
    "\\",
    "\n",
    "\r\n",
    "\u2019",
    "\u02bc",
    "\uff07",
    "/*",
    "*/",
    "--",
    ";",
)
_DEEDS = (
    "DROP TABLE canary; --",
    " OR 1=1 --",
    "; DELETE FROM canary; --",
    ") TO '/tmp/lakeshift-out' (FORMAT csv); --",
    " UNION SELECT secret FROM canary --",
    "; ATTACH '/tmp/x.db'; --",
    "; COPY canary TO '/tmp/lakeshift-out'; --",
    "; INSTALL httpfs; --",
    "; SET allowed_directories = ['/']; --",
    "read_text('/etc/passwd')",
    "${manifest}",
)
PAYLOADS = [f"{end}{deed}" for end, deed in itertools.product(_ENDS, _DEEDS)] + [
    "\0", "a\0b", "%00", "../../etc/passwd", "..%2f..%2fetc", "/etc/passwd", "file:///etc/passwd", "s3://../x",
    "{f0}", "{0}", "%s", "%(x)s", ":name", "?", "$1", "@x", "`id`", "$(id)", "*", "[a-z]*", "\u202e", "\ufeff",
]  # fmt: skip


def q(text: str) -> str:
    """The payload as a literal that Redshift reads back as it is."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def n(text: str) -> str:
    """The payload as a quoted identifier."""
    return '"' + text.replace('"', '""') + '"'


@pytest.fixture(scope="module")
def bench(load_warehouse: Warehouse) -> Iterator[LoadBench]:
    made = LoadBench(load_warehouse)
    made.run("CREATE TABLE canary (secret VARCHAR(20))")
    made.run("INSERT INTO canary VALUES ('alive')")
    made.run("CREATE TABLE t (a VARCHAR(300))")
    made.put("in/1", "x\n")
    yield made
    made.session.close()


# Where a payload goes; ``{q}`` is the literal, ``{n}`` the identifier, ``{raw}`` the text itself.
PLACES = {
    "path": "COPY t FROM {q} " + ROLE,
    "key": "COPY t FROM {key} " + ROLE,
    "table": "COPY {n} FROM 's3://data/in/' " + ROLE,
    "column": "COPY t ({n}) FROM 's3://data/in/' " + ROLE,
    "role": "COPY t FROM 's3://data/in/' IAM_ROLE {q}",
    "credentials": "COPY t FROM 's3://data/in/' CREDENTIALS {q}",
    "delimiter": "COPY t FROM 's3://data/none/' " + ROLE + " DELIMITER {q}",
    "region": "COPY t FROM 's3://data/none/' " + ROLE + " REGION {q}",
    "null": "COPY t FROM 's3://data/none/' " + ROLE + " NULL AS {q}",
    "quote": "COPY t FROM 's3://data/none/' " + ROLE + " CSV QUOTE {q}",
    "dateformat": "COPY t FROM 's3://data/none/' " + ROLE + " DATEFORMAT {q}",
    "json": "COPY t FROM 's3://data/in/' " + ROLE + " JSON {q}",
    "unload path": "UNLOAD ('SELECT 1 FROM t') TO {q} " + ROLE,
    "unload query": "UNLOAD ({q}) TO 's3://data/out/' " + ROLE + " ALLOWOVERWRITE",
    "unload extension": "UNLOAD ('SELECT a FROM t') TO 's3://data/out/' " + ROLE + " ALLOWOVERWRITE EXTENSION {q}",
    "bare": "COPY t FROM 's3://data/none/{raw}' " + ROLE,
}

EVERY = ("path", "table", "column", "role", "delimiter", "region")  # all payloads; every sixth goes elsewhere


@pytest.mark.parametrize("place", PLACES)
def test_no_payload_is_run_whatever_it_says(bench: LoadBench, place: str) -> None:
    for payload in PAYLOADS if place in EVERY else PAYLOADS[::6]:
        sql = PLACES[place].format(q=q(payload), n=n(payload), key=q(f"s3://data/none/{payload}"), raw=payload)
        try:
            bench.run(sql)
        except LakeshiftError:
            if bench.session.transaction_status != "I":
                bench.run("ROLLBACK")
    assert bench.rows("SELECT secret FROM canary") == [("alive",)]
    assert bench.rows("SELECT table_name FROM svv_tables ORDER BY 1") == [("canary",), ("t",)]
    assert {path.name for path in bench.lake.root.iterdir()} == {"data"}
    assert not [key for key in bench.objects() if not key.startswith(("in/", "out/"))]
    bench.run("DELETE FROM t")


def test_a_manifest_entry_is_a_key_or_is_refused(bench: LoadBench) -> None:
    for payload in PAYLOADS:
        for url in (f"s3://data/none/{payload}", payload):
            bench.put("m.json", json.dumps({"entries": [{"url": url, "mandatory": True}]}))
            with pytest.raises(LakeshiftError):
                bench.copy("t", "m.json", "MANIFEST")
    bench.lake.delete("data", "m.json")
    assert bench.rows("SELECT secret FROM canary") == [("alive",)]


def test_a_value_is_a_value_and_comes_back_as_it_was(bench: LoadBench) -> None:
    bench.put("in/values", "".join(json.dumps({"a": payload}) + "\n" for payload in PAYLOADS))
    bench.run("DELETE FROM t")
    bench.copy("t", "in/values", "JSON 'auto'")
    assert {value for (value,) in bench.rows("SELECT a FROM t")} == set(PAYLOADS)
    bench.run(f"UNLOAD ('SELECT a FROM t') TO 's3://data/out/v_' {ROLE} ALLOWOVERWRITE ESCAPE ADDQUOTES")
    bench.run("DELETE FROM t")
    bench.copy("t", "out/v_", "ESCAPE REMOVEQUOTES")
    assert {value for (value,) in bench.rows("SELECT a FROM t")} == set(PAYLOADS)
    bench.lake.delete("data", "in/values")


LEGAL = [
    *("select", "drop table", "delete from t", "a;b", "o'brien", "1=1", "--", "union select", "credit union", "$path"),
    *("naïve", "日本", "a b", "a.b", "a-b", "x/y", "100%", "a'b''c", 'say "hi"', "back\\slash", "tab\there", "#temp"),
    *(f"{word} {number}" for word in ("update", "grant all", "exec", "';'", "/* c */", "$$") for number in range(13)),
]


def test_no_legal_name_or_value_is_refused(bench: LoadBench) -> None:
    assert len(LEGAL) >= 100
    bench.run("DELETE FROM t")
    entries = []
    for number, text in enumerate(LEGAL):
        key = f"legal/{text}/{number}.txt"
        bench.put(key, text.replace("\\", "\\\\").replace("\t", "\\\t") + "\n")
        entries.append({"url": f"s3://data/{key}", "mandatory": True})
    bench.manifest("legal.json", *entries)
    bench.copy("t", "legal.json", "MANIFEST ESCAPE")
    assert sorted(value for (value,) in bench.rows("SELECT a FROM t")) == sorted(LEGAL)
    for text in LEGAL[:30]:
        bench.run(f"CREATE TABLE {n(text + ' t')} ({n(text)} VARCHAR(9))")
        bench.copy(f"{n(text + ' t')} ({n(text)})", "in/1", "")
        assert bench.rows(f"SELECT {n(text)} FROM {n(text + ' t')}") == [("x",)]
        bench.run(f"DROP TABLE {n(text + ' t')}")
    for key in bench.objects():
        if key.startswith("legal"):
            bench.lake.delete("data", key)


@pytest.mark.parametrize("payload", PAYLOADS[:60])
def test_no_secret_stays_in_what_is_logged(payload: str) -> None:
    for word in ("CREDENTIALS", "SECRET_ACCESS_KEY AS", "SESSION_TOKEN", "CREDENTIALS AS", "PASSWORD"):
        assert "canary-7" not in redacted(f"COPY t FROM 's3://b/k' {word} {q(f'canary-7{payload}')} CSV")


def test_there_are_200_payloads_at_least() -> None:
    assert len(set(PAYLOADS)) >= 200
