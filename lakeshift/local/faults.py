"""Faults on request: the share of calls that the local AWS answers as a throttled or broken service would.

``PUT /_lakeshift/faults`` takes ``{"seed": 7, "faults": [{"service": "s3", "operation": "*", "share": 0.05,
"kind": "error", "status": 503, "code": "SlowDown"}]}``; GET tells how many were injected, DELETE ends them. Kinds:
``error`` answers instead of doing, ``lost`` does and then answers with the error (the caller does not know that it
was done), ``reset`` cuts the connection. Spark's own S3 calls, which pass no HTTP, are tried twice: each try fails
by the first S3 fault's share.
"""

from __future__ import annotations

import fnmatch
import json
import random
import threading
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from werkzeug.wrappers import Request, Response

from lakeshift.errors import LakeshiftError
from lakeshift.local import routes

__all__ = ["FAULTS", "Fault", "Faults", "add_routes"]

_ROUTE: Final = "/_lakeshift/faults"
_KINDS: Final = ("error", "lost", "reset")


@dataclass(frozen=True, slots=True)
class Fault:
    """``share`` (0 to 1) of the calls of ``operation`` (a glob) of ``service`` (its signing name, a glob)."""

    service: str
    operation: str = "*"
    share: float = 1.0
    kind: str = "error"
    status: int = 503
    code: str = "ServiceUnavailable"
    text: str = "Please reduce your request rate."

    def __post_init__(self) -> None:
        if self.kind not in _KINDS or not 0 <= self.share <= 1:
            raise LakeshiftError(f"{self}: kind is one of {', '.join(_KINDS)}, and share is between 0 and 1.")


class Faults:
    """Those that are asked for now; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._file: Path | None = None
        self.set(())

    def open_folder(self, root: Path) -> None:
        """Keep the share of Spark's faults in ``root``; none is left over from an earlier server."""
        self._file = root / "faults"
        self.set(())

    def set(self, faults: tuple[Fault, ...] | list[Fault], seed: int = 0) -> None:
        """Inject these from now on, and count anew."""
        with self._lock:
            self._faults, self._seed = tuple(faults), seed
            self._asked: Counter[tuple[int, str]] = Counter()
            self.injected: Counter[str] = Counter()
            share = next((fault.share for fault in faults if fault.service == "s3"), 0.0)
            if self._file is not None:
                if share:
                    self._file.write_text(f"{share} {seed}\n", encoding="utf-8")
                else:
                    self._file.unlink(missing_ok=True)

    def of(self, service: str, operation: str) -> Fault | None:
        """The fault of this call, drawn by seed, service and its number: the same for the same calls in turn.

        Not by its operation, which for S3 holds the path: names of buckets may be others each time.
        """
        if not self._faults:
            return None
        with self._lock:
            for place, fault in enumerate(self._faults):
                if not (
                    fnmatch.fnmatchcase(service, fault.service) and fnmatch.fnmatchcase(operation, fault.operation)
                ):
                    continue
                key = (place, service)
                self._asked[key] += 1
                dice = random.Random(f"{self._seed} {key} {self._asked[key]}")  # noqa: S311 - reproducible
                if dice.random() < fault.share:
                    self.injected[f"{service}:{fault.kind}"] += 1
                    return fault
        return None


FAULTS: Final = Faults()


def add_routes() -> None:
    """Let a user ask for faults."""
    routes.add("GET", _ROUTE, lambda _: routes.json_response(dict(FAULTS.injected)))
    routes.add("PUT", _ROUTE, _put)
    routes.add("DELETE", _ROUTE, _delete)


def _put(request: Request) -> Response:
    try:
        document: dict[str, Any] = json.loads(request.get_data())
        FAULTS.set([Fault(**one) for one in document["faults"]], int(document.get("seed", 0)))
    except (ValueError, KeyError, TypeError, LakeshiftError) as error:
        return routes.json_response({"message": f"{_ROUTE} takes seed and faults: {error}"}, 400)
    return routes.json_response({"faults": len(document["faults"])})


def _delete(_: Request) -> Response:
    injected = dict(FAULTS.injected)
    FAULTS.set(())
    return routes.json_response(injected)
