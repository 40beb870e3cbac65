"""What a contract case is: an example of a documentation page, and what must be seen. Only the public `awsglue` API."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

GUIDE = "https://docs.aws.amazon.com/glue/latest/dg/{}.html"
"""Where a page's slug leads."""


@dataclass(frozen=True)
class Case:
    """One example.

    Attributes:
        id: the rule in a few words, the test's id.
        page: slug of the page of the Glue guide that says so.
        given: JSON records (or raw JSON text) the frame is read from.
        do: what the script does with that frame.
        schema: the lines printSchema must print below ``root`` (order of siblings left open), None: not looked at.
        rows: the records that show must print (order left open), None: not looked at.
        raises: text of the error that ``do`` (or looking at its result) must end with.
    """

    id: str
    page: str
    given: tuple[Any, ...] = ()
    do: Callable[..., Any] = lambda frame: frame
    schema: tuple[str, ...] | None = None
    rows: tuple[Any, ...] | None = None
    raises: str | None = None
    more: dict[str, Any] = field(default_factory=dict)


def table(*cases: Case) -> pytest.MarkDecorator:
    """Parametrize a test with ``case``."""
    return pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in cases])


def printed(show: Callable[[], Any]) -> list[str]:
    """The lines that ``show`` prints, without empty ones."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        show()
    return [line for line in out.getvalue().splitlines() if line.strip()]


def schema_of(frame: Any) -> list[str]:
    """What printSchema prints."""
    return printed(frame.printSchema)


def records_of(frame: Any, number: int = 1000) -> list[Any]:
    """The records that show prints: an absent key is not there, an explicit null is."""
    return [json.loads(line) for line in printed(lambda: frame.show(number))]


def in_any_order(lines: Any) -> list[str]:
    """A schema's lines as sorted full paths: the order of siblings is not part of the contract."""
    paths: list[str] = []
    trail: list[str] = []
    for line in lines:
        depth, name = line.count("|"), line.split("|-- ", 1)[-1]
        trail[max(0, depth - 1) :] = [name]
        paths.append(" / ".join(trail))
    return sorted(paths)


def sorted_records(records: Any) -> list[str]:
    """Records as sorted JSON texts."""
    return sorted(json.dumps(record, sort_keys=True) for record in records)


def check(case: Case, frame: Any) -> None:
    """Do what the case says and look at the result."""
    if case.raises is not None:
        with pytest.raises(Exception, match=case.raises):
            records_of(case.do(frame))
        return
    made = case.do(frame)
    if case.schema is not None:
        assert in_any_order(schema_of(made)[1:]) == in_any_order(case.schema)
    if case.rows is not None:
        assert sorted_records(records_of(made)) == sorted_records(case.rows)
