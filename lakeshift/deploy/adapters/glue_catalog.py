"""Databases, tables, connections and classifiers: https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api.html."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lakeshift.deploy.adapters.base import Adapter, Live, Properties, chosen
from lakeshift.deploy.session import AwsSession

__all__ = ["Classifier", "Connection", "Database", "Table"]

_ABSENT: Final = ("EntityNotFoundException",)
# What a crawler or a job may have put on a table whose columns are declared.
_KEPT: Final = ("Owner", "Retention", "ViewOriginalText", "ViewExpandedText", "TableType", "Parameters", "Description")


class Database(Adapter):
    """A database of the catalog."""

    type = "AWS::Glue::Database"
    identity = ("CatalogId", "DatabaseInput")
    tagged = ("glue", "arn:aws:glue:{Region}:{Account}:database/{Name}")
    holds_data = True

    def read(self, aws: AwsSession, want: Properties) -> Live | None:
        """As the input that would make it."""
        name = want["DatabaseInput"]["Name"]
        found = aws.find("glue", "get_database", _ABSENT, Name=name, **chosen(want, "CatalogId"))
        return None if found is None else Live({**chosen(want, "CatalogId"), "DatabaseInput": found["Database"]})

    def create(self, aws: AwsSession, want: Properties, tags: Mapping[str, str]) -> None:
        """With its tags."""
        aws.call("glue", "create_database", Tags=dict(tags), **want)

    def update(self, aws: AwsSession, want: Properties, live: Live, changed: frozenset[str]) -> None:
        """Glue replaces the whole input."""
        aws.call("glue", "update_database", Name=want["DatabaseInput"]["Name"], **want)

    def delete(self, aws: AwsSession, want: Properties, live: Live) -> None:
        """With its tables' definitions; the data stays."""
        aws.call("glue", "delete_database", Name=want["DatabaseInput"]["Name"], **chosen(want, "CatalogId"))


class Table(Adapter):
    """A table whose columns are declared; it takes no tags."""

    type = "AWS::Glue::Table"
    identity = ("CatalogId", "DatabaseName")
    holds_data = True

    def read(self, aws: AwsSession, want: Properties) -> Live | None:
        """As the input that would make it."""
        found = aws.find("glue", "get_table", _ABSENT, Name=want["TableInput"]["Name"], **_in_database(want))
        return None if found is None else Live({**_in_database(want), "TableInput": found["Table"]})

    def create(self, aws: AwsSession, want: Properties, tags: Mapping[str, str]) -> None:
        """In its database."""
        aws.call("glue", "create_table", **want)

    def update(self, aws: AwsSession, want: Properties, live: Live, changed: frozenset[str]) -> None:
        """Glue replaces the whole input, so what is not declared is sent back as it is."""
        told = live.properties["TableInput"]
        kept = {key: told[key] for key in _KEPT if told.get(key) not in (None, "")}
        parameters = {**kept.get("Parameters", {}), **want["TableInput"].get("Parameters", {})}
        whole = {**kept, **want["TableInput"], **({"Parameters": parameters} if parameters else {})}
        aws.call("glue", "update_table", **_in_database(want), TableInput=whole)

    def delete(self, aws: AwsSession, want: Properties, live: Live) -> None:
        """With its partitions; the data stays."""
        aws.call("glue", "delete_table", Name=want["TableInput"]["Name"], **_in_database(want))


def _in_database(want: Properties) -> dict[str, Any]:
    return chosen(want, "CatalogId", "DatabaseName")


class Connection(Adapter):
    """A connection to a database outside."""

    type = "AWS::Glue::Connection"
    identity = ("CatalogId",)
    tagged = ("glue", "arn:aws:glue:{Region}:{Account}:connection/{Name}")

    def read(self, aws: AwsSession, want: Properties) -> Live | None:
        """As the input that would make it."""
        name = want["ConnectionInput"]["Name"]
        found = aws.find("glue", "get_connection", _ABSENT, Name=name, **chosen(want, "CatalogId"))
        return None if found is None else Live({**chosen(want, "CatalogId"), "ConnectionInput": found["Connection"]})

    def create(self, aws: AwsSession, want: Properties, tags: Mapping[str, str]) -> None:
        """With its tags."""
        aws.call("glue", "create_connection", Tags=dict(tags), **want)

    def update(self, aws: AwsSession, want: Properties, live: Live, changed: frozenset[str]) -> None:
        """Glue replaces the whole input."""
        aws.call("glue", "update_connection", Name=want["ConnectionInput"]["Name"], **want)

    def delete(self, aws: AwsSession, want: Properties, live: Live) -> None:
        """By its name."""
        name = want["ConnectionInput"]["Name"]
        aws.call("glue", "delete_connection", ConnectionName=name, **chosen(want, "CatalogId"))


class Classifier(Adapter):
    """A classifier of one of four kinds; it takes no tags."""

    type = "AWS::Glue::Classifier"
    identity = ("CsvClassifier", "GrokClassifier", "JsonClassifier", "XMLClassifier")

    def read(self, aws: AwsSession, want: Properties) -> Live | None:
        """The one kind it is of."""
        found = aws.find("glue", "get_classifier", _ABSENT, Name=_name(want))
        return None if found is None else Live(found["Classifier"])

    def create(self, aws: AwsSession, want: Properties, tags: Mapping[str, str]) -> None:
        """Of its kind."""
        aws.call("glue", "create_classifier", **want)

    def update(self, aws: AwsSession, want: Properties, live: Live, changed: frozenset[str]) -> None:
        """Whole."""
        aws.call("glue", "update_classifier", **want)

    def delete(self, aws: AwsSession, want: Properties, live: Live) -> None:
        """By its name."""
        aws.call("glue", "delete_classifier", Name=_name(want))


def _name(want: Properties) -> Any:
    return next(iter(want.values()))["Name"]
