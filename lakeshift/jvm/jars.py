"""The jars a Spark job needs beyond pyspark's: fetched by Maven, our own classes compiled from ``src``."""

from __future__ import annotations

import fcntl
import functools
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import zipfile
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from lakeshift.errors import LakeshiftError
from lakeshift.paths import REPOSITORY, StateFolder

__all__ = [
    "build",
    "check_tools",
    "class_path",
    "is_built",
    "jar_folder",
    "java",
    "spark_s3_conf",
    "write_unsigned",
]

_HERE: Final = Path(__file__).resolve().parent
_POM: Final = _HERE / "pom.xml"
_SOURCES: Final = _HERE / "src"
_OWN_JAR: Final = "lakeshift-jvm.jar"
_STAMP: Final = "stamp"
_POM_STAMP: Final = "pom"
_COMPILER: Final = "ecj-"
_SIGNED: Final = ("commons-compiler-", "janino-")  # of pyspark's own jars
_SIGNATURES: Final = re.compile(r"META-INF/[^/]+\.(SF|RSA|DSA|EC)")
_MANIFEST: Final = "META-INF/MANIFEST.MF"
_JAVA: Final = 17
_MAVEN: Final = (3, 6)
_FILE_SYSTEM: Final = "lakeshift.s3.LakeFileSystem"
_SCHEMES: Final = ("s3", "s3a", "s3n")


def jar_folder() -> Path:
    """Where the jars lie: ``LAKESHIFT_JARS`` where it is set and not empty, else ``.lakeshift/jars`` in the repository.

    Not in the state folder: the set-up makes them once for every state folder.
    """
    given = os.environ.get("LAKESHIFT_JARS")
    return Path(given).absolute() if given else REPOSITORY / ".lakeshift" / "jars"


def is_built(folder: Path | None = None) -> bool:
    """Whether ``folder`` holds the jars of this very pom and these sources."""
    stamp = (folder or jar_folder()) / _STAMP
    return stamp.exists() and stamp.read_text() == _wanted()


def build(folder: Path | None = None) -> None:
    """Fetch and compile into ``folder`` unless that was done already; only the first time needs the network.

    Files of other names in ``folder`` are never touched. Raises LakeshiftError when ``folder`` holds anything that is
    not ours, when Java or Maven is missing or too old, or with what Maven or the compiler said.
    """
    folder = folder or jar_folder()
    if is_built(folder):
        return
    _require_ours(folder)
    check_tools()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two that build at once: the second finds it done
        if not is_built(folder):
            _build(folder)


def _require_ours(folder: Path) -> None:
    """A folder that holds anything but jars and our stamps is somebody else's, whatever a setting says."""
    ours = {_STAMP, _POM_STAMP, ".lock"}
    strange = [
        entry.name
        for entry in (folder.iterdir() if folder.is_dir() else ())
        if entry.name not in ours and not (entry.is_file() and entry.suffix == ".jar") and entry.name != ".part"
    ]
    if strange:
        raise LakeshiftError(
            f"{folder} is no folder of jars: it holds {strange[0]!r}. Set LAKESHIFT_JARS to an empty or new folder."
        )


def class_path(folder: Path | None = None) -> list[Path]:
    """The jars for Spark's class path, sorted; builds them where needed."""
    folder = folder or jar_folder()
    build(folder)
    return sorted(jar for jar in folder.glob("*.jar") if not jar.name.startswith(_COMPILER))


def spark_s3_conf(state: StateFolder) -> dict[str, str]:
    """Spark settings by which ``s3://``, ``s3a://`` and ``s3n://`` are the buckets of ``state``.

    The jars of ``class_path()`` must be on the class path from the start (``spark.driver.extraClassPath``).
    """
    conf = {f"spark.hadoop.fs.{scheme}.impl": _FILE_SYSTEM for scheme in _SCHEMES}
    return {**conf, "spark.hadoop.fs.lakeshift.root": str(state.buckets)}


def check_tools() -> None:
    """Raise LakeshiftError unless Java 17 or newer and Maven 3.6 or newer answer."""
    said = _version([java(), "-version"], "Java", f"Install a Java {_JAVA} runtime, or set JAVA_HOME to one.")
    found = re.search(r'version "(\d+)', said)
    if found is None or int(found.group(1)) < _JAVA:
        first = said.splitlines()[0] if said else "nothing"
        raise LakeshiftError(f"Java {_JAVA} or newer is needed; {java()} says {first!r}. Set JAVA_HOME to a newer one.")
    said = _version(["mvn", "-v"], "Maven", "Install Maven 3.6 or newer (apt install maven, brew install maven).")
    found = re.search(r"Apache Maven (\d+)\.(\d+)", said)
    if found is None or (int(found.group(1)), int(found.group(2))) < _MAVEN:
        first = said.splitlines()[0] if said else "nothing"
        raise LakeshiftError(f"Maven 3.6 or newer is needed; mvn says {first!r}.")


def java() -> str:
    """The Java that pyspark will start."""
    home = os.environ.get("JAVA_HOME")
    return str(Path(home) / "bin" / "java") if home else "java"


def _version(command: list[str], name: str, instead: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except (FileNotFoundError, PermissionError, subprocess.TimeoutExpired) as error:
        raise LakeshiftError(f"{name} is missing: {command[0]} cannot be run. {instead}") from error
    return re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr).strip()


@functools.cache
def _wanted() -> str:
    digest = hashlib.sha256(_POM.read_bytes())
    digest.update(repr([jar.name for jar in _signed()]).encode())
    for source in sorted(_SOURCES.rglob("*.java")):
        digest.update(source.relative_to(_SOURCES).as_posix().encode() + source.read_bytes())
    return digest.hexdigest()


def _build(folder: Path) -> None:
    """Build aside, then move file by file; the stamp goes first and comes last.

    No folder is ever deleted whole but the one made here for the purpose.
    """
    with tempfile.TemporaryDirectory(prefix="lakeshift-jars-") as made:
        part = Path(made)
        _fetch(part, folder)
        _compile(part)
        for jar in _signed():
            write_unsigned(jar, part / jar.name)
        (folder / _STAMP).unlink(missing_ok=True)
        wanted = {file.name for file in part.iterdir()}
        for old in folder.glob("*.jar"):
            if old.name not in wanted:
                old.unlink()
        for file in part.iterdir():
            upload = folder / ".part"
            shutil.copyfile(file, upload)
            upload.replace(folder / file.name)
        (folder / _STAMP).write_text(_wanted())


def _fetch(part: Path, before: Path) -> None:
    """Third-party jars, from ``before`` where they are of the same pom."""
    pom = hashlib.sha256(_POM.read_bytes()).hexdigest()
    if (before / _POM_STAMP).exists() and (before / _POM_STAMP).read_text() == pom:
        for jar in before.glob("*.jar"):
            if jar.name != _OWN_JAR:
                shutil.copyfile(jar, part / jar.name)
    else:
        command = ["mvn", "-q", "-B", "-f", str(_POM), "dependency:copy-dependencies", f"-DoutputDirectory={part}"]
        _run(command, "Maven could not fetch the jars (the first time needs the network).")
    (part / _POM_STAMP).write_text(pom)


def write_unsigned(jar: Path, target: Path) -> None:
    """Write the same classes without a signature, which is of no use here.

    Java checks a signed class each time it is loaded, and keeps none in its archive of class data: in every new JVM
    Spark's compiler would be read and checked anew.
    """
    with zipfile.ZipFile(jar) as signed, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as plain:
        for entry in signed.infolist():
            if _SIGNATURES.fullmatch(entry.filename):
                continue
            content = signed.read(entry)
            if entry.filename == _MANIFEST:  # its first section is of the jar, the others are digests of the classes
                content = content.split(b"\r\n\r\n")[0] + b"\r\n"
            plain.writestr(entry, content)


def _compile(part: Path) -> None:
    compiler = next(part.glob(f"{_COMPILER}*.jar"))
    jars = [*_pyspark_jars(), *(jar for jar in part.glob("*.jar") if jar != compiler)]
    with tempfile.TemporaryDirectory() as classes:
        path = os.pathsep.join(map(str, jars))
        command = [java(), "-jar", str(compiler), f"-{_JAVA}", "-proc:none", "-nowarn", "-cp", path]
        _run([*command, "-d", classes, str(_SOURCES)], "The Java sources in lakeshift/jvm/src do not compile.")
        with zipfile.ZipFile(part / _OWN_JAR, "w", zipfile.ZIP_DEFLATED) as jar:
            for file in sorted(Path(classes).rglob("*.class")):
                jar.write(file, file.relative_to(classes))


def _signed() -> list[Path]:
    return [jar for jar in _pyspark_jars() if jar.name.startswith(_SIGNED)]


def _pyspark_jars() -> list[Path]:
    spec = find_spec("pyspark")
    if spec is None or spec.origin is None:
        raise LakeshiftError("pyspark is not installed. Run `make setup`.")
    return sorted((Path(spec.origin).parent / "jars").glob("*.jar"))


def _run(command: list[str], failure: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    if done.returncode != 0:
        raise LakeshiftError(f"{failure}\n{(done.stdout + done.stderr).strip()[-4000:]}")
