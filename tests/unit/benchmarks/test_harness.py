from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import harness
from benchmarks.harness import Claim, Outcome, measure

CLAIM = Claim("sorting", "sorting a list", 0.5, "the peer")


@pytest.mark.parametrize(
    ("ours", "peer", "equal", "holds"),
    [
        pytest.param([1.0, 1.0, 9.0], [2.0, 2.0, 2.0], True, True, id="the-median-counts-not-the-worst-pair"),
        pytest.param([1.1, 1.1, 1.1], [2.0, 2.0, 2.0], True, False, id="over-the-target"),
        pytest.param([0.1, 0.1, 0.1], [2.0, 2.0, 2.0], False, False, id="fast-but-another-answer"),
    ],
)
def test_a_claim_holds_only_within_its_target_and_with_equal_answers(
    ours: list[float], peer: list[float], equal: bool, holds: bool
) -> None:
    assert Outcome(CLAIM, ours, peer, None, equal).holds is holds


@pytest.mark.parametrize("wrong", [pytest.param(i, id=f"call-{i}") for i in range(4)])
def test_one_different_answer_in_any_call_is_seen(
    wrong: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(harness, "RESULTS", tmp_path)
    answers = iter([7 if call != wrong else 8 for call in range(4)])
    outcome = measure(CLAIM, lambda: next(answers), lambda: 7, pairs=3)
    assert not outcome.answers_equal
    assert "ANSWERS DIFFER" in capsys.readouterr().out
    assert '"holds": false' in (tmp_path / "sorting.json").read_text()


def test_ours_and_peer_take_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(harness, "RESULTS", tmp_path)
    calls: list[str] = []
    measure(CLAIM, lambda: calls.append("o"), lambda: calls.append("p"), pairs=4, warm_up=1)
    assert "".join(calls) == "op" + "oppo" * 2
