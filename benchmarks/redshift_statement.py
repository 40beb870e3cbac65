"""What our layer adds to a statement of the local Redshift, against the engine alone.

Both run the same statements of the sample's kind on the same rows: ours from Redshift's SQL (split, parsed, checked,
rewritten, logged, in a transaction), the peer from the engine's SQL that ours became. The figures are milliseconds that
a statement takes longer, the median over pairs that ran one after the other: ``repeated_ms`` of statements asked again
and again, as dashboards and pipelines do, and ``new_ms`` of statements whose text neither side has seen before.
Beside them stands the processor's time of the same, which a busy machine stretches less. The ratio, of the repeated
ones, has no target: it only tells how long the engine takes.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

from benchmarks.harness import Claim, Outcome, measure, scale
from lakeshift.lake import FolderLake
from lakeshift.redshift import Session, Warehouse
from lakeshift.redshift.reading import parse_query

_MOST_MS: Final = 2.0
CLAIM = Claim(
    "redshift_statement",
    f"A statement of the local Redshift, repeated or new, takes at most {_MOST_MS:g} ms longer than the engine alone.",
    None,
    "DuckDB running the translated SQL",
    {"repeated_ms": _MOST_MS, "new_ms": _MOST_MS},
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


def _added(ours: Callable[[str], Any], peer: Callable[[str], Any], pairs: Iterable[tuple[str, str]]) -> list[float]:
    """Milliseconds that ours takes longer, by the clock and of the processor: medians over ``pairs`` of SQL."""
    added = []
    for number, (sql, translated) in enumerate(pairs):
        asked = [(ours, sql), (peer, translated)]
        seconds, answers = {}, []
        for ask, text in asked if number % 2 == 0 else reversed(asked):
            started = time.perf_counter(), time.process_time()
            answers.append(ask(text))
            seconds[ask] = time.perf_counter() - started[0], time.process_time() - started[1]
        if answers[0] != answers[1]:
            raise SystemExit(f"the answers differ: {sql}")
        added.append([mine - other for mine, other in zip(seconds[ours], seconds[peer], strict=True)])
    return [round(statistics.median(values) * 1000, 3) for values in zip(*added, strict=True)]


def main() -> Outcome:
    """Measure, print and keep it."""
    repeats = scale(40)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "s3").mkdir()
        warehouse = Warehouse(Path(folder) / "bench.duckdb", FolderLake(Path(folder) / "s3"))
        session = warehouse.session("dev", "awsuser")
        _filled(session, 3000)
        translated = [session._rewriter.tree(parse_query(sql)).sql for sql in _QUERIES]
        engine = warehouse.log()

        def one(sql: str) -> Any:
            return session.execute(sql).rows

        def ours() -> list[Any]:
            return [one(sql) for sql in _QUERIES]

        def peer() -> list[Any]:
            return [engine.rows(sql) for sql in translated]

        pairs = list(zip(_QUERIES, translated, strict=True))
        ours()
        repeated = _added(one, engine.rows, pairs * repeats)
        limits = range(1000, 1000 + repeats)
        new = _added(one, engine.rows, ((f"{a} LIMIT {n}", f"{b} LIMIT {n}") for n in limits for a, b in pairs))
        facts: dict[str, Any] = {
            "repeated_ms": repeated[0], "repeated_cpu_ms": repeated[1], "new_ms": new[0], "new_cpu_ms": new[1],
        }  # fmt: skip
        outcome = measure(CLAIM, ours, peer, **facts)
        session.close()
        warehouse.close()
    return outcome


if __name__ == "__main__":
    raise SystemExit(0 if main().holds else 1)
