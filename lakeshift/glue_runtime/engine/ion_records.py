"""Amazon Ion to records, where the package `amazon.ion` is installed.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-format-ion-home.html
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator, Mapping
from decimal import Decimal
from importlib.util import find_spec
from typing import Any

from lakeshift.errors import NotSupportedLocallyError

__all__ = ["ion_records", "require_ion"]

_PLAIN: tuple[Any, ...] = (bool, int, float, str, bytes)
_PAGE = "https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-format-ion-home.html"


def require_ion() -> None:
    """Raise NotSupportedLocallyError where the package is not installed."""
    if find_spec("amazon") is None or find_spec("amazon.ion") is None:
        raise NotSupportedLocallyError(
            "Reading format ion without the package amazon.ion",
            "Add amazon.ion to --additional-python-modules, or install it.",
            _PAGE,
        )


def _value(value: Any) -> Any:
    """A plain Python value of an Ion one; symbols are texts, blobs bytes."""
    from amazon.ion.symbols import SymbolToken

    if value is None or type(value).__name__ == "IonPyNull":
        return None
    if isinstance(value, Mapping):
        return {str(name): _value(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple) and not isinstance(value, SymbolToken):
        return [_value(inner) for inner in value]
    return value.text if isinstance(value, SymbolToken) else _scalar(value)


def _scalar(value: Any) -> Any:
    if type(value).__name__ == "IonPyBool":
        return bool(value)
    for kind in _PLAIN:
        if isinstance(value, kind):
            return kind(value)
    if isinstance(value, Decimal):
        return Decimal(value)
    if isinstance(value, dt.datetime):
        return dt.datetime.fromtimestamp(value.timestamp(), dt.UTC).replace(tzinfo=None)
    return str(value)


def ion_records(content: bytes, _options: Mapping[str, Any]) -> Iterator[dict[str, Any] | tuple[str, str]]:
    """Yield each top-level struct, of binary or text Ion; another value, or damage, is an error record."""
    from amazon.ion import simpleion
    from amazon.ion.exceptions import IonException

    try:
        for value in simpleion.load(io.BytesIO(content), single_value=False, parse_eagerly=False):
            record = _value(value)
            yield record if isinstance(record, dict) else ("A record must be a struct", str(record))
    except (IonException, ValueError, EOFError) as error:
        yield f"Malformed Ion: {error}", content[:1000].decode("utf-8", "replace")
