"""Namespaces, workgroups, usage limits and tags of Redshift Serverless.

https://docs.aws.amazon.com/redshift-serverless/latest/APIReference/Welcome.html
"""

from __future__ import annotations

import re
import time
import uuid
from typing import TYPE_CHECKING, Any, Final

from moto.core.base_backend import BackendDict, BaseBackend

from lakeshift.local.redshift_serverless.failures import (
    ConflictException,
    ResourceNotFoundException,
    ValidationException,
)
from lakeshift.local.redshift_wire.login import Temporary

if TYPE_CHECKING:
    from lakeshift.local.redshift.clusters import Clusters, Facts
    from lakeshift.local.redshift.endpoints import Endpoints

__all__ = ["RedshiftServerlessBackend", "redshiftserverless_backends"]

_NAME: Final = re.compile(r"[a-z0-9-]{3,64}")
_HOST: Final = "127.0.0.1"
_PORT: Final = 5439
_IAM_USER: Final = "IAMR:local"
_SECRETS: Final = frozenset({"adminUserPassword", "tags"})
_REFUSED: Final = {
    "manageAdminPassword": "Give adminUserPassword.",
    "redshiftIdcApplicationArn": "Log in as a database user.",
    "snapshotName": "Load the tables into the namespace.",
    "s3TableAction": "Load the tables into the namespace.",
}
_PERIODS: Final = ("daily", "weekly", "monthly")
_USAGES: Final = ("serverless-compute", "cross-region-datasharing")


class RedshiftServerlessBackend(BaseBackend):
    """The state of one account and region; everything in it is plain data."""

    clusters_open: Clusters
    endpoints: Endpoints

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.namespaces: dict[str, dict[str, Any]] = {}
        self.workgroups: dict[str, dict[str, Any]] = {}
        self.usage_limits: dict[str, dict[str, Any]] = {}
        self.tags: dict[str, dict[str, str]] = {}

    @property
    def _url_module(self) -> Any:
        from lakeshift.local.redshift_serverless import urls

        return urls

    def _arn(self, kind: str, identifier: str) -> str:
        return f"arn:aws:redshift-serverless:{self.region_name}:{self.account_id}:{kind}/{identifier}"

    def facts(self, workgroup: str) -> Facts | None:
        """The warehouse behind a workgroup, None where there is none."""
        from lakeshift.local.redshift.clusters import Facts

        found = self.workgroups.get(workgroup)
        if found is None:
            return None
        namespace = self.namespaces[found["namespaceName"]]
        return Facts(
            f"serverless.{namespace['namespaceName']}",
            namespace["dbName"],
            namespace["adminUsername"],
            namespace.get("adminUserPassword"),
        )

    # Namespaces.

    def create_namespace(self, request: dict[str, Any]) -> dict[str, Any]:
        """CreateNamespace."""
        name = _checked(request, "namespaceName")
        if name in self.namespaces:
            raise ConflictException(f"Namespace {name} already exists.")
        if (request.get("adminUsername") is None) != (request.get("adminUserPassword") is None):
            raise ValidationException("adminUsername and adminUserPassword must be given together.")
        identifier = str(uuid.uuid4())
        self.namespaces[name] = {
            "adminUsername": "admin",
            "dbName": "dev",
            "iamRoles": [],
            "logExports": [],
            "kmsKeyId": "AWS_OWNED_KMS_KEY",
            **{key: value for key, value in request.items() if key != "tags"},
            "namespaceId": identifier,
            "namespaceArn": self._arn("namespace", identifier),
            "creationDate": time.time(),
            "status": "AVAILABLE",
        }
        self._tag(self.namespaces[name]["namespaceArn"], request)
        return self.get_namespace(request)

    def _namespace(self, request: dict[str, Any]) -> dict[str, Any]:
        name = request.get("namespaceName") or ""
        if name not in self.namespaces:
            raise ResourceNotFoundException(f"Namespace {name} doesn't exist.")
        return self.namespaces[name]

    def get_namespace(self, request: dict[str, Any]) -> dict[str, Any]:
        """GetNamespace."""
        return {"namespace": _shown(self._namespace(request))}

    def list_namespaces(self, _request: dict[str, Any]) -> list[dict[str, Any]]:
        """ListNamespaces."""
        return [_shown(one) for one in self.namespaces.values()]

    def update_namespace(self, request: dict[str, Any]) -> dict[str, Any]:
        """UpdateNamespace; a new adminUserPassword counts from the next login."""
        found = self._namespace(request)
        _refuse(request)
        if (request.get("adminUsername") or found["adminUsername"]) != found["adminUsername"]:
            raise ValidationException("adminUsername cannot be changed locally. Create the user with CREATE USER.")
        found |= request
        return self.get_namespace(request)

    def delete_namespace(self, request: dict[str, Any]) -> dict[str, Any]:
        """DeleteNamespace; its data goes with it."""
        found = self._namespace(request)
        if request.get("finalSnapshotName"):
            raise ValidationException(
                "finalSnapshotName is not supported locally: there are no snapshots. Leave it out."
            )
        name = found["namespaceName"]
        if any(one["namespaceName"] == name for one in self.workgroups.values()):
            raise ConflictException(f"Namespace {name} is associated with a workgroup. Delete the workgroup first.")
        del self.namespaces[name]
        self.clusters_open.forget(f"serverless.{name}")
        return {"namespace": {**_shown(found), "status": "DELETING"}}

    # Workgroups.

    def create_workgroup(self, request: dict[str, Any]) -> dict[str, Any]:
        """CreateWorkgroup; one a namespace."""
        name = _checked(request, "workgroupName")
        if name in self.workgroups:
            raise ConflictException(f"Workgroup {name} already exists.")
        namespace = self._namespace(request)["namespaceName"]
        if any(one["namespaceName"] == namespace for one in self.workgroups.values()):
            raise ConflictException(f"Namespace {namespace} is already associated with a workgroup.")
        identifier = str(uuid.uuid4())
        self.workgroups[name] = {
            "baseCapacity": 128,
            "configParameters": [],
            "enhancedVpcRouting": False,
            "publiclyAccessible": False,
            "securityGroupIds": [],
            "subnetIds": [],
            "port": _PORT,
            **{key: value for key, value in request.items() if key != "tags"},
            "workgroupId": identifier,
            "workgroupArn": self._arn("workgroup", identifier),
            "creationDate": time.time(),
            "status": "AVAILABLE",
        }
        self._tag(self.workgroups[name]["workgroupArn"], request)
        self.endpoints.refresh()
        return self.get_workgroup(request)

    def _workgroup(self, request: dict[str, Any]) -> dict[str, Any]:
        name = request.get("workgroupName") or ""
        if name not in self.workgroups:
            raise ResourceNotFoundException(f"Workgroup {name} doesn't exist.")
        return self.workgroups[name]

    def get_workgroup(self, request: dict[str, Any]) -> dict[str, Any]:
        """GetWorkgroup."""
        return {"workgroup": self._with_endpoint(self._workgroup(request))}

    def _with_endpoint(self, workgroup: dict[str, Any]) -> dict[str, Any]:
        port = self.endpoints.port(f"serverless.{workgroup['namespaceName']}") or workgroup["port"]
        return {**workgroup, "port": port, "endpoint": {"address": _HOST, "port": port, "vpcEndpoints": []}}

    def list_workgroups(self, _request: dict[str, Any]) -> list[dict[str, Any]]:
        """ListWorkgroups."""
        return [self._with_endpoint(one) for one in self.workgroups.values()]

    def update_workgroup(self, request: dict[str, Any]) -> dict[str, Any]:
        """UpdateWorkgroup."""
        found = self._workgroup(request)
        found |= request
        return self.get_workgroup(request)

    def delete_workgroup(self, request: dict[str, Any]) -> dict[str, Any]:
        """DeleteWorkgroup; the namespace keeps the data."""
        found = self._workgroup(request)
        del self.workgroups[found["workgroupName"]]
        self.endpoints.close_one(f"serverless.{found['namespaceName']}")
        return {"workgroup": {**found, "status": "DELETING"}}

    # Credentials.

    def get_credentials(self, request: dict[str, Any]) -> dict[str, Any]:
        """GetCredentials: they log in on the workgroup's port."""
        if request.get("customDomainName"):
            raise ValidationException("customDomainName is not supported locally. Give workgroupName.")
        found = self._workgroup(request)
        seconds = int(request.get("durationSeconds") or 900)
        if not 900 <= seconds <= 3600:
            raise ValidationException("durationSeconds must be between 900 and 3600.")
        password, until = self.endpoints.credentials.password(), time.time() + seconds
        key = f"serverless.{found['namespaceName']}"
        given = Temporary(key, _IAM_USER, _IAM_USER, password, until, request.get("dbName"), create=True)
        self.endpoints.credentials.give(given)
        return {"dbUser": _IAM_USER, "dbPassword": password, "expiration": until, "nextRefreshTime": until}

    # Usage limits: kept and told; nothing is metered here.

    def create_usage_limit(self, request: dict[str, Any]) -> dict[str, Any]:
        """CreateUsageLimit."""
        arn = request.get("resourceArn")
        if arn not in {one["workgroupArn"] for one in self.workgroups.values()}:
            raise ResourceNotFoundException(f"The resource {arn} doesn't exist.")
        _one_of(request, "usageType", _USAGES)
        _one_of({"period": "monthly", **request}, "period", _PERIODS)
        identifier = str(uuid.uuid4())
        self.usage_limits[identifier] = {
            "breachAction": "log",
            "period": "monthly",
            **request,
            "usageLimitId": identifier,
            "usageLimitArn": self._arn("usagelimit", identifier),
        }
        return {"usageLimit": self.usage_limits[identifier]}

    def _usage_limit(self, request: dict[str, Any]) -> dict[str, Any]:
        identifier = request.get("usageLimitId") or ""
        if identifier not in self.usage_limits:
            raise ResourceNotFoundException(f"Usage limit {identifier} doesn't exist.")
        return self.usage_limits[identifier]

    def get_usage_limit(self, request: dict[str, Any]) -> dict[str, Any]:
        """GetUsageLimit."""
        return {"usageLimit": self._usage_limit(request)}

    def list_usage_limits(self, request: dict[str, Any]) -> list[dict[str, Any]]:
        """ListUsageLimits."""
        wanted = {key: request[key] for key in ("resourceArn", "usageType") if request.get(key)}
        return [one for one in self.usage_limits.values() if wanted.items() <= one.items()]

    def update_usage_limit(self, request: dict[str, Any]) -> dict[str, Any]:
        """UpdateUsageLimit."""
        found = self._usage_limit(request)
        found |= request
        return {"usageLimit": found}

    def delete_usage_limit(self, request: dict[str, Any]) -> dict[str, Any]:
        """DeleteUsageLimit."""
        found = self._usage_limit(request)
        del self.usage_limits[found["usageLimitId"]]
        return {"usageLimit": found}

    # Tags.

    def _tag(self, arn: str, request: dict[str, Any]) -> None:
        self.tags.setdefault(arn, {}).update({tag["key"]: tag["value"] for tag in request.get("tags") or ()})

    def _tagged(self, request: dict[str, Any]) -> str:
        arn = str(request.get("resourceArn"))
        if arn not in self.tags:
            raise ResourceNotFoundException(f"The resource {arn} doesn't exist.")
        return arn

    def tag_resource(self, request: dict[str, Any]) -> dict[str, Any]:
        """TagResource."""
        self._tag(self._tagged(request), request)
        return {}

    def untag_resource(self, request: dict[str, Any]) -> dict[str, Any]:
        """UntagResource."""
        for key in request.get("tagKeys") or ():
            self.tags[self._tagged(request)].pop(key, None)
        return {}

    def list_tags_for_resource(self, request: dict[str, Any]) -> dict[str, Any]:
        """ListTagsForResource."""
        return {"tags": [{"key": key, "value": value} for key, value in self.tags[self._tagged(request)].items()]}


def _checked(request: dict[str, Any], key: str) -> str:
    name = str(request.get(key) or "")
    if not _NAME.fullmatch(name):
        raise ValidationException(f"{key} must have 3 to 64 lower-case letters, digits and hyphens.")
    _refuse(request)
    return name


def _refuse(request: dict[str, Any]) -> None:
    for key, instead in _REFUSED.items():
        if request.get(key):
            raise ValidationException(f"{key} is not supported locally. {instead}")


def _one_of(request: dict[str, Any], key: str, values: tuple[str, ...]) -> None:
    if request.get(key) not in values:
        raise ValidationException(f"{key} must be one of {', '.join(values)}.")


def _shown(namespace: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in namespace.items() if key not in _SECRETS}


redshiftserverless_backends = BackendDict(RedshiftServerlessBackend, "redshift-serverless")
