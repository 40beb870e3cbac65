"""Scheduled actions carried out: clusters are paused and resumed when the clock says so."""

from __future__ import annotations

import logging
import time
from datetime import datetime
from typing import Any, Final

from moto.redshift.exceptions import RedshiftClientError
from moto.redshift.models import redshift_backends

from lakeshift.local import clock
from lakeshift.local.clock_follower import ClockFollower
from lakeshift.local.context import ACCOUNT, REGION
from lakeshift.local.redshift.management import next_due
from lakeshift.local.state import changed

__all__ = ["Actions"]

_LOG: Final = logging.getLogger(__name__)
_VERBS: Final = {"PauseCluster": "pause_cluster", "ResumeCluster": "resume_cluster"}


class Actions(ClockFollower):
    """A thread that follows the clock. What fell due several times while the clock jumped happens in its order."""

    def __init__(self) -> None:
        self._looked = clock.now()
        super().__init__("redshift-actions")

    @staticmethod
    def _backend() -> Any:
        return redshift_backends[ACCOUNT][REGION]

    def _active(self) -> list[dict[str, Any]]:
        return [one for one in list(self._backend().scheduled_actions.values()) if one["State"] == "ACTIVE"]

    def _state(self) -> list[Any]:
        return [(one["ScheduledActionName"], one["Since"]) for one in self._active()]

    def _follow(self) -> None:
        while not self._stopped:
            try:
                self.catch_up()
                before = self._state()
                due = [moment for one in self._active() if (moment := next_due(one, self._looked)) is not None]
                clock.wait_until(min(due, default=None), lambda: self._stopped or self._state() != before)  # noqa: B023
            except Exception:
                _LOG.exception("scheduled actions could not be followed")
                time.sleep(1)

    def catch_up(self) -> None:
        """Carry out what fell due since the last look."""
        with self._lock:
            now = clock.now()
            due: list[tuple[datetime, dict[str, Any]]] = []
            for action in self._active():
                moment = next_due(action, max(self._looked, action["Since"]))
                while moment is not None and moment <= now:
                    due.append((moment, action))
                    moment = next_due(action, moment)
            self._looked = now
            for moment, action in sorted(due, key=lambda one: one[0]):
                self._carry_out(moment, action)

    def _carry_out(self, moment: datetime, action: dict[str, Any]) -> None:
        ((kind, target),) = action["TargetAction"].items()
        cluster = target["ClusterIdentifier"]
        try:
            getattr(self._backend(), _VERBS[kind])(cluster)
            outcome = f"{kind} of {cluster}"
        except RedshiftClientError as error:
            outcome = f"{kind} of {cluster} failed: {error.message}"
        changed("redshift")
        line = f"Redshift scheduled action {action['ScheduledActionName']} ({moment:%Y-%m-%d %H:%M}): {outcome}"
        _LOG.info("%s", line)
        self._told.append((time.monotonic(), line))
