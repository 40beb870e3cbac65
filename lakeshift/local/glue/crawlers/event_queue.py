"""S3's events in a crawler's queues: read, and deleted once the crawl has written what they led to.

See https://docs.aws.amazon.com/glue/latest/dg/crawler-s3-event-notifications.html
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from moto.sqs.models import sqs_backends

from lakeshift.crawler.s3_events import changed_folders
from lakeshift.errors import LakeshiftError
from lakeshift.local import state

__all__ = ["EventQueue", "Events", "queues_of"]

_MOST: Final = 100_000  # messages a crawl takes
_HIDDEN_SECONDS: Final = 3600  # while the crawl runs; one that fails gives them back


@dataclass(slots=True)
class Events:
    """Folders (URLs) that the messages name, and what has to be done with the messages."""

    folders: set[str] = field(default_factory=set)
    taken: list[Any] = field(default_factory=list)
    strange: list[Any] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class EventQueue:
    """One queue by its ARN, and where messages go that are no events of S3."""

    arn: str
    dead_letters: str = ""

    def peek(self) -> Events:
        """What the visible messages say; nothing is taken."""
        found = Events()
        for message in self._queue().messages[:_MOST]:
            _sort(message, found)
        return found

    def take(self) -> Events:
        """As ``peek``, and nobody else sees the messages until they are deleted or given back."""
        found = self.peek()
        for message in [*found.taken, *found.strange]:
            message.mark_received(visibility_timeout=_HIDDEN_SECONDS)
            self._queue().pending_messages.add(message)
        return found

    def done(self, events: Events) -> None:
        """Delete what was read; what is no event goes to the dead-letter queue, or back where there is none."""
        gone = list(events.taken)
        if self.dead_letters:
            backend, name = _backend(self.dead_letters)
            for message in events.strange:
                backend.send_message(name, message.body)
            gone += events.strange
        self._delete(gone)
        self.give_back([] if self.dead_letters else events.strange)
        state.changed("sqs")

    def _delete(self, messages: list[Any]) -> None:
        """One by one and in place, since others send meanwhile; moto's own way looks through the queue for each."""
        queue = self._queue()
        for message in messages:
            with suppress(ValueError):  # somebody else deleted it
                queue._messages.remove(message)
            queue.pending_messages.discard(message)
            queue.deleted_messages.update(message.all_receipt_handles)

    def give_back(self, messages: Iterable[Any]) -> None:
        """Make messages visible again."""
        for message in messages:
            message.change_visibility(0)
            self._queue().pending_messages.discard(message)

    def _queue(self) -> Any:
        backend, name = _backend(self.arn)
        found = backend.queues.get(name)
        if found is None:
            raise LakeshiftError(
                f"The queue {self.arn} does not exist (AWS.SimpleQueueService.NonExistentQueue): a crawler in event "
                "mode reads S3's events from it."
            )
        return found


def _backend(arn: str) -> tuple[Any, str]:
    region, account, name = arn.split(":")[3:6]
    return sqs_backends[account][region], name


def _sort(message: Any, found: Events) -> None:
    try:
        found.folders |= changed_folders(message.body)
    except ValueError:
        found.strange.append(message)
    else:
        found.taken.append(message)


def queues_of(targets: dict[str, Any]) -> list[EventQueue]:
    """The queues of a crawler's S3 and catalog targets, each once."""
    given = [*(targets.get("S3Targets") or ()), *(targets.get("CatalogTargets") or ())]
    found = {
        one["EventQueueArn"]: EventQueue(one["EventQueueArn"], one.get("DlqEventQueueArn") or "")
        for one in given
        if one.get("EventQueueArn")
    }
    return list(found.values())
