"""The local AWS in a container: the server as it is, and a door to it.

The server listens on 127.0.0.1 and on nothing else, also here, where 127.0.0.1 is the container's own. A published port
comes in by another address, so what comes to the doors is passed on, byte by byte. LAKESHIFT_DOORS are pairs of ports,
outside:inside, and LAKESHIFT_DOOR_HOST is where they listen: in the container, on all its addresses.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys

DOORS = "14566:4566,15439:5439"


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    with contextlib.suppress(ConnectionError, RuntimeError):
        if writer.can_write_eof():
            writer.write_eof()


def _door(port: int):  # noqa: ANN202 - a coroutine function
    async def opened(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            writer.close()
            return
        try:
            await asyncio.gather(_pipe(reader, inner_writer), _pipe(inner_reader, writer))
        finally:
            for one in (writer, inner_writer):
                one.close()

    return opened


async def serve(doors: dict[int, int], host: str, command: list[str]) -> int:
    """Open ``doors``, run ``command`` until it ends, pass SIGTERM and SIGINT on to it; returns its exit code."""
    servers = [await asyncio.start_server(_door(inner), host, outer) for outer, inner in doors.items()]
    process = await asyncio.create_subprocess_exec(*command)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, process.send_signal, signal.SIGTERM)
    code = await process.wait()
    for server in servers:
        server.close()
    return code


def main() -> int:
    """The server on its own port, behind the doors."""
    pairs = (pair.split(":") for pair in os.environ.get("LAKESHIFT_DOORS", DOORS).split(","))
    doors = {int(outer): int(inner) for outer, inner in pairs}
    host = os.environ.get("LAKESHIFT_DOOR_HOST", "0.0.0.0")  # noqa: S104 - of a container
    command = [sys.executable, "-m", "lakeshift.local.server", "--port", os.environ.get("LAKESHIFT_PORT") or "4566"]
    return asyncio.run(serve(doors, host, command))


if __name__ == "__main__":
    sys.exit(main())
