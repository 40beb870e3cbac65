"""moto's log streams with their events in append-only files, so that a snapshot stays small and nothing is lost."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, ClassVar, Final

from moto.logs import models
from moto.logs.exceptions import (
    ResourceAlreadyExistsException,
)

from lakeshift.local.context import LocalContext
from lakeshift.local.logs import window
from lakeshift.local.logs.metric_filters import install_filters, measure
from lakeshift.local.state import changed

__all__ = ["StoredLogStream", "install", "resume", "write_events"]

_FOLDER: Final = "logs"
_SUFFIX: Final = ".jsonl"


class StoredLogStream(models.LogStream):
    """One stream; its file holds a JSON array ``[timestamp, ingestion time, message]`` a line (times in ms)."""

    folder: ClassVar[Path]

    def __init__(self, log_group: Any, name: str) -> None:
        self._name = uuid.uuid4().hex
        self._events: list[Any] | None = []
        self._writing = threading.Lock()
        super().__init__(log_group, name)

    @property
    def file(self) -> Path:
        """Where the events lie."""
        return self.folder / f"{self._name}{_SUFFIX}"

    @property
    def events(self) -> list[Any]:
        """The events, oldest put first; read from the file when first needed after a restart."""
        if self._events is None:
            self._events = self._read()
        return self._events

    @events.setter
    def events(self, events: list[Any]) -> None:
        self._events = events

    def put_log_events(self, log_events: list[dict[str, Any]]) -> str:
        """As moto's, and durable before it returns."""
        with self._writing:
            before = len(self.events)
            token: str = super().put_log_events(log_events)
            new = self.events[before:]
            for index, event in enumerate(new, before):
                event.event_id = self._event_id(index)
            lines = (json.dumps([event.timestamp, event.ingestion_time, event.message]) + "\n" for event in new)
            self.folder.mkdir(parents=True, exist_ok=True)
            with self.file.open("a", encoding="utf-8") as stream:
                stream.write("".join(lines))
        measure(self._filters(), [(event.timestamp, event.message) for event in new])
        return token

    def _filters(self) -> list[dict[str, Any]]:
        group = self.log_group.name
        kept: Any = models.logs_backends[self.account_id][self.region].filters.metric_filters
        return [one for one in kept if one["logGroupName"] == group]

    def drop(self, old: Callable[[int], bool]) -> int:
        """Remove events whose time (milliseconds) is ``old``; how many went."""
        with self._writing:
            if not self._begins_old(old):
                return 0
            kept = [event for event in self.events if not old(event.timestamp)]
            gone = len(self.events) - len(kept)
            lines = (json.dumps([event.timestamp, event.ingestion_time, event.message]) + "\n" for event in kept)
            part = self.file.with_suffix(".part")
            part.write_text("".join(lines), encoding="utf-8")
            part.replace(self.file)
            self._events = kept
            return gone

    def _begins_old(self, old: Callable[[int], bool]) -> bool:
        """Whether the first event is, read from the file where the others are not needed."""
        if self._events is not None:
            return any(old(event.timestamp) for event in self._events)
        if not self.file.exists():
            return False
        with self.file.open(encoding="utf-8") as stream:
            first = stream.readline()
        return first.endswith("\n") and old(json.loads(first)[0])

    def get_log_events(
        self, start_time: Any, end_time: Any, limit: Any, next_token: str | None, start_from_head: Any
    ) -> Any:
        """As moto's; ``end_time`` is exclusive, as AWS has it.

        https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html
        """
        last = end_time - 1 if end_time else end_time
        return super().get_log_events(start_time, last, limit, next_token, start_from_head)

    def _event_id(self, index: int) -> int:
        return int(self._name[:12], 16) * 10**12 + index  # unique, also after a restart, where moto counts from 0

    def _read(self) -> list[Any]:
        if not self.file.exists():
            return []
        events = []
        with self.file.open(encoding="utf-8") as stream:
            for index, line in enumerate(stream):
                if not line.endswith("\n"):
                    break  # the server was killed while it wrote this one: it was never acknowledged
                timestamp, ingested, message = json.loads(line)
                event = models.LogEvent(ingested, {"timestamp": timestamp, "message": message})
                event.event_id = self._event_id(index)
                events.append(event)
        return events

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name not in ("_events", "_writing")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _events=None, _writing=threading.Lock())


def install(context: LocalContext) -> None:
    """Put our streams under moto."""
    StoredLogStream.folder = context.state.root / _FOLDER
    models.LogStream = StoredLogStream
    window.install()
    install_filters()


def resume(context: LocalContext) -> None:
    """Delete the files of streams that are gone."""
    folder = context.state.root / _FOLDER
    kept = {
        stream.file
        for _, _, backend in models.logs_backends.iter_backends()
        for group in backend.groups.values()
        for stream in group.streams.values()
        if isinstance(stream, StoredLogStream)
    }
    for file in folder.glob(f"*{_SUFFIX}"):
        if file not in kept:
            file.unlink()


_creating = threading.Lock()


def write_events(context: LocalContext, group: str, stream: str, events: Iterable[tuple[int, str]]) -> None:
    """Append ``(milliseconds since the epoch, text)`` to a stream, in process; makes group and stream where absent."""
    backend = models.logs_backends[context.account][context.region]
    with _creating:
        for create, arguments in (
            (backend.create_log_group, (group, {})),
            (backend.create_log_stream, (group, stream)),
        ):
            try:
                create(*arguments)
                changed("logs")
            except ResourceAlreadyExistsException:
                continue
    found = [{"timestamp": millis, "message": text} for millis, text in events]
    if found:
        backend.groups[group].put_log_events(stream, found)
        changed("logs")
