"""The wire's side of Redshift Serverless; an operation that is not here is refused by name."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from moto.core.responses import BaseResponse

from lakeshift.local.redshift_serverless.backend import RedshiftServerlessBackend, redshiftserverless_backends
from lakeshift.local.redshift_serverless.failures import ValidationException

__all__ = ["RedshiftServerlessResponse"]

_ONE: Final = (
    "create_namespace", "get_namespace", "update_namespace", "delete_namespace", "create_workgroup", "get_workgroup",
    "update_workgroup", "delete_workgroup", "get_credentials", "create_usage_limit", "get_usage_limit",
    "update_usage_limit", "delete_usage_limit", "tag_resource", "untag_resource", "list_tags_for_resource",
)  # fmt: skip
_MANY: Final = {"list_namespaces": "namespaces", "list_workgroups": "workgroups", "list_usage_limits": "usageLimits"}
_MOST: Final = 100


class RedshiftServerlessResponse(BaseResponse):
    """One method an operation, dispatched by name."""

    def __init__(self) -> None:
        super().__init__(service_name="redshift-serverless")

    @property
    def _backend(self) -> RedshiftServerlessBackend:
        found: RedshiftServerlessBackend = redshiftserverless_backends[self.current_account][self.region]
        return found

    def request_document(self) -> dict[str, Any]:
        """The request."""
        document: dict[str, Any] = json.loads(self.body or "{}")
        return document

    def answer(self, name: str) -> Any:
        """What the backend's method of that name says."""
        return 200, {}, json.dumps(getattr(self._backend, name)(self.request_document()))

    def page(self, name: str, key: str) -> Any:
        """A page of what the backend's method lists."""
        request = self.request_document()
        token, most = request.get("nextToken") or "0", int(request.get("maxResults") or _MOST)
        if not token.isdigit():
            raise ValidationException("nextToken is not valid.")
        found, start = getattr(self._backend, name)(request), int(token)
        more = {"nextToken": str(start + most)} if start + most < len(found) else {}
        return 200, {}, json.dumps({key: found[start : start + most], **more})


def _one(name: str) -> Callable[[RedshiftServerlessResponse], Any]:
    return lambda self: self.answer(name)


def _many(name: str, key: str) -> Callable[[RedshiftServerlessResponse], Any]:
    return lambda self: self.page(name, key)


for _name in _ONE:
    setattr(RedshiftServerlessResponse, _name, _one(_name))
for _name, _key in _MANY.items():
    setattr(RedshiftServerlessResponse, _name, _many(_name, _key))
