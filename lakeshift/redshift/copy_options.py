"""Which options COPY has, what each is given, and which do not go together.

https://docs.aws.amazon.com/redshift/latest/dg/r_COPY.html
"""

from __future__ import annotations

import re
from typing import Final

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.load_access import check_access, check_url
from lakeshift.redshift.statements import Copy

__all__ = ["FLAGS", "FORMATS", "OPTIONAL_VALUE", "VALUES", "WHOLE", "check_copy"]

_PAGE: Final = "https://docs.aws.amazon.com/redshift/latest/dg/r_COPY.html"
FORMATS: Final = ("CSV", "PARQUET", "ORC", "JSON", "AVRO", "SHAPEFILE", "FIXEDWIDTH")
# Options that stand alone.
FLAGS: Final = frozenset(
    [
        "ACCEPTANYDATE",
        "BLANKSASNULL",
        "BZIP2",
        "EMPTYASNULL",
        "ENCRYPTED",
        "ESCAPE",
        "EXPLICIT_IDS",
        "FILLRECORD",
        "GZIP",
        "IGNOREALLERRORS",
        "IGNOREBLANKLINES",
        "LZOP",
        "MANIFEST",
        "NOLOAD",
        "REMOVEQUOTES",
        "ROUNDEC",
        "SERIALIZETOJSON",
        "SSH",
        "TRIMBLANKS",
        "TRUNCATECOLUMNS",
        "ZSTD",
    ]
)
# Options that take a value.
VALUES: Final = frozenset(
    [
        "ACCEPTINVCHARS",
        "ACCESS_KEY_ID",
        "COMPROWS",
        "COMPUPDATE",
        "CREDENTIALS",
        "DATEFORMAT",
        "DELIMITER",
        "ENCODING",
        "IAM_ROLE",
        "IGNOREHEADER",
        "MASTER_SYMMETRIC_KEY",
        "MAXERROR",
        "NULL",
        "QUOTE",
        "READRATIO",
        "REGION",
        "SECRET_ACCESS_KEY",
        "SESSION_TOKEN",
        "STATUPDATE",
        "TIMEFORMAT",
        "TOKEN",
    ]
)
# What an option that may stand alone means then.
OPTIONAL_VALUE: Final = {"ACCEPTINVCHARS": "?", "COMPUPDATE": "ON", "STATUPDATE": "ON"}
# Options whose value is a whole number, quoted or not.
WHOLE: Final = frozenset({"COMPROWS", "IGNOREHEADER", "MAXERROR", "READRATIO"})
# What COPY of Parquet and ORC may be given: copy-usage_notes-copy-from-columnar.html.
_COLUMNAR: Final = frozenset(
    [
        "ACCEPTINVCHARS",
        "COMPUPDATE",
        "CREDENTIALS",
        "EXPLICIT_IDS",
        "FILLRECORD",
        "IAM_ROLE",
        "MANIFEST",
        "ORC",
        "PARQUET",
        "SERIALIZETOJSON",
        "STATUPDATE",
    ]
)
# What cannot be done here, and what to do instead.
_NOT_LOCAL: Final = {
    "SHAPEFILE": "Turn the shapes into text, and load that.",
    "SSH": "Put the output of the commands on S3.",
    "LZOP": "Compress with GZIP, BZIP2 or ZSTD.",
    "ENCRYPTED": "Load objects that are not encrypted by their client.",
    "MASTER_SYMMETRIC_KEY": "Load objects that are not encrypted by their client.",
}
_NOT_WITH: Final = {
    "CSV": ("ESCAPE", "REMOVEQUOTES"),
    "JSON": ("DELIMITER", "ESCAPE", "FILLRECORD", "IGNOREHEADER", "QUOTE", "REMOVEQUOTES"),
    "AVRO": (
        *("DELIMITER", "ENCODING", "ESCAPE", "FILLRECORD", "IGNOREBLANKLINES", "IGNOREHEADER", "NULL", "QUOTE"),
        "REMOVEQUOTES",
    ),
    "FIXEDWIDTH": ("DELIMITER", "ESCAPE", "REMOVEQUOTES"),
}
_COMPRESSIONS: Final = ("GZIP", "BZIP2", "LZOP", "ZSTD")
ENCODINGS: Final = {
    "utf8": "utf-8",
    "utf16": "utf-16",
    "utf16le": "utf-16-le",
    "utf16be": "utf-16-be",
    "iso88591": "iso-8859-1",
}
_MOST_ERRORS: Final = 100_000


def check_copy(statement: Copy) -> None:
    """Raise where Redshift refuses a value or a combination, and where it does what is not done here."""
    options = statement.options
    check_access(options, "COPY", _PAGE)
    _check_source(statement.source)
    formats = [name for name in FORMATS if name in options]
    if len(formats) > 1:
        raise RedshiftError(f"COPY options {formats[0]} and {formats[1]} cannot be used together", "42601")
    _check_columnar(options)
    for kind, refused in _NOT_WITH.items():
        for name in refused:
            if kind in options and name in options:
                raise RedshiftError(f"{kind} is not compatible with {name}", "0A000")
    if "QUOTE" in options and "CSV" not in options:
        raise RedshiftError("QUOTE AS is only supported with CSV", "0A000")
    if "READRATIO" in options:
        raise RedshiftError("READRATIO is only supported for COPY from DynamoDB", "0A000")
    packed = [name for name in _COMPRESSIONS if name in options]
    if len(packed) > 1:
        raise RedshiftError(f"{packed[0]} is not compatible with {packed[1]}", "0A000")
    for name, instead in _NOT_LOCAL.items():
        if name in options:
            raise NotSupportedLocallyError(f"COPY option {name}", instead, _PAGE)
    _check_values(options)


def _check_source(source: str) -> None:
    scheme = source.partition("://")[0]
    if scheme in ("emr", "dynamodb", "ssh"):
        raise NotSupportedLocallyError(f"COPY from {scheme}", "Put the data on S3.", _PAGE)
    check_url(source)


def _check_columnar(options: dict[str, str | bool]) -> None:
    columnar = "PARQUET" if "PARQUET" in options else "ORC" if "ORC" in options else None
    if columnar is None:
        if "SERIALIZETOJSON" in options:
            raise RedshiftError("SERIALIZETOJSON is only supported for PARQUET and ORC based COPY", "0A000")
        return
    for name in options:
        if name not in _COLUMNAR:
            raise RedshiftError(f"{name} argument is not supported for {columnar} based COPY", "0A000")


def _check_values(options: dict[str, str | bool]) -> None:
    if int(options.get("MAXERROR", 0)) > _MOST_ERRORS:
        raise RedshiftError(f"MAXERROR must be between 0 and {_MOST_ERRORS}", "22023")
    if str(options.get("ENCODING", "utf8")).lower().replace("-", "") not in ENCODINGS:
        raise RedshiftError(f"Invalid ENCODING '{options['ENCODING']}'", "22023", hint=f"Known: {', '.join(ENCODINGS)}")
    for name in ("DELIMITER", "QUOTE", "ACCEPTINVCHARS"):
        value = options.get(name)
        if value is not None and not (len(str(value)) == 1 and str(value).isascii()):
            raise RedshiftError(f"COPY {name.lower()} must be a single character", "22023")
    if options.get("DELIMITER") in ("\n", "\r"):
        raise RedshiftError("COPY delimiter cannot be newline or carriage return", "22023")
    if "\n" in str(options.get("NULL", "")) or "\r" in str(options.get("NULL", "")):
        raise RedshiftError("COPY null representation cannot use newline or carriage return", "22023")
    for name in ("COMPUPDATE", "STATUPDATE"):
        if str(options.get(name, "ON")).upper() not in ("ON", "OFF", "TRUE", "FALSE", "PRESET"):
            raise RedshiftError(f'invalid value for parameter "{name.lower()}": "{options[name]}"', "22023")
    if not re.fullmatch(r"[a-z0-9-]{1,32}", str(options.get("REGION", "us-east-1"))):
        raise RedshiftError(f"The region '{options['REGION']}' is not valid", "22023")
