"""Two plots as SVG text, without a library: horizontal bars with a mark for what was promised, and curves. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

__all__ = ["Bar", "bars", "curves"]

_WIDTH: Final = 860
_LABELS: Final = 200  # left of the bars
_ROW: Final = 22
_GOOD: Final = "#2f7d4f"
_MISSED: Final = "#b3412e"
_PLAIN: Final = "#5b6b7b"
_LINES: Final = ("#2f6db3", "#b3412e", "#2f7d4f", "#8a5fb0", "#b07d2f", "#3f9aa0")


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar; ``mark`` is the most it may be, None where nothing is promised."""

    label: str
    value: float
    mark: float | None = None
    holds: bool = True


def bars(title: str, rows: Sequence[Bar], unit: str = "") -> str:
    """Bars on a logarithmic scale, since ratios of a hundredth and of three stand beside each other."""
    values = [value for row in rows for value in (row.value, row.mark) if value]
    least, most = min(values, default=1.0) / 2, max(values, default=1.0) * 1.3
    room = _WIDTH - _LABELS - 90
    height = 40 + _ROW * len(rows) + 10

    def at(value: float) -> float:
        return _LABELS + room * math.log(max(value, least) / least) / math.log(most / least)

    parts = [_text(10, 20, title, weight="bold")]
    for number, row in enumerate(rows):
        top = 36 + number * _ROW
        colour = _PLAIN if row.mark is None else _GOOD if row.holds else _MISSED
        width = at(row.value) - _LABELS
        parts += [
            _text(_LABELS - 8, top + 13, row.label, anchor="end"),
            f'<rect x="{_LABELS}" y="{top}" width="{width:.1f}" height="{_ROW - 6}" fill="{colour}"/>',
            _text(at(max(row.value, row.mark or 0)) + 8, top + 13, f"{row.value:.3g}{unit}"),
        ]
        if row.mark is not None:
            x, ends = f"{at(row.mark):.1f}", (top - 3, top + _ROW - 3)
            parts.append(f'<path d="M{x} {ends[0]} V{ends[1]}" stroke="black" stroke-width="2"/>')
    return _document(height, parts)


def curves(title: str, series: Mapping[str, Sequence[tuple[float, float]]], x: str, y: str) -> str:
    """Lines through points, x logarithmic, y from nought."""
    points = [point for line in series.values() for point in line]
    left, right = (math.log10(edge(p[0] for p in points)) for edge in (min, max))
    top = max(p[1] for p in points) * 1.1 or 1.0
    wide, high, x0, y0 = _WIDTH - 280, 260, 70, 310

    def place(point: tuple[float, float]) -> tuple[float, float]:
        share = (math.log10(point[0]) - left) / ((right - left) or 1.0)
        return x0 + wide * share, y0 - high * point[1] / top

    parts = [_text(10, 20, title, weight="bold"), _text(x0, 345, x), _text(10, 42, y)]
    parts.append(f'<path d="M{x0} {y0 - high} V{y0} H{x0 + wide}" fill="none" stroke="black"/>')
    parts += [_text(x0 - 8, y0 - high * n / 2 + 4, f"{top * n / 2:.3g}", anchor="end") for n in range(3)]
    values = sorted({p[0] for p in points})
    parts += [_text(place((value, 0))[0], y0 + 16, f"{value:g}", anchor="middle") for value in values]
    for number, (name, line) in enumerate(series.items()):
        colour = _LINES[number % len(_LINES)]
        where = [place(point) for point in sorted(line)]
        path = " ".join(f"{a:.1f},{b:.1f}" for a, b in where)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{colour}"/>' for a, b in where]
        parts.append(_text(x0 + wide + 16, 60 + 18 * number, name, colour=colour))
    return _document(360, parts)


def _text(x: float, y: float, text: str, anchor: str = "start", weight: str = "normal", colour: str = "black") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-weight="{weight}" fill="{colour}">'
        f"{escape(text)}</text>"
    )


def _document(height: int, parts: Iterable[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" font-family="sans-serif" '
        f'font-size="12">\n<rect width="{_WIDTH}" height="{height}" fill="white"/>\n'
    )
    return head + "\n".join(parts) + "\n</svg>\n"
