"""Pipeline runs under seeded faults: ``python -m tests.chaos.fault_runs [RUNS]``.

Each round lets a day's events arrive, makes a share of the calls to S3 and the services fail, lose their reply or cut
the connection, ingests and runs the state machine; then the faults end and what failed goes on: in every other round
from the state where it failed (redrive), else by a run from the start. A run must end in success or in a failure that
says error and cause; after the reruns the warehouse and the quarantine hold every record once.
"""

from __future__ import annotations

import io
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lakeshift.cli import ingestion, outside
from lakeshift.cli.clients import LocalClients
from lakeshift.cli.deploying import deploy_local
from lakeshift.cli.progress import Progress
from lakeshift.cli.sql import execute
from lakeshift.local.faults import FAULTS, Fault
from lakeshift.local.server import LocalAws
from lakeshift.paths import StateFolder
from lakeshift.sample.files import SourceFolders, write_first_year
from tests.truth import flight_id

__all__ = ["FaultLake", "Round", "faults", "main", "play"]

LAKE: Final = "lakeshift-local"
SHARES: Final = (0.01, 0.05, 0.2)
_MOST_RERUNS: Final = 2


@dataclass(frozen=True)
class Round:
    """What was found after a round."""

    share: float
    injected: int
    ended: str  # SUCCEEDED, or the error of the run that failed under faults
    clean: bool  # a failure told its error and its cause
    reruns: int
    lost: int
    doubled: int

    @property
    def good(self) -> bool:
        """The end was a clean one, and nothing is lost or doubled."""
        return self.clean and not self.lost and not self.doubled


def faults(share: float) -> list[Fault]:
    """Throttled, broken and unreachable services, in all ``share`` of the calls of each."""
    third = share / 3
    return [
        Fault("s3", share=third, code="SlowDown"),
        Fault("s3", share=third, kind="lost", status=500, code="InternalError"),
        Fault("s3", share=third, kind="reset"),
        Fault("glue", share=third, status=400, code="ThrottlingException", text="Rate exceeded"),
        Fault("glue", share=third, kind="lost", status=500, code="InternalServiceException"),
        Fault("redshift-data", share=third, status=400, code="ThrottlingException", text="Rate exceeded"),
        Fault("redshift-data", share=third, kind="lost", status=500, code="InternalServerException"),
        Fault("datasync", share=share, status=500, code="InternalException"),
        Fault("firehose", share=share, status=503, code="ServiceUnavailableException"),
        Fault("s[nq]s", share=third, kind="lost", status=500, code="InternalFailure"),
        Fault("s[nq]s", share=third, kind="reset"),
    ]


class FaultLake:
    """The sample on a running local AWS, whose sources send one day at a time."""

    def __init__(self, state: StateFolder) -> None:
        self.state = state
        self.folders = SourceFolders(state.sources)
        write_first_year(self.folders)
        self._days = [(file, file.read_bytes()) for file in sorted(self.folders.outbox.iterdir())]
        self._readings = self.folders.spool.read_bytes().splitlines(keepends=True)
        for file, _ in self._days:
            file.unlink()
        self.folders.spool.write_bytes(b"")
        self.flights: set[str] = set()
        self.rejected = 0
        self._last = ""  # the execution that was started last
        self.clients = LocalClients(state)
        deploy_local(self.clients, outside.start(state), Progress(io.StringIO()))

    def feed(self, number: int) -> None:
        """The events and readings of one more day."""
        file, content = self._days[number]
        file.write_bytes(content)
        with self.folders.spool.open("ab") as spool:
            spool.writelines(line for line in self._readings if json.loads(line)["time_hour"][:10] == file.stem)
        for line in content.splitlines():
            name = flight_id(line)
            if name:
                self.flights.add(name)
            else:
                self.rejected += 1

    def run(self, name: str) -> tuple[str, bool]:
        """Ingest and run the state machine: how it ended, and whether a failure said what and why."""
        try:
            ingestion.ingest(self.state, self.clients, Progress(io.StringIO()))
        except Exception as error:  # whatever the loader was given up with; the rerun sends the rest
            return f"ingest: {type(error).__name__}", bool(str(error))
        api = self.clients.client("stepfunctions")
        machines = {one["name"]: one["stateMachineArn"] for one in api.list_state_machines()["stateMachines"]}
        arn = api.start_execution(stateMachineArn=machines[f"{LAKE}-nightly"], name=name, input="{}")["executionArn"]
        self._last = arn
        return self._ended(arn)

    def redrive(self) -> tuple[str, bool]:
        """Let the last execution go on from where it failed; as ``run``."""
        self.clients.client("stepfunctions").redrive_execution(executionArn=self._last)
        return self._ended(self._last)

    def _ended(self, arn: str) -> tuple[str, bool]:
        api = self.clients.client("stepfunctions")
        while (told := api.describe_execution(executionArn=arn))["status"] == "RUNNING":
            time.sleep(0.1)
        if told["status"] == "SUCCEEDED":
            return "SUCCEEDED", True
        return str(told.get("error") or told["status"]), bool(told.get("error") and told.get("cause"))

    def lost_and_doubled(self) -> tuple[int, int]:
        """Of flights in the warehouse and records in quarantine together."""
        held = Counter(row[0] for row in execute(self.clients, "select flight_id from flights.fact_flights").rows)
        doubled = sum(count - 1 for count in held.values())
        quarantined = sum(1 for _ in self._quarantined())
        lost = len(self.flights - set(held)) + max(self.rejected - quarantined, 0)
        return lost, doubled + len(set(held) - self.flights) + max(quarantined - self.rejected, 0)

    def _quarantined(self) -> Iterator[Any]:
        folder = self.state.buckets / f"{LAKE}-clean" / "quarantine" / "flights"
        for file in folder.rglob("*") if folder.is_dir() else ():
            if file.is_file() and not any(part.startswith((".", "_")) for part in file.relative_to(folder).parts):
                yield from file.read_bytes().splitlines()


def play(lake: FaultLake, number: int, seed: int) -> Round:
    """One round."""
    share = SHARES[number % len(SHARES)]
    lake.feed(number)
    FAULTS.set(faults(share), seed + number)
    ended, clean = lake.run(f"fault-{number}-0")
    injected = sum(FAULTS.injected.values())
    FAULTS.set(())
    again, reruns = ended, 0
    while again != "SUCCEEDED" and reruns < _MOST_RERUNS:
        reruns += 1
        begun = not again.startswith("ingest")
        again, _ = lake.redrive() if begun and number % 2 else lake.run(f"fault-{number}-{reruns}")
    lost, doubled = lake.lost_and_doubled()
    return Round(share, injected, ended, clean, reruns, lost, doubled)


def main(runs: int, seed: int = 20130101) -> int:
    """Play the rounds and print a line each and the sum; 1 where a record is lost or doubled, or an end unclear."""
    with tempfile.TemporaryDirectory() as home, LocalAws(StateFolder(Path(home))) as aws:
        try:
            lake = FaultLake(aws.state)
            rounds = []
            for number in range(runs):
                started = time.monotonic()
                found = play(lake, number, seed)
                rounds.append(found)
                print(
                    f"{'✓' if found.good else '✗'} {number + 1:>4}/{runs}  {found.share:>4.0%} of the calls,"
                    f" {found.injected:>4} faults  {found.ended:<36} {found.reruns} reruns, lost {found.lost},"
                    f" doubled {found.doubled}  {time.monotonic() - started:.0f} s",
                    flush=True,
                )
        finally:
            outside.stop(aws.state)
    failed = sum(one.ended != "SUCCEEDED" for one in rounds)
    print(
        f"{runs} runs under {sum(one.injected for one in rounds)} faults: {runs - failed} succeeded, {failed} failed"
        f" cleanly and were rerun; lost {rounds[-1].lost}, doubled {rounds[-1].doubled}"
    )
    return int(not all(one.good for one in rounds))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
