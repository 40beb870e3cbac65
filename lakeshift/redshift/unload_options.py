"""Which options UNLOAD has, and which queries and combinations it refuses.

https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html
"""

from __future__ import annotations

from typing import Final

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.load_access import check_access, check_url
from lakeshift.redshift.statements import Unload
from lakeshift.redshift.tokens import tokenize

__all__ = ["UNLOAD_FLAGS", "UNLOAD_VALUES", "check_unload", "size_in_bytes"]

_PAGE: Final = "https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html"
UNLOAD_FLAGS: Final = frozenset(
    [
        "ADDQUOTES",
        "ALLOWOVERWRITE",
        "BZIP2",
        "CLEANPATH",
        "CSV",
        "ENCRYPTED",
        "ESCAPE",
        "GZIP",
        "HEADER",
        "JSON",
        "MANIFEST",
        "PARQUET",
        "ZSTD",
    ]
)
UNLOAD_VALUES: Final = frozenset(
    [
        "ACCESS_KEY_ID",
        "CREDENTIALS",
        "DELIMITER",
        "EXTENSION",
        "FIXEDWIDTH",
        "IAM_ROLE",
        "KMS_KEY_ID",
        "MASTER_SYMMETRIC_KEY",
        "MAXFILESIZE",
        "NULL",
        "PARALLEL",
        "REGION",
        "ROWGROUPSIZE",
        "SECRET_ACCESS_KEY",
        "SESSION_TOKEN",
        "TOKEN",
    ]
)
_FORMATS: Final = ("CSV", "PARQUET", "JSON", "FIXEDWIDTH")
_NOT_WITH: Final = {
    "PARQUET": ("DELIMITER", "FIXEDWIDTH", "ADDQUOTES", "ESCAPE", "NULL", "HEADER", "GZIP", "BZIP2", "ZSTD"),
    "JSON": ("DELIMITER", "HEADER", "FIXEDWIDTH", "ADDQUOTES", "ESCAPE", "NULL"),
    "CSV": ("FIXEDWIDTH", "ADDQUOTES", "ESCAPE"),
    "FIXEDWIDTH": ("DELIMITER", "ADDQUOTES", "ESCAPE", "HEADER"),
}
_MB: Final = 1024 * 1024
# Smallest and largest bytes of a file and of a row group.
_SIZES: Final = {
    "MAXFILESIZE": (5 * _MB, 6200 * _MB, "between 5 MB and 6.2 GB"),
    "ROWGROUPSIZE": (32 * _MB, 128 * _MB, "between 32 MB and 128 MB"),
}
_LONGEST_EXTENSION: Final = 32


def check_unload(statement: Unload) -> None:
    """Raise where Redshift refuses a value, a combination or the query, and where it does what is not done here."""
    options = statement.options
    check_access({name: value for name, value in options.items() if isinstance(value, str)}, "UNLOAD", _PAGE)
    check_url(statement.target)
    formats = [name for name in _FORMATS if name in options]
    if len(formats) > 1 and "FIXEDWIDTH" not in formats:
        raise RedshiftError(f"UNLOAD options {formats[0]} and {formats[1]} cannot be used together", "42601")
    if _has_outer_limit(statement.query):
        raise RedshiftError("Limit clause is not supported", "0A000")
    for kind, refused in _NOT_WITH.items():
        for name in refused:
            if kind in options and name in options:
                raise RedshiftError(f"{name} is not supported for UNLOAD to {kind}", "0A000")
    if "CLEANPATH" in options and "ALLOWOVERWRITE" in options:
        raise RedshiftError("CLEANPATH and ALLOWOVERWRITE cannot be used together", "42601")
    packed = [name for name in ("GZIP", "BZIP2", "ZSTD") if name in options]
    if len(packed) > 1:
        raise RedshiftError(f"{packed[0]} is not compatible with {packed[1]}", "0A000")
    if "MASTER_SYMMETRIC_KEY" in options:
        raise NotSupportedLocallyError("UNLOAD with client-side encryption", "Leave it out.", _PAGE)
    _check_values(options)


def _check_values(options: dict[str, str | bool | tuple[str, ...]]) -> None:
    _check_encryption(options)
    delimiter = options.get("DELIMITER")
    if delimiter is not None and not (isinstance(delimiter, str) and len(delimiter) == 1 and delimiter.isascii()):
        raise RedshiftError("UNLOAD delimiter must be a single character", "22023")
    if "ADDQUOTES" in options and delimiter == '"':
        raise RedshiftError("UNLOAD delimiter cannot be a quote with ADDQUOTES", "22023")
    text = str(options.get("EXTENSION", ""))
    if len(text) > _LONGEST_EXTENSION or any(letter in text for letter in "/\\\0\n"):
        raise RedshiftError(f"Invalid EXTENSION '{text}'", "22023")
    if "ROWGROUPSIZE" in options and "PARQUET" not in options:
        raise RedshiftError("ROWGROUPSIZE is only supported for UNLOAD to PARQUET", "0A000")
    for name, (least, most, limits) in _SIZES.items():
        if name in options and not least <= size_in_bytes(str(options[name])) <= most:
            raise RedshiftError(f"{name} must be {limits}", "22023")
    if str(options.get("PARALLEL", "ON")) not in ("ON", "OFF", "TRUE", "FALSE"):
        raise RedshiftError(f"Invalid value for PARALLEL: {options['PARALLEL']}", "22023")


def _check_encryption(options: dict[str, str | bool | tuple[str, ...]]) -> None:
    if "KMS_KEY_ID" in options and "ENCRYPTED" not in options:
        raise RedshiftError("KMS_KEY_ID must be used with ENCRYPTED", "0A000")
    if "ENCRYPTED" in options and "AUTO" not in options and "KMS_KEY_ID" not in options:
        raise RedshiftError("ENCRYPTED needs KMS_KEY_ID, MASTER_SYMMETRIC_KEY or AUTO", "0A000")


def size_in_bytes(text: str) -> int:
    """Bytes of ``5``, ``5 MB`` or ``6.2 GB``; without a unit it is MB. Raises RedshiftError."""
    number, _, unit = text.partition(" ")
    try:
        return int(float(number) * _MB * (1000 if unit == "GB" else 1))
    except ValueError as error:
        raise RedshiftError(f"Invalid size '{text}'", "22023") from error


def _has_outer_limit(query: str) -> bool:
    """Whether LIMIT stands outside of all parentheses: inside a nested SELECT it is allowed."""
    depth = 0
    for token in tokenize(query):
        depth += {"(": 1, ")": -1}.get(token.text, 0) if token.kind == "symbol" else 0
        if depth == 0 and token.upper == "LIMIT":
            return True
    return False
