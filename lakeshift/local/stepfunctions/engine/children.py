"""Lines of states beside each other: at most ``limit`` at a time, the first that fails stops the rest."""

from __future__ import annotations

import threading
from collections.abc import Callable

from lakeshift.local.stepfunctions.engine.scope import Group, Scope, Stopped
from lakeshift.local.stepfunctions.language.failure import StateFailure

__all__ = ["MOST_AT_ONCE", "beside"]

MOST_AT_ONCE = 40  # of an inline Map state; threads of this process, so a distributed one has no more


def beside(scope: Scope, count: int, limit: int, group: Group, run: Callable[[int, Scope], None]) -> None:
    """Call ``run(index, worker's scope)`` for every index; raises what failed first, or Stopped.

    A worker's scope carries the line of events on from one index to the next, as Step Functions does.
    """
    queue = _Queue(count, group, run)
    workers = [_worker(scope, group) for _ in range(min(limit, count))]
    if len(workers) == 1:
        queue.follow(workers[0])
    else:
        threads = [threading.Thread(target=queue.follow, args=(worker,), daemon=True) for worker in workers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for worker in workers:
        scope.chain.join(worker.chain)
    if queue.failures:
        raise _first(queue.failures)
    scope.check()


class _Queue:
    """The indexes that no worker has taken yet, and what failed."""

    def __init__(self, count: int, group: Group, run: Callable[[int, Scope], None]) -> None:
        self._waiting, self._group, self._run = iter(range(count)), group, run
        self._taking = threading.Lock()
        self.failures: list[Exception] = []

    def follow(self, worker: Scope) -> None:
        """Take index after index, until none is left or the line must end."""
        while not worker.stopped():
            with self._taking:
                index = next(self._waiting, None)
            if index is None:
                worker.chain.source = worker.chain.last
                return
            try:
                self._run(index, worker)
            except Stopped:
                return
            except Exception as error:
                with self._taking:
                    self.failures.append(error)
                self._group.cancel()
                return


def _worker(scope: Scope, group: Group) -> Scope:
    return Scope(scope.run, scope.position, scope.chain.fork(), scope, group, {}, scope.map_item)


def _first(failures: list[Exception]) -> Exception:
    failure = failures[0]
    if isinstance(failure, StateFailure):
        return StateFailure(failure.error, failure.cause, heartbeat=failure.heartbeat)
    return failure
