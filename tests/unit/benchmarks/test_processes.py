from __future__ import annotations

import os

import pytest

from benchmarks.processes import memory, processor_seconds, seconds_of_stat, tree


@pytest.mark.parametrize(
    "command",
    [pytest.param("java", id="plain"), pytest.param("a) b (c", id="parentheses-and-blanks")],
)
def test_a_command_may_hold_anything(command: str) -> None:
    fields = ["S", "7", *["0"] * 9, "100", "50", "25", "25", "20"]
    parent, seconds = seconds_of_stat(f"42 ({command}) {' '.join(fields)}")
    assert (parent, seconds) == (7, 200 / os.sysconf("SC_CLK_TCK"))


def test_a_tree_is_all_below_its_root_and_nothing_else() -> None:
    assert sorted(tree(2, {1: 0, 2: 1, 3: 2, 4: 3, 5: 1})) == [2, 3, 4]


def test_processor_seconds_grow_with_work_and_memory_is_there() -> None:
    before = processor_seconds()
    while processor_seconds() - before < 0.02:
        pass
    assert memory() > 2**20
