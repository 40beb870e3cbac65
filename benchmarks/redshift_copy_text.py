"""COPY of delimited text beside PostgreSQL's COPY of the same file."""

from __future__ import annotations

from benchmarks.harness import Claim, measure
from benchmarks.redshift_loads import COLUMNS, answer_sql, loads
from lakeshift.sample.database import OperationalDatabase

CLAIM = Claim(
    "redshift_copy_text",
    "COPY of 400,000 rows of delimited text takes at most twice PostgreSQL's COPY of the same file",
    2.0,
    "PostgreSQL 18, fsync off, unlogged table, psql's \\copy from the same file",
)
_ROWS = 400_000


def main() -> None:
    """Five pairs."""
    with loads(_ROWS) as made:
        postgres = OperationalDatabase(made.home / "pg").start()
        try:

            def ours() -> tuple[str, ...]:
                made.copy(made.text, "DELIMITER '|'")
                return made.answer()

            def peer() -> tuple[str, ...]:
                table = f"DROP TABLE IF EXISTS t; CREATE UNLOGGED TABLE t ({COLUMNS.lower()});"
                told = postgres.psql(
                    "postgres", f"{table}\n\\copy t FROM '{made.text}' (DELIMITER '|')\n{answer_sql('t')};"
                )
                return tuple(told.strip().split("|"))

            measure(CLAIM, ours, peer)
        finally:
            postgres.stop()


if __name__ == "__main__":
    main()
