"""COPY and UNLOAD: which options there are, what each is given, and which do not go together.

https://docs.aws.amazon.com/redshift/latest/dg/r_COPY.html
https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html
"""

from __future__ import annotations

import re
from typing import Final

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.statements import Copy, Unload
from lakeshift.redshift.tokens import Reader

__all__ = ["read_copy", "read_unload"]

_COPY_PAGE: Final = "https://docs.aws.amazon.com/redshift/latest/dg/r_COPY.html"
_UNLOAD_PAGE: Final = "https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html"
_FORMATS: Final = ("CSV", "PARQUET", "ORC", "JSON", "AVRO", "SHAPEFILE", "FIXEDWIDTH")
# Options of COPY that stand alone.
_FLAGS: Final = frozenset(
    {
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
    }
)
# Options of COPY that take a value.
_VALUES: Final = frozenset(
    {
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
        "MAXERROR",
        "NULL",
        "QUOTE",
        "READRATIO",
        "REGION",
        "SECRET_ACCESS_KEY",
        "SESSION_TOKEN",
        "STATUPDATE",
        "TIMEFORMAT",
    }
)
# Keys in SQL end up in logs, so they are refused before anything else is looked at.
_SECRETS: Final = ("CREDENTIALS", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN")
# What an option that may stand alone means then.
_OPTIONAL_VALUE: Final = {"ACCEPTINVCHARS": "?", "COMPUPDATE": "ON", "STATUPDATE": "ON"}
# What COPY of Parquet and ORC may be given: copy-usage_notes-copy-from-columnar.html.
_COLUMNAR_ALLOWED: Final = frozenset(
    {
        "COMPUPDATE",
        "ENCRYPTED",
        "EXPLICIT_IDS",
        "FILLRECORD",
        "IAM_ROLE",
        "MANIFEST",
        "ORC",
        "PARQUET",
        "SERIALIZETOJSON",
        "STATUPDATE",
    }
)
_UNLOAD_FLAGS: Final = frozenset(
    {
        "ADDQUOTES",
        "ALLOWOVERWRITE",
        "AUTO",
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
    }
)
_UNLOAD_VALUES: Final = frozenset(
    {
        "ACCESS_KEY_ID",
        "CREDENTIALS",
        "DELIMITER",
        "EXTENSION",
        "FIXEDWIDTH",
        "IAM_ROLE",
        "KMS_KEY_ID",
        "MAXFILESIZE",
        "NULL",
        "PARALLEL",
        "REGION",
        "ROWGROUPSIZE",
        "SECRET_ACCESS_KEY",
        "SESSION_TOKEN",
    }
)
# One role, or a chain of them.
_ROLE: Final = re.compile(
    r"default|arn:aws[\w-]*:iam::\d{12}:role/[\w+=,.@/-]+(,arn:aws[\w-]*:iam::\d{12}:role/[\w+=,.@/-]+)*"
)
# Options whose value is a whole number, quoted or not.
_WHOLE: Final = frozenset({"COMPROWS", "IGNOREHEADER", "MAXERROR", "READRATIO"})


def read_copy(reader: Reader) -> Copy:
    """Read COPY; raises where Redshift refuses the combination, and where a secret is written into the statement."""
    reader.expect("COPY")
    table = reader.name()
    columns = reader.names() if reader.peek() == "(" else ()
    reader.expect("FROM")
    if reader.peek() in ("STDIN", "STDOUT"):
        raise RedshiftError(
            "LOAD source is not supported. (Hint: only S3 or DynamoDB or EMR based load is allowed)", "0A000"
        )
    source = reader.string()
    options: dict[str, str | bool] = {}
    while not reader.done:
        _copy_option(reader, options)
    _check_authorization(options, "COPY", _COPY_PAGE)
    _check_source(source)
    _check_copy(options)
    return Copy(table, columns, source, options)


def _copy_option(reader: Reader, options: dict[str, str | bool]) -> None:
    if reader.take("FORMAT"):
        reader.take("AS")
        if reader.peek() not in (*_FORMATS, "DELIMITER"):
            raise reader.error()
    if reader.take("WITH") or reader.take("AUTHORIZATION"):
        return
    word = reader.next().upper
    if word in ("JSON", "AVRO", "FIXEDWIDTH", "SHAPEFILE"):
        reader.take("AS")
        options[word] = reader.string() if _string_next(reader) else "auto"
    elif word in ("CSV", "PARQUET", "ORC") or word in _FLAGS:
        options[word] = True
    elif word in _VALUES:
        options[word] = _value(reader, word)
    elif word in ("BZ2", "LZO"):
        raise reader.error()
    else:
        reader.at -= 1
        raise reader.error()


def _string_next(reader: Reader) -> bool:
    return not reader.done and reader.tokens[reader.at].kind == "string"


def _value(reader: Reader, word: str) -> str:
    reader.take("AS")
    optional = _OPTIONAL_VALUE.get(word)
    if (
        optional is not None
        and not _string_next(reader)
        and reader.peek() not in ("ON", "OFF", "TRUE", "FALSE", "PRESET")
    ):
        return optional
    if word in _WHOLE:
        text = reader.string() if _string_next(reader) else str(reader.integer())
        if not text.strip().isdigit():
            raise RedshiftError(f"Invalid value for {word}: {text}", "22023")
        return text.strip()
    if word in ("COMPUPDATE", "STATUPDATE", "ACCEPTINVCHARS", "ENCODING") or (
        word == "IAM_ROLE" and reader.peek() == "DEFAULT"
    ):
        return reader.next().value
    return reader.string()


def _check_authorization(options: dict[str, str | bool], verb: str, page: str) -> None:
    if any(name in options for name in _SECRETS):
        raise NotSupportedLocallyError(
            f"{verb} with keys written into the statement",
            "Name a role with IAM_ROLE: keys in SQL end up in query logs.",
            page,
        )
    role = options.get("IAM_ROLE")
    if role is None:
        raise RedshiftError(f"{verb} requires authorization: IAM_ROLE is missing", "0A000")
    if not _ROLE.fullmatch(str(role)):
        raise RedshiftError(
            f'The IAM role "{role}" is not valid', "22023", hint="Use arn:aws:iam::<account>:role/<name>."
        )


def _check_source(source: str) -> None:
    if source.startswith(("emr://", "dynamodb://", "ssh://")):
        raise NotSupportedLocallyError(f"COPY from {source.partition(':')[0]}", "Put the data on S3.", _COPY_PAGE)
    if not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/[^\0]{1,1024}", source):
        raise RedshiftError(f"The specified S3 prefix '{source}' does not exist", "XX000")


_NOT_LOCAL: Final = (
    "AVRO",
    "SHAPEFILE",
    "FIXEDWIDTH",
    "SSH",
    "LZOP",
    "ENCRYPTED",
    "READRATIO",
    "ACCEPTINVCHARS",
    "ROUNDEC",
)
_NOT_WITH: Final = {
    "CSV": ("ESCAPE", "REMOVEQUOTES"),
    "JSON": ("DELIMITER", "ESCAPE", "FILLRECORD", "IGNOREHEADER", "REMOVEQUOTES"),
}


def _check_copy(options: dict[str, str | bool]) -> None:
    formats = [name for name in _FORMATS if name in options]
    if len(formats) > 1:
        raise RedshiftError(f"COPY options {formats[0]} and {formats[1]} cannot be used together", "42601")
    for name in _NOT_LOCAL:
        if name in options:
            instead = "Use Parquet, ORC, CSV, delimited text or JSON."
            raise NotSupportedLocallyError(f"COPY option {name}", instead, _COPY_PAGE)
    _check_columnar(options)
    for kind, refused in _NOT_WITH.items():
        for name in refused:
            if kind in options and name in options:
                raise RedshiftError(f"{kind} is not compatible with {name}", "0A000")
    if "QUOTE" in options and "CSV" not in options:
        raise RedshiftError("QUOTE AS is only supported with CSV", "0A000")
    if int(options.get("MAXERROR", 0)) > 100_000:
        raise RedshiftError("MAXERROR must be between 0 and 100000", "22023")


def _check_columnar(options: dict[str, str | bool]) -> None:
    columnar = "PARQUET" if "PARQUET" in options else "ORC" if "ORC" in options else None
    if columnar is None:
        if "SERIALIZETOJSON" in options:
            raise RedshiftError("SERIALIZETOJSON is only supported for PARQUET and ORC based COPY", "0A000")
        return
    for name in options:
        if name not in _COLUMNAR_ALLOWED:
            raise RedshiftError(f"{name} argument is not supported for {columnar} based COPY", "0A000")


def read_unload(reader: Reader) -> Unload:
    """Read UNLOAD; raises where Redshift refuses the combination."""
    reader.expect("UNLOAD", "(")
    query = reader.string()
    reader.expect(")", "TO")
    target = reader.string()
    options: dict[str, str | bool | tuple[str, ...]] = {}
    while not reader.done:
        _unload_option(reader, options)
    plain = {name: value for name, value in options.items() if not isinstance(value, tuple)}
    _check_authorization(plain, "UNLOAD", _UNLOAD_PAGE)
    _check_source(target)
    _check_unload(query, options)
    return Unload(query, target, options)


def _unload_option(reader: Reader, options: dict[str, str | bool | tuple[str, ...]]) -> None:
    if reader.take("WITH") or reader.take("FORMAT") or reader.take("AS"):
        return
    word = reader.next().upper
    if word == "PARTITION":
        reader.expect("BY")
        options["PARTITION"] = reader.names()
        if reader.take("INCLUDE"):
            options["INCLUDE"] = True
    elif word in _UNLOAD_FLAGS:
        options[word] = True
        if word == "MANIFEST" and reader.take("VERBOSE"):
            options["VERBOSE"] = True
    elif word in _UNLOAD_VALUES:
        reader.take("AS")
        options[word] = _unload_value(reader, word)
    else:
        reader.at -= 1
        raise reader.error()


def _unload_value(reader: Reader, word: str) -> str:
    if word == "IAM_ROLE" and reader.peek() == "DEFAULT":
        return reader.next().value
    if word in ("MAXFILESIZE", "ROWGROUPSIZE"):
        size = reader.next().value
        return f"{size} {reader.next().upper}" if reader.peek() in ("MB", "GB") else size
    if word == "PARALLEL":
        return reader.string().upper() if _string_next(reader) else reader.next().upper
    return reader.string()


def _check_unload(query: str, options: dict[str, str | bool | tuple[str, ...]]) -> None:
    formats = [name for name in ("CSV", "PARQUET", "JSON") if name in options]
    if len(formats) > 1:
        raise RedshiftError(f"UNLOAD options {formats[0]} and {formats[1]} cannot be used together", "42601")
    if re.search(r"\blimit\s+\S+\s*$", query, re.IGNORECASE):
        raise RedshiftError("Limit clause is not supported", "0A000")
    for kind, refused in _UNLOAD_NOT_WITH.items():
        for name in refused:
            if kind in options and name in options:
                raise RedshiftError(f"{name} is not supported for UNLOAD to {kind}", "0A000")
    for name in ("JSON", "FIXEDWIDTH", "ENCRYPTED", "KMS_KEY_ID", "BZIP2"):
        if name in options:
            raise NotSupportedLocallyError(f"UNLOAD option {name}", "Use Parquet, CSV or delimited text.", _UNLOAD_PAGE)
    if "CLEANPATH" in options and "ALLOWOVERWRITE" in options:
        raise RedshiftError("CLEANPATH and ALLOWOVERWRITE cannot be used together", "42601")


_UNLOAD_NOT_WITH: Final = {
    "PARQUET": ("DELIMITER", "FIXEDWIDTH", "ADDQUOTES", "ESCAPE", "NULL", "HEADER", "GZIP", "BZIP2", "ZSTD"),
    "CSV": ("FIXEDWIDTH", "ADDQUOTES", "ESCAPE"),
}
