"""What our layer adds to a statement of the local Redshift, against the engine alone.

Both run the same statements of the sample's kind on the same rows: ours from Redshift's SQL (split, parsed, checked,
rewritten, logged), the peer from the engine's SQL that ours became. The figure is milliseconds a statement, in the
facts as ``added_ms``; the ratio alone would only tell how long the engine takes. The statements are asked again and
again, as dashboards and pipelines do; ``first_ms`` is what one that was never asked before costs on top.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from benchmarks.harness import Claim, Outcome, measure, report, scale
from lakeshift.lake import FolderLake
from lakeshift.redshift import Session, Warehouse
from lakeshift.redshift.reading import parse_query

MOST_ADDED_MS: Final = 2.0
CLAIM = Claim(
    "redshift_statement",
    f"A statement of the local Redshift takes at most {MOST_ADDED_MS:g} ms longer than the engine alone.",
    None,
    "DuckDB running the translated SQL",
)
_QUERIES: Final = (
    "SELECT origin, count(*) AS flights, avg(delay) AS delay FROM flights GROUP BY origin ORDER BY origin",
    "SELECT a.origin, DATEDIFF(day, min(a.day), max(a.day)) AS days FROM flights a JOIN airports b ON a.origin = b.faa "
    "WHERE b.altitude > 15 GROUP BY 1 ORDER BY 1",
    "WITH late AS (SELECT origin, delay, ROW_NUMBER() OVER (PARTITION BY origin ORDER BY delay DESC, id) AS n FROM "
    "flights) SELECT origin, NVL(delay, 0) AS delay FROM late WHERE n <= 3 ORDER BY origin, n",
    "SELECT CASE WHEN delay > 15 THEN 'late' ELSE 'on time' END AS kind, SUM(delay)::DECIMAL(18,2) / COUNT(*) AS mean "
    "FROM flights GROUP BY 1 ORDER BY 1",
    "SELECT id FROM flights WHERE id = 77",
)


def _filled(session: Session, rows: int) -> None:
    session.execute("CREATE TABLE airports (faa VARCHAR(3), altitude INTEGER) DISTSTYLE ALL")
    session.execute("INSERT INTO airports VALUES ('EWR', 18), ('JFK', 13), ('LGA', 22)")
    session.execute("CREATE TABLE flights (id INTEGER, origin VARCHAR(3), delay INTEGER, day DATE)")
    session.execute("INSERT INTO flights VALUES (1, 'EWR', 2, '2013-01-01'), (2, 'JFK', 30, '2013-01-02'), "
                    "(3, 'LGA', -6, '2013-01-03')")  # fmt: skip
    while rows > 3:
        session.execute(
            "INSERT INTO flights SELECT id + (SELECT max(id) FROM flights), origin, delay + 1, day FROM flights"
        )
        rows //= 2


def main() -> Outcome:
    """Measure, print and keep it."""
    repeats = scale(20)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "s3").mkdir()
        warehouse = Warehouse(Path(folder) / "bench.duckdb", FolderLake(Path(folder) / "s3"))
        session = warehouse.session("dev", "awsuser")
        _filled(session, 3000)
        translated = [session._rewriter.tree(parse_query(sql)).sql for sql in _QUERIES]
        engine = warehouse.log()

        def ours() -> list[Any]:
            return [session.execute(sql).rows for _ in range(repeats) for sql in _QUERIES]

        def peer() -> list[Any]:
            return [engine.rows(sql) for _ in range(repeats) for sql in translated]

        outcome = measure(CLAIM, ours, peer, statements=repeats * len(_QUERIES))
        started = time.perf_counter()
        fresh = [session.execute(f"{sql} LIMIT {number}") for number in range(1000, 1000 + repeats) for sql in _QUERIES]
        first = (time.perf_counter() - started) / len(fresh) * 1000
        session.close()
        warehouse.close()
    pairs = zip(outcome.ours, outcome.peer, strict=True)
    added = statistics.median(mine - other for mine, other in pairs) / (repeats * len(_QUERIES)) * 1000
    engine_alone = statistics.median(outcome.peer) / (repeats * len(_QUERIES)) * 1000
    outcome.facts.update(added_ms=round(added, 3), first_ms=round(first - engine_alone, 3))
    report(outcome)
    mark = "✓" if added <= MOST_ADDED_MS else "✗"
    sys.stdout.write(f"{mark} our layer adds {added:.2f} ms to a statement, at most {MOST_ADDED_MS:g}; "
                     f"{outcome.facts['first_ms']:.1f} ms to one never asked before\n")  # fmt: skip
    return outcome


if __name__ == "__main__":
    raise SystemExit(0 if main().facts["added_ms"] <= MOST_ADDED_MS else 1)
