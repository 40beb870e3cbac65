from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import pytest

from tools.performance_page import page, plots, promises, stale
from tools.plots import Bar, bars


def result(name: str, target: float | None = 0.5, **changes: Any) -> dict[str, Any]:
    claim = {"name": name, "statement": "a | b", "target": target, "peer": "the peer", "limits": {}}
    facts = {"cores": 2, "memory_gib": 24, "python": "3.11.7", "load": 1.5, "date": "2026-11-28"}
    one = {"claim": claim, "median": 0.4, "ratios": [0.3, 0.4, 0.6], "holds": True, "answers_equal": True}
    return {**one, "facts": facts | changes.pop("facts", {}), **changes}


CURVE = [{"stage": "clean", "rows": rows, "wall_us": 10.0 + rows / 1e6} for rows in (100_000, 1_000_000)]


@pytest.mark.parametrize(
    ("one", "told"),
    [
        pytest.param(result("x"), "| 0.5 | **0.400** | 0.300 to 0.600, 3 pairs | yes |", id="a-claim-that-holds"),
        pytest.param(result("x", holds=False), "3 pairs | **no** |", id="one-that-does-not"),
        pytest.param(result("x", holds=False, answers_equal=False), "| **answers differ** |", id="other-answers"),
        pytest.param(result("x", unit="processor seconds"), "**0.400**, processor seconds |", id="another-unit"),
        pytest.param(result("x", None), "## Figures without a promise", id="no-promise"),
        pytest.param(result("x"), "a \\| b", id="a-bar-in-a-text-is-no-column"),
        pytest.param(result("x", facts={"curve": CURVE}), "| clean | 1,000,000 | 11 |", id="records-are-a-table"),
        pytest.param(result("x", facts={"curve": CURVE}), "performance/x-curve.svg", id="and-a-plot"),
    ],
)
def test_the_page_tells(one: dict[str, Any], told: str) -> None:
    assert told in page([one], ["x"])


def test_a_claim_without_a_result_is_named() -> None:
    assert "Not measured for this page: `y`." in page([result("x"), result("x.two")], ["x", "y"])


@pytest.mark.parametrize(
    ("source", "found"),
    [
        pytest.param("C = Claim('x', 'text', 0.5, 'peer')", {"x": 0.5}, id="by-place"),
        pytest.param("C = Claim(name='x', statement=f'{1}', target=None, peer='p')", {"x": None}, id="by-name"),
        pytest.param("C = {'m': Claim('x.m', 'text', 2, PEER)}", {"x.m": 2}, id="within-another"),
        pytest.param("def Claim(): ...", {}, id="no-call"),
    ],
)
def test_promises_are_read_without_running_the_file(source: str, found: dict[str, float | None]) -> None:
    assert promises(source) == found


@pytest.mark.parametrize(
    ("targets", "wrong"),
    [
        pytest.param({"x": 0.5}, 0, id="the-same-target"),
        pytest.param({"x": 0.4}, 1, id="another-target-by-now"),
        pytest.param({}, 1, id="no-such-claim"),
    ],
)
def test_a_result_belongs_to_its_claim(targets: dict[str, float | None], wrong: int) -> None:
    assert len(stale([result("x")], targets)) == wrong


def test_plots_are_svg_and_show_what_was_promised() -> None:
    made = plots([result("x<y"), result("z", None, facts={"curve": CURVE})])
    assert sorted(made) == ["claims.svg", "z-curve.svg"]
    for text in made.values():
        ET.fromstring(text)  # noqa: S314 - our own


def test_a_longer_bar_is_a_larger_figure_and_colour_tells_a_miss() -> None:
    root = ET.fromstring(bars("t", [Bar("a", 0.1, 0.5), Bar("b", 2.0, 0.5, holds=False)]))  # noqa: S314 - our own
    rects = root.findall("{http://www.w3.org/2000/svg}rect")[1:]
    widths = [float(rect.get("width", "")) for rect in rects]
    assert widths[0] < widths[1]
    assert len({rect.get("fill") for rect in rects}) == 2
