"""Databases and tables through the API: folding, versions, locking, indexes, pages, search."""

from __future__ import annotations

from typing import Any

import pytest

from tests.local.catalog.test_partitions import code_of


def test_names_are_stored_in_lower_case_and_found_in_any(glue: Any, database: str) -> None:
    glue.create_table(DatabaseName=database.upper(), TableInput={"Name": "MyTable"})
    table = glue.get_table(DatabaseName=database.upper(), Name="MYTABLE")["Table"]
    assert (table["Name"], table["DatabaseName"]) == ("mytable", database)
    code, _ = code_of(glue.create_table, DatabaseName=database, TableInput={"Name": "mytable"})
    assert code == "AlreadyExistsException"
    glue.update_table(DatabaseName=database, TableInput={"Name": "MyTable", "Description": "d"})
    assert glue.get_table(DatabaseName=database, Name="mytable")["Table"]["Description"] == "d"
    glue.delete_table(DatabaseName=database, Name="MyTable")
    assert code_of(glue.get_table, DatabaseName=database, Name="mytable")[0] == "EntityNotFoundException"


def test_updates_count_versions_and_can_skip_the_archive(glue: Any, database: str) -> None:
    glue.create_table(DatabaseName=database, TableInput={"Name": "t"})
    for number in range(3):
        glue.update_table(DatabaseName=database, TableInput={"Name": "t", "Description": str(number)})
    glue.update_table(DatabaseName=database, TableInput={"Name": "t"}, SkipArchive=True)
    versions = glue.get_table_versions(DatabaseName=database, TableName="t")["TableVersions"]
    assert [one["VersionId"] for one in versions] == ["4", "2", "1", "0"]
    first = glue.get_table_versions(DatabaseName=database, TableName="t", MaxResults=2)
    assert [one["VersionId"] for one in first["TableVersions"]] == ["4", "2"]
    assert first["NextToken"]
    assert glue.get_table_version(DatabaseName=database, TableName="t")["TableVersion"]["VersionId"] == "4"
    told = glue.batch_delete_table_version(DatabaseName=database, TableName="t", VersionIds=["1", "9", "4"])
    assert [error["VersionId"] for error in told["Errors"]] == ["9", "4"]


def test_an_update_of_an_old_version_is_refused(glue: Any, database: str) -> None:
    glue.create_table(DatabaseName=database, TableInput={"Name": "t"})
    given = {"DatabaseName": database, "TableInput": {"Name": "t"}, "VersionId": "0"}
    glue.update_table(**given)
    refused = ("ConcurrentModificationException", "Update table failed due to concurrent modifications.")
    assert code_of(glue.update_table, **given) == refused


def test_indexes_are_kept_and_guard_their_keys(glue: Any, database: str) -> None:
    keys = [{"Name": "year", "Type": "string"}, {"Name": "month", "Type": "string"}]
    glue.create_table(
        DatabaseName=database,
        TableInput={"Name": "t", "PartitionKeys": keys},
        PartitionIndexes=[{"Keys": ["year"], "IndexName": "by_year"}],
    )
    table = {"DatabaseName": database, "TableName": "t"}
    glue.create_partition_index(**table, PartitionIndex={"Keys": ["year", "month"], "IndexName": "by_month"})
    told = glue.get_partition_indexes(**table)["PartitionIndexDescriptorList"]
    assert [(one["IndexName"], one["IndexStatus"], len(one["Keys"])) for one in told] == [
        ("by_month", "ACTIVE", 2),
        ("by_year", "ACTIVE", 1),
    ]
    index = {"Keys": ["nosuch"], "IndexName": "x"}
    assert code_of(glue.create_partition_index, **table, PartitionIndex=index)[0] == "InvalidInputException"
    code, _ = code_of(glue.update_table, DatabaseName=database, TableInput={"Name": "t", "PartitionKeys": keys[:1]})
    assert code == "InvalidInputException"
    glue.delete_partition_index(**table, IndexName="by_year")
    assert code_of(glue.delete_partition_index, **table, IndexName="by_year")[0] == "EntityNotFoundException"


def test_listings_come_in_pages(glue: Any, database: str) -> None:
    for number in range(5):
        glue.create_table(DatabaseName=database, TableInput={"Name": f"t{number}"})
    first = glue.get_tables(DatabaseName=database, MaxResults=2)
    assert [table["Name"] for table in first["TableList"]] == ["t0", "t1"]
    pages = glue.get_paginator("get_tables").paginate(DatabaseName=database, PaginationConfig={"PageSize": 2})
    assert [table["Name"] for page in pages for table in page["TableList"]] == ["t0", "t1", "t2", "t3", "t4"]
    assert len(glue.get_databases(MaxResults=1)["DatabaseList"]) == 1
    found = glue.get_tables(DatabaseName=database, Expression="t[1-2]")["TableList"]
    assert [table["Name"] for table in found] == ["t1", "t2"]
    assert len(glue.get_tables(DatabaseName=database, Expression="t*")["TableList"]) == 5


def test_search_finds_by_text_and_filter(glue: Any, database: str) -> None:
    columns = {"Columns": [{"Name": "tailnum", "Type": "string"}]}
    for name in ("planes", "flights"):
        glue.create_table(
            DatabaseName=database,
            TableInput={"Name": name, "StorageDescriptor": columns, "Parameters": {"classification": "json"}},
        )
    here = {"Key": "DatabaseName", "Value": database, "Comparator": "EQUALS"}
    found = glue.search_tables(SearchText="tailn", Filters=[here], SortCriteria=[{"FieldName": "Name", "Sort": "DESC"}])
    assert [table["Name"] for table in found["TableList"]] == ["planes", "flights"]
    assert not glue.search_tables(SearchText='"tailn"', Filters=[here])["TableList"]
    csv = {"Key": "classification", "Value": "csv"}
    assert not glue.search_tables(Filters=[here, csv])["TableList"]


@pytest.mark.parametrize("operation", ["get_table", "delete_table"])
def test_what_is_not_there_is_said_so(glue: Any, database: str, operation: str) -> None:
    call = getattr(glue, operation)
    assert code_of(call, DatabaseName=database, Name="x") == ("EntityNotFoundException", "Table x not found.")
    assert code_of(call, DatabaseName="nosuch", Name="x") == ("EntityNotFoundException", "Database nosuch not found.")


@pytest.mark.parametrize(
    ("key", "comparator", "value", "found"),
    [
        ("CreateTime", "GREATER_THAN", "2020-01-01", True),
        ("UpdateTime", "LESS_THAN", "2020-01-01T00:00:00+02:00", False),
        ("CreateTime", "LESS_THAN_EQUALS", "1577836800", False),
        ("Name", "EQUALS", "t", True),
        ("owner", None, "ME", True),
        ("nosuch", None, "x", False),
    ],
)
def test_search_compares_times_names_and_parameters(
    glue: Any, database: str, key: str, comparator: str | None, value: str, found: bool
) -> None:
    glue.create_table(DatabaseName=database, TableInput={"Name": "t", "Parameters": {"owner": "me"}})
    here = {"Key": "DatabaseName", "Value": database, "Comparator": "EQUALS"}
    asked = {"Key": key, "Value": value} | ({"Comparator": comparator} if comparator else {})
    assert bool(glue.search_tables(Filters=[here, asked])["TableList"]) is found


def test_a_time_that_is_none_is_refused(glue: Any, database: str) -> None:
    glue.create_table(DatabaseName=database, TableInput={"Name": "t"})
    wrong = {"Key": "CreateTime", "Value": "yesterday", "Comparator": "GREATER_THAN"}
    assert code_of(glue.search_tables, Filters=[wrong]) == ("InvalidInputException", "Invalid time: yesterday")


def test_an_index_over_values_of_another_type_has_failed_and_says_which(glue: Any, database: str) -> None:
    keys = [{"Name": "year", "Type": "int"}, {"Name": "month", "Type": "string"}]
    glue.create_table(DatabaseName=database, TableInput={"Name": "t", "PartitionKeys": keys})
    table = {"DatabaseName": database, "TableName": "t"}
    glue.create_partition(**table, PartitionInput={"Values": ["no year", "1"]})
    for name, of in (("by_month", ["month"]), ("by_year", ["year"])):
        glue.create_partition_index(**table, PartitionIndex={"Keys": of, "IndexName": name})
    good, bad = glue.get_partition_indexes(**table)["PartitionIndexDescriptorList"]
    assert (good["IndexStatus"], bad["IndexStatus"]) == ("ACTIVE", "FAILED")
    assert bad["BackfillErrors"] == [
        {"Code": "INVALID_PARTITION_TYPE_DATA_ERROR", "Partitions": [{"Values": ["no year", "1"]}]}
    ]


@pytest.mark.parametrize(
    ("name", "keys", "code", "text"),
    [
        ("a", ["month"], "AlreadyExistsException", "Partition Index a already exists with the same name."),
        ("b", ["YEAR"], "AlreadyExistsException", "Partition Index b already exists with the same keys."),
        (
            "b",
            ["x"],
            "InvalidInputException",
            "IndexKeys not a part of PartitionColumns. Verify the indexKeys : [x]",
        ),
    ],
)
def test_an_index_is_refused_in_the_words_of_glue(
    glue: Any, database: str, name: str, keys: list[str], code: str, text: str
) -> None:
    columns = [{"Name": "year", "Type": "string"}, {"Name": "month", "Type": "string"}]
    given = {
        "TableInput": {"Name": "t", "PartitionKeys": columns},
        "PartitionIndexes": [{"Keys": ["year"], "IndexName": "a"}],
    }
    glue.create_table(DatabaseName=database, **given)
    index = {"Keys": keys, "IndexName": name}
    table = {"DatabaseName": database, "TableName": "t"}
    assert code_of(glue.create_partition_index, **table, PartitionIndex=index) == (code, text)


def test_a_table_has_three_indexes_at_most(glue: Any, database: str) -> None:
    columns = [{"Name": name, "Type": "string"} for name in "abcd"]
    indexes = [{"Keys": [name], "IndexName": name} for name in "abcd"]
    given = {"DatabaseName": database, "TableInput": {"Name": "t", "PartitionKeys": columns}}
    refused = ("ResourceNumberLimitExceededException", "Partition index limit exceeded. Maximum: 3")
    glue.create_table(**given, PartitionIndexes=indexes[:3])
    table = {"DatabaseName": database, "TableName": "t"}
    assert code_of(glue.create_partition_index, **table, PartitionIndex=indexes[3]) == refused


def test_a_database_keeps_what_it_was_given_and_its_name(glue: Any, database: str) -> None:
    told = glue.get_database(Name=database)["Database"]
    assert told["CreateTableDefaultPermissions"][0]["Permissions"] == ["ALL"]
    given = {"Name": database, "Parameters": {"a": "b"}, "LocationUri": "s3://b/"}
    glue.update_database(Name=database.upper(), DatabaseInput=given)
    told = glue.get_database(Name=database)["Database"]
    assert (told["Parameters"], told["LocationUri"]) == ({"a": "b"}, "s3://b/")
    code, _ = code_of(glue.update_database, Name=database, DatabaseInput={"Name": f"{database}_x"})
    assert code == "InvalidInputException"
    listed = glue.get_paginator("get_databases").paginate(AttributesToGet=["NAME"])
    assert {"Name": database} in [one for page in listed for one in page["DatabaseList"]]
    own = glue.get_catalogs(IncludeRoot=True)["CatalogList"]
    assert [one["CatalogId"] for one in own] == ["000000000000"]
    assert glue.get_catalog(CatalogId="000000000000")["Catalog"]["Name"] == "000000000000"
