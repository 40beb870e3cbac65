"""What COPY and UNLOAD are read as, and which options do not go together."""

from __future__ import annotations

import pytest

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.grammar import parse
from lakeshift.redshift.load_access import redacted
from lakeshift.redshift.statements import Copy, Unload

ARN = "arn:aws:iam::123456789012:role/path/loader"
ROLE: dict[str, str | bool] = {"IAM_ROLE": ARN}
COPY = f"COPY t FROM 's3://bucket/x' IAM_ROLE '{ARN}'"
UNLOAD = f"UNLOAD ('SELECT 1') TO 's3://bucket/x' IAM_ROLE '{ARN}'"


def test_copy_names_table_columns_and_source() -> None:
    assert parse(f"COPY s.t (A, b) FROM 's3://bucket/x' IAM_ROLE '{ARN}'") == Copy(
        ("s", "t"), ("a", "b"), "s3://bucket/x", ROLE
    )


def test_unload_names_query_and_target() -> None:
    sql = f"UNLOAD ('SELECT ''a''') TO 's3://bucket/x' IAM_ROLE '{ARN}'"
    assert parse(sql) == Unload("SELECT 'a'", "s3://bucket/x", dict(ROLE))


def test_unload_takes_its_query_in_dollar_quotes() -> None:
    found = parse(f"UNLOAD ($$SELECT 'a'$$) TO 's3://bucket/x' IAM_ROLE '{ARN}'")
    assert isinstance(found, Unload)
    assert found.query == "SELECT 'a'"


COPY_OPTIONS: list[tuple[str, str, dict[str, str | bool]]] = [
    ("none", "", {}),
    ("CSV", "CSV", {"CSV": True}),
    ("FORMAT AS", "FORMAT AS CSV", {"CSV": True}),
    ("FORMAT", "format parquet", {"PARQUET": True}),
    ("JSON stands for auto", "JSON", {"JSON": "auto"}),
    ("JSON", "JSON AS 'auto ignorecase'", {"JSON": "auto ignorecase"}),
    ("JSON paths", "FORMAT JSON 's3://bucket/paths.json'", {"JSON": "s3://bucket/paths.json"}),
    ("a delimiter", r"DELIMITER AS '\t'", {"DELIMITER": "\t"}),
    ("a delimiter after FORMAT", "FORMAT AS DELIMITER '|'", {"DELIMITER": "|"}),
    ("a quote", "CSV QUOTE AS '%'", {"CSV": True, "QUOTE": "%"}),
    ("a whole number", "CSV IGNOREHEADER 1", {"CSV": True, "IGNOREHEADER": "1"}),
    ("a whole number in quotes", "CSV IGNOREHEADER AS ' 2 '", {"CSV": True, "IGNOREHEADER": "2"}),
    ("the highest MAXERROR", "MAXERROR 100000", {"MAXERROR": "100000"}),
    ("a date format", "DATEFORMAT 'auto' TIMEFORMAT AS 'epochsecs'", {"DATEFORMAT": "auto", "TIMEFORMAT": "epochsecs"}),
    ("null as", "NULL AS 'nil'", {"NULL": "nil"}),
    ("COMPUPDATE alone is on", "COMPUPDATE STATUPDATE OFF", {"COMPUPDATE": "ON", "STATUPDATE": "off"}),
    ("COMPUPDATE PRESET", "COMPUPDATE PRESET", {"COMPUPDATE": "preset"}),
    ("encoding", "ENCODING UTF8", {"ENCODING": "utf8"}),
    ("compression", "CSV GZIP", {"CSV": True, "GZIP": True}),
    ("WITH is noise", "WITH CSV", {"CSV": True}),
    (
        "flags",
        "BLANKSASNULL emptyasnull TRUNCATECOLUMNS",
        {"BLANKSASNULL": True, "EMPTYASNULL": True, "TRUNCATECOLUMNS": True},
    ),
    ("a manifest of Parquet", "PARQUET MANIFEST", {"PARQUET": True, "MANIFEST": True}),
    ("SERIALIZETOJSON of ORC", "ORC SERIALIZETOJSON", {"ORC": True, "SERIALIZETOJSON": True}),
]


@pytest.mark.parametrize(
    ("text", "options"), [case[1:] for case in COPY_OPTIONS], ids=[case[0] for case in COPY_OPTIONS]
)
def test_copy_options(text: str, options: dict[str, str | bool]) -> None:
    found = parse(f"{COPY} {text}")
    assert isinstance(found, Copy)
    assert found.options == ROLE | options


UNLOAD_OPTIONS: list[tuple[str, str, dict[str, str | bool | tuple[str, ...]]]] = [
    ("CSV", "FORMAT AS CSV HEADER", {"CSV": True, "HEADER": True}),
    ("Parquet", "PARQUET", {"PARQUET": True}),
    ("partitions", "PARQUET PARTITION BY (y, M)", {"PARQUET": True, "PARTITION": ("y", "m")}),
    ("partition columns kept", "PARTITION BY (y) INCLUDE", {"PARTITION": ("y",), "INCLUDE": True}),
    ("a manifest", "MANIFEST VERBOSE", {"MANIFEST": True, "VERBOSE": True}),
    ("a size", "MAXFILESIZE AS 6.2 MB", {"MAXFILESIZE": "6.2 MB"}),
    ("not in parallel", "PARALLEL OFF", {"PARALLEL": "OFF"}),
    ("not in parallel, quoted", "PARALLEL 'off'", {"PARALLEL": "OFF"}),
    (
        "text",
        "DELIMITER AS ',' ADDQUOTES ESCAPE NULL AS ''",
        {"DELIMITER": ",", "ADDQUOTES": True, "ESCAPE": True, "NULL": ""},
    ),
    ("written over", "ALLOWOVERWRITE", {"ALLOWOVERWRITE": True}),
    ("cleaned first", "CLEANPATH", {"CLEANPATH": True}),
    ("an extension", "EXTENSION 'csv.gz' GZIP", {"EXTENSION": "csv.gz", "GZIP": True}),
]


@pytest.mark.parametrize(
    ("text", "options"), [case[1:] for case in UNLOAD_OPTIONS], ids=[case[0] for case in UNLOAD_OPTIONS]
)
def test_unload_options(text: str, options: dict[str, str | bool | tuple[str, ...]]) -> None:
    found = parse(f"{UNLOAD} {text}")
    assert isinstance(found, Unload)
    assert found.options == ROLE | options


ROLES = [
    ("the default role", "default", "default"),
    ("a chain of roles", f"'{ARN},{ARN}2'", f"{ARN},{ARN}2"),
    ("another partition", f"'{ARN.replace('aws', 'aws-cn')}'", ARN.replace("aws", "aws-cn")),
]


@pytest.mark.parametrize(("written", "role"), [case[1:] for case in ROLES], ids=[case[0] for case in ROLES])
@pytest.mark.parametrize("verb", ["COPY t FROM", "UNLOAD ('SELECT 1') TO"])
def test_role(verb: str, written: str, role: str) -> None:
    found = parse(f"{verb} 's3://bucket/x' IAM_ROLE {written}")
    assert isinstance(found, Copy | Unload)
    assert found.options == {"IAM_ROLE": role}


REFUSED = [
    ("COPY without a role", "COPY t FROM 's3://bucket/x'", "COPY requires authorization: IAM_ROLE is missing", "0A000"),
    ("UNLOAD without a role", "UNLOAD ('SELECT 1') TO 's3://bucket/x'", "UNLOAD requires authorization", "0A000"),
    ("no role", "COPY t FROM 's3://bucket/x' IAM_ROLE 'me'", 'The IAM role "me" is not valid', "22023"),
    (
        "no bucket",
        COPY.replace("s3://bucket/x", "s3://bucket"),
        "The specified S3 prefix 's3://bucket' does not",
        "XX000",
    ),
    ("no S3", COPY.replace("s3://bucket/x", "/etc/passwd"), "The specified S3 prefix '/etc/passwd'", "XX000"),
    ("an unknown option", f"{COPY} FASTER", 'syntax error at or near "FASTER"', "42601"),
    ("an unknown format", f"{COPY} FORMAT AS XML", 'syntax error at or near "XML"', "42601"),
    ("two formats", f"{COPY} CSV PARQUET", "COPY options CSV and PARQUET cannot be used together", "42601"),
    (
        "Parquet and a delimiter",
        f"{COPY} PARQUET DELIMITER ','",
        "DELIMITER argument is not supported for PARQUET",
        "0A000",
    ),
    (
        "ORC and a region",
        f"{COPY} ORC REGION 'us-east-1'",
        "REGION argument is not supported for ORC based COPY",
        "0A000",
    ),
    ("SERIALIZETOJSON of CSV", f"{COPY} CSV SERIALIZETOJSON", "SERIALIZETOJSON is only supported for PARQUET", "0A000"),
    ("CSV and ESCAPE", f"{COPY} CSV ESCAPE", "CSV is not compatible with ESCAPE", "0A000"),
    ("JSON and a header", f"{COPY} JSON 'auto' IGNOREHEADER 1", "JSON is not compatible with IGNOREHEADER", "0A000"),
    ("QUOTE without CSV", f"{COPY} QUOTE '%'", "QUOTE AS is only supported with CSV", "0A000"),
    ("too high a MAXERROR", f"{COPY} MAXERROR 100001", "MAXERROR must be between 0 and 100000", "22023"),
    ("no number", f"{COPY} MAXERROR 'x'", "Invalid value for MAXERROR: x", "22023"),
    ("a negative number", f"{COPY} IGNOREHEADER -1", "Invalid value for IGNOREHEADER: -1", "22023"),
    ("an outer LIMIT", UNLOAD.replace("SELECT 1", "SELECT 1 LIMIT 5"), "Limit clause is not supported", "0A000"),
    ("UNLOAD of two formats", f"{UNLOAD} CSV PARQUET", "UNLOAD options CSV and PARQUET cannot", "42601"),
    ("Parquet and a header", f"{UNLOAD} PARQUET HEADER", "HEADER is not supported for UNLOAD to PARQUET", "0A000"),
    ("CSV and quotes", f"{UNLOAD} CSV ADDQUOTES", "ADDQUOTES is not supported for UNLOAD to CSV", "0A000"),
    ("cleaned and written over", f"{UNLOAD} CLEANPATH ALLOWOVERWRITE", "CLEANPATH and ALLOWOVERWRITE cannot", "42601"),
    ("an unknown option of UNLOAD", f"{UNLOAD} FASTER", 'syntax error at or near "FASTER"', "42601"),
]


@pytest.mark.parametrize(("sql", "text", "state"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_refused(sql: str, text: str, state: str) -> None:
    with pytest.raises(RedshiftError) as caught:
        parse(sql)
    assert str(caught.value).startswith(text)
    assert caught.value.sqlstate == state


def test_a_limit_inside_the_query_is_fine() -> None:
    found = parse(UNLOAD.replace("SELECT 1", "SELECT * FROM (SELECT 1 LIMIT 5) AS q"))
    assert isinstance(found, Unload)
    assert found.query == "SELECT * FROM (SELECT 1 LIMIT 5) AS q"


KEYS = [
    "CREDENTIALS 'aws_access_key_id=canary;aws_secret_access_key=canary'",
    "CREDENTIALS AS 'aws_iam_role=arn:aws:iam::123456789012:role/r'",
    "WITH CREDENTIALS 'aws_access_key_id=canary;aws_secret_access_key=canary;token=canary'",
    "ACCESS_KEY_ID 'canary' SECRET_ACCESS_KEY 'canary'",
    "ACCESS_KEY_ID 'canary' SECRET_ACCESS_KEY 'canary' SESSION_TOKEN 'canary'",
]
ROLE_OPTION = COPY.partition("'s3://bucket/x'")[2]


@pytest.mark.parametrize("keys", KEYS)
@pytest.mark.parametrize("sql", [COPY, UNLOAD], ids=["COPY", "UNLOAD"])
def test_every_form_of_access_is_taken_and_no_key_is_shown(sql: str, keys: str) -> None:
    text = sql.replace(ROLE_OPTION, f" {keys}")
    assert parse(text)
    assert "canary" not in redacted(text)
    assert redacted(text).startswith(sql[:10])


BAD_KEYS = [
    "CREDENTIALS 'canary'",
    "SESSION_TOKEN 'canary'",
    "SECRET_ACCESS_KEY 'canary'",
    f"{ROLE_OPTION} ACCESS_KEY_ID 'canary' SECRET_ACCESS_KEY 'canary'",
    f"{ROLE_OPTION} CREDENTIALS 'aws_access_key_id=canary;aws_secret_access_key=canary'",
    "CREDENTIALS 'aws_iam_role=canary'",
]


@pytest.mark.parametrize("keys", BAD_KEYS)
@pytest.mark.parametrize("sql", [COPY, UNLOAD], ids=["COPY", "UNLOAD"])
def test_a_broken_form_of_access_is_refused(sql: str, keys: str) -> None:
    with pytest.raises(RedshiftError) as caught:
        parse(sql.replace(ROLE_OPTION, f" {keys}"))
    assert "canary" not in str(caught.value) or "aws_iam_role" in keys


NOT_BUILT = [
    (f"{COPY} SHAPEFILE", "COPY option SHAPEFILE"),
    (f"{COPY} LZOP", "COPY option LZOP"),
    (f"{COPY} ENCRYPTED", "COPY option ENCRYPTED"),
    (COPY.replace("s3://bucket/x", "dynamodb://t"), "COPY from dynamodb"),
    (COPY.replace("s3://bucket/x", "emr://j-1/x"), "COPY from emr"),
]


@pytest.mark.parametrize(("sql", "feature"), NOT_BUILT, ids=[case[1] for case in NOT_BUILT])
def test_not_built_is_named(sql: str, feature: str) -> None:
    with pytest.raises(NotSupportedLocallyError) as caught:
        parse(sql)
    assert caught.value.feature == feature
