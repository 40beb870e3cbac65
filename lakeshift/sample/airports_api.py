"""A small HTTP API of airports with paging, as an outside service would offer it."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import orjson

from lakeshift.sample.dataset import rows

__all__ = ["AirportsApi", "documents"]

_PAGE: Final = 200


def documents() -> list[dict[str, Any]]:
    """All airports as the API serves them."""
    return [
        {
            "faa": row["faa"],
            "name": row["name"],
            "lat": float(row["lat"]),
            "lon": float(row["lon"]),
            "alt": int(row["alt"]),
            "tz": int(float(row["tz"])),
            "dst": row["dst"],
            "tzone": row["tzone"] or None,
        }
        for row in rows("airports")
    ]


class AirportsApi:
    """Serves ``GET /airports?page=N`` as ``{"items": [...], "next_page": N or null}`` on 127.0.0.1."""

    def __init__(self, items: list[dict[str, Any]], port: int = 0) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                url = urlsplit(self.path)
                if url.path != "/airports":
                    self.send_error(404)
                    return
                page = int(parse_qs(url.query).get("page", ["1"])[0])
                part = items[(page - 1) * _PAGE : page * _PAGE]
                following = page + 1 if page * _PAGE < len(items) else None
                body = orjson.dumps({"items": part, "next_page": following})
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
                """Requests are not worth a line."""

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> AirportsApi:
        """Serve in a thread; returns self."""
        threading.Thread(target=self._server.serve_forever, name="airports-api", daemon=True).start()
        return self

    def stop(self) -> None:
        """Stop and free the port."""
        self._server.shutdown()
        self._server.server_close()
