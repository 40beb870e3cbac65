"""What a run on a warm worker is given: arguments, settings, jars, and modules of its own."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from lakeshift.glue_runtime.class_data import ClassData
from lakeshift.glue_runtime.description import RunDescription, script_arguments
from lakeshift.glue_runtime.python_modules import provided
from lakeshift.glue_runtime.spark_run import properties_text
from lakeshift.glue_runtime.spark_settings import java_options, job_jars


def described(**arguments: str) -> RunDescription:
    given = {f"--{name}": value for name, value in arguments.items()}
    return RunDescription(Path("/r"), "job", "jr_1", "glueetl", "5.1", Path("/r/job.py"), given)


def test_the_script_does_not_see_our_own_argument() -> None:
    argv = script_arguments(described(**{"lakeshift-cold": "true", "lake": "x"}))
    assert argv[:3] == ["/r/job.py", "--lake", "x"]
    assert not [word for word in argv if "lakeshift" in word]


def test_names_of_a_path_are_those_that_an_import_would_find(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "package").mkdir(parents=True)
    (folder / "module.py").touch()
    with zipfile.ZipFile(tmp_path / "more.zip", "w") as archive:
        archive.writestr("zipped/__init__.py", "")
        archive.writestr("single.py", "")
    names = provided([folder, tmp_path / "more.zip", tmp_path / "gone"])
    assert names == {"package", "module", "zipped", "single"}


@pytest.mark.parametrize(
    ("formats", "seen"),
    [([], ["/j/a.jar"]), (["iceberg"], ["/j/a.jar", "/j/iceberg-aws.jar"]), (["delta"], ["/j/a.jar"])],
)
def test_icebergs_jars_are_seen_by_those_who_ask(formats: list[str], seen: list[str]) -> None:
    assert job_jars(["/j/a.jar", "/j/iceberg-aws.jar"], formats) == seen


def test_a_setting_is_escaped_whatever_it_holds() -> None:
    text = properties_text({"spark.a b": "=:#!\n\\ é😀"})
    assert set(text) <= set("\\u=0123456789abcdef")
    key, _, value = text.partition("=")
    told = [bytes.fromhex("".join(part.split("\\u"))).decode("utf-16-be") for part in (key, value)]
    assert told == ["spark.a b", "=:#!\n\\ é😀"]


@pytest.mark.parametrize(("lasting", "first_level_only"), [(True, False), (False, True)])
def test_a_lasting_java_compiles_at_all_levels(lasting: bool, first_level_only: bool) -> None:
    options = java_options(1024, lasting=lasting)
    assert ("-XX:TieredStopAtLevel=1" in options) == first_level_only
    assert "-XX:-DontCompileHugeMethods" in options


@pytest.mark.parametrize(
    ("there", "make", "begins"),
    [
        (True, True, "-XX:SharedArchiveFile="),
        (True, False, "-XX:SharedArchiveFile="),
        (False, True, "-XX:ArchiveClassesAtExit="),
        (False, False, None),
    ],
)
def test_only_a_java_that_ends_by_itself_makes_the_archive(
    tmp_path: Path, there: bool, make: bool, begins: str | None
) -> None:
    classes = ClassData(tmp_path / "a.jsa", tmp_path / "a.draft")
    if there:
        classes.archive.touch()
    options = classes.options(make=make)
    assert options[0].startswith(begins) if begins else options == []
