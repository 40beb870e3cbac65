"""Which task reads which piece of which file."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakeshift.glue_runtime.engine.file_groups import SMALLEST_CUT, group_files
from lakeshift.glue_runtime.engine.objects import DataFile

MB = 2**20


def files(*sizes: int, folder: str = "s3://b/t") -> list[DataFile]:
    return [DataFile(f"{folder}/{i:05}", size, 0) for i, size in enumerate(sizes)]


@settings(deadline=None)
@given(
    sizes=st.lists(st.integers(0, 40 * MB), max_size=30),
    cores=st.integers(1, 8),
    group_size=st.none() | st.integers(1, 64 * MB),
    in_partition=st.booleans(),
    splittable=st.booleans(),
)
def test_every_byte_of_every_file_is_in_one_slice(
    sizes: list[int], cores: int, group_size: int | None, in_partition: bool, splittable: bool
) -> None:
    given_files = files(*sizes)
    groups = group_files(
        given_files, cores=cores, group_size=group_size, in_partition=in_partition, splittable=lambda _: splittable
    )
    assert all(groups)
    pieces: dict[str, list[tuple[int, int]]] = {}
    for group in groups:
        for piece in group:
            pieces.setdefault(piece.file.path, []).append((piece.start, piece.end))
    assert set(pieces) == {f.path for f in given_files}
    for file in given_files:
        cuts = sorted(pieces[file.path])
        assert (cuts[0][0], cuts[-1][1]) == (0, file.size)
        assert all(before[1] == after[0] for before, after in pairwise(cuts))


@pytest.mark.parametrize(
    ("sizes", "options", "expected"),
    [
        pytest.param([1] * 20_000, {"cores": 2}, 10, id="two-thousand-small-files-a-task"),
        pytest.param([MB] * 8, {"cores": 2, "group_size": 2 * MB}, 4, id="no-group-above-its-size"),
        pytest.param([3 * MB] * 2, {"cores": 2, "group_size": MB}, 2, id="a-file-above-the-size-is-a-group"),
        pytest.param([40 * MB], {"cores": 2}, 1, id="a-file-that-cannot-be-cut"),
        pytest.param([40 * MB], {"cores": 2, "splittable": lambda _: True}, 2, id="a-file-cut-for-the-cores"),
        pytest.param([SMALLEST_CUT], {"cores": 8, "splittable": lambda _: True}, 1, id="a-small-file-is-not-cut"),
        pytest.param([], {"cores": 2}, 0, id="nothing"),
    ],
)
def test_number_of_groups(sizes: list[int], options: dict[str, object], expected: int) -> None:
    assert len(group_files(files(*sizes), **options)) == expected  # type: ignore[arg-type]


def test_in_partition_keeps_folders_apart() -> None:
    found = [*files(1, 1, folder="s3://b/t/d=1"), *files(1, 1, folder="s3://b/t/d=2")]
    groups = group_files(found, cores=1, group_size=MB, in_partition=True)
    assert [{piece.file.path.rsplit("/", 1)[0] for piece in group} for group in groups] == [
        {"s3://b/t/d=1"},
        {"s3://b/t/d=2"},
    ]
