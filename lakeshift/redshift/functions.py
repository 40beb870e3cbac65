"""Redshift's functions: what each becomes in the engine, and the type it returns. Anything else does not exist.

A template's ``{0}``, ``{1}``… are the arguments in the engine's SQL; ``{*}`` is all of them. A return type is a code of
``_CODES``, or ``=n``: the type of argument n.
https://docs.aws.amazon.com/redshift/latest/dg/c_SQL_functions.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lakeshift.redshift.types import MAX_VARCHAR, SqlType

__all__ = ["AGGREGATES", "FUNCTIONS", "LEADER_ONLY", "NOT_YET", "WINDOW_ONLY", "Function", "result_type"]

_CODES: Final[dict[str, SqlType | None]] = {
    "int": SqlType("integer"),
    "big": SqlType("bigint"),
    "small": SqlType("smallint"),
    "dbl": SqlType("double precision"),
    "txt": SqlType("character varying", length=MAX_VARCHAR),
    "bool": SqlType("boolean"),
    "date": SqlType("date"),
    "ts": SqlType("timestamp without time zone"),
    "tz": SqlType("timestamp with time zone"),
    "num": SqlType("numeric", precision=38, scale=0),
    "super": SqlType("super"),
    "?": None,
}


@dataclass(frozen=True, slots=True)
class Function:
    """A function of ``least`` to ``most`` arguments (``most`` -1: any number)."""

    name: str
    least: int
    most: int
    template: str
    returns: str


def _table(text: str) -> dict[str, list[Function]]:
    found: dict[str, list[Function]] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        names, arity, returns, template = (part.strip() for part in line.split("|", 3))
        least, _, most = arity.partition("-")
        top = -1 if most == "*" else int(most or least)
        for name in names.split(","):
            found.setdefault(name, []).append(Function(name, int(least), top, template, returns))
    return found


# One function a line: names | arguments | type | template.
_TEXT: Final = """
upper | 1 | =0 | upper({0}::VARCHAR)
lower | 1 | =0 | lower({0}::VARCHAR)
len,length,char_length,character_length,textlen | 1 | int | length({0}::VARCHAR)
octet_length | 1 | int | strlen({0}::VARCHAR)
left | 2 | =0 | left({0}::VARCHAR, {1})
right | 2 | =0 | right({0}::VARCHAR, {1})
substr,substring | 2 | =0 | main.ls_substring({0}::VARCHAR, {1}, 2147483647)
substr,substring | 3 | =0 | main.ls_substring({0}::VARCHAR, {1}, {2})
trim,btrim | 1 | =0 | trim({0}::VARCHAR)
trim,btrim | 2 | =0 | trim({0}::VARCHAR, {1})
ltrim | 1 | =0 | ltrim({0}::VARCHAR)
ltrim | 2 | =0 | ltrim({0}::VARCHAR, {1})
rtrim | 1 | =0 | rtrim({0}::VARCHAR)
rtrim | 2 | =0 | rtrim({0}::VARCHAR, {1})
lpad | 2 | txt | lpad({0}::VARCHAR, {1}::INTEGER, ' ')
lpad | 3 | txt | lpad({0}::VARCHAR, {1}::INTEGER, {2})
rpad | 2 | txt | rpad({0}::VARCHAR, {1}::INTEGER, ' ')
rpad | 3 | txt | rpad({0}::VARCHAR, {1}::INTEGER, {2})
replace | 3 | txt | replace({0}::VARCHAR, {1}, {2})
translate | 3 | txt | translate({0}::VARCHAR, {1}, {2})
reverse | 1 | =0 | reverse({0}::VARCHAR)
repeat,replicate | 2 | txt | repeat({0}::VARCHAR, {1})
concat | 2 | txt | ({0}::VARCHAR || {1}::VARCHAR)
strpos | 2 | int | strpos({0}::VARCHAR, {1})
charindex | 2 | int | strpos({1}::VARCHAR, {0})
charindex | 3 | int | main.ls_charindex({0}, {1}::VARCHAR, {2})
split_part | 3 | txt | main.ls_split_part({0}::VARCHAR, {1}, {2})
initcap | 1 | =0 | main.ls_initcap({0}::VARCHAR)
ascii | 1 | int | ascii({0}::VARCHAR)
chr | 1 | txt | chr({0}::INTEGER)
md5,func_md5 | 1 | txt | md5({0}::VARCHAR)
sha,sha1,func_sha1 | 1 | txt | sha1({0}::VARCHAR)
sha2 | 2 | txt | main.ls_sha2({0}::VARCHAR, {1})
to_hex | 1 | txt | lower(to_hex({0}))
quote_literal | 1 | txt | concat('''', replace({0}::VARCHAR, '''', ''''''), '''')
quote_ident | 1 | txt | main.ls_quote_ident({0}::VARCHAR)
strtol | 2 | big | main.ls_strtol({0}::VARCHAR, {1})
regexp_count | 2 | int | len(regexp_extract_all({0}::VARCHAR, {1}))
regexp_replace | 2 | txt | regexp_replace({0}::VARCHAR, {1}, '', 'g')
regexp_replace | 3 | txt | regexp_replace({0}::VARCHAR, {1}, {2}, 'g')
regexp_substr | 2 | txt | regexp_extract({0}::VARCHAR, {1})
regexp_instr | 2 | int | main.ls_regexp_instr({0}::VARCHAR, {1})
"""
_NUMERIC: Final = """
abs | 1 | =0 | abs({0})
ceil,ceiling | 1 | =0 | ceil({0})
floor | 1 | =0 | floor({0})
round | 1 | =0 | round({0})
round | 2 | =0 | round({0}, {1})
mod | 2 | =0 | ({0} % {1})
power,pow | 2 | dbl | main.ls_finite(pow({0}, {1}))
sqrt | 1 | dbl | main.ls_sqrt({0})
cbrt | 1 | dbl | cbrt({0})
exp | 1 | dbl | main.ls_finite(exp({0}))
ln,dlog1 | 1 | dbl | main.ls_logged({0}, ln(nullif(abs({0}), 0)))
log,dlog10 | 1 | dbl | main.ls_logged({0}, log10(nullif(abs({0}), 0)))
sign | 1 | =0 | sign({0})
sin | 1 | dbl | sin({0})
cos | 1 | dbl | cos({0})
tan | 1 | dbl | tan({0})
asin | 1 | dbl | asin({0})
acos | 1 | dbl | acos({0})
atan | 1 | dbl | atan({0})
atan2 | 2 | dbl | atan2({0}, {1})
cot | 1 | dbl | cot({0})
degrees | 1 | dbl | degrees({0})
radians | 1 | dbl | radians({0})
pi | 0 | dbl | pi()
random | 0 | dbl | random()
"""
_CONDITIONS: Final = """
coalesce,nvl | 1-* | =0 | coalesce({*})
nvl2 | 3 | =1 | CASE WHEN {0} IS NOT NULL THEN {1} ELSE {2} END
nullif | 2 | =0 | nullif({0}, {1})
greatest | 1-* | =0 | greatest({*})
least | 1-* | =0 | least({*})
isnull | 2 | =0 | coalesce({0}, {1})
current_database | 0 | txt | getvariable('database')
current_schema | 0 | txt | getvariable('schema')
pg_backend_pid | 0 | int | getvariable('pid')
pg_last_query_id | 0 | big | getvariable('last_query')
pg_last_copy_id | 0 | big | getvariable('last_copy')
pg_last_copy_count | 0 | big | getvariable('last_copy_count')
version | 0 | txt | 'PostgreSQL 8.0.2 on i686-pc-linux-gnu, \
compiled by GCC gcc (GCC) 3.4.2 20041017 (Red Hat 3.4.2-6.fc3), Redshift 1.0.12103'
is_valid_json | 1 | bool | coalesce(json_valid({0}) AND json_type({0}) = 'OBJECT', false)
is_valid_json_array | 1 | bool | coalesce(json_valid({0}) AND json_type({0}) = 'ARRAY', false)
json_array_length | 1 | int | main.ls_json_array_length({0})
json_extract_array_element_text | 2 | txt | main.ls_json_element({0}, {1})
json_parse | 1 | super | {0}::JSON
json_serialize | 1 | txt | {0}::VARCHAR
can_json_parse | 1 | bool | json_valid({0})
"""
_DATES: Final = """
getdate | 0 | ts | date_trunc('second', (current_timestamp AT TIME ZONE 'UTC'))
date | 1 | date | CAST({0} AS DATE)
last_day | 1 | date | last_day({0}::TIMESTAMP)
add_months | 2 | ts | main.ls_add_months({0}::TIMESTAMP, {1})
months_between | 2 | dbl | main.ls_months_between({0}::TIMESTAMP, {1}::TIMESTAMP)
next_day | 2 | date | main.ls_next_day({0}::DATE, {1})
date_cmp | 2 | int | main.ls_cmp({0}::DATE, {1}::DATE)
timestamp_cmp | 2 | int | main.ls_cmp({0}::TIMESTAMP, {1}::TIMESTAMP)
date_part_year | 1 | int | year({0}::DATE)
interval_cmp | 2 | int | main.ls_cmp({0}::INTERVAL, {1}::INTERVAL)
timezone | 2 | ts | timezone({0}, {1})
convert_timezone | 2 | ts | (({1}::TIMESTAMP AT TIME ZONE 'UTC') AT TIME ZONE {0})
convert_timezone | 3 | ts | (({2}::TIMESTAMP AT TIME ZONE {0}) AT TIME ZONE {1})
timeofday | 0 | txt | strftime(now(), '%a %b %d %H:%M:%S.%f %Y UTC')
"""
_AGGREGATE_TEXT: Final = """
count | 1 | big | count({0})
sum | 1 | ? | sum({0})
avg | 1 | ? | avg({0})
min | 1 | =0 | min({0})
max | 1 | =0 | max({0})
median | 1 | ? | median({0})
stddev,stddev_samp | 1 | dbl | stddev_samp({0})
stddev_pop | 1 | dbl | stddev_pop({0})
variance,var_samp | 1 | dbl | var_samp({0})
var_pop | 1 | dbl | var_pop({0})
bool_and | 1 | bool | bool_and({0})
bool_or | 1 | bool | bool_or({0})
bit_and | 1 | =0 | bit_and({0})
bit_or | 1 | =0 | bit_or({0})
any_value | 1 | =0 | any_value({0})
listagg | 1 | txt | string_agg({0}, '')
listagg | 2 | txt | string_agg({0}, {1})
percentile_cont | 1 | dbl | quantile_cont({0})
percentile_disc | 1 | ? | quantile_disc({0})
"""
_WINDOW_TEXT: Final = """
row_number | 0 | big | row_number()
rank | 0 | big | rank()
dense_rank | 0 | big | dense_rank()
percent_rank | 0 | dbl | percent_rank()
cume_dist | 0 | dbl | cume_dist()
ntile | 1 | big | ntile({0})
lag | 1-2 | =0 | lag({*})
lead | 1-2 | =0 | lead({*})
first_value | 1 | =0 | first_value({0})
last_value | 1 | =0 | last_value({0})
nth_value | 2 | =0 | nth_value({0}, {1})
"""
AGGREGATES: Final = _table(_AGGREGATE_TEXT)
WINDOW_ONLY: Final = {
    **_table(_WINDOW_TEXT),
    # Written out in calls: a share of a windowed sum.
    "ratio_to_report": [Function("ratio_to_report", 1, 1, "", "dbl")],
}
FUNCTIONS: Final = {**_table(_TEXT + _NUMERIC + _CONDITIONS + _DATES), **AGGREGATES, **WINDOW_ONLY}
# These refuse to run without a user's table, as on the real leader node.
LEADER_ONLY: Final = frozenset({"listagg", "median", "percentile_cont", "percentile_disc"})
# Redshift has these, we do not: refused as ours, not as unknown.
NOT_YET: Final = frozenset(
    [
        "array",
        "array_concat",
        "array_flatten",
        "bit_xor",
        "bpcharcmp",
        "checksum",
        "collate",
        "crc32",
        "date_cmp_timestamp",
        "date_cmp_timestamptz",
        "decimal_precision",
        "decimal_scale",
        "dexp",
        "difference",
        "farm_fingerprint_hash",
        "fnv_hash",
        "from_hex",
        "from_varbyte",
        "get_array_length",
        "has_database_privilege",
        "has_schema_privilege",
        "has_table_privilege",
        "hll",
        "hll_cardinality",
        "is_array",
        "is_bigint",
        "is_boolean",
        "is_char",
        "is_decimal",
        "is_float",
        "is_integer",
        "is_object",
        "is_scalar",
        "is_smallint",
        "is_varchar",
        "json_size",
        "json_typeof",
        "lower_attribute_names",
        "murmur3_32_hash",
        "object",
        "object_transform",
        "octetindex",
        "ratio",
        "regexp_position",
        "soundex",
        "split_to_array",
        "st_asgeojson",
        "st_distance",
        "st_point",
        "subarray",
        "text_to_int_alt",
        "text_to_numeric_alt",
        "timestamp_cmp_date",
        "timestamp_cmp_timestamptz",
        "timestamptz_cmp",
        "to_geohash",
        "to_number",
        "to_varbyte",
        "var_byte",
    ]
)


def result_type(function: Function, arguments: list[SqlType | None]) -> SqlType | None:
    """The type a call returns, None where it depends on what we do not know."""
    if function.returns.startswith("="):
        index = int(function.returns[1:])
        return arguments[index] if index < len(arguments) else None
    return _CODES[function.returns]
