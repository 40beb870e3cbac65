"""Redshift's functions: what each becomes in the engine, and the type it returns. Anything else does not exist.

A template's ``{0}``, ``{1}``… are the arguments in the engine's SQL; ``{*}`` is all of them. A return type is a code of
``_CODES``, or ``=n``: the type of argument n.
https://docs.aws.amazon.com/redshift/latest/dg/c_SQL_functions.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from lakeshift.redshift.types import MAX_VARCHAR, SqlType

__all__ = [
    "AGGREGATES",
    "FUNCTIONS",
    "LEADER_ONLY",
    "NOT_YET",
    "WINDOW_ONLY",
    "Function",
    "candidates",
    "is_not_yet",
    "result_type",
]

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
    "byte": SqlType("binary varying", length=1_024_000),
    "?": None,
    "whole": None,
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


# One function a line: names | arguments | type | template. A name may end in @bytes or @super: the one that is taken
# where the first argument is of that type.
_TEXT: Final = """
upper | 1 | =0 | upper({0}::VARCHAR)
lower | 1 | =0 | lower({0}::VARCHAR)
len,length,char_length,character_length,textlen | 1 | int | length({0}::VARCHAR)
len@bytes,length@bytes,char_length@bytes,octet_length@bytes | 1 | int | octet_length({0})
octet_length | 1 | int | strlen({0}::VARCHAR)
octetindex | 2 | int | ls_octetindex({0}::VARCHAR, {1}::VARCHAR)
left | 2 | =0 | left({0}::VARCHAR, {1}::BIGINT)
right | 2 | =0 | right({0}::VARCHAR, {1}::BIGINT)
substr,substring | 2 | =0 | main.ls_substring({0}::VARCHAR, {1}, 2147483647)
substr,substring | 3 | =0 | main.ls_substring({0}::VARCHAR, {1}, {2})
substr@bytes,substring@bytes | 2 | byte | ls_bytes_substring({0}, {1}::BIGINT, 2147483647)
substr@bytes,substring@bytes | 3 | byte | ls_bytes_substring({0}, {1}::BIGINT, {2}::BIGINT)
btrim | 1 | =0 | trim({0}::VARCHAR)
btrim | 2 | =0 | trim({0}::VARCHAR, {1})
ltrim | 1 | =0 | ltrim({0}::VARCHAR)
ltrim | 2 | =0 | ltrim({0}::VARCHAR, {1})
rtrim | 1 | =0 | rtrim({0}::VARCHAR)
rtrim | 2 | =0 | rtrim({0}::VARCHAR, {1})
trim | 1 | =0 | trim({0}::VARCHAR)
trim | 2 | =0 | trim({0}::VARCHAR, {1})
lpad | 2 | txt | lpad({0}::VARCHAR, greatest({1}::INTEGER, 0), ' ')
lpad | 3 | txt | lpad({0}::VARCHAR, greatest({1}::INTEGER, 0), {2})
rpad | 2 | txt | rpad({0}::VARCHAR, greatest({1}::INTEGER, 0), ' ')
rpad | 3 | txt | rpad({0}::VARCHAR, greatest({1}::INTEGER, 0), {2})
replace | 3 | txt | replace({0}::VARCHAR, {1}::VARCHAR, {2}::VARCHAR)
translate | 3 | txt | ls_translate({0}::VARCHAR, {1}::VARCHAR, {2}::VARCHAR)
reverse | 1 | =0 | reverse({0}::VARCHAR)
reverse@bytes | 1 | byte | ls_bytes_reverse({0})
repeat,replicate | 2 | txt | repeat({0}::VARCHAR, greatest({1}::BIGINT, 0))
concat | 2 | txt | ({0}::VARCHAR || {1}::VARCHAR)
concat@bytes | 2 | byte | ({0} || {1})
strpos | 2 | int | strpos({0}::VARCHAR, {1}::VARCHAR)
strpos@bytes | 2 | int | ls_bytes_position({1}, {0})
charindex | 2 | int | strpos({1}::VARCHAR, {0}::VARCHAR)
charindex | 3 | int | main.ls_charindex({0}, {1}::VARCHAR, {2})
split_part | 3 | txt | main.ls_split_part({0}::VARCHAR, {1}, {2})
initcap | 1 | =0 | ls_initcap({0}::VARCHAR)
ascii | 1 | int | ascii({0}::VARCHAR)
chr | 1 | txt | chr({0}::INTEGER)
bpcharcmp,bttext_pattern_cmp | 2 | int | ls_bpcharcmp({0}::VARCHAR, {1}::VARCHAR)
soundex | 1 | txt | ls_soundex({0}::VARCHAR)
difference | 2 | int | ls_difference({0}::VARCHAR, {1}::VARCHAR)
crc32 | 1 | txt | ls_crc32({0}::VARCHAR)
md5,func_md5 | 1 | txt | md5({0}::VARCHAR)
md5@bytes | 1 | txt | md5({0})
sha,sha1,func_sha1 | 1 | txt | sha1({0}::VARCHAR)
sha@bytes,sha1@bytes | 1 | txt | sha1({0})
sha2 | 2 | txt | ls_sha2(encode({0}::VARCHAR), {1}::INTEGER)
sha2@bytes | 2 | txt | ls_sha2({0}, {1}::INTEGER)
farmfingerprint64 | 1 | big | ls_farm(encode({0}::VARCHAR))
farmfingerprint64@bytes | 1 | big | ls_farm({0})
to_hex | 1 | txt | ls_to_hex({0}::BIGINT)
to_hex@bytes | 1 | txt | ls_from_varbyte({0}, 'hex')
from_hex | 1 | byte | ls_to_varbyte({0}::VARCHAR, 'hex')
to_varbyte | 2 | byte | ls_to_varbyte({0}::VARCHAR, {1}::VARCHAR)
from_varbyte | 2 | txt | ls_from_varbyte({0}, {1}::VARCHAR)
getbit,get_bit | 2 | int | ls_getbit({0}, {1}::INTEGER)
quote_literal | 1 | txt | concat('''', replace({0}::VARCHAR, '''', ''''''), '''')
quote_ident | 1 | txt | main.ls_quote_ident({0}::VARCHAR)
strtol | 2 | big | ls_strtol({0}::VARCHAR, {1}::INTEGER)
text_to_int_alt | 1 | int | ls_text_to_int_alt({0}::VARCHAR)
url_encode | 1 | txt | ls_url_encode({0}::VARCHAR)
url_decode | 1 | txt | ls_url_decode({0}::VARCHAR)
regexp_count | 2 | int | ls_regexp_count({0}::VARCHAR, {1}::VARCHAR, 1, '')
regexp_count | 3 | int | ls_regexp_count({0}::VARCHAR, {1}::VARCHAR, {2}::INTEGER, '')
regexp_count | 4 | int | ls_regexp_count({0}::VARCHAR, {1}::VARCHAR, {2}::INTEGER, {3}::VARCHAR)
regexp_replace | 2 | txt | ls_regexp_replace({0}::VARCHAR, {1}::VARCHAR, '', 1, '')
regexp_replace | 3 | txt | ls_regexp_replace({0}::VARCHAR, {1}::VARCHAR, {2}::VARCHAR, 1, '')
regexp_replace | 4 | txt | ls_regexp_replace({0}::VARCHAR, {1}::VARCHAR, {2}::VARCHAR, {3}::INTEGER, '')
regexp_replace | 5 | txt | ls_regexp_replace({0}::VARCHAR, {1}::VARCHAR, {2}::VARCHAR, {3}::INTEGER, {4}::VARCHAR)
regexp_substr | 2 | txt | ls_regexp_substr({0}::VARCHAR, {1}::VARCHAR, 1, 1, '')
regexp_substr | 3 | txt | ls_regexp_substr({0}::VARCHAR, {1}::VARCHAR, {2}::INTEGER, 1, '')
regexp_substr | 4 | txt | ls_regexp_substr({0}::VARCHAR, {1}::VARCHAR, {2}::INTEGER, {3}::INTEGER, '')
regexp_substr | 5 | txt | ls_regexp_substr({0}::VARCHAR, {1}::VARCHAR, {2}::INTEGER, {3}::INTEGER, {4}::VARCHAR)
regexp_instr | 2 | int | ls_regexp_instr({0}::VARCHAR, {1}::VARCHAR, 1, 1, 0, '')
regexp_instr | 3 | int | ls_regexp_instr({0}::VARCHAR, {1}::VARCHAR, {2}::INTEGER, 1, 0, '')
regexp_instr | 4 | int | ls_regexp_instr({0}::VARCHAR, {1}::VARCHAR, {2}::INTEGER, {3}::INTEGER, 0, '')
regexp_instr | 5 | int | ls_regexp_instr({0}::VARCHAR, {1}::VARCHAR, {2}::INTEGER, {3}::INTEGER, {4}::INTEGER, '')
regexp_instr | 6 | int | ls_regexp_instr({0}::VARCHAR, {1}::VARCHAR, {2}::INTEGER, {3}::INTEGER, {4}::INTEGER, {5})
"""
_NUMERIC: Final = """
abs | 1 | =0 | abs({0})
ceil,ceiling | 1 | whole | ceil({0})
floor | 1 | whole | floor({0})
round | 1 | whole | round({0})
round | 2 | =0 | round({0}, {1}::INTEGER)
abs@super | 1 | super | ls_super_round('abs', {0}::VARCHAR, 0)::JSON
ceil@super,ceiling@super | 1 | super | ls_super_round('ceil', {0}::VARCHAR, 0)::JSON
floor@super | 1 | super | ls_super_round('floor', {0}::VARCHAR, 0)::JSON
round@super | 1 | super | ls_super_round('round', {0}::VARCHAR, 0)::JSON
round@super | 2 | super | ls_super_round('round', {0}::VARCHAR, {1}::INTEGER)::JSON
power,pow | 2 | dbl | main.ls_finite(pow({0}::DOUBLE, {1}::DOUBLE))
sqrt | 1 | dbl | main.ls_sqrt({0}::DOUBLE)
cbrt | 1 | dbl | cbrt({0}::DOUBLE)
exp,dexp | 1 | dbl | main.ls_finite(exp({0}::DOUBLE))
ln,dlog1 | 1 | dbl | main.ls_logged({0}::DOUBLE, ln(nullif(abs({0}::DOUBLE), 0)))
log,dlog10 | 1 | dbl | main.ls_logged({0}::DOUBLE, log10(nullif(abs({0}::DOUBLE), 0)))
sign | 1 | =0 | sign({0})
sin | 1 | dbl | sin({0}::DOUBLE)
cos | 1 | dbl | cos({0}::DOUBLE)
tan | 1 | dbl | tan({0}::DOUBLE)
asin | 1 | dbl | main.ls_arc({0}::DOUBLE, asin(greatest(least({0}::DOUBLE, 1), -1)))
acos | 1 | dbl | main.ls_arc({0}::DOUBLE, acos(greatest(least({0}::DOUBLE, 1), -1)))
atan | 1 | dbl | atan({0}::DOUBLE)
atan2 | 2 | dbl | atan2({0}::DOUBLE, {1}::DOUBLE)
cot | 1 | dbl | cot({0}::DOUBLE)
degrees | 1 | dbl | degrees({0}::DOUBLE)
radians | 1 | dbl | radians({0}::DOUBLE)
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
grouping | 1-* | int | grouping({*})
current_database | 0 | txt | getvariable('database')
current_schema | 0 | txt | getvariable('schema')
current_schemas | 1 | txt | main.ls_schemas({0})
current_setting | 1 | txt | main.ls_setting({0}::VARCHAR)
current_setting | 2 | txt | main.ls_setting({0}::VARCHAR)
pg_backend_pid | 0 | int | getvariable('pid')
pg_last_query_id,last_user_query_id | 0 | big | getvariable('last_query')
pg_last_copy_id | 0 | big | getvariable('last_copy')
pg_last_copy_count | 0 | big | getvariable('last_copy_count')
pg_last_unload_id | 0 | big | -1
pg_last_unload_count | 0 | big | 0
slice_num | 0 | int | 0
has_table_privilege | 2 | bool | main.ls_privilege(getvariable('user'), 'TABLE', {0}::VARCHAR, {1}::VARCHAR)
has_table_privilege | 3 | bool | main.ls_privilege({0}::VARCHAR, 'TABLE', {1}::VARCHAR, {2}::VARCHAR)
has_schema_privilege | 2 | bool | main.ls_privilege(getvariable('user'), 'SCHEMA', {0}::VARCHAR, {1}::VARCHAR)
has_schema_privilege | 3 | bool | main.ls_privilege({0}::VARCHAR, 'SCHEMA', {1}::VARCHAR, {2}::VARCHAR)
has_database_privilege | 2 | bool | main.ls_privilege(getvariable('user'), 'DATABASE', {0}::VARCHAR, {1}::VARCHAR)
has_database_privilege | 3 | bool | main.ls_privilege({0}::VARCHAR, 'DATABASE', {1}::VARCHAR, {2}::VARCHAR)
version | 0 | txt | 'PostgreSQL 8.0.2 on i686-pc-linux-gnu, \
compiled by GCC gcc (GCC) 3.4.2 20041017 (Red Hat 3.4.2-6.fc3), Redshift 1.0.12103'
is_valid_json | 1 | bool | coalesce(json_valid({0}::VARCHAR) AND json_type({0}::VARCHAR) = 'OBJECT', false)
is_valid_json_array | 1 | bool | coalesce(json_valid({0}::VARCHAR) AND json_type({0}::VARCHAR) = 'ARRAY', false)
json_array_length | 1 | int | main.ls_json_array_length({0}::VARCHAR, false)
json_array_length | 2 | int | main.ls_json_array_length({0}::VARCHAR, {1})
json_extract_array_element_text | 2 | txt | main.ls_json_element({0}::VARCHAR, {1}, false)
json_extract_array_element_text | 3 | txt | main.ls_json_element({0}::VARCHAR, {1}, {2})
"""
_SUPER: Final = """
json_parse | 1 | super | ls_json_parse({0}::VARCHAR)::JSON
json_serialize | 1 | txt | {0}::VARCHAR
json_serialize_to_varbyte | 1 | byte | encode({0}::VARCHAR)
can_json_parse | 1 | bool | ls_can_json_parse({0}::VARCHAR)
json_typeof | 1 | txt | ls_json_typeof({0}::VARCHAR)
json_size,size | 1 | int | ls_json_size({0}::VARCHAR)
array_concat | 2 | super | ls_array_concat({0}::VARCHAR, {1}::VARCHAR)::JSON
array_flatten | 1 | super | ls_array_flatten({0}::VARCHAR)::JSON
array_distinct | 1 | super | ls_array_distinct({0}::VARCHAR)::JSON
array_sort | 1 | super | ls_array_sort({0}::VARCHAR)::JSON
array_contains | 2 | bool | ls_array_contains({0}::VARCHAR, to_json({1})::VARCHAR)
array_position | 2 | int | ls_array_position({0}::VARCHAR, to_json({1})::VARCHAR)
array_to_string | 2 | txt | ls_array_text({0}::VARCHAR, {1}::VARCHAR)
get_array_length | 1 | int | ls_array_length({0}::VARCHAR)
split_to_array | 1 | super | ls_split_to_array({0}::VARCHAR, ',')::JSON
split_to_array | 2 | super | ls_split_to_array({0}::VARCHAR, {1}::VARCHAR)::JSON
subarray | 2 | super | ls_subarray({0}::VARCHAR, {1}::INTEGER, 2147483647)::JSON
subarray | 3 | super | ls_subarray({0}::VARCHAR, {1}::INTEGER, {2}::INTEGER)::JSON
lower_attribute_names | 1 | super | ls_lower_names({0}::VARCHAR)::JSON
decimal_precision | 1 | int | ls_decimal_precision({0}::VARCHAR)
decimal_scale | 1 | int | ls_decimal_scale({0}::VARCHAR)
is_array | 1 | bool | ls_super_is({0}::VARCHAR, 'array')
is_object | 1 | bool | ls_super_is({0}::VARCHAR, 'object')
is_scalar | 1 | bool | ls_super_is({0}::VARCHAR, 'scalar')
is_boolean | 1 | bool | ls_super_is({0}::VARCHAR, 'boolean')
is_varchar | 1 | bool | ls_super_is({0}::VARCHAR, 'varchar')
is_char | 1 | bool | ls_super_is({0}::VARCHAR, 'char')
is_smallint | 1 | bool | ls_super_is({0}::VARCHAR, 'smallint')
is_integer | 1 | bool | ls_super_is({0}::VARCHAR, 'integer')
is_bigint | 1 | bool | ls_super_is({0}::VARCHAR, 'bigint')
is_decimal | 1 | bool | ls_super_is({0}::VARCHAR, 'decimal')
is_float | 1 | bool | ls_super_is({0}::VARCHAR, 'float')
"""
_DATES: Final = """
getdate | 0 | ts | date_trunc('second', (current_timestamp AT TIME ZONE 'UTC'))
date | 1 | date | CAST({0}::TIMESTAMP AS DATE)
last_day | 1 | date | last_day({0}::TIMESTAMP)
add_months | 2 | ts | main.ls_add_months({0}::TIMESTAMP, {1}::INTEGER)
months_between | 2 | dbl | main.ls_months_between({0}::TIMESTAMP, {1}::TIMESTAMP)
next_day | 2 | date | main.ls_next_day({0}::DATE, {1}::VARCHAR)
date_cmp | 2 | int | main.ls_cmp({0}::DATE, {1}::DATE)
date_cmp_timestamp,timestamp_cmp_date,timestamp_cmp | 2 | int | main.ls_cmp({0}::TIMESTAMP, {1}::TIMESTAMP)
timestamptz_cmp,date_cmp_timestamptz,timestamptz_cmp_date | 2 | int | main.ls_cmp({0}::TIMESTAMPTZ, {1}::TIMESTAMPTZ)
timestamp_cmp_timestamptz,timestamptz_cmp_timestamp | 2 | int | main.ls_cmp({0}::TIMESTAMPTZ, {1}::TIMESTAMPTZ)
date_part_year | 1 | int | year({0}::DATE)
interval_cmp | 2 | int | main.ls_cmp({0}::INTERVAL, {1}::INTERVAL)
convert_timezone | 2 | ts | ls_to_zone({1}::TIMESTAMP, {0}::VARCHAR)
convert_timezone | 3 | ts | ls_to_zone(ls_from_zone({2}::TIMESTAMP, {0}::VARCHAR), {1}::VARCHAR)
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
FUNCTIONS: Final = {**_table(_TEXT + _NUMERIC + _CONDITIONS + _SUPER + _DATES), **AGGREGATES, **WINDOW_ONLY}
# These refuse to run without a user's table, as on the real leader node.
LEADER_ONLY: Final = frozenset({"listagg", "median", "percentile_cont", "percentile_disc"})
# Redshift has these, we do not: refused as ours, not as unknown.
NOT_YET: Final = frozenset(
    [
        "approximate_count_distinct",
        "array_except",
        "array_intersection",
        "array_positions",
        "array_union",
        "arrays_overlap",
        "bit_xor",
        "change_query_priority",
        "change_session_priority",
        "change_user_priority",
        "checksum",
        "cosine_similarity",
        "current_aws_account",
        "current_namespace",
        "current_session_arn",
        "default_iam_role",
        "explain_model",
        "h3_boundary",
        "h3_center",
        "h3_disktree",
        "h3_fromlonglat",
        "h3_frompoint",
        "h3_isvalid",
        "h3_polyfill",
        "h3_resolution",
        "has_assumerole_privilege",
        "hll",
        "hll_cardinality",
        "hll_combine",
        "hll_combine_sketches",
        "hll_create_sketch",
        "is_valid_json_path",
        "json_extract_array_text",
        "pg_cancel_backend",
        "pg_get_cols",
        "pg_get_grantee_by_iamrole",
        "pg_get_iam_role_by_user",
        "pg_get_late_binding_view_cols",
        "pg_get_session_roles",
        "pg_last_query_priority",
        "pg_terminate_backend",
        "ratio",
        "reboot_cluster",
        "role_is_member_of",
        "set_config",
        "to_geohash",
        "upper_attribute_names",
        "user_is_member_of",
    ]
)
_SPATIAL: Final = re.compile("st_\\w+|geometrytype|supportsbbox|dropbbox|addbbox|h3_\\w+")


def is_not_yet(name: str) -> bool:
    """Whether Redshift has the function and we do not."""
    return name in NOT_YET or _SPATIAL.fullmatch(name) is not None


def candidates(name: str, first: SqlType | None) -> list[Function]:
    """The functions of a name, those for the first argument's type before the others."""
    kind = {"binary varying": "bytes", "super": "super"}.get(first.name if first else "")
    special = FUNCTIONS.get(f"{name}@{kind}", []) if kind and "@" not in name else []
    return special + (FUNCTIONS.get(name, []) if "@" not in name else [])


def result_type(function: Function, arguments: list[SqlType | None]) -> SqlType | None:
    """The type a call returns, None where it depends on what we do not know."""
    if function.returns.startswith("="):
        index = int(function.returns[1:])
        return arguments[index] if index < len(arguments) else None
    if function.returns == "whole":
        kind = arguments[0]
        return SqlType("numeric", precision=kind.precision, scale=0) if kind and kind.name == "numeric" else kind
    return _CODES[function.returns]
