from __future__ import annotations

from pathlib import Path

from tools.run_tests import Lane, run

PASSES = "def test_it() -> None: pass"
FAILS = "def test_it() -> None: raise ValueError"
HANGS = "import threading\ndef test_it() -> None: threading.Event().wait()"


def lane(home: Path, name: str, *bodies: str) -> Lane:
    """A part a body, printing to a file of its own."""
    files = [home / f"test_{name}_{number}.py" for number in range(len(bodies))]
    for file, body in zip(files, bodies, strict=True):
        file.write_text(body)
    parts = tuple((str(file), "-p", "no:randomly", "-c", "/dev/null") for file in files)
    return Lane(parts, (home / name).open("w+b"), home / f"base-{name}")


def test_all_parts_of_both_lanes_run_and_have_their_seconds(tmp_path: Path) -> None:
    lanes = lane(tmp_path, "a", PASSES, PASSES), lane(tmp_path, "b", PASSES)
    assert run(*lanes)
    assert [len(one.seconds) for one in lanes] == [2, 1]
    assert (tmp_path / "a").read_text().count("1 passed") == 2


def test_a_part_that_fails_ends_its_lane_and_stops_the_other(tmp_path: Path) -> None:
    lanes = lane(tmp_path, "a", FAILS, PASSES), lane(tmp_path, "b", HANGS)
    assert not run(*lanes)
    assert [len(one.seconds) for one in lanes] == [1, 0]
    assert "1 failed" in (tmp_path / "a").read_text()
