"""TO_CHAR and TO_NUMBER of numbers.

https://docs.aws.amazon.com/redshift/latest/dg/r_Numeric_formating.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation, localcontext
from typing import Final

from lakeshift.redshift.errors import raised_in_sql
from lakeshift.redshift.scalars.date_formats import ordinal
from lakeshift.redshift.scalars.registry import scalar

__all__ = ["number_text", "text_number"]

_MARK: Final = re.compile(r'FM|MI|PL|SG|PR|RN|TH|EEEE|"[^"]*"|.', re.IGNORECASE | re.DOTALL)
_ROMAN: Final = tuple(
    zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ["M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"],
        strict=True,
    )
)


@dataclass(slots=True)
class _Format:
    marks: list[str]
    whole: int = 0
    fraction: int = 0
    zero_from: int = -1
    shift: int = 0
    fill: bool = True
    sign: str = ""
    sign_first: bool = False


def _read(pattern: str) -> _Format:
    found = _Format(_MARK.findall(pattern))
    after = shifted = False
    for mark in found.marks:
        upper = mark.upper()
        if upper in ("9", "0"):
            if shifted:
                found.shift += 1
            elif after:
                found.fraction += 1
            else:
                if upper == "0" and found.zero_from < 0:
                    found.zero_from = found.whole
                found.whole += 1
        elif upper in (".", "D"):
            after = True
        elif upper == "V":
            shifted = True
        elif upper == "FM":
            found.fill = False
        elif upper in ("S", "MI", "PL", "SG", "PR"):
            found.sign, found.sign_first = upper, not (found.whole or found.fraction)
    return found


@scalar("ls_number_text", "VARCHAR", "VARCHAR", returns="VARCHAR")
def number_text(number: str, pattern: str) -> str:
    """A number by a format; ``#`` where it does not fit."""
    upper = pattern.upper()
    value = Decimal(number)
    if "RN" in upper:
        return _roman(value, lower="rn" in pattern, fill="FM" not in upper)
    if "EEEE" in upper:
        digits = _read(pattern).fraction
        return ("" if value < 0 else " ") + f"{value:.{digits}e}"
    form = _read(pattern)
    with localcontext() as context:
        context.prec = 80
        rounded = (value.scaleb(form.shift)).quantize(Decimal(1).scaleb(-form.fraction), ROUND_HALF_UP)
    negative = rounded < 0
    whole, _, fraction = f"{abs(rounded):f}".partition(".")
    width = form.whole + form.shift
    if whole == "0" and form.fraction and form.zero_from < 0:
        whole = ""
    if len(whole) > width:
        whole, fraction = "#" * width, "#" * form.fraction
    return _write(form, whole.rjust(width), fraction, negative)


def _roman(value: Decimal, *, lower: bool, fill: bool) -> str:
    number = int(value.quantize(Decimal(1), ROUND_HALF_UP))
    if not 0 < number < 4000:
        return "#" * 15
    made = ""
    for size, letters in _ROMAN:
        made += letters * (number // size)
        number %= size
    made = made.lower() if lower else made
    return made.rjust(15) if fill else made


def _write(form: _Format, whole: str, fraction: str, negative: bool) -> str:  # noqa: C901, PLR0912 - a case for each mark
    made, place, after, placed = "", 0, 0, False
    embedded = form.sign in ("", "PR") or (form.sign == "S" and form.sign_first)
    begin = _sign_before(form, negative)
    for mark in form.marks:
        upper = mark.upper()
        if upper in ("9", "0") and place < len(whole):
            digit = whole[place]
            if digit == " " and 0 <= form.zero_from <= place:
                digit = "0"
            if digit != " " and embedded and not placed:
                made, placed = made + begin, True
            made += digit if digit != " " else " " if form.fill else ""
            place += 1
        elif upper in ("9", "0"):
            made += fraction[after] if form.fill or upper == "0" or fraction[after:].strip("0") else ""
            after += 1
        elif upper in (".", "D"):
            if embedded and not placed:
                made, placed = made + begin, True
            made += "." if form.fill or fraction.strip("0") or form.fraction else ""
        elif upper in (",", "G"):
            shown = place and (whole[:place].strip() or 0 <= form.zero_from < place)
            made += "," if shown else " " if form.fill else ""
        elif upper in ("S", "MI", "PL", "SG"):
            made += _sign_mark(form, upper, negative)
        elif upper == "TH":
            made += ordinal(whole, mark) if not negative and not fraction else ""
        elif upper in ("L", "$"):
            made += "$"
        elif upper not in ("FM", "PR", "V"):
            made += mark.strip('"') if mark.startswith('"') else mark
    if embedded and not placed:
        made += begin
    return _finished(form, made, negative)


def _sign_before(form: _Format, negative: bool) -> str:
    if form.sign == "PR":
        return "<" if negative else ""
    if form.sign == "S":
        return "-" if negative else "+"
    return "-" if negative else ""


def _sign_mark(form: _Format, mark: str, negative: bool) -> str:
    if mark == "S":
        return "" if form.sign_first else "-" if negative else "+"
    if mark == "MI":
        return "-" if negative else " " if form.fill else ""
    if mark == "PL":
        return "" if negative else "+"
    return "-" if negative else "+"


def _finished(form: _Format, made: str, negative: bool) -> str:
    """The place that a sign takes is kept free where there is none."""
    if form.sign == "PR":
        return made + ">" if negative else f" {made} " if form.fill else made
    if form.sign == "" and not negative and form.fill:
        money = made.startswith("$")
        return "$ " + made[1:] if money else " " + made
    return made


@scalar("ls_text_number", "VARCHAR", "VARCHAR", returns="VARCHAR")
def text_number(text: str, pattern: str) -> str:
    """A text's number by the format it was written with; raises 22P02."""
    form = _read(pattern)
    cleaned = re.sub(r"[,\s$]", "", text)
    negative = "-" in cleaned or ("<" in cleaned and form.sign == "PR")
    cleaned = cleaned.strip("+-<>")
    try:
        number = Decimal(cleaned)
        if not number.is_finite():
            raise InvalidOperation
    except InvalidOperation:
        raise ValueError(raised_in_sql("22P02", f'invalid input syntax for type numeric: "{text}"')) from None
    whole, _, fraction = f"{number:f}".partition(".")
    # Digits the format has no place for are not read.
    kept = Decimal(f"{whole[: max(form.whole, 1)] or 0}.{fraction[: form.fraction] or 0}")
    return f"{-kept if negative else kept:f}"
