"""Redshift's answers where the engine's own would differ."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from lakeshift.redshift import Session, Warehouse

D = Decimal
RULES: list[tuple[str, str, Any]] = [
    ("integer division truncates", "SELECT 7/2", 3),
    ("integer division truncates towards zero", "SELECT -7/2", -3),
    ("a division by a decimal is exact to its scale", "SELECT 1.0/3", D("0.333333333333")),
    ("a decimal quotient is cut, not rounded", "SELECT 2.00::decimal(5,2)/3.00::decimal(5,2)", D("0.666666")),
    ("a decimal quotient has no binary error", "SELECT 0.3/0.1", D("3.0000")),
    ("a negative decimal quotient is cut towards zero", "SELECT -1.0/3", D("-0.333333333333")),
    ("mean of integers is an integer", "SELECT AVG(n) FROM numbers", 2),
    ("mean of integers over a window too", "SELECT AVG(n) OVER () FROM numbers LIMIT 1", 2),
    ("mean of a derived integer", "SELECT AVG(m) FROM (SELECT n + 1 AS m FROM numbers) AS q", 3),
    ("mean of distinct integers", "SELECT AVG(DISTINCT n) FROM numbers", 2),
    ("mean of a decimal keeps its scale", "SELECT AVG(d) FROM numbers", D("1.66")),
    ("mean of a double is a double", "SELECT AVG(n::float8) FROM numbers", 2.25),
    ("mean of nothing is null", "SELECT AVG(n) FROM numbers WHERE n > 99", None),
    ("mean of a CTE's integers", "WITH c AS (SELECT n FROM numbers) SELECT AVG(n) FROM c", 2),
    ("sum of integers is a bigint", "SELECT SUM(n) FROM numbers", 9),
    ("sum of a decimal keeps its scale", "SELECT SUM(d) FROM numbers", D("5.00")),
    ("LISTAGG has no separator unless given", "SELECT LISTAGG(t) WITHIN GROUP (ORDER BY n) FROM numbers", "abcd"),
    (
        "LISTAGG orders within the group",
        "SELECT LISTAGG(t, '-') WITHIN GROUP (ORDER BY t DESC, t DESC) FROM numbers",
        "d-c-b-a",
    ),
    ("DATEDIFF counts boundaries", "SELECT DATEDIFF(month, '2020-01-31', '2020-02-01')", 1),
    ("DATEDIFF of hours counts boundaries", "SELECT DATEDIFF(hour, '2020-01-01 00:59:59', '2020-01-01 01:00:00')", 1),
    ("DATEDIFF of years counts boundaries", "SELECT DATEDIFF('yr', '2019-12-31', '2020-01-01')", 1),
    ("DATEADD gives a timestamp", "SELECT DATEADD(day, 1, '2020-02-28'::date)", datetime(2020, 2, 29)),
    ("DATEADD of months stays in the month", "SELECT DATEADD(month, 1, '2020-01-31')", datetime(2020, 2, 29)),
    ("DATEADD of weeks", "SELECT DATEADD(w, -1, '2020-01-08')", datetime(2020, 1, 1)),
    ("ADD_MONTHS keeps the last day", "SELECT ADD_MONTHS('2008-02-29', 1)", datetime(2008, 3, 31)),
    ("DATE_TRUNC of a date is a timestamp", "SELECT DATE_TRUNC('month', '2020-05-17'::date)", datetime(2020, 5, 1)),
    ("TRUNC of a timestamp is a date", "SELECT TRUNC('2020-05-17 10:00:00'::timestamp)", date(2020, 5, 17)),
    ("milliseconds are without the seconds", "SELECT EXTRACT(ms FROM '2020-01-01 10:00:07.250'::timestamp)", 250),
    ("epoch is whole", "SELECT EXTRACT(epoch FROM '1970-01-02'::timestamp)", 86400),
    ("day of week starts at Sunday 0", "SELECT DATE_PART(dow, '2020-01-05'::date)", 0),
    ("LAST_DAY", "SELECT LAST_DAY('2020-02-10')", date(2020, 2, 29)),
    ("MONTHS_BETWEEN of last days is whole", "SELECT MONTHS_BETWEEN('2020-03-31', '2020-02-29')", 1.0),
    ("NEXT_DAY", "SELECT NEXT_DAY('2014-08-20', 'Tuesday')", date(2014, 8, 26)),
    (
        "TO_CHAR of a timestamp",
        "SELECT TO_CHAR('2020-01-02 13:04:05'::timestamp, 'YYYY-MM-DD HH24:MI:SS')",
        "2020-01-02 13:04:05",
    ),
    ("TO_DATE", "SELECT TO_DATE('20200102', 'YYYYMMDD')", date(2020, 1, 2)),
    ("a cast to VARCHAR(n) cuts at n bytes", "SELECT 'héllo'::varchar(3)", "hé"),
    ("a cast to VARCHAR(n) never leaves half a character", "SELECT 'hé'::varchar(2)", "h"),
    ("NVL", "SELECT NVL(NULL, 'x')", "x"),
    ("DECODE matches null with null", "SELECT DECODE(NULL, NULL, 'null', 'other')", "null"),
    ("DECODE without a match and default is null", "SELECT DECODE(1, 2, 'two')", None),
    ("LEN counts characters", "SELECT LEN('français')", 8),
    ("OCTET_LENGTH counts bytes", "SELECT OCTET_LENGTH('français')", 9),
    ("SUBSTRING before the start eats its length", "SELECT SUBSTRING('caterpillar', -2, 5)", "ca"),
    ("CHARINDEX takes what it looks for first", "SELECT CHARINDEX('fish', 'dogfish')", 4),
    ("REGEXP_REPLACE replaces every match", "SELECT REGEXP_REPLACE('a1b2', '[0-9]', '#')", "a#b#"),
    ("SPLIT_PART", "SELECT SPLIT_PART('a-b-c', '-', 2)", "b"),
    ("INITCAP", "SELECT INITCAP('the qUICK')", "The Quick"),
    ("STRTOL", "SELECT STRTOL('ff', 16)", 255),
    ("JSON_EXTRACT_PATH_TEXT", """SELECT JSON_EXTRACT_PATH_TEXT('{"a":{"b":"x"}}', 'a', 'b')""", "x"),
    ("JSON_EXTRACT_PATH_TEXT of a missing key is NULL", """SELECT JSON_EXTRACT_PATH_TEXT('{"a":1}', 'z')""", None),
    (
        "ascending puts nulls last",
        "SELECT n FROM (SELECT n FROM numbers UNION ALL SELECT NULL) AS q ORDER BY n LIMIT 1",
        1,
    ),
    (
        "descending puts nulls first",
        "SELECT n FROM (SELECT n FROM numbers UNION ALL SELECT NULL) AS q ORDER BY n DESC LIMIT 1",
        None,
    ),
    ("identifiers fold to lower case, quoted too", 'SELECT "N" FROM "NUMBERS" ORDER BY 1 LIMIT 1', 1),
    ("TOP", "SELECT TOP 1 n FROM numbers ORDER BY n DESC", 4),
    ("concatenation with null is null", "SELECT 'x' || NULL", None),
    ("a number concatenates as text", "SELECT 'x' || 1", "x1"),
    ("backslash escapes in LIKE", r"SELECT 'a_b' LIKE 'a\\_b'", True),
    ("backslash escapes in a literal", r"SELECT 'it\'s'", "it's"),
    ("MEDIAN", "SELECT MEDIAN(n) FROM numbers", 2.0),
    (
        "PERCENTILE_CONT descending",
        "SELECT PERCENTILE_CONT(0.25) WITHIN GROUP (ORDER BY n DESC, t DESC) FROM numbers",
        2.5,
    ),
    ("RATIO_TO_REPORT", "SELECT RATIO_TO_REPORT(n) OVER () FROM numbers ORDER BY n LIMIT 1", 1 / 9),
    ("a column alias can be used beside it", "SELECT n * 2 AS twice, twice + 1 FROM numbers ORDER BY n LIMIT 1", 2),
    (
        "correlated EXISTS",
        "SELECT COUNT(*) FROM numbers a WHERE EXISTS (SELECT 1 FROM numbers b WHERE b.n = a.n + 1)",
        1,
    ),
    ("QUALIFY", "SELECT n FROM numbers QUALIFY ROW_NUMBER() OVER (ORDER BY n DESC) = 1", 4),
    ("user", "SELECT CURRENT_USER", "tester"),
]


@pytest.fixture(scope="module")
def numbers(shared: Warehouse) -> Session:
    session = shared.session("select_rules", "tester")
    session.execute("CREATE TABLE numbers (n int, d decimal(8,2), t varchar(4))")
    session.execute("INSERT INTO numbers VALUES (1, 1.00, 'a'), (2, 2.00, 'b'), (2, 2.00, 'c'), (4, NULL, 'd')")
    return session


@pytest.mark.parametrize(("sql", "expected"), [rule[1:] for rule in RULES], ids=[rule[0] for rule in RULES])
def test_rule(numbers: Session, sql: str, expected: Any) -> None:
    found = numbers.execute(sql).rows[0][0]
    assert found == (pytest.approx(expected) if isinstance(expected, float) else expected)
    assert isinstance(found, type(expected))


TYPES = [
    ("integer literal", "SELECT 1", "int4", "?column?"),
    ("count", "SELECT COUNT(*) FROM numbers", "int8", "count"),
    ("sum of integers", "SELECT SUM(n) FROM numbers", "int8", "sum"),
    ("mean of a decimal", "SELECT AVG(d) FROM numbers", "numeric", "avg"),
    ("a column keeps its name", "SELECT N FROM numbers", "int4", "n"),
    ("text", "SELECT t FROM numbers", "varchar", "t"),
    ("timestamp", "SELECT GETDATE()", "timestamp", "getdate"),
    ("boolean", "SELECT n > 1 AS more FROM numbers", "bool", "more"),
    ("DATEDIFF is called date_diff", "SELECT DATEDIFF(day, '2020-01-01', '2020-01-02')", "int8", "date_diff"),
    ("a cast is called by its column", "SELECT n::bigint FROM numbers", "int8", "n"),
]


@pytest.mark.parametrize(("sql", "wire", "name"), [rule[1:] for rule in TYPES], ids=[rule[0] for rule in TYPES])
def test_result_column(numbers: Session, sql: str, wire: str, name: str) -> None:
    column = numbers.execute(sql).columns[0]
    assert (column.type.wire, column.name) == (wire, name)
