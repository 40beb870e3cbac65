"""Faults that are asked for: which calls fail, the same ones for the same seed."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakeshift.errors import LakeshiftError
from lakeshift.local.faults import Fault, Faults


def _drawn(
    seed: int, *faults: Fault, service: str = "s3", operation: str = "PutObject", calls: int = 400
) -> list[bool]:
    asked = Faults()
    asked.set(list(faults), seed)
    return [asked.of(service, operation) is not None for _ in range(400)]


@pytest.mark.parametrize(
    ("fault", "service", "operation", "fails"),
    [
        pytest.param(Fault("s3"), "s3", "PutObject", True, id="every-operation-of-the-service"),
        pytest.param(Fault("s3", "Get*"), "s3", "GetObject", True, id="operations-by-a-glob"),
        pytest.param(Fault("s3", "Get*"), "s3", "PutObject", False, id="no-other-operation"),
        pytest.param(Fault("s[nq]s"), "sns", "Publish", True, id="services-by-a-glob"),
        pytest.param(Fault("s3"), "glue", "GetTable", False, id="no-other-service"),
        pytest.param(Fault("s3", share=0.0), "s3", "PutObject", False, id="no-share-no-fault"),
    ],
)
def test_a_fault_hits_what_it_names(fault: Fault, service: str, operation: str, fails: bool) -> None:
    assert _drawn(1, fault, service=service, operation=operation) == [fails] * 400


def test_the_same_seed_draws_the_same_calls_and_another_seed_others() -> None:
    fault = Fault("s3", share=0.2)
    assert _drawn(7, fault) == _drawn(7, fault) != _drawn(8, fault)
    assert 40 < sum(_drawn(7, fault)) < 120  # a fifth of 400, give or take


def test_spark_is_told_of_the_share_while_there_are_faults_of_s3(tmp_path: Path) -> None:
    asked = Faults()
    asked.open_folder(tmp_path)
    asked.set([Fault("glue"), Fault("s3", share=0.05)], 9)
    assert (tmp_path / "faults").read_text() == "0.05 9\n"
    asked.set(())
    assert not (tmp_path / "faults").exists()


@pytest.mark.parametrize(
    "given", [{"kind": "slow"}, {"share": 1.5}, {"share": -0.1}], ids=["unknown-kind", "share-over-1", "share-below-0"]
)
def test_a_fault_that_makes_no_sense_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(LakeshiftError, match="kind is one of error, lost, reset, and share is between 0 and 1"):
        Fault("s3", **given)  # type: ignore[arg-type]
