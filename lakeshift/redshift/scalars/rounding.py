"""Decimals read from text and rounded, every digit kept."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation, localcontext

from lakeshift.redshift.errors import raised_in_sql
from lakeshift.redshift.scalars.registry import scalar

__all__ = ["rounded"]


@scalar("ls_round", "VARCHAR", "INTEGER", returns="VARCHAR")
def rounded(text: str, digits: int) -> str:
    """A decimal rounded away from zero at ``digits``, negative ones before the point."""
    with localcontext() as context:
        context.prec = 80
        return f"{Decimal(text).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP):f}"


@scalar("ls_to_numeric", "VARCHAR", "INTEGER", "INTEGER", returns="VARCHAR")
def to_numeric(text: str, precision: int, scale: int) -> str:
    """A text as a decimal of ``precision`` and ``scale``, its exponent read; raises 22P02 and 22003."""
    with localcontext() as context:
        context.prec = 120
        try:
            number = Decimal(text.strip())
            if not number.is_finite():
                raise InvalidOperation
            number = number.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP)
        except InvalidOperation:
            raise ValueError(raised_in_sql("22P02", f'invalid input syntax for type numeric: "{text}"')) from None
        if abs(number) >= Decimal(10) ** (precision - scale):
            raise ValueError(raised_in_sql("22003", "Numeric data overflow"))
    return f"{number:f}"
