"""Replay the documentation's SQL on the local Redshift and count what is printed the same.

Each page is one database: its blocks run in their order, those with a printed table are compared with the answer.
Usage: redshift_docs.py [FILE] [--show wrong|refused|skipped|all] [--page NAME]
"""

from __future__ import annotations

import argparse
import itertools
import json
import re
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from printed_results import TORN, differs

from lakeshift.errors import LakeshiftError
from lakeshift.lake import FolderLake
from lakeshift.redshift import RedshiftError, Result, Session, Warehouse, split_statements

DEFAULT = "../shared/data/redshift_docs.jsonl"
REPRODUCED, WRONG, REFUSED, SKIPPED = "reproduced", "silently wrong", "refused", "not evaluable"
# Why a block cannot be judged on any machine but the one of the guide's author: the first that fits.
_REASONS: tuple[tuple[str, str], ...] = (
    ("a spatial function", r"\bST_\w+\s*\(|geometry|geography|\bH3_"),
    ("HyperLogLog sketches", r"\bHLL\w*\s*\(|\bapproximate\s+count"),
    (
        "machine learning or an external function",
        r"\bCREATE\s+(OR\s+REPLACE\s+)?(MODEL|EXTERNAL\s+FUNCTION)|ml_fn_|explain_model|predict_|\bfunc_\w+\(",
    ),
    (
        "data sharing, external schemas or another cluster",
        r"DATASHARE|spectrum|EXTERNAL\s+(SCHEMA|TABLE|DATABASE)|\b\w+\.\w+\.\w+_redshift\b",
    ),
    (
        "system tables with the author's history",
        r"\b(?:stl|stv|svl|svv|svcs|sys)_\w+|\bpg_(?!typeof|get_)\w+\b(?!\s*\()|\bloadview\b|predicate_columns"
        r"|\bpg_get_late_binding_view_cols\b",
    ),
    ("the author's plan and costs", r"^\s*EXPLAIN\b"),
    (
        "the moment, the session or the cluster",
        r"\b(?:sysdate|getdate|current_date|current_time\w*|current_timestamp|timeofday|random|pg_backend_pid|pg_last_\w+|current_user\w*|session_user|current_aws_account|slice_num|change_\w+_priority|pg_cancel_backend|pg_terminate_backend|current_namespace|version)\b",
    ),
    ("a plan's or command's log", r"^\s*(?:ANALYZE|VACUUM|COPY|UNLOAD|CANCEL|GRANT|REVOKE)\b"),
)
_CREATES = re.compile(
    r"\bcreate\s+(?:or\s+replace\s+)?(?:local\s+)?(?:temp(?:orary)?\s+)?(?:materialized\s+)?(?:table|view)\s+"
    r"(?:if\s+not\s+exists\s+)?([\w.#\"$]+)|\bselect\b.*?\binto\s+(?:temp\s+)?(?:table\s+)?([\w#]+)",
    re.IGNORECASE | re.DOTALL,
)
_EXTERNAL = re.compile(r"create\s+(?:or\s+replace\s+)?external\s+function\s+(\w+)", re.IGNORECASE)
# What psql answered, which some pages print between the statements.
_REPLIES = re.compile(r"^(?:(?:INFO|NOTICE|WARNING):.*|CALL|INSERT 0 \d+|CREATE TABLE)\s*$", re.MULTILINE)
_MISSING = re.compile(r'(?:relation|schema|Table|View) "([^"]+)" does not exist', re.IGNORECASE)


@dataclass
class Verdict:
    """What became of one block with a printed table."""

    number: int
    page: str
    outcome: str
    why: str
    sql: str


def main() -> int:
    """Replay, print the score; 1 when the file is there and the score is below what is promised."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", default=DEFAULT)
    parser.add_argument("--show", default="")
    parser.add_argument("--page", default="")
    options = parser.parse_args()
    file = Path(options.file)
    if not file.is_file():
        print(
            f"{file} is not there: the documentation's blocks are design data and no part of the repository."
            " Name the file: make redshift-docs DOCS=…"
        )
        return 2
    blocks = [(number, json.loads(line)) for number, line in enumerate(file.read_text(encoding="utf-8").splitlines())]
    blocks = [item for item in blocks if options.page in item[1]["file"]]
    verdicts = replay(blocks)
    report(verdicts, options.show)
    return 0 if options.page else enough(verdicts)


def replay(blocks: list[tuple[int, dict[str, Any]]]) -> list[Verdict]:
    """The verdict on every block that has a printed table."""
    verdicts = []
    with tempfile.TemporaryDirectory() as home:
        (Path(home) / "s3").mkdir()
        warehouse = Warehouse(Path(home) / "docs.duckdb", FolderLake(Path(home) / "s3"))
        pages = itertools.groupby(blocks, key=lambda item: str(item[1]["file"]))
        for index, (page, items) in enumerate(pages):
            session = warehouse.session(f"page{index}", "awsuser")
            verdicts += Page(page.removeprefix("doc_source/").removesuffix(".md"), session).run(list(items))
            session.close()
        warehouse.close()
    return verdicts


class Page:
    """One page's blocks in one session."""

    def __init__(self, name: str, session: Session) -> None:
        self.name = name
        self.session = session
        self.made: set[str] = set()
        self.external: set[str] = set()

    def run(self, items: list[tuple[int, dict[str, Any]]]) -> list[Verdict]:
        """Run the blocks in order."""
        verdicts = []
        for number, block in items:
            sql = _REPLIES.sub("", str(block["sql"]))
            self.external |= {name.lower() for name in _EXTERNAL.findall(sql)}
            expected = block.get("expect")
            answers, error = self._execute(sql)
            if not expected or not expected.get("cols"):
                continue
            outcome, why = self._judge(sql, expected, answers, error)
            verdicts.append(Verdict(number, self.name, outcome, why, sql))
        return verdicts

    def _execute(self, sql: str) -> tuple[list[list[tuple[Any, ...]]], Exception | None]:
        answers: list[list[tuple[Any, ...]]] = []
        try:
            statements = split_statements(sql)
        except RedshiftError as error:
            return [], error
        first: Exception | None = None
        for statement in statements:
            try:
                result = self.session.execute(statement)
            except LakeshiftError as error:
                if self._afresh(statement, error):
                    continue
                first = first or error
                if self._lacks(error) is None:
                    self._remember(statement)
                if self.session.transaction_status == "E":
                    self.session.execute("ROLLBACK")
                continue
            except Exception as error:
                first = first or RuntimeError(f"FAULT {type(error).__name__}: {error}")
                continue
            self._remember(statement)
            if result.has_result_set:
                answers.append(_as_printed(result))
        return answers, first

    def _afresh(self, statement: str, error: LakeshiftError) -> bool:
        """An example that creates its table once more begins anew."""
        found = _CREATES.search(statement)
        if (
            getattr(error, "sqlstate", "") != "42P07"
            or found is None
            or not found[1]
            or "view" in statement.lower().split("(")[0]
        ):
            return False
        try:
            self.session.execute(f"DROP TABLE {found[1]} CASCADE")
            self.session.execute(statement)
        except LakeshiftError:
            return False
        return True

    def _remember(self, statement: str) -> None:
        """What the page makes itself; a table made of one that is not there is not there either."""
        for found in _CREATES.finditer(statement):
            self.made.add((found[1] or found[2] or "").lower().replace('"', "").split(".")[-1])

    def _lacks(self, error: Exception) -> str | None:
        """The table that is missing and that the page has not made."""
        missing = _MISSING.search(str(error))
        return missing[1] if missing and missing[1].split(".")[-1] not in self.made else None

    def _judge(
        self, sql: str, expected: dict[str, Any], answers: list[Any], error: Exception | None
    ) -> tuple[str, str]:
        for reason, pattern in _REASONS:
            if re.search(pattern, sql, re.IGNORECASE):
                return SKIPPED, reason
        if any(re.search(rf"\b{name}\s*\(", sql, re.IGNORECASE) for name in self.external):
            return SKIPPED, "machine learning or an external function"
        how = None
        for rows in reversed(answers):
            ordered = bool(re.search(r"\border\s+by\b", sql, re.IGNORECASE))
            found = differs(expected["cols"], expected["rows"], expected.get("n"), rows, ordered=ordered)
            if found is not None and found.startswith(TORN):
                return SKIPPED, TORN
            if found is None:
                return REPRODUCED, ""
            how = how or found
        if error is not None:
            if self._lacks(error) is not None:
                return SKIPPED, "a table whose rows are not on the page"
            return REFUSED, f"{type(error).__name__}: {error}"
        if how is None:
            return SKIPPED, "no statement that answers rows"
        return WRONG, how


def _as_printed(result: Result) -> list[tuple[Any, ...]]:
    """A REAL has six digits, as extra_float_digits is 0."""
    reals = {index for index, column in enumerate(result.columns) if column.type.name == "real"}
    if not reals:
        return result.rows
    return [
        tuple(float(f"{value:.6g}") if index in reals and value is not None else value
              for index, value in enumerate(row))
        for row in result.rows
    ]  # fmt: skip


def report(verdicts: list[Verdict], show: str) -> None:
    """Print the counts, the reasons of what is not evaluable, and the blocks of ``show``."""
    counts = Counter(verdict.outcome for verdict in verdicts)
    for verdict in verdicts:
        if show == "all" or (show and show in verdict.outcome):
            print(f"#{verdict.number} {verdict.page}: {verdict.outcome}: {verdict.why}\n    {verdict.sql[:600]}")
    evaluable = len(verdicts) - counts[SKIPPED]
    print(f"{len(verdicts)} blocks with a printed table, {evaluable} evaluable:")
    for outcome in (REPRODUCED, WRONG, REFUSED):
        print(f"  {outcome:15} {counts[outcome]:4}  {100 * counts[outcome] / max(evaluable, 1):5.1f} %")
    print(f"  {SKIPPED:15} {counts[SKIPPED]:4}")
    reasons = Counter(verdict.why for verdict in verdicts if verdict.outcome == SKIPPED)
    for reason, count in reasons.most_common():
        print(f"    {count:4} {reason}")


def enough(verdicts: list[Verdict]) -> int:
    """0 if at least 85 % are reproduced and at most 3 % silently wrong, else 1."""
    counts = Counter(verdict.outcome for verdict in verdicts)
    evaluable = len(verdicts) - counts[SKIPPED]
    return int(counts[REPRODUCED] < 0.85 * evaluable or counts[WRONG] > 0.03 * evaluable)


if __name__ == "__main__":
    sys.exit(main())
