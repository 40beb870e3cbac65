"""A session that dies at a named call, and takes no call after it, as a killed process makes none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lakeshift.deploy import AwsSession

__all__ = ["DyingSession", "Killed", "Point"]


class Killed(BaseException):
    """No code of the deploy tool runs any more; what it would still call on the way out raises this as well."""


@dataclass(frozen=True)
class Point:
    """The ``nth`` call of ``operation`` with ``part`` in its parameters; it dies before the call, or after it."""

    operation: str
    part: str = ""
    nth: int = 1
    after: bool = False

    def __str__(self) -> str:
        which = "" if self.nth == 1 else f"-{self.nth}"
        where = f"-{self.part.replace('/', '-')}" if self.part else ""
        return f"{'after' if self.after else 'before'}-{self.operation}{where}{which}"


class DyingSession(AwsSession):
    """Dies at ``point``."""

    def __init__(self, living: AwsSession, point: Point) -> None:
        super().__init__("local", endpoint=living.endpoint)
        self._clients = living._clients  # each takes longer to make than all calls of a test
        self._point = point
        self._left = point.nth
        self.dead = False

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        """Until it is dead."""
        if self.dead:
            raise Killed
        shown = {key: value for key, value in parameters.items() if key != "Body"}
        here = operation == self._point.operation and self._point.part in str(shown)
        if here:
            self._left -= 1
        now = here and self._left == 0
        if now and not self._point.after:
            self.dead = True
            raise Killed
        answer = super().call(service, operation, **parameters)
        if now:
            self.dead = True
            raise Killed
        return answer

    def pages(self, service: str, operation: str, field: str, **parameters: Any) -> list[Any]:
        """Until it is dead."""
        if self.dead:
            raise Killed
        return super().pages(service, operation, field, **parameters)
