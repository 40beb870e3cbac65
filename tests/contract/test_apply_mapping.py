"""ApplyMapping, apply_mapping and applyMapping."""

from __future__ import annotations

from typing import Any

from awsglue.transforms import ApplyMapping

from tests.contract.cases import Case, check, table

PAGE = "aws-glue-api-crawler-pyspark-transforms-ApplyMapping"
METHOD = "aws-glue-api-crawler-pyspark-extensions-dynamic-frame"
TYPES = "aws-glue-api-crawler-pyspark-extensions-types"
PERSON = (
    {
        "family_name": "Collins",
        "name": "Michael",
        "birth_date": "1944-10-15",
        "id": 1,
        "address": {"state": "NC", "geo.loc": {"lat": 1.5}},
        "links": [{"note": "website", "url": "http://a"}],
    },
    {"family_name": "Kim", "name": "Jae", "birth_date": "none", "id": 2, "address": {"state": "CA"}},
)
EMPLOYEE = ({"email": "foo@company1.com", "employee": {"employee_id": 1, "employee_name": "foo"}},)
MEDICARE = ({"drg definition": "039", "average covered charges": "32963.07", "provider id": 10001},)


def mapped(*mappings: Any, **options: Any) -> Any:
    return lambda frame: frame.apply_mapping(list(mappings), **options)


@table(
    Case(
        "rename-and-keep-type",
        PAGE,
        PERSON,
        mapped(("family_name", "String", "last_name", "String"), ("name", "String", "first_name", "String")),
        ("|-- last_name: string", "|-- first_name: string"),
        ({"last_name": "Collins", "first_name": "Michael"}, {"last_name": "Kim", "first_name": "Jae"}),
    ),
    Case(
        "string-to-date",
        PAGE,
        PERSON[:1],
        mapped(("birth_date", "String", "date_of_birth", "Date")),
        ("|-- date_of_birth: date",),
        ({"date_of_birth": "1944-10-15"},),
    ),
    Case(
        "what-cannot-be-cast-is-null-and-the-record-stays",
        PAGE,
        PERSON,
        mapped(("id", "int", "id", "int"), ("birth_date", "string", "born", "date")),
        ("|-- id: int", "|-- born: date"),
        ({"id": 1, "born": "1944-10-15"}, {"id": 2, "born": None}),
    ),
    Case("unmapped-fields-are-dropped", PAGE, PERSON, mapped(("id", "int", "id", "int")), ("|-- id: int",)),
    Case(
        "unnest-by-a-path",
        METHOD,
        PERSON,
        mapped(("address.state", "string", "state", "string")),
        ("|-- state: string",),
        ({"state": "NC"}, {"state": "CA"}),
    ),
    Case(
        "nest-by-a-path",
        METHOD,
        PERSON[1:],
        mapped(("name", "string", "who.first", "string"), ("family_name", "string", "who.last", "string")),
        ("|-- who: struct", "|    |-- first: string", "|    |-- last: string"),
        ({"who": {"first": "Jae", "last": "Kim"}},),
    ),
    Case(
        "several-targets-share-a-prefix",
        PAGE,
        EMPLOYEE,
        mapped(
            ("email", "string", "employee.employee_email", "string"),
            ("employee.employee_id", "int", "employee.employee_id", "int"),
            ("employee.employee_name", "string", "employee.employee_name", "string"),
        ),
        (
            "|-- employee: struct",
            "|    |-- employee_email: string",
            "|    |-- employee_id: int",
            "|    |-- employee_name: string",
        ),
        ({"employee": {"employee_email": "foo@company1.com", "employee_id": 1, "employee_name": "foo"}},),
    ),
    Case(
        "names-with-spaces",
        PAGE,
        MEDICARE,
        mapped(
            ("drg definition", "string", "drg", "string"),
            ("provider id", "int", "provider.id", "long"),
            ("average covered charges", "string", "charges.covered", "double"),
        ),
        (
            "|-- drg: string",
            "|-- provider: struct",
            "|    |-- id: long",
            "|-- charges: struct",
            "|    |-- covered: double",
        ),
        ({"drg": "039", "provider": {"id": 10001}, "charges": {"covered": 32963.07}},),
    ),
    Case(
        "back-ticks-hold-a-name-with-a-dot",
        METHOD,
        ({"this.old.name": 1},),
        mapped(("`this.old.name`", "int", "new_name", "int")),
        ("|-- new_name: int",),
        ({"new_name": 1},),
    ),
    Case(
        "back-ticks-within-a-path",
        METHOD,
        PERSON,
        mapped(("address.`geo.loc`.lat", "double", "lat", "double")),
        ("|-- lat: double",),
        ({"lat": 1.5}, {}),
    ),
    Case(
        "back-ticks-in-the-target",
        METHOD,
        ({"a": 1},),
        mapped(("a", "int", "`b.c`", "int")),
        ("|-- b.c: int",),
        ({"b.c": 1},),
    ),
    Case(
        "a-source-that-is-nowhere-is-ignored",
        PAGE,
        PERSON,
        mapped(("id", "int", "id", "int"), ("nowhere", "string", "x", "string")),
        ("|-- id: int",),
    ),
    Case(
        "a-source-a-record-lacks-stays-absent",
        PAGE,
        ({"a": 1, "b": 2}, {"a": 3}),
        mapped(("a", "int", "x", "int"), ("b", "int", "y", "int")),
        rows=({"x": 1, "y": 2}, {"x": 3}),
    ),
    Case(
        "an-explicit-null-stays-null",
        PAGE,
        ({"a": 1, "b": None}, {"a": 3}, {"a": 4, "b": 5}),
        mapped(("a", "int", "x", "int"), ("b", "int", "y", "int")),
        rows=({"x": 1, "y": None}, {"x": 3}, {"x": 4, "y": 5}),
    ),
    Case(
        "a-struct-none-of-whose-leaves-is-there-is-absent",
        PAGE,
        ({"a": 1, "b": 2}, {"a": 3}),
        mapped(("a", "int", "a", "int"), ("b", "int", "s.b", "int")),
        rows=({"a": 1, "s": {"b": 2}}, {"a": 3}),
    ),
    Case(
        "source-names-without-case-by-default",
        METHOD,
        ({"Id": 1},),
        mapped(("ID", "int", "id", "int")),
        ("|-- id: int",),
        ({"id": 1},),
    ),
    Case(
        "source-names-with-case-when-asked",
        METHOD,
        ({"Id": 1, "n": 2},),
        mapped(("ID", "int", "id", "int"), ("n", "int", "n", "int"), case_sensitive=True),
        ("|-- n: int",),
    ),
    Case(
        "one-source-to-two-targets",
        PAGE,
        ({"a": "7"},),
        mapped(("a", "string", "text", "string"), ("a", "string", "number", "int")),
        ("|-- text: string", "|-- number: int"),
        ({"text": "7", "number": 7},),
    ),
    Case(
        "whole-arrays-are-mapped-as-they-are",
        METHOD,
        PERSON[:1],
        mapped(("links", "array", "urls", "array")),
        ("|-- urls: array", "|    |-- element: struct", "|    |    |-- note: string", "|    |    |-- url: string"),
        ({"urls": [{"note": "website", "url": "http://a"}]},),
    ),
    Case(
        "whole-structs-are-mapped-as-they-are",
        METHOD,
        PERSON[1:],
        mapped(("address", "struct", "place", "struct")),
        rows=({"place": {"state": "CA"}},),
    ),
    Case(
        "a-tuple-of-two-renames",
        METHOD,
        ({"a": 1},),
        mapped(("a", "b")),
        ("|-- b: int",),
        ({"b": 1},),
    ),
    Case(
        "one-tuple-instead-of-a-list",
        METHOD,
        ({"a": 1},),
        lambda f: f.apply_mapping(("a", "int", "b", "long")),
        ("|-- b: long",),
    ),
    Case(
        "by-the-transform",
        PAGE,
        ({"a": 1},),
        lambda f: ApplyMapping.apply(f, [("a", "int", "b", "string")]),
        ("|-- b: string",),
        ({"b": "1"},),
    ),
    Case("by-its-old-name", METHOD, ({"a": 1},), lambda f: f.applyMapping([("a", "int", "b", "int")]), ("|-- b: int",)),
    Case(
        "by-its-old-name-with-the-frame-first",
        METHOD,
        ({"a": 1},),
        lambda f: f.applyMapping(f, [("a", "int", "b", "int")]),
        ("|-- b: int",),
    ),
    Case(
        "a-tuple-of-five-is-an-error",
        METHOD,
        ({"a": 1},),
        mapped(("a", "int", "b", "int", "c")),
        raises="length 2, 3, or 4",
    ),
    Case("an-unknown-type-is-an-error", TYPES, ({"a": 1},), mapped(("a", "int", "b", "guess")), raises="guess"),
    Case(
        "a-choice-is-cast-from-what-each-record-holds",
        PAGE,
        ({"a": 1}, {"a": "2"}, {"a": "x"}),
        mapped(("a", "choice", "a", "int")),
        ("|-- a: int",),
        ({"a": 1}, {"a": 2}, {"a": None}),
    ),
    Case(
        "a-choice-mapped-without-a-type-stays-one",
        METHOD,
        ({"a": 1}, {"a": "2"}),
        mapped(("a", "choice", "b", "choice")),
        ("|-- b: choice", "|    |-- int", "|    |-- string"),
    ),
)
def test_apply_mapping(case: Case, of_json: Any) -> None:
    check(case, of_json(*case.given))


def _cast(target: str, value: Any, kind: str, seen: Any) -> Case:
    return Case(
        f"to-{target.lower()}-from-{type(value).__name__}",
        TYPES,
        ({"a": value},),
        mapped(("a", "string", "a", target)),
        (f"|-- a: {kind}",),
        ({"a": seen},),
    )


@table(
    _cast("String", 5, "string", "5"),
    _cast("Long", "5", "long", 5),
    _cast("bigint", "5", "long", 5),
    _cast("int", "5", "int", 5),
    _cast("integer", "5", "int", 5),
    _cast("short", "5", "short", 5),
    _cast("smallint", "5", "short", 5),
    _cast("byte", "5", "byte", 5),
    _cast("tinyint", "5", "byte", 5),
    _cast("double", "5.5", "double", 5.5),
    _cast("float", "5.5", "float", 5.5),
    _cast("boolean", "true", "boolean", True),
    _cast("date", "2013-01-31", "date", "2013-01-31"),
    _cast("timestamp", "2013-01-31 10:00:00", "timestamp", "2013-01-31 10:00:00"),
    _cast("decimal(6,2)", "5.5", "decimal(6,2)", "5.50"),
    _cast("varchar(10)", "abc", "string", "abc"),
    _cast("binary", "abc", "binary", "abc"),
)
def test_type_names(case: Case, of_json: Any) -> None:
    check(case, of_json(*case.given))
