"""The files Athena leaves at the output location, and pages of rows read back from them.

https://docs.aws.amazon.com/athena/latest/ug/querying-finding-output-files.html
"""

from __future__ import annotations

import json
from typing import Any

from lakeshift.local.athena.engine import Answer

__all__ = ["csv_text", "metadata_text", "page", "plain_text", "read_csv"]


def csv_text(answer: Answer) -> str:
    """Every value in quotes, NULL as nothing; the first line is the header."""
    lines = [",".join(_quoted(column["Name"]) for column in answer.columns)]
    lines += [",".join("" if cell is None else _quoted(cell) for cell in row) for row in answer.rows]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def plain_text(answer: Answer) -> str:
    """What DDL and SHOW answer: a line a row."""
    return "".join(f"{row[0]}\n" for row in answer.rows)


def metadata_text(answer: Answer) -> str:
    """The columns as JSON; AWS writes a binary document that nothing is said to read."""
    return json.dumps(answer.columns)


def read_csv(text: str, width: int) -> list[list[str | None]]:
    """The rows of :func:`csv_text`, the header too: an empty cell without quotes is NULL."""
    rows: list[list[str | None]] = []
    row: list[str | None] = []
    position = 0
    while position < len(text):
        if text[position] == '"':
            end = position + 1
            while text[end] != '"' or text[end + 1 : end + 2] == '"':
                end += 2 if text[end] == '"' else 1
            row.append(text[position + 1 : end].replace('""', '"'))
            position = end + 1
        else:
            row.append(None)
        if text[position] == "\n":
            rows.append(row)
            row = []
        position += 1
    return [one for one in rows if len(one) == width]


def page(rows: list[list[str | None]], start: int, most: int) -> dict[str, Any]:
    """``Rows`` of GetQueryResults, and the token of the next page."""
    shown = rows[start : start + most]
    told = [{"Data": [{} if cell is None else {"VarCharValue": cell} for cell in row]} for row in shown]
    return {"Rows": told, **({"NextToken": str(start + most)} if start + most < len(rows) else {})}
