"""The keeper of the tests' JVM: one session after the other, then the end."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from tests.spark import warm_jvm


class _FakeJvm:
    def __init__(self, *_given: Any, **_named: Any) -> None:
        self.said: list[str] = []
        _FakeJvm.last = self

    last: _FakeJvm

    def begin(self, _stdout: Path, _stderr: Path) -> tuple[int, str]:
        self.said.append("begin")
        return 4711, f"secret-{len(self.said)}"

    def end(self) -> None:
        self.said.append("end")

    def close(self) -> None:
        self.said.append("close")


def test_what_a_session_leaves_is_ended_before_the_next_and_the_jvm_when_none_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warm_jvm, "WorkerJvm", _FakeJvm)
    monkeypatch.setattr(warm_jvm, "_IDLE_SECONDS", 1.0)
    monkeypatch.setattr(warm_jvm, "_folder", lambda: tmp_path)
    keeper = threading.Thread(target=warm_jvm.serve, args=(tmp_path,))
    monkeypatch.setattr(warm_jvm.subprocess, "Popen", lambda *_command, **_named: keeper.start())
    with warm_jvm.warm_jvm() as first:
        waiting = warm_jvm._connected(tmp_path / "socket")  # the keeper is never idle between the two
        assert waiting is not None
    with waiting, waiting.makefile("r") as answers:
        second = answers.readline().split()
    keeper.join()
    assert [first, (int(second[0]), second[1])] == [(4711, "secret-1"), (4711, "secret-3")]
    assert _FakeJvm.last.said == ["begin", "end", "begin", "end", "close"]
    assert not (tmp_path / "socket").exists()
