"""One file into the raw bucket, and the run that takes it to Redshift: started by hand, by event, by time, by workflow;
and a run after the raw zone went cold.

Each way takes the next day's file on one lake, so that each also finds what the way before it left.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lakeshift.cli.sql import SqlError, execute
from tests.e2e import ways
from tests.e2e.conftest import Installation
from tests.e2e.small_lake import fed, next_file, small_lake
from tests.truth import flight_id

pytestmark = pytest.mark.e2e


_COLD = "s3://lakeshift-local-raw/"
_HISTORY = "select count(*) from raw_lake.weather"  # lines of flights are cut short here and there: no JSON


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """With the first day loaded."""
    with small_lake(tmp_path_factory.mktemp("ways"), days=1) as made:
        ways.by_machine(made)
        _holds_what_arrived(made)
        yield made


def test_every_way_takes_the_file_that_arrived_to_redshift_once(lake: Installation) -> None:
    ways.once_a_batch_arrives(lake, lambda: next_file(lake))
    _holds_what_arrived(lake)
    next_file(lake)
    ways.by_schedule(lake)
    _holds_what_arrived(lake)
    next_file(lake)
    ways.by_workflow(lake)
    _holds_what_arrived(lake)


def test_what_is_hot_answers_after_120_days_and_cold_history_once_it_is_restored(lake: Installation) -> None:
    lake.command("sql", "-f", "sql/redshift/spectrum/raw_lake.sql")
    history = lake.one(_HISTORY)
    assert history > 0
    assert "objects went to GLACIER" in lake.command("advance", "--days", "120")
    with pytest.raises(SqlError, match="InvalidObjectState"):
        lake.one(_HISTORY)
    next_file(lake)
    ways.by_machine(lake)
    _holds_what_arrived(lake)
    lake.command("restore", _COLD)
    lake.command("advance", "--hours", "5.1")
    assert lake.one(_HISTORY) == history


def _holds_what_arrived(lake: Installation) -> None:
    held = [row[0] for row in execute(lake.clients, "select flight_id from flights.fact_flights order by 1").rows]
    assert held == sorted({name for line in fed(lake) if (name := flight_id(line))})
