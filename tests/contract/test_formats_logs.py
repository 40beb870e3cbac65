"""Log lines by a Grok pattern, and Amazon Ion."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.contract.reading import folder_of, read, rows

GROK = pytest.mark.page("aws-glue-programming-etl-format-grokLog-home")
ION = pytest.mark.page("aws-glue-programming-etl-format-ion-home")
PATTERN = "%{WORD:verb} %{NOTSPACE:path} %{NUMBER:size:int}"


@GROK
@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        pytest.param("GET /a 5\n", {}, [{"verb": "GET", "path": "/a", "size": 5}], id="fields-and-casts"),
        pytest.param("GET - 5\n", {}, [{"verb": "GET", "path": None, "size": 5}], id="missing-is-null"),
        pytest.param("GET ? 5\n", {"MISSING": "?"}, [{"verb": "GET", "path": None, "size": 5}], id="missing-by-option"),
        pytest.param(
            "GET /a 5\n", {"StrictMode": True}, [{"verb": "GET", "path": "/a", "size": "5"}], id="strict-mode"
        ),
        pytest.param(
            "user=ann\nGET\n",
            {"logFormat": "user=%{WORD:user}\n%{WORD:verb}", "LineCount": 2},
            [{"user": "ann", "verb": "GET"}],
            id="line-count",
        ),
        pytest.param(
            "id=a7\n",
            {"logFormat": "id=%{CODE:code}", "customPatterns": "CODE [a-z]\\d"},
            [{"code": "a7"}],
            id="custom-patterns",
        ),
    ],
)
def test_log_lines(glue: Any, tmp_path: Path, text: str, options: dict[str, Any], expected: list[Any]) -> None:
    frame = read(glue, "grokLog", folder_of(tmp_path, a_log=text), {"logFormat": PATTERN, **options})
    assert rows(frame) == expected


@GROK
def test_a_line_of_another_form_is_an_error_record(glue: Any, tmp_path: Path) -> None:
    frame = read(glue, "grokLog", folder_of(tmp_path, a_log="GET /a 5\n???\n"), {"logFormat": PATTERN})
    assert (len(rows(frame)), frame.errorsCount()) == (1, 1)


@GROK
def test_log_format_is_required(glue: Any, tmp_path: Path) -> None:
    with pytest.raises(Exception, match="logFormat"):
        read(glue, "grokLog", folder_of(tmp_path, a_log="x\n"))


@ION
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            '{id: 1, name: "x"} {id: 2, name: sym}', [{"id": 1, "name": "x"}, {"id": 2, "name": "sym"}], id="text"
        ),
        pytest.param("{a: [1, 2], b: {c: 1.5e0}}", [{"a": [1, 2], "b": {"c": 1.5}}], id="nested"),
        pytest.param("{a: null, b: true}", [{"a": None, "b": True}], id="null-and-boolean"),
    ],
)
def test_ion(glue: Any, tmp_path: Path, text: str, expected: list[Any]) -> None:
    assert rows(read(glue, "ion", folder_of(tmp_path, a_ion=text))) == expected


@ION
def test_binary_ion(glue: Any, tmp_path: Path) -> None:
    from amazon.ion import simpleion

    content = simpleion.dumps({"id": 1}, binary=True)
    assert rows(read(glue, "ion", folder_of(tmp_path, a_ion=content))) == [{"id": 1}]


@ION
def test_damaged_ion_is_an_error_record(glue: Any, tmp_path: Path) -> None:
    frame = read(glue, "ion", folder_of(tmp_path, a_ion="{id: 1} 5 {id: "))
    assert rows(frame) == [{"id": 1}]
    assert frame.errorsCount() == 2
