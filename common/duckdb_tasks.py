"""An option for a stage that reads many lines: Spark schedules tasks, and DuckDB does the work inside each.

A task takes a group of files, parses, casts and cleans their lines in DuckDB with one thread, and writes its own
Parquet; the JVM only schedules. It fits a first load or a backfill, where nothing of earlier runs must be looked at:
the newest version of each key is kept within the files given, and what the target held before is not read. The driver
holds 24 bytes a row to find copies that lie in files of different tasks, so MOST_ROWS at once and no more.

What is written appears whole: tasks write below ``<target>/_temporary/``, which no reader looks at, and the driver
moves the files of the attempts that ended well when all have. A task attempt that fails leaves nothing but files there.
A run that is killed while it moves leaves some partitions and not others; a rerun under the same ``run`` puts the same
names in their place, so that nothing is there twice.

The catalog is not told: add the partitions with common/catalog.py, from the names in ``Outcome.files``.

On Glue: ``--additional-python-modules duckdb==2.0.0`` beside the wheel of common/.
"""

from __future__ import annotations

import tempfile
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from common.duckdb_copies import keys, later_copies, left_out
from common.duckdb_lines import read_lines
from common.places import move, place_of, remove

__all__ = [
    "MOST_ROWS",
    "DuckDbMissingError",
    "Outcome",
    "TooManyRowsError",
    "Work",
    "grouped",
    "run_tasks",
]

MOST_ROWS: Final = 20_000_000
_PACKED: Final = 8
_STAGING: Final = "_temporary"
_MODULE: Final = "duckdb==2.0.0"


class DuckDbMissingError(ImportError):
    """The Python of a task has no DuckDB."""


class TooManyRowsError(ValueError):
    """More rows in one run than the driver can compare."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a task does with its lines.

    Attributes:
        rows: a SELECT of DuckDB over the table ``lines`` (``record``, ``source_file``), one row a line: the columns of
            the target, ``record``, ``source_file``, and ``reason``, which is null for a good row.
        columns: the target's columns in their order, its partition keys among them.
        key: the column (text, no partition key) that a record is known by; of equal ones the newest ``version``
            (timestamp) stays, of equal versions the first by ``record``.
        partitions: the columns that become folders.
    """

    rows: str
    columns: tuple[str, ...]
    key: str
    version: str
    partitions: tuple[str, ...]


@dataclass
class Outcome:
    """What became of the lines: lines = rows + duplicates + rejected, each counted by itself."""

    lines: int = 0
    rows: int = 0
    duplicates: int = 0
    rejected: dict[str, int] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)


@dataclass
class _Told:
    """What a task tells the driver: counts, staged files by the names they are to have, and its keys' hashes."""

    task: int
    lines: int
    duplicates: int
    rejected: dict[str, int]
    rows: int
    staged: dict[str, str]
    keys: Any  # numpy array (rows, 3) of unsigned 64-bit integers: MD5 of the key in two, microseconds of the version


def run_tasks(context: Any, work: Work, files: Mapping[str, int], target: str, rejected: str, run: str) -> Outcome:
    """Clean the lines of ``files`` (URL to bytes) into ``target``, and put rejected ones below ``rejected``.

    URLs are ``s3://`` or paths; ``context`` is the SparkContext; ``run`` names the piece of work, the same for all its
    attempts. Raises DuckDbMissingError, TooManyRowsError, and whatever a task failed with; nothing is visible then.
    """
    if not files:
        return Outcome()
    remove(f"{target}/{_STAGING}/{run}/")
    groups = grouped(files, context.defaultParallelism)

    def clean(task: tuple[int, list[str]]) -> _Told:
        return _clean(work, target, rejected, run, *task)

    told = _round(context, clean, list(enumerate(groups)))
    if (rows := sum(one.rows for one in told.values())) > MOST_ROWS:
        raise TooManyRowsError(
            f"{rows:,} rows are more than the {MOST_ROWS:,} that one run can compare; give it the files in parts, or "
            "use the Spark reader."
        )
    lost = later_copies([one.keys for one in told.values()])

    def leave_out(task: tuple[int, _Told, Any]) -> _Told:
        return _left_out(work, *task[1:])

    told |= _round(context, leave_out, [(task, replace(told[task], keys=None), lost[task]) for task in lost])
    outcome = _published(told.values(), target, rejected, run)
    remove(f"{target}/{_STAGING}/{run}/")
    remove(f"{target}/{_STAGING}/", named=lambda _: False)  # the folder itself, where it is one and nobody else's
    return outcome


def grouped(files: Mapping[str, int], least: int, most_bytes: int = 256 * 2**20) -> list[list[str]]:
    """Groups of neighbouring files of about equal bytes, at least ``least`` of them where there are so many files.

    A packed file counts as eight times its bytes, which is what such lines come to.
    """
    sizes = {url: size * (_PACKED if url.endswith(".gz") else 1) for url, size in sorted(files.items())}
    whole = sum(sizes.values())
    wanted = max(1, min(len(files), max(least, -(-whole // most_bytes))))
    groups: list[list[str]] = [[] for _ in range(wanted)]
    before = 0
    for place, (url, size) in enumerate(sizes.items()):
        by_bytes = min(wanted - 1, before * wanted // whole) if whole else 0
        groups[max(by_bytes, wanted - (len(files) - place))].append(url)
        before += size
    return [group for group in groups if group]


def _round(context: Any, work: Callable[[Any], _Told], tasks: Sequence[Any]) -> dict[int, _Told]:
    done = context.parallelize(tasks, len(tasks)).map(work).collect() if tasks else []
    return {one.task: one for one in done}


def _clean(work: Work, target: str, rejected: str, run: str, task: int, urls: Sequence[str]) -> _Told:
    """In a task: everything of its files, staged."""
    with tempfile.TemporaryDirectory(prefix="duckdb-task-") as folder, _engine(folder) as engine:
        read_lines(engine, Path(folder), urls)
        _make_events(engine, work)
        good = "reason IS NULL AND NOT duplicate"
        columns = ", ".join(work.columns)
        engine.execute(
            f"COPY (SELECT {columns} FROM events WHERE {good} ORDER BY {', '.join(work.partitions)}) "  # noqa: S608
            f"TO '{folder}/rows' (FORMAT parquet, COMPRESSION snappy, PARTITION_BY ({', '.join(work.partitions)}))"
        )
        bad = "(SELECT record, reason, source_file FROM events WHERE reason IS NOT NULL ORDER BY ALL)"
        engine.execute(f"COPY {bad} TO '{folder}/rejected.json' (FORMAT json)")
        counted = engine.execute("SELECT reason, count(*) FROM events WHERE reason IS NOT NULL GROUP BY ALL").fetchall()
        lines, rows, copies = engine.execute(
            f"SELECT count(*), count(*) FILTER ({good}), count(*) FILTER (duplicate) FROM events"  # noqa: S608
        ).fetchall()[0]
        staging = f"{target}/{_STAGING}/{run}/{task}-{uuid.uuid4().hex}"
        staged = _stage(Path(folder), staging, target, rejected, f"{run}-{task:05}", bool(counted))
        return _Told(task, lines, copies, dict(counted), rows, staged, keys(engine, work.key, work.version))


def _engine(folder: str) -> Any:
    try:
        import duckdb
    except ImportError as error:
        raise DuckDbMissingError(
            f"The Python of this task has no DuckDB. Give the job --additional-python-modules {_MODULE}, or let the "
            "stage use its Spark reader."
        ) from error
    engine = duckdb.connect()
    engine.execute(
        f"SET threads = 1; SET timezone = 'UTC'; SET temp_directory = '{folder}/spill'; "
        "SET autoinstall_known_extensions = false"  # what is needed is built in: a task downloads nothing
    )
    return engine


def _make_events(engine: Any, work: Work) -> None:
    """The view ``events``: rows with ``duplicate``. Only rows whose key is there again are put in order."""
    engine.execute(f"CREATE TABLE typed AS {work.rows}")
    again = f"SELECT {work.key} FROM typed WHERE reason IS NULL GROUP BY ALL HAVING count(*) > 1"  # noqa: S608
    rank = f"row_number() OVER (PARTITION BY {work.key} ORDER BY {work.version} DESC, record)"
    engine.execute(
        "CREATE TABLE copies AS SELECT place FROM (SELECT rowid AS place, "  # noqa: S608
        f"{rank} AS rank FROM typed WHERE reason IS NULL AND {work.key} IN ({again})) WHERE rank > 1"
    )
    engine.execute("CREATE VIEW events AS SELECT *, rowid IN (FROM copies) AS duplicate FROM typed")


def _left_out(work: Work, told: _Told, lost: Any) -> _Told:
    """In a task: what an attempt has staged, without its rows of the ``lost`` keys. Raises where one is not there."""
    with tempfile.TemporaryDirectory(prefix="duckdb-task-") as folder, _engine(folder) as engine:
        staged, removed = left_out(engine, Path(folder), told.staged, work.key, lost)
    if removed != len(lost):
        raise RuntimeError(f"Of {len(lost)} rows to leave out, {removed} were found in what task {told.task} staged.")
    return replace(told, rows=told.rows - removed, duplicates=told.duplicates + removed, staged=staged)


def _stage(folder: Path, staging: str, target: str, rejected: str, name: str, any_rejected: bool) -> dict[str, str]:
    """Put the files where no reader looks; returns where each is and where it is to be."""
    staged = {}
    for path in sorted((folder / "rows").rglob("*.parquet")):
        below = path.parent.relative_to(folder / "rows")
        staged[f"{staging}/{below}/part.parquet"] = f"{target}/{below}/{name}.parquet"
        place_of(f"{staging}/{below}/part.parquet").put(path)
    if any_rejected:
        staged[f"{staging}/rejected.json"] = f"{rejected}/{name}.json"
        place_of(f"{staging}/rejected.json").put(folder / "rejected.json")
    return staged


def _published(told: Iterable[_Told], target: str, rejected: str, run: str) -> Outcome:
    """Move what ended well to where readers look, and take away what an earlier attempt of the run left there."""
    outcome, counts = Outcome(), Counter[str]()
    for one in sorted(told, key=lambda each: each.task):
        for staged, wanted in one.staged.items():
            move(staged, wanted)
            outcome.files.append(wanted)
        outcome.lines += one.lines
        outcome.rows += one.rows
        outcome.duplicates += one.duplicates
        counts.update(one.rejected)
    outcome.rejected = dict(sorted(counts.items()))
    for root in (target, rejected):
        remove(f"{root}/", lambda name: name.startswith(f"{run}-"), kept=set(outcome.files))
    return outcome
