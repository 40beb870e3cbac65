"""AWS's published TPC-H and TPC-DS scripts on the local warehouse, unmodified, beside DuckDB's own answers.

The scripts are not part of this repository: get the folder src/CloudDataWarehouseBenchmark of
https://github.com/awslabs/amazon-redshift-utils, then ``make tpc SCRIPTS=<folder>``. Data are of DuckDB's own
generators, in an environment made for that (their wheels are bound to one version of the engine). Every statement of
ddl.sql (CREATE, COPY, SELECT) and of the queries runs through ``lakeshift.redshift``; the peer is DuckDB itself over
the generated tables, with the query translated by sqlglot and nothing of ours. The exit code is 1 unless every
statement ran and every answer that has a peer is equal.
"""

from __future__ import annotations

import argparse
import gzip
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import sqlglot

from lakeshift.errors import LakeshiftError
from lakeshift.lake import FolderLake
from lakeshift.redshift import Session, Warehouse
from lakeshift.redshift.tokens import split_statements

_ENGINE = "1.5.5"
_PACKAGES = [f"duckdb=={_ENGINE}", f"duckdb-extension-tpch=={_ENGINE}", f"duckdb-extension-tpcds=={_ENGINE}"]
_COPY = re.compile(r"copy\s+(\w+)\s+from\s*'s3://([^/']+)/([^']+)'(.*)", re.IGNORECASE | re.DOTALL)


@dataclass
class Score:
    """What one benchmark's scripts came to."""

    name: str
    ran: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    equal: int = 0
    empty: int = 0
    without_peer: int = 0
    faults: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """As people read it."""
        parts = [f"{kind} {self.ran[kind]}/{self.asked[kind]}" for kind in ("ddl", "copy", "query")]
        compared = self.asked["query"] - self.without_peer
        text = (
            f"{self.name}: {', '.join(parts)}; answers equal to DuckDB's {self.equal}/{compared} ({self.empty} empty)"
        )
        return [f"{text}, {self.without_peer} without a peer", *(f"  {fault}" for fault in self.faults)]

    @property
    def whole(self) -> bool:
        """Whether everything ran and every compared answer is equal."""
        return self.ran == self.asked and self.equal == self.asked["query"] - self.without_peer


def generate(scratch: Path, scale: float) -> Path:
    """The folder of data, made if it is not there."""
    data = scratch / f"data-{scale}"
    if (data / "made").exists():
        return data
    environment = scratch / "environment"
    if not (environment / "bin" / "python").exists():
        subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
        subprocess.run([str(environment / "bin" / "pip"), "install", "-q", *_PACKAGES], check=True)
    found = [str(next(environment.rglob(f"{kind}.duckdb_extension"))) for kind in ("tpch", "tpcds")]
    command = [str(environment / "bin" / "python"), str(Path(__file__).with_name("tpc_data.py")), str(data), str(scale)]
    subprocess.run([*command, *found], check=True)
    (data / "made").touch()
    return data


def place(lake: FolderLake, statement: str, tables: Path) -> None:
    """Put the table's rows where the COPY statement looks for them."""
    found = _COPY.match(statement)
    if found is None:
        return
    table, bucket, key, options = found.groups()
    (lake.root / bucket).mkdir(exist_ok=True)
    rows = (tables / f"{table.lower()}.tbl").read_bytes()
    packed = "gzip" in options.lower()
    name = f"{key}part-0.gz" if key.endswith("/") else key
    lake.put(bucket, name, gzip.compress(rows, 1) if packed else rows)


class Peer:
    """DuckDB over the generated tables, told the three rules of Redshift that its answers would differ by.

    Whole numbers divide to whole numbers, AVG of a whole column is whole, and the scripts' EMPTYASNULL loads an empty
    text as NULL.
    """

    def __init__(self, tables: Path) -> None:
        self._engine = duckdb.connect()
        self._engine.execute("SET integer_division = true")
        self._whole: set[str] = set()
        for file in tables.glob("*.parquet"):
            scan = f"read_parquet('{file}')"
            described = self._engine.execute(f"DESCRIBE SELECT * FROM {scan}").fetchall()
            self._whole |= {name for name, kind, *_ in described if kind in ("INTEGER", "BIGINT")}
            items = [f"nullif({name}, '') AS {name}" if kind == "VARCHAR" else name for name, kind, *_ in described]
            self._engine.execute(f"CREATE VIEW {file.stem} AS SELECT {', '.join(items)} FROM {scan}")

    def answer(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a script's query; raises duckdb.Error and SqlglotError."""
        tree: Any = sqlglot.parse_one(sql, read="redshift")
        for average in list(tree.find_all(sqlglot.exp.Avg)):
            if isinstance(average.this, sqlglot.exp.Column) and average.this.name.lower() in self._whole:
                average.replace(sqlglot.exp.Anonymous(this="trunc", expressions=[average.copy()]))
        return self._engine.execute(tree.sql(dialect="duckdb")).fetchall()


def same_value(ours: Any, theirs: Any) -> bool:
    """Equal to ten units of our type's last digit: Redshift cuts quotients where DuckDB answers with a float."""
    if ours is None or theirs is None:
        return ours is theirs
    if isinstance(ours, int | float | Decimal) and isinstance(theirs, int | float | Decimal):
        step = 1.0 if isinstance(ours, int) and isinstance(theirs, float) else 0.0
        if isinstance(ours, Decimal) and not isinstance(theirs, int):
            step = 10.0 ** (int(ours.as_tuple().exponent) + 1)
        return abs(float(ours) - float(theirs)) <= max(step, 1e-9 * max(1.0, abs(float(theirs))))
    return str(ours).rstrip() == str(theirs).rstrip()


def same_rows(ours: list[tuple[Any, ...]], theirs: list[tuple[Any, ...]]) -> bool:
    """Same rows, whatever the order of ties."""

    def order(row: tuple[Any, ...]) -> list[str]:
        return ["" if cell is None else f"{float(cell):.3g}" if isinstance(cell, int | float | Decimal) else
                str(cell).rstrip() for cell in row]  # fmt: skip

    pairs = zip(sorted(ours, key=order), sorted(theirs, key=order), strict=False)
    return len(ours) == len(theirs) and all(
        len(one) == len(two) and all(map(same_value, one, two)) for one, two in pairs
    )


def benchmark(folder: Path, tables: Path, scratch: Path) -> Score:
    """Run one folder of scripts: its ddl.sql, then every query of its streams."""
    score = Score(f"{folder.parent.name}/{folder.name}")
    home = scratch / "run"
    shutil.rmtree(home, ignore_errors=True)
    (home / "s3").mkdir(parents=True)
    lake = FolderLake(home / "s3")
    warehouse = Warehouse(home / "warehouse.duckdb", lake)
    session = warehouse.session("tpc", "awsuser")
    engine = Peer(tables)
    for statement in split_statements((folder / "ddl.sql").read_text(encoding="utf-8")):
        kind = "copy" if _COPY.match(statement) else "ddl"
        place(lake, statement, tables)
        run(session, statement, kind, score)
    for file in sorted((folder / "queries").glob("*.sql")):
        for number, statement in enumerate(split_statements(file.read_text(encoding="utf-8")), start=1):
            if re.match(r"\s*(with|select|\()", statement, re.IGNORECASE):
                compare(session, engine, statement, f"{file.stem} #{number}", score)
            else:
                run(session, statement, "ddl", score)
    session.close()
    warehouse.close()
    return score


def run(session: Session, statement: str, kind: str, score: Score) -> list[tuple[Any, ...]] | None:
    """Run one statement and count it."""
    score.asked[kind] += 1
    try:
        rows = session.execute(statement).rows
    except LakeshiftError as error:
        score.faults.append(f"{' '.join(statement.split())[:70]}: {str(error).splitlines()[0][:160]}")
        return None
    score.ran[kind] += 1
    return rows


def compare(session: Session, engine: Peer, statement: str, name: str, score: Score) -> None:
    """Run one query here and on the peer."""
    ours = run(session, statement, "query", score)
    try:
        theirs = engine.answer(statement)
    except (duckdb.Error, sqlglot.errors.SqlglotError) as error:
        if ours is None and "ivision by zero" in str(error) and "ivision by zero" in score.faults[-1]:
            # The data make the query divide by zero: both say so, which is the answer.
            score.faults[-1] += " (so says DuckDB)"
            score.ran["query"] += 1
            score.equal += 1
            return
        score.without_peer += 1
        score.faults.append(f"{name}: the peer cannot: {str(error).splitlines()[0][:120]}")
        return
    if ours is None:
        return
    score.empty += not ours
    if same_rows(ours, theirs):
        score.equal += 1
    else:
        score.faults.append(f"{name}: {len(ours)} rows here, {len(theirs)} there, or other values")


def smallest(scripts: Path, kind: str) -> Path | None:
    """The folder of the smallest scale's scripts; all scales have the same statements but for their data's place."""
    sizes = {"GB": 1, "TB": 1000}
    found = [
        (int(match[1]) * sizes[match[2]], file.parent)
        for file in scripts.rglob("ddl.sql")
        if kind in file.parent.parent.name.upper() and (match := re.fullmatch(r"(\d+)(GB|TB)", file.parent.name))
    ]
    return min(found)[1] if found else None


def main() -> int:
    """Print the scores; 1 unless both are whole."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("scripts", type=Path, help="folder of the fetched scripts")
    parser.add_argument("--scale", type=float, default=0.1)
    parser.add_argument("--scratch", type=Path, default=Path(".tpc"))
    arguments = parser.parse_args()
    data = generate(arguments.scratch.resolve(), arguments.scale)
    whole = True
    for kind, tables in (("TPCH", "tpch"), ("TPCDS", "tpcds")):
        folder = smallest(arguments.scripts, kind)
        if folder is None:
            print(f"{kind}: no <size>/ddl.sql below {arguments.scripts}")
            whole = False
            continue
        begun = time.monotonic()
        score = benchmark(folder, data / tables, arguments.scratch.resolve())
        print("\n".join(score.lines()), f"({time.monotonic() - begun:.0f} s)", flush=True)
        whole = whole and score.whole
    return 0 if whole else 1


if __name__ == "__main__":
    sys.exit(main())
