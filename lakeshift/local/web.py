"""The HTTP side of the local AWS: our own routes, a guard, moto's application, errors in AWS's shape, snapshots."""

from __future__ import annotations

import io
import json
import logging
import re
import socket
import traceback
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from moto import backends
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.wrappers import Request, Response

from lakeshift.local import routes, state
from lakeshift.local.faults import FAULTS, Fault

__all__ = ["Handler", "LocalApplication"]

_log = logging.getLogger(__name__)

_HOSTS: Final = re.compile(
    r"(127\.0\.0\.1|localhost|([a-z0-9_.-]+\.)+(localhost|amazonaws\.com))(:\d+)?", re.IGNORECASE
)
_READS: Final = re.compile(
    r"(Describe|Get|List|Head|Lookup|Search|Scan|Query|BatchGet|BatchDescribe|Filter|Receive|Test|Validate|Simulate|Poll)"
)
_JSON_ERRORS: Final = "application/x-amz-json-1.1"


class Handler(MotoRequestHandler):
    """Logs requests to the server's log and never to stderr."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *arguments: Any) -> None:  # noqa: A002 - werkzeug's name
        """One line a request."""
        _log.log(logging.ERROR if type == "error" else logging.INFO, message.replace("%", "%%") % arguments)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:  # noqa: ARG002 - werkzeug's signature
        """Method, path and status."""
        _log.info("%s %s %s", self.command, self.path, int(code) if isinstance(code, int) else code)


class LocalApplication:
    """The WSGI application."""

    def __init__(self) -> None:
        modules = frozenset(backends.list_of_moto_modules())
        backends.list_of_moto_modules = lambda: modules  # moto lists its folder for every request, 2 ms each
        self._moto = DomainDispatcherApplication(_create_app)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request."""
        request = Request(environ)
        if not _HOSTS.fullmatch(environ.get("HTTP_HOST", "")):  # a web page that renamed itself to 127.0.0.1
            return Response(f"Host {environ.get('HTTP_HOST')!r} is not served.\n", 403)(environ, start_response)
        own = _own_answer(request)
        if own is not None:
            return own(environ, start_response)
        service, operation = service_and_operation(environ)
        fault = FAULTS.of(service, operation)
        if fault is not None and fault.kind != "lost":
            return self._fail(request, service, fault)(environ, start_response)
        try:
            response = Response.from_app(self._moto, environ, buffered=False)
            unknown = response.status_code == 404 and response.mimetype == "text/html"
            if unknown and environ["REQUEST_METHOD"] != "HEAD":  # HEAD of what is missing has no body to tell by
                response = _not_implemented(request, service, operation)
        except NotImplementedError:
            _log.warning("not implemented: %s %s", service, operation)
            response = _not_implemented(request, service, operation)
        except Exception as error:  # moto's own failure, told in AWS's shape
            _log.exception("%s %s", service, operation)
            text = (
                f"The local AWS failed at {service}:{operation} ({type(error).__name__}: {error}): it cannot take this "
                "request. What the server was doing is in its log."
            )
            response = error_response(request, service, 500, "InternalFailure", text)
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD", "OPTIONS") and not _READS.match(operation):
            _snapshot(service, environ, response.status_code)
        if fault is not None:
            response.close()
            response = self._fail(request, service, fault)
        return response(environ, start_response)

    @staticmethod
    def _fail(request: Request, service: str, fault: Fault) -> Response:
        if fault.kind == "reset":
            request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        return error_response(request, service, fault.status, fault.code, fault.text)


def _create_app(service: Any) -> Any:
    if service is None:
        raise NotImplementedError("no such service")
    try:
        app = create_backend_app(service)
    except ModuleNotFoundError as error:  # a service whose extra of moto is not installed
        raise NotImplementedError(str(error)) from error
    app.config["PROPAGATE_EXCEPTIONS"] = True
    return app


def _own_answer(request: Request) -> Response | None:
    try:
        return routes.answer(request)
    except Exception as error:  # the caller is told, the server goes on
        _log.error("%s\n%s", request.path, traceback.format_exc())
        return routes.json_response({"message": f"{type(error).__name__}: {error}"}, 500)


def _snapshot(service: str, environ: dict[str, Any], status: int) -> None:
    path = environ.get("PATH_INFO", "")
    if path.startswith("/moto-api"):
        state.changed_all()
        return
    if service == "s3" and "/" in path.strip("/"):
        return  # an object's facts lie in the ledger, not in the snapshot
    if status < 500:
        state.requested(service)


def service_and_operation(environ: dict[str, Any]) -> tuple[str, str]:
    """The service as its signature names it, and the operation: from the target, the action, or method and path."""
    found = re.search(r"Credential=[^/]*/[^/]*/[^/]*/([^/]+)/", environ.get("HTTP_AUTHORIZATION", ""))
    query = parse_qs(environ.get("QUERY_STRING", ""))
    if found is None and "X-Amz-Credential" in query:
        found = re.search(r"[^/]*/[^/]*/[^/]*/([^/]+)/", query["X-Amz-Credential"][0])
    service = found.group(1).lower() if found else "s3"
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    if target:
        return service, target.rpartition(".")[2]
    if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)  # for moto to read again
        action = parse_qs(body.decode("utf-8", "replace")).get("Action")
        if action:
            return service, action[0]
    return service, f"{environ['REQUEST_METHOD']} {environ.get('PATH_INFO', '')}"


def _not_implemented(request: Request, service: str, operation: str) -> Response:
    text = (
        f"The local AWS does not implement {service}:{operation}. Leave the call out of local runs, or point it at "
        "AWS. What is there is listed in docs/fidelity.md."
    )
    return error_response(request, service, 501, "NotImplemented", text)


def error_response(request: Request, service: str, status: int, code: str, text: str) -> Response:
    """An error as the service's own protocol writes it: JSON, or XML for S3 and the query services."""
    if service in ("s3", "s3-object-lambda"):
        body = f"<Error><Code>{code}</Code><Message>{escape(text)}</Message></Error>"
        return Response(body, status, content_type="application/xml")
    if request.mimetype == "application/x-www-form-urlencoded":
        inner = f"<Error><Type>Receiver</Type><Code>{code}</Code><Message>{escape(text)}</Message></Error>"
        return Response(f"<ErrorResponse>{inner}</ErrorResponse>", status, content_type="text/xml")
    document = json.dumps({"__type": code, "message": text, "Message": text})
    return Response(document, status, {"x-amzn-ErrorType": code}, content_type=_JSON_ERRORS)
