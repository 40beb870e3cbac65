"""Functions family by family, each with the answer of its page or, where the page prints none, of its definition."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from lakeshift.redshift import RedshiftError, Session, Warehouse

TEXT: list[tuple[str, Any]] = [
    ("OCTETINDEX('ON', 'AMAZON')", 5),
    ("SOUNDEX('Robert')", "R163"),
    ("SOUNDEX('Tymczak')", "T522"),
    ("SOUNDEX('123')", ""),
    ("DIFFERENCE('Robert', 'Rupert')", 4),
    ("CRC32('123456789')", "cbf43926"),
    ("BPCHARCMP('a', 'b ')", -1),
    ("BTTEXT_PATTERN_CMP('b', 'a')", 1),
    ("TEXT_TO_INT_ALT('12.9-')", -12),
    ("TEXT_TO_NUMERIC_ALT('+7.25', 10, 1)", Decimal("7.3")),
    ("STRTOL('0xff', 16)", 255),
    ("STRTOL('-101', 2)", -5),
    ("INITCAP('o''neil mc-donald')", "O'Neil Mc-Donald"),
    ("TRANSLATE('abcabc', 'abc', 'x')", "xx"),
    ("URL_ENCODE('a b/c')", "a+b%2Fc"),
    ("URL_DECODE('a+b%2Fc')", "a b/c"),
    (
        "SHA2('abc', 512)",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
        "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    ),
    ("REGEXP_COUNT('aAa', 'a', 1, 'i')", 3),
    ("REGEXP_COUNT('banana', 'an', 3)", 1),
    ("REGEXP_SUBSTR('a1b22', '[[:digit:]]+', 1, 2)", "22"),
    ("REGEXP_SUBSTR('x=1', '(\\\\w)=(\\\\d)', 1, 1, 'e')", "x"),
    ("REGEXP_INSTR('hello', 'l+', 1, 1, 1)", 5),
    ("REGEXP_REPLACE('ab12', '([a-z]+)([0-9]+)', '$2$1', 1, 'p')", "12ab"),
    ("REGEXP_REPLACE('aXbX', 'x', '-', 3, 'i')", "aXb-"),
]
HASHES: list[tuple[str, Any]] = [
    ("FNV_HASH('foobar')", -8821353812377114648),
    ("FARMFINGERPRINT64('')", -7286425919675154353),
    ("MURMUR3_32_HASH('hello')", 613153351),
    ("MURMUR3_32_HASH('', 1)", 1364076727),
]
BYTES: list[tuple[str, Any]] = [
    ("FROM_HEX('6162')", b"ab"),
    ("TO_HEX(255)", "ff"),
    ("TO_HEX('ab'::varbyte)", "6162"),
    ("TO_VARBYTE('YWI=', 'base64')", b"ab"),
    ("FROM_VARBYTE('ab'::varbyte, 'hex')", "6162"),
    ("GETBIT(FROM_HEX('01'), 0)", 1),
    ("GET_BIT(FROM_HEX('02'), 0)", 0),
    ("CONCAT('a'::varbyte, 'b'::varbyte)", b"ab"),
    ("SUBSTRING('abc'::varbyte, 2, 1)", b"b"),
    ("LEN('abc'::varbyte)", 3),
    ("REVERSE('abc'::varbyte)", b"cba"),
    ("'abc'::varbyte(2)", b"ab"),
    ("('ab'::varbyte)::varchar", "ab"),
    ("MD5('a'::varbyte)", "0cc175b9c0f1b6a831c399e269772661"),
    ("SHA1('a'::varbyte)", "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"),
    ("STRPOS('abc'::varbyte, 'c'::varbyte)", 3),
]
NUMBERS: list[tuple[str, Any]] = [
    ("DEXP(0)", 1.0),
    ("DLOG1(1)", 0.0),
    ("TRUNC(-5.678, 1)", Decimal("-5.6")),
    ("ROUND(2.5)", Decimal(3)),
    ("TO_CHAR(1234.5, '9,999.99')", " 1,234.50"),
    ("TO_CHAR(-7, '999')", "  -7"),
    ("TO_CHAR(7, '000')", " 007"),
    ("TO_CHAR(7, 'FM999')", "7"),
    ("TO_CHAR(12345, '999')", " ###"),
    ("TO_CHAR(-7, '999MI')", "  7-"),
    ("TO_CHAR(4, 'FMrn')", "iv"),
    ("TO_NUMBER('1,234.50', '9,999.99')", Decimal("1234.50")),
    ("5 # 3", 6),
    ("2 ^ 10", 1024.0),
    ("~5", -6),
    ("7 & 3", 3),
    ("1 << 3", 8),
    ("'12.345'::decimal(5,2)", Decimal("12.35")),
    ("'1e3'::decimal(8,2)", Decimal(1000)),
    ("TRY_CAST('x' AS int)", None),
]  # fmt: skip
DATES: list[tuple[str, Any]] = [
    ("'Jan 8, 1999'::date", date(1999, 1, 8)),
    ("'08-Jan-99'::date", date(1999, 1, 8)),
    ("'1/8/1999'::date", date(1999, 1, 8)),
    ("'20080215'::date", date(2008, 2, 15)),
    ("'2008.366'::date", date(2008, 12, 31)),
    ("'2008-02-15T04:05:06.5Z'::timestamp", datetime(2008, 2, 15, 4, 5, 6, 500000)),
    ("'June 1, 2008 09:59 pm'::timestamp", datetime(2008, 6, 1, 21, 59)),
    ("EXTRACT(hour FROM '2001-02-16 20:38:40 PST'::timestamptz)", 4),
    ("date '2000-01-31' + interval '1 month'", datetime(2000, 2, 29)),
    ("timestamp '2000-01-01' + interval '1.5 days, 2 hours'", datetime(2000, 1, 2, 14)),
    ("timestamp '2000-01-01' + interval '1-2' year to month", datetime(2001, 3, 1)),
    ("timestamp '2000-01-01' + interval '1 2:30' day to minute", datetime(2000, 1, 2, 2, 30)),
    ("interval '3 days' + '2001-01-01'::date", datetime(2001, 1, 4)),
    ("interval '52' week + '2001-01-01'::date", datetime(2001, 12, 31)),
    ("TO_CHAR(date '2009-12-31', 'FMMonth FMDDth, YYYY')", "December 31st, 2009"),
    ("TO_CHAR(date '2009-01-04', 'D ID WW IW Q J')", "1 7 01 01 1 2454836"),
    ("TO_CHAR(timestamp '2009-01-04 15:06:07', 'HH:MI a.m. SSSS')", "03:06 p.m. 54367"),
    ("TO_DATE('2 jan 70', 'DD MON YY')", date(1970, 1, 2)),
    ("TO_DATE('2008-060', 'YYYY-DDD')", date(2008, 2, 29)),
    ("CONVERT_TIMEZONE('EST', '2008-03-05 09:00')", datetime(2008, 3, 5, 4)),
    ("CONVERT_TIMEZONE('US/Pacific', 'UTC', timestamp '2008-07-01 00:00')", datetime(2008, 7, 1, 7)),
    ("TIMESTAMPTZ '2008-07-01 00:00+02' AT TIME ZONE 'UTC'", datetime(2008, 6, 30, 22)),
    ("DATE_CMP_TIMESTAMP(date '2008-01-01', timestamp '2008-01-02')", -1),
    ("TIMESTAMP_CMP_DATE(timestamp '2008-01-02', date '2008-01-01')", 1),
    ("TIMESTAMPTZ_CMP(timestamptz '2008-01-01 00:00+01', timestamptz '2008-01-01 00:00+00')", -1),
    ("DATE_CMP_TIMESTAMPTZ(date '2008-01-01', timestamptz '2008-01-01')", 0),
    ("TIMESTAMPTZ_CMP_DATE(timestamptz '2008-01-01', date '2008-01-01')", 0),
    ("TIMESTAMP_CMP_TIMESTAMPTZ(timestamp '2008-01-01', timestamptz '2008-01-01')", 0),
    ("TIMESTAMPTZ_CMP_TIMESTAMP(timestamptz '2008-01-01', timestamp '2008-01-01')", 0),
    ("MONTHS_BETWEEN('2001-02-28', '2001-01-31')", 1.0),
    ("date '2008-02-01' < '2/2/2008'", True),
]
SUPER: list[tuple[str, Any]] = [
    ("ARRAY(1, 'a', NULL, true)", '[1,"a",null,true]'),
    ("ARRAY()", "[]"),
    ("OBJECT('a', 1, 'b', ARRAY(2))", '{"a":1,"b":[2]}'),
    ("ARRAY_CONCAT(ARRAY(1), ARRAY(2))", "[1,2]"),
    ("ARRAY_FLATTEN(ARRAY(1, ARRAY(2, ARRAY(3))))", "[1,2,3]"),
    ("ARRAY_DISTINCT(ARRAY(1, 1, 2))", "[1,2]"),
    ("ARRAY_SORT(ARRAY(3, 1, 2))", "[1,2,3]"),
    ("ARRAY_CONTAINS(ARRAY(1, 2), 2)", True),
    ("ARRAY_POSITION(ARRAY('a', 'b'), 'b')", 1),
    ("ARRAY_TO_STRING(ARRAY('a', 'b'), '-')", "a-b"),
    ("GET_ARRAY_LENGTH(ARRAY(1, 2))", 2),
    ("SPLIT_TO_ARRAY('a|b', '|')", '["a","b"]'),
    ("SPLIT_TO_ARRAY('a,b')", '["a","b"]'),
    ("SUBARRAY(ARRAY(1, 2, 3), 1)", "[2,3]"),
    ("SUBARRAY(ARRAY(1, 2, 3), -2, 1)", "[2]"),
    ("JSON_PARSE('{ \"a\" : [1, 2] }')", '{"a":[1,2]}'),
    ("JSON_SERIALIZE(JSON_PARSE('[1, 2]'))", "[1,2]"),
    ("JSON_SERIALIZE_TO_VARBYTE(JSON_PARSE('[1]'))", b"[1]"),
    ("JSON_TYPEOF(JSON_PARSE('{}'))", "object"),
    ("JSON_SIZE(JSON_PARSE('[1, 2]'))", 5),
    ("SIZE(JSON_PARSE('[1]'))", 3),
    ('LOWER_ATTRIBUTE_NAMES(JSON_PARSE(\'{"A": {"B": 1}}\'))', '{"a":{"b":1}}'),
    ('OBJECT_TRANSFORM(JSON_PARSE(\'{"a":1,"b":2}\') KEEP \'"a"\' SET \'"c"\', 3)', '{"a":1,"c":3}'),
    ("DECIMAL_PRECISION(JSON_PARSE('12.345'))", 5),
    ("DECIMAL_SCALE(JSON_PARSE('12.345'))", 3),
    ("CAN_JSON_PARSE('{')", False),
    ("IS_ARRAY(JSON_PARSE('[]'))", True),
    ("IS_OBJECT(JSON_PARSE('[]'))", False),
    ("IS_SCALAR(JSON_PARSE('1'))", True),
    ("IS_BOOLEAN(JSON_PARSE('true'))", True),
    ("IS_VARCHAR(JSON_PARSE('\"a\"'))", True),
    ("IS_CHAR(JSON_PARSE('1'))", False),
    ("IS_SMALLINT(JSON_PARSE('40000'))", False),
    ("IS_INTEGER(JSON_PARSE('40000'))", True),
    ("IS_BIGINT(JSON_PARSE('3000000000'))", True),
    ("IS_DECIMAL(JSON_PARSE('1.5'))", True),
    ("IS_FLOAT(JSON_PARSE('1.5'))", True),
    ("JSON_ARRAY_LENGTH('[1', true)", None),
    ("JSON_EXTRACT_ARRAY_ELEMENT_TEXT('[1', 0, true)", None),
    ("ABS(JSON_PARSE('-1.50'))", "1.50"),
    ("CEIL(JSON_PARSE('1.2'))", "2"),
    ("JSON_PARSE('1') + 2", "3"),
    ("JSON_PARSE('\"a\"') || 'b'", "ab"),
    ("JSON_PARSE('\"7\"')::int", 7),
    ('JSON_PARSE(\'{"a":{"b":5}}\') = JSON_PARSE(\'{"a":{"b":5}}\')', True),
    ("JSON_PARSE('\"a\"') = 1", None),
]
SESSION: list[tuple[str, Any]] = [
    ("CURRENT_SCHEMAS(true)", "{pg_catalog,public}"),
    ("CURRENT_SETTING('timezone')", "UTC"),
    ("PG_LAST_UNLOAD_ID()", -1),
    ("PG_LAST_UNLOAD_COUNT()", 0),
    ("SLICE_NUM()", 0),
    ("LAST_USER_QUERY_ID() >= 0", True),
    ("HAS_TABLE_PRIVILEGE('nobody', 't', 'select')", False),
    ("HAS_SCHEMA_PRIVILEGE('nobody', 'public', 'usage')", True),
    ("HAS_DATABASE_PRIVILEGE('tester', 'dev', 'create')", True),
]
FAMILIES = {
    "text": TEXT,
    "hashes": HASHES,
    "bytes": BYTES,
    "numbers": NUMBERS,
    "dates": DATES,
    "super": SUPER,
    "session": SESSION,
}
CASES = [(f"{family}: {sql}", sql, answer) for family, cases in FAMILIES.items() for sql, answer in cases]


@pytest.fixture(scope="module")
def opened(shared: Warehouse) -> Iterator[Session]:
    session = shared.session("families", "tester")
    yield session
    session.close()


@pytest.mark.parametrize(("sql", "answer"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_answer(opened: Session, sql: str, answer: Any) -> None:
    found = opened.execute(f"SELECT {sql}").rows[0][0]
    assert found == (pytest.approx(answer) if isinstance(answer, float) else answer)


RAISED = [
    ("TO_HEX of no number", "SELECT FROM_HEX('xyz')", "22P02"),
    ("a bit outside", "SELECT GETBIT(FROM_HEX('01'), 8)", "22003"),
    ("no date", "SELECT 'hello'::date", "22007"),
    ("the 32nd of a month", "SELECT '2008-01-32'::date", "22008"),
    ("no interval", "SELECT interval '3 bananas' + date '2008-01-01'", "22007"),
    ("no zone", "SELECT CONVERT_TIMEZONE('Mars', '2008-01-01')", "22023"),
    ("a strict date", "SELECT TO_DATE('20010631', 'YYYYMMDD', TRUE)", "22008"),
    ("no JSON", "SELECT JSON_PARSE('{')", "22P02"),
    ("an odd OBJECT", "SELECT OBJECT('a')", "42601"),
    ("a number too large", "SELECT '123456'::decimal(5,2)", "22003"),
    ("an overflow of floats", "SELECT 1e308::float * 10::float", "22003"),
    ("no regular expression", "SELECT REGEXP_COUNT('a', '(')", "2201B"),
    ("no boolean", "SELECT 'maybe'::boolean", "22P02"),
]


@pytest.mark.parametrize(("sql", "state"), [case[1:] for case in RAISED], ids=[case[0] for case in RAISED])
def test_raised(opened: Session, sql: str, state: str) -> None:
    with pytest.raises(RedshiftError) as caught:
        opened.execute(sql)
    assert caught.value.sqlstate == state


def test_a_fingerprint_of_a_long_text_depends_on_every_byte(opened: Session) -> None:
    texts = ["a" * size for size in (1, 5, 10, 20, 40, 70, 200)] + ["a" * 199 + "b"]
    found = {opened.execute(f"SELECT FARMFINGERPRINT64('{text}')").rows[0][0] for text in texts}
    assert len(found) == len(texts)


def test_grouping_tells_the_rows_of_totals(opened: Session) -> None:
    opened.execute("CREATE TABLE g (a int, b int); INSERT INTO g VALUES (1, 2)")
    query = "SELECT a, b, GROUPING(a, b) AS g, COUNT(*) FROM g GROUP BY ROLLUP (a, b) ORDER BY g"
    assert opened.execute(query).rows == [(1, 2, 0, 1), (1, None, 1, 1), (None, None, 3, 1)]
