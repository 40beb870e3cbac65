"""String functions: SOUNDEX, DIFFERENCE, OCTETINDEX, TEXT_TO_INT_ALT and kin.

https://docs.aws.amazon.com/redshift/latest/dg/String_functions_header.html
"""

from __future__ import annotations

import re
import zlib
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation, localcontext
from typing import Final
from urllib.parse import quote_plus, unquote_plus

from lakeshift.redshift.errors import raised_in_sql
from lakeshift.redshift.scalars.registry import scalar

__all__ = ["difference", "soundex", "text_to_numeric"]

_CODES: Final = {
    letter: code for code, letters in enumerate(("", "bfpv", "cgjkqsxz", "dt", "l", "mn", "r")) for letter in letters
}
_TRAILING: Final = re.compile(r"\s*([+-]?)\s*(\d*\.?\d*(?:[eE][+-]?\d+)?)\s*([+-]?)\s*")


@scalar("ls_soundex", "VARCHAR", returns="VARCHAR")
def soundex(text: str) -> str:
    """American Soundex of the text's letters; nothing for a text without one."""
    letters = [letter for letter in text.lower() if letter.isascii() and letter.isalpha()]
    if not letters:
        return ""
    digits = ""
    last = _CODES.get(letters[0], 0)
    for letter in letters[1:]:
        code = _CODES.get(letter, 0)
        if code and code != last:
            digits += str(code)
        if letter not in "hw":
            last = code
    return (letters[0].upper() + digits + "000")[:4]


@scalar("ls_difference", "VARCHAR", "VARCHAR", returns="INTEGER")
def difference(left: str, right: str) -> int:
    """How many of the four characters of both Soundex codes agree."""
    return sum(a == b for a, b in zip(soundex(left), soundex(right), strict=False))


@scalar("ls_octetindex", "VARCHAR", "VARCHAR", returns="INTEGER")
def octetindex(part: str, text: str) -> int:
    """Position of ``part`` in bytes, from 1; 0 where it is not."""
    return text.encode().find(part.encode()) + 1


@scalar("ls_crc32", "VARCHAR", returns="VARCHAR")
def crc32(text: str) -> str:
    """CRC-32 of the bytes in hexadecimal."""
    return f"{zlib.crc32(text.encode()):08x}"


@scalar("ls_bpcharcmp", "VARCHAR", "VARCHAR", returns="INTEGER")
def bpcharcmp(left: str, right: str) -> int:
    """-1, 0 or 1 of two texts without their blanks at the end."""
    one, other = left.rstrip(" ").encode(), right.rstrip(" ").encode()
    return (one > other) - (one < other)


def text_to_numeric(text: str) -> Decimal:
    """The number of a text whose sign may stand behind; raises 22P02 as Redshift does."""
    found = _TRAILING.fullmatch(text)
    if found and found[2] and not (found[1] and found[3]):
        try:
            return Decimal(found[2]) * (-1 if "-" in (found[1], found[3]) else 1)
        except InvalidOperation:
            pass
    raise ValueError(raised_in_sql("22P02", f'invalid input syntax for type numeric: "{text}"'))


@scalar("ls_text_to_int_alt", "VARCHAR", returns="BIGINT")
def text_to_int_alt(text: str) -> int:
    """TEXT_TO_INT_ALT: cut towards zero; an INTEGER, or an error."""
    number = int(text_to_numeric(text))
    if not -(2**31) <= number < 2**31:
        raise ValueError(raised_in_sql("22003", f'value "{text}" is out of range for type integer'))
    return number


@scalar("ls_text_to_numeric_alt", "VARCHAR", "INTEGER", "INTEGER", returns="VARCHAR")
def text_to_numeric_alt(text: str, precision: int, scale: int) -> str:
    """TEXT_TO_NUMERIC_ALT: rounded to ``scale``; an overflow is an error."""
    with localcontext() as context:
        context.prec = 120
        number = text_to_numeric(text).quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP)
    if abs(number) >= Decimal(10) ** (precision - scale):
        raise ValueError(raised_in_sql("22003", "Numeric data overflow"))
    return f"{number:f}"


@scalar("ls_strtol", "VARCHAR", "INTEGER", returns="BIGINT")
def strtol(text: str, base: int) -> int:
    """STRTOL: the C function, its prefix 0x included."""
    if not 2 <= base <= 36:
        raise ValueError(raised_in_sql("22023", "The base must be between 2 and 36."))
    try:
        number = int(text.strip(), base)
    except ValueError:
        detail = f"The input {text} is not valid to be converted to base {base}"
        raise ValueError(raised_in_sql("22P02", detail)) from None
    if not -(2**63) <= number < 2**63:
        raise ValueError(raised_in_sql("22003", "Value out of range for 8 bytes."))
    return number


@scalar("ls_initcap", "VARCHAR", returns="VARCHAR")
def initcap(text: str) -> str:
    """The first letter of each word in capitals; any other character than a letter or digit ends a word."""
    made, fresh = [], True
    for letter in text.lower():
        made.append(letter.upper() if fresh else letter)
        fresh = not letter.isalnum()
    return "".join(made)


@scalar("ls_translate", "VARCHAR", "VARCHAR", "VARCHAR", returns="VARCHAR")
def translate(text: str, old: str, new: str) -> str:
    """TRANSLATE: characters of ``old`` without a partner in ``new`` go."""
    table: dict[int, str | None] = {}
    for index, letter in enumerate(old):
        table.setdefault(ord(letter), new[index] if index < len(new) else None)
    return text.translate(table)


@scalar("ls_url_encode", "VARCHAR", returns="VARCHAR")
def url_encode(text: str) -> str:
    """Percent-encoding."""
    return quote_plus(text)


@scalar("ls_url_decode", "VARCHAR", returns="VARCHAR")
def url_decode(text: str) -> str:
    """Its inverse."""
    return unquote_plus(text)
