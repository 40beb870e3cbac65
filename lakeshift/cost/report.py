"""A cost report from what was measured. Pure: measures in, lines out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

__all__ = ["Line", "Measured", "Prices", "Run", "lines", "load_prices", "place_of", "text"]

_GB: Final = 10**9
_TB: Final = 10**12
_LEAST_SCAN: Final = 10 * 10**6  # bytes billed of any query
_LEAST_RUN: Final = 60.0  # seconds billed of any job run
_LEAST_CRAWL: Final = 600.0  # seconds billed of any crawl
_CRAWL_DPUS: Final = 2.0
_FILE: Final = Path(__file__).with_name("prices.yaml")


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars by name, as of a month."""

    as_of: str
    usd: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Run:
    """A job run: seconds and DPUs it held, and its execution class."""

    job: str
    seconds: float
    dpus: float
    flex: bool = False


@dataclass(frozen=True, slots=True)
class Measured:
    """All that is billed; bytes by (table or folder, storage class), scans in bytes a query, crawls in seconds."""

    stored: Mapping[tuple[str, str], int] = field(default_factory=dict)
    runs: Sequence[Run] = ()
    crawls: Sequence[tuple[str, float]] = ()
    athena: Sequence[int] = ()
    spectrum: Sequence[int] = ()
    alarms: int = 0
    metrics: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what, how much of which unit, and US dollars (by month for what is kept, else for what was done)."""

    group: str
    what: str
    amount: float
    unit: str
    usd: float


def load_prices(file: Path = _FILE) -> Prices:
    """The price list."""
    document: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return Prices(str(document["as_of"]), {name: float(one["usd"]) for name, one in document["prices"].items()})


def place_of(url: str, tables: Mapping[str, str]) -> str:
    """The table whose location (``s3://…/`` → name) holds an object, else ``bucket/first folder``."""
    fitting = [location for location in tables if url.startswith(location)]
    if fitting:
        return tables[max(fitting, key=len)]
    bucket, _, key = url.removeprefix("s3://").partition("/")
    folder, slash, _ = key.partition("/")
    return f"{bucket}/{folder}/" if slash else f"{bucket}/"


def lines(measured: Measured, prices: Prices) -> list[Line]:
    """Every line of the report, what is kept by the month first."""
    return [
        *_stored(measured, prices),
        *_runs(measured, prices),
        *_scans(measured, prices),
        *_watched(measured, prices),
    ]


def _stored(measured: Measured, prices: Prices) -> Iterable[Line]:
    for (place, storage_class), size in sorted(measured.stored.items()):
        usd = size / _GB * prices.usd[f"s3.{storage_class}"]
        yield Line("kept in S3, a month", f"{place} {storage_class}", size / _GB, "GB", usd)


def _runs(measured: Measured, prices: Prices) -> Iterable[Line]:
    hours: dict[tuple[str, bool], float] = defaultdict(float)
    for run in measured.runs:
        hours[run.job, run.flex] += max(run.seconds, _LEAST_RUN) * run.dpus / 3600
    for (job, flex), amount in sorted(hours.items()):
        usd = amount * prices.usd["glue.flex" if flex else "glue.standard"]
        yield Line("Glue, all runs so far", f"job {job}{' (flex)' * flex}", amount, "DPU-hours", usd)
    crawled: dict[str, float] = defaultdict(float)
    for name, seconds in measured.crawls:
        crawled[name] += max(seconds, _LEAST_CRAWL) * _CRAWL_DPUS / 3600
    for name, amount in sorted(crawled.items()):
        usd = amount * prices.usd["glue.crawler"]
        yield Line("Glue, all runs so far", f"crawler {name}", amount, "DPU-hours", usd)


def _scans(measured: Measured, prices: Prices) -> Iterable[Line]:
    for name, queries in (("athena", measured.athena), ("spectrum", measured.spectrum)):
        if queries:
            billed = sum(max(size, _LEAST_SCAN) for size in queries)
            usd = billed / _TB * prices.usd[f"{name}.scan"]
            what = f"{name}, {len(queries)} queries"
            yield Line("scanned, all queries so far", what, billed / _GB, "GB", usd)


def _watched(measured: Measured, prices: Prices) -> Iterable[Line]:
    for what, count in (("alarm", measured.alarms), ("metric", measured.metrics)):
        if count:
            yield Line(
                "CloudWatch, a month", f"{what}s", float(count), f"{what}s", count * prices.usd[f"cloudwatch.{what}"]
            )


def text(found: Sequence[Line], prices: Prices) -> str:
    """The report for people."""
    out = [f"At list prices of us-east-1 as of {prices.as_of} (lakeshift/cost/prices.yaml), in US dollars"]
    for group in dict.fromkeys(line.group for line in found):
        own = [line for line in found if line.group == group]
        out.append(f"\n{group}: {sum(line.usd for line in own):,.4f}")
        out += [f"  {line.what:<52} {line.amount:>12,.4f} {line.unit:<10} {line.usd:>10,.4f}" for line in own]
    out.append("\nNot counted: requests (Spark reads the lake by path here), Redshift's node-hours, data transfer.")
    return "\n".join(out)
