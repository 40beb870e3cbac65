"""The ``common`` package as a wheel that is the same bytes wherever and whenever it is made.

https://packaging.python.org/en/latest/specifications/binary-distribution-format/
"""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from pathlib import Path
from typing import Final

__all__ = ["build_wheel", "wheel_name"]

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip file can say
_DISTRIBUTION: Final = "lakeshift_common"


def wheel_name(version: str) -> str:
    """The file's name for ``version``."""
    return f"{_DISTRIBUTION}-{version}-py3-none-any.whl"


def build_wheel(package: Path, version: str) -> bytes:
    """The wheel of the folder ``package``: its Python files, stored and not compressed, for zlibs differ."""
    files = {
        f"{package.name}/{path.relative_to(package).as_posix()}": path.read_bytes()
        for path in sorted(package.rglob("*"))
        if path.is_file() and (path.suffix == ".py" or path.name == "py.typed")
    }
    info = f"{_DISTRIBUTION}-{version}.dist-info"
    files[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: lakeshift-common\nVersion: {version}\n".encode()
    files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: lakeshift\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    record = [f"{name},sha256={_digest(content)},{len(content)}" for name, content in files.items()]
    files[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,", ""]).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system = 3  # Unix, wherever it is made
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, content)
    return buffer.getvalue()


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
