"""The jar folder: only ever ours, whatever a setting says; and clear words where a tool is missing."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from lakeshift.errors import LakeshiftError
from lakeshift.jvm import jars
from lakeshift.paths import REPOSITORY, StateFolder


@pytest.fixture
def no_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is started: a build that gets so far has gone too far."""

    def refuse(*_: object) -> None:
        raise AssertionError("a build was begun in a folder that is not ours")

    monkeypatch.setattr(jars, "check_tools", refuse)
    monkeypatch.setattr(jars, "_build", refuse)


@pytest.fixture
def precious(tmp_path: Path) -> Path:
    """A folder somebody else cares for: a repository."""
    folder = tmp_path / "repository"
    (folder / ".git").mkdir(parents=True)
    (folder / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (folder / "README.md").write_text("years of work")
    return folder


@pytest.mark.parametrize("setting", [".", "./", "{folder}", "{folder}/.", "{folder}/.git/.."])
@pytest.mark.usefixtures("no_tools")
def test_a_folder_that_is_not_ours_is_refused_and_untouched(
    precious: Path, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    monkeypatch.chdir(precious)
    monkeypatch.setenv("LAKESHIFT_JARS", setting.format(folder=precious))
    with pytest.raises(LakeshiftError, match="no folder of jars"):
        jars.build()
    assert {file.relative_to(precious).as_posix() for file in precious.rglob("*")} == {".git", ".git/HEAD", "README.md"}


@pytest.mark.parametrize("alone", ["source.py", ".git", "notes", "Makefile", "a.jar.txt"])
@pytest.mark.usefixtures("no_tools")
def test_one_strange_file_is_enough_to_refuse(tmp_path: Path, alone: str) -> None:
    (tmp_path / alone).touch()
    (tmp_path / "some.jar").touch()
    with pytest.raises(LakeshiftError, match="no folder of jars"):
        jars.build(tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == {alone, "some.jar"}


@pytest.mark.usefixtures("no_tools")
def test_a_folder_of_jars_with_a_folder_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.jar").mkdir()
    with pytest.raises(LakeshiftError, match="no folder of jars"):
        jars.build(tmp_path)


def test_an_empty_setting_is_no_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LAKESHIFT_JARS", "")
    assert jars.jar_folder() == REPOSITORY / ".lakeshift" / "jars"
    assert tmp_path not in jars.jar_folder().parents


def test_a_rebuild_replaces_old_jars_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "jars"
    folder.mkdir()
    (folder / "old-1.jar").write_text("old")
    (folder / "stamp").write_text("of another pom")
    (tmp_path / "neighbour").write_text("kept")
    monkeypatch.setattr(jars, "check_tools", lambda: None)

    def fetch(part: Path, _: Path) -> None:
        (part / "new-2.jar").write_text("new")
        (part / "ecj-1.jar").write_text("the compiler")

    monkeypatch.setattr(jars, "_fetch", fetch)
    monkeypatch.setattr(jars, "_compile", lambda part: (part / "lakeshift-jvm.jar").write_text("ours"))
    monkeypatch.setattr(jars, "_signed", lambda: [])
    assert [jar.name for jar in jars.class_path(folder)] == ["lakeshift-jvm.jar", "new-2.jar"]
    assert not (folder / "old-1.jar").exists()
    assert (tmp_path / "neighbour").read_text() == "kept"
    monkeypatch.setattr(jars, "_fetch", lambda *_: pytest.fail("built twice"))
    assert jars.is_built(folder)
    jars.build(folder)


def test_a_build_that_fails_leaves_no_stamp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jars, "check_tools", lambda: None)

    def fail(*_: object) -> None:
        raise LakeshiftError("no network")

    monkeypatch.setattr(jars, "_fetch", fail)
    with pytest.raises(LakeshiftError, match="no network"):
        jars.build(tmp_path / "jars")
    assert not jars.is_built(tmp_path / "jars")


def _tool(folder: Path, name: str, says: str) -> None:
    tool = folder / name
    tool.write_text(f"#!/bin/sh\necho '{says}'\n")
    tool.chmod(0o755)


@pytest.mark.parametrize(
    ("java", "maven", "message"),
    [
        pytest.param(None, "Apache Maven 3.8.7", "Java is missing", id="no Java"),
        pytest.param('openjdk version "11.0.2"', "Apache Maven 3.8.7", "Java 17 or newer is needed", id="old Java"),
        pytest.param('java version "1.8.0_202"', "Apache Maven 3.8.7", "Java 17 or newer is needed", id="Java 8"),
        pytest.param('openjdk version "17.0.1"', None, "Maven is missing", id="no Maven"),
        pytest.param('openjdk version "21.0.1"', "Apache Maven 3.3.9", "Maven 3.6 or newer", id="old Maven"),
        pytest.param('openjdk version "17.0.15"', "Apache Maven 3.6.3", "", id="both are new enough"),
    ],
)
def test_a_missing_or_old_tool_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, java: str | None, maven: str | None, message: str
) -> None:
    if java is not None:
        _tool(tmp_path, "java", java)
    if maven is not None:
        _tool(tmp_path, "mvn", maven)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    if not message:
        jars.check_tools()
        return
    with pytest.raises(LakeshiftError, match=message):
        jars.check_tools()


def test_spark_is_told_the_file_system_for_every_scheme(tmp_path: Path) -> None:
    conf = jars.spark_s3_conf(StateFolder(tmp_path))
    assert conf["spark.hadoop.fs.lakeshift.root"] == str(tmp_path / "s3")
    assert {conf[f"spark.hadoop.fs.{scheme}.impl"] for scheme in ("s3", "s3a", "s3n")} == {
        "lakeshift.s3.LakeFileSystem"
    }


def test_a_jar_without_its_signature_has_the_same_classes(tmp_path: Path) -> None:
    manifest = "Manifest-Version: 1.0\r\nBundle-Name: a\r\n\r\nName: a/A.class\r\nSHA-256-Digest: x\r\n\r\n"
    entries = {"META-INF/MANIFEST.MF": manifest, "META-INF/ME.SF": "s", "META-INF/ME.RSA": "r", "a/A.class": "code"}
    with zipfile.ZipFile(tmp_path / "signed.jar", "w") as jar:
        for name, text in entries.items():
            jar.writestr(name, text)
    jars.write_unsigned(tmp_path / "signed.jar", tmp_path / "plain.jar")
    with zipfile.ZipFile(tmp_path / "plain.jar") as jar:
        found = {name: jar.read(name).decode() for name in jar.namelist()}
    assert found == {"META-INF/MANIFEST.MF": "Manifest-Version: 1.0\r\nBundle-Name: a\r\n", "a/A.class": "code"}
