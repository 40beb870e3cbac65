"""Starting Spark's JVM ourselves: one process, no shell script, no launcher JVM before it."""

from __future__ import annotations

import contextlib
import os
import shutil
import struct
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from lakeshift.errors import LakeshiftError
from lakeshift.glue_runtime.class_data import ClassData, class_data

__all__ = ["Gateway", "java_process", "start_gateway"]

_OPEN: Final = (
    "java.base/java.lang",
    "java.base/java.lang.invoke",
    "java.base/java.lang.reflect",
    "java.base/java.io",
    "java.base/java.net",
    "java.base/java.nio",
    "java.base/java.util",
    "java.base/java.util.concurrent",
    "java.base/java.util.concurrent.atomic",
    "java.base/jdk.internal.ref",
    "java.base/sun.nio.ch",
    "java.base/sun.nio.cs",
    "java.base/sun.security.action",
    "java.base/sun.util.calendar",
    "java.security.jgss/sun.security.krb5",
)
"""Packages that Spark reflects into (its own JavaModuleOptions)."""

_PATIENCE: Final = 120.0
_INFO: Final = "connection"
_MAIN: Final = "org.apache.spark.api.python.PythonGatewayServer"


class Gateway:
    """A JVM that serves py4j; it ends when our end of its standard input closes, so also when we are killed.

    ``classes`` is the class data that it is to leave when it ends, if any.
    """

    def __init__(self, process: subprocess.Popen[bytes], folder: Path, classes: ClassData | None = None) -> None:
        self._process, self._folder, self._classes = process, folder, classes

    def connect(self) -> None:
        """Wait until it listens, and tell pyspark where.

        Raises:
            LakeshiftError: it ended instead.
        """
        info = self._folder / _INFO
        deadline = time.monotonic() + _PATIENCE
        while not info.exists():
            status = self._process.poll()
            if status is not None or time.monotonic() > deadline:
                raise LakeshiftError(f"Spark's Java process did not start (status {status}); see the error log above")
            time.sleep(0.01)
        with info.open("rb") as stream:
            (port,) = struct.unpack(">i", stream.read(4))
            (length,) = struct.unpack(">i", stream.read(4))
            os.environ["PYSPARK_GATEWAY_PORT"] = str(port)
            os.environ["PYSPARK_GATEWAY_SECRET"] = stream.read(length).decode()
        info.unlink()
        self._folder.rmdir()  # made by start_gateway, and empty now

    def close(self) -> None:
        """End the JVM, whose Spark has been stopped, and wait for it.

        At once, since its own way out takes 0.3 s more; one that is to leave its class data goes that way.
        """
        if self._classes is None:
            self._process.kill()
            self._process.wait()
            return
        if self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=600)  # it writes the archive now, however busy the machine is
        if self._process.poll() is None:
            self._process.kill()
        else:
            self._classes.keep()


def _java() -> str:
    home = os.environ.get("JAVA_HOME")
    found = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if not found or not Path(found).exists():
        raise LakeshiftError("Spark jobs need Java 17: no java on the PATH and no JAVA_HOME. See `make doctor`.")
    return found


def java_process(
    main: str, options: Sequence[str], jars: Sequence[str], archives: Path | None = None, *, make: bool = True
) -> tuple[list[str], dict[str, str], ClassData | None]:
    """Return the command, the environment and the class data of a JVM with Spark on its class path, ``jars`` first.

    ``archives`` is the folder where class-data archives are kept; without it none is used, and without ``make`` a
    missing one is not made.
    """
    found = find_spec("pyspark")
    if found is None or found.origin is None:
        raise LakeshiftError("pyspark is not installed in this environment; run `make setup`.")
    home = Path(found.origin).parent
    java = _java()
    class_path = [*jars, str(home / "conf"), str(home / "jars" / "*")]
    classes = class_data(archives, java, class_path) if archives else None
    command = [
        java,
        *options,
        *(classes.options(make=make) if classes else ()),
        "-XX:+IgnoreUnrecognizedVMOptions",
        *[f"--add-opens={package}=ALL-UNNAMED" for package in _OPEN],
        "-Djdk.reflect.useDirectMethodHandle=false",
        "-cp",
        os.pathsep.join(class_path),
        main,
    ]
    return command, {**os.environ, "SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1"}, classes


def start_gateway(
    conf: Mapping[str, str], options: Sequence[str], jars: Sequence[str], archives: Path | None = None
) -> Gateway:
    """Start the JVM with Spark settings ``conf``, its own ``options``, and ``jars`` before Spark's; does not wait."""
    # spark.* of the system properties are what a SparkConf begins with.
    properties = {"spark.app.name": "glue", "spark.submit.deployMode": "client", **conf}
    told = [
        *properties.get("spark.driver.extraJavaOptions", "").split(),
        *[f"-D{k}={v}" for k, v in properties.items()],
    ]
    command, environment, classes = java_process(_MAIN, [*options, *told], jars, archives)
    folder = Path(tempfile.mkdtemp(prefix="gateway-"))
    environment["_PYSPARK_DRIVER_CONN_INFO_PATH"] = str(folder / _INFO)
    leaves = None if classes is None or classes.archive.exists() else classes
    return Gateway(subprocess.Popen(command, stdin=subprocess.PIPE, env=environment), folder, leaves)
