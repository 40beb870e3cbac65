"""Datapoints in one SQLite file, so that they outlive the server.

AWS keeps them for 455 days; older ones go by the clock, like there.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html#metrics-retention
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lakeshift.local.cloudwatch.values import Sample
from lakeshift.local.sqlite_file import open_file

__all__ = ["KEPT_SECONDS", "Metric", "MetricStore"]

KEPT_SECONDS: Final = 455 * 86_400
_LISTED_SECONDS: Final = 14 * 86_400  # ListMetrics tells what had data in the last two weeks
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS metrics (id INTEGER PRIMARY KEY, namespace TEXT, name TEXT, dimensions TEXT,
    UNIQUE (namespace, name, dimensions));
CREATE TABLE IF NOT EXISTS points (metric INTEGER, time REAL, unit TEXT, count REAL, total REAL, least REAL, most REAL,
    vals TEXT);
CREATE INDEX IF NOT EXISTS by_time ON points (metric, time);
"""


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric's identity; ``dimensions`` are sorted (name, value)."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, namespace: str, name: str, dimensions: Iterable[Mapping[str, Any]] | None) -> Metric:
        """From the API's list of ``{"Name": …, "Value": …}``."""
        pairs = sorted((str(one["Name"]), str(one["Value"])) for one in dimensions or ())
        return cls(namespace, name, tuple(pairs))


class MetricStore:
    """Shared by all threads of the server; one account and region a file."""

    def __init__(self, file: Path) -> None:
        self._database = open_file(file, _TABLES)
        self._lock = threading.Lock()
        self._ids: dict[Metric, int] = {}

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._database.close()

    def clear(self) -> None:
        """Forget everything (a reset)."""
        self._run("DELETE FROM points")

    def add(self, points: Iterable[tuple[Metric, Sample]]) -> None:
        """Keep datapoints, all or none."""
        with self._lock:
            self._database.execute("BEGIN")
            try:
                for metric, sample in points:
                    values = None if sample.values is None else json.dumps(sample.values)
                    self._database.execute(
                        "INSERT INTO points VALUES (?,?,?,?,?,?,?,?)",
                        (
                            self._id(metric),
                            sample.time,
                            sample.unit,
                            sample.count,
                            sample.total,
                            sample.least,
                            sample.most,
                            values,
                        ),
                    )
                self._database.execute("COMMIT")
            except BaseException:
                self._database.execute("ROLLBACK")
                self._ids.clear()
                raise

    def _id(self, metric: Metric) -> int:
        known = self._ids.get(metric)
        if known is None:
            key = (metric.namespace, metric.name, json.dumps(metric.dimensions))
            self._database.execute("INSERT OR IGNORE INTO metrics (namespace, name, dimensions) VALUES (?,?,?)", key)
            found = self._database.execute(
                "SELECT id FROM metrics WHERE namespace=? AND name=? AND dimensions=?", key
            ).fetchone()
            known = self._ids[metric] = int(found[0])
        return known

    def samples(self, metric: Metric, start: float, end: float, unit: str | None = None) -> list[Sample]:
        """Datapoints from ``start`` (included) to ``end`` (not included), oldest first; of one unit where given."""
        rows = self._run(
            "SELECT time, unit, count, total, least, most, vals FROM points JOIN metrics ON metric = id "
            "WHERE namespace=? AND name=? AND dimensions=? AND time>=? AND time<? ORDER BY time",
            metric.namespace,
            metric.name,
            json.dumps(metric.dimensions),
            start,
            end,
        )
        found = [_sample(*row) for row in rows]
        return found if unit is None else [sample for sample in found if sample.unit == unit]

    def metrics(self, now: float) -> list[Metric]:
        """Every metric with data in the last two weeks, in order."""
        rows = self._run(
            "SELECT DISTINCT namespace, name, dimensions FROM points JOIN metrics ON metric = id WHERE time > ? "
            "ORDER BY namespace, name, dimensions",
            now - _LISTED_SECONDS,
        )
        return [Metric(row[0], row[1], tuple((name, value) for name, value in json.loads(row[2]))) for row in rows]

    def expire(self, now: float) -> int:
        """Drop what is older than AWS keeps; how many datapoints went."""
        with self._lock:
            return self._database.execute("DELETE FROM points WHERE time < ?", (now - KEPT_SECONDS,)).rowcount

    def _run(self, statement: str, *parameters: object) -> list[Any]:
        with self._lock:
            return self._database.execute(statement, parameters).fetchall()


def _sample(
    time: float, unit: str, count: float, total: float, least: float, most: float, values: str | None
) -> Sample:
    pairs = None if values is None else tuple((value, often) for value, often in json.loads(values))
    return Sample(time, unit, count, total, least, most, pairs)
