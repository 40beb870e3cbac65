"""``make sql``: which database and user a statement runs as."""

from __future__ import annotations

from typing import Any

import pytest

from lakeshift.cli.sql import Answer, SqlError, execute


class _Api:
    """The Data API of one statement."""

    def __init__(self, status: str) -> None:
        self.asked: dict[str, Any] = {}
        self._status = status

    def client(self, service: str) -> _Api:
        assert service == "redshift-data"
        return self

    def execute_statement(self, **request: Any) -> dict[str, str]:
        self.asked = request
        return {"Id": "1"}

    def describe_statement(self, **request: Any) -> dict[str, Any]:
        assert request == {"Id": "1"}
        return {"Status": self._status, "HasResultSet": False, "ResultRows": 3, "Error": "ERROR: no"}


CASES = [
    ("the pipeline's own", {}, ("lake", "lakeshift")),
    ("another database", {"database": "dev"}, ("dev", "lakeshift")),
    ("another user", {"user": "ann"}, ("lake", "ann")),
]


@pytest.mark.parametrize(("given", "asked"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_statement_runs_as(given: dict[str, str], asked: tuple[str, str]) -> None:
    api: Any = _Api("FINISHED")
    assert execute(api, "DELETE FROM t", **given) == Answer([], [], 3)
    assert (api.asked["Database"], api.asked["DbUser"]) == asked


def test_what_the_warehouse_says_is_the_error() -> None:
    api: Any = _Api("FAILED")
    with pytest.raises(SqlError, match="ERROR: no"):
        execute(api, "SELECT nothing")
