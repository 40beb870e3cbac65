"""S3 keys as file names: the ordinary ones as they are, the odd ones aside.

Only a key that can be written back from its path unchanged is stored under that path, so that Spark, DuckDB and a
person see the same names as the S3 API. The rest (``a//b``, ``../x``, a part over 255 bytes, a trailing ``/``) lie in
a hidden folder under the hash of the key, beside a file that holds the key itself.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

__all__ = [
    "ARCHIVED_SUFFIX",
    "ODD_FOLDER",
    "UPLOAD_SUFFIX",
    "bucket_name_fault",
    "is_hidden",
    "is_hidden_part",
    "is_plain",
    "odd_path",
    "relative_path",
]

ODD_FOLDER: Final = ".lakeshift-odd-keys"
UPLOAD_SUFFIX: Final = ".lakeshift-upload"  # a file still being written; renamed when it is whole
ARCHIVED_SUFFIX: Final = ".lakeshift-archived"  # the bytes of an object in a Glacier class, set aside
_LONGEST_PART: Final = 255  # bytes; the limit of every common Linux and macOS file system
_LONGEST_KEY: Final = 1024  # S3's own limit; keeps every path below the system's
_IN_FLIGHT: Final = ("_temporary", "__temporary")  # job output before its commit: not an object on S3 either
_STAGING: Final = ".spark-staging"

_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_ADDRESS: Final = re.compile(r"\d+\.\d+\.\d+\.\d+")
_RESERVED: Final = (("xn--", "sthree-", "amzn-s3-demo-"), ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"))


def is_plain(key: str) -> bool:
    """Whether ``key`` is its own relative path."""
    return len(key) <= _LONGEST_KEY and all(_is_safe_part(part) for part in key.split("/"))


def _is_safe_part(part: str) -> bool:
    if part in ("", ".", "..") or "\0" in part or is_hidden_part(part):
        return False
    try:
        return len(part.encode()) <= _LONGEST_PART
    except UnicodeEncodeError:  # a lone surrogate: no file name holds it
        return False


def is_hidden_part(part: str) -> bool:
    """Whether a file or folder of this name, and all below it, is no object."""
    return (
        part == ODD_FOLDER
        or part in _IN_FLIGHT
        or part.startswith(_STAGING)
        or part.endswith((UPLOAD_SUFFIX, ARCHIVED_SUFFIX))
    )


def is_hidden(path: str) -> bool:
    """Whether a relative path is no object: our own folders, uploads in flight, uncommitted Spark output."""
    return any(is_hidden_part(part) for part in path.split("/"))


def odd_path(key: str) -> str:
    """The path below the bucket's folder where ``key`` is stored when it cannot be its own path."""
    return f"{ODD_FOLDER}/{hashlib.sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()}"


def relative_path(key: str) -> str:
    """The path below the bucket's folder where the object ``key`` is stored."""
    return key if is_plain(key) else odd_path(key)


def bucket_name_fault(name: str) -> str | None:
    """What is wrong with a bucket's name, or None.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    """
    if not _BUCKET.fullmatch(name):
        return "3 to 63 of a-z, 0-9, '-' and '.', beginning and ending with a letter or digit"
    if ".." in name or _ADDRESS.fullmatch(name):
        return "no two dots in a row and no IP address"
    if name.startswith(_RESERVED[0]) or name.endswith(_RESERVED[1]):
        return "a prefix or suffix that AWS reserves"
    return None
