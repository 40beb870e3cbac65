"""One file into the raw bucket, and the run that takes it to Redshift: started by hand, by event, by time, by workflow.

Each way takes the next day's file on one lake, so that each also finds what the way before it left.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from lakeshift.cli.sql import execute
from tests.e2e import ways
from tests.e2e.conftest import Installation
from tests.e2e.small_lake import fed, next_file, small_lake
from tests.truth import flight_id

pytestmark = pytest.mark.e2e


def test_every_way_takes_the_file_that_arrived_to_redshift_once(tmp_path: Path) -> None:
    with small_lake(tmp_path, days=1) as lake:
        ways.by_machine(lake)
        _holds_what_arrived(lake)
        ways.once_a_batch_arrives(lake, lambda: next_file(lake))
        _holds_what_arrived(lake)
        next_file(lake)
        ways.by_schedule(lake)
        _holds_what_arrived(lake)
        next_file(lake)
        ways.by_workflow(lake)
        _holds_what_arrived(lake)


def _holds_what_arrived(lake: Installation) -> None:
    held = [row[0] for row in execute(lake.clients, "select flight_id from flights.fact_flights order by 1").rows]
    assert held == sorted({name for line in fed(lake) if (name := flight_id(line))})
