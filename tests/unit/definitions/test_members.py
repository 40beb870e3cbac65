"""Inside a property: what the call does not take is told with file, line and what it takes, before anything is sent."""

from __future__ import annotations

import pytest

from lakeshift.definitions.errors import DefinitionError
from lakeshift.definitions.stack import load

_PARAMETERS = {"AccountId": "000000000000", "Region": "us-east-1"}


def problems(kind: str, properties: str) -> list[str]:
    lines = "\n".join(f"      {line}" for line in properties.splitlines())
    text = f"Resources:\n  One:\n    Type: AWS::Glue::{kind}\n    Properties:\n{lines}\n"
    try:
        load({"infra/x.yaml": text}, _PARAMETERS)
    except DefinitionError as error:
        return [str(problem) for problem in error.problems]
    return []


_DATABASE = "CatalogId: !Ref AccountId\nDatabaseInput:\n  Name: db\n"
_CRAWLER = "Name: c\nRole: r\nDatabaseName: d\nTargets:\n  S3Targets:\n    - Path: s3://b/\n"
_CONNECTION = "CatalogId: !Ref AccountId\nConnectionInput:\n  Name: c\n  ConnectionType: JDBC\n"


@pytest.mark.parametrize(
    ("kind", "properties", "told"),
    [
        pytest.param("Database", f"{_DATABASE}  Description: !Sub 'of ${{Region}}'\n", "", id="what-fits-passes"),
        pytest.param(
            "Database",
            f"{_DATABASE}  LocationURI: s3://b/\n",
            "infra/x.yaml:8: One: DatabaseInput takes no LocationURI; it takes CreateTableDefaultPermissions, ",
            id="unknown-member",
        ),
        pytest.param(
            "Database",
            f"{_DATABASE}  Parameters: 3\n",
            ":8: One: DatabaseInput.Parameters has to be a mapping.",
            id="type",
        ),
        pytest.param(
            "Crawler",
            f"{_CRAWLER}      Exclusion: ['**']\n",
            ":11: One: Targets.S3Targets[0] takes no Exclusion; it takes ConnectionName, ",
            id="inside-a-list",
        ),
        pytest.param(
            "Crawler",
            f"{_CRAWLER}      SampleSize: many\n",
            ":11: One: Targets.S3Targets[0].SampleSize has to be a whole number, not many.",
            id="a-text-for-a-number",
        ),
        pytest.param("Crawler", f"{_CRAWLER}      SampleSize: '20'\n", "", id="the-text-of-a-number"),
        pytest.param(
            "Crawler",
            f"{_CRAWLER}RecrawlPolicy:\n  RecrawlBehavior: CRAWL_SOMETIMES\n",
            ":12: One: RecrawlPolicy.RecrawlBehavior has to be one of CRAWL_EVERYTHING, CRAWL_NEW_FOLDERS_ONLY, ",
            id="enum",
        ),
        pytest.param(
            "Connection", f"{_CONNECTION}  ConnectionProperties: {{USER: x}}\n", "", id="keys-of-a-map-are-not-members"
        ),
        pytest.param(
            "Classifier",
            "GrokClassifier:\n  Name: g\n  Classification: c\n",
            ": One: GrokClassifier needs GrokPattern.",
            id="missing-member",
        ),
    ],
)
def test_members_are_those_of_the_call(kind: str, properties: str, told: str) -> None:
    found = problems(kind, properties)
    assert (len(found), told in "".join(found)) == (1 if told else 0, True)
