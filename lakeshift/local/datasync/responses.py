"""The DataSync API over our backend: NFS locations, all options, and answers as AWS gives them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from moto.datasync.exceptions import InvalidRequestException
from moto.datasync.responses import DataSyncResponse

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.local.datasync.backend import OPTIONS

__all__ = ["LocalDataSyncResponse"]

_TASK_FIELDS: Final = ("CloudWatchLogGroupArn", "Options", "Excludes", "Includes", "Schedule", "TaskReportConfig")
_SMB: Final = ("User", "Domain", "AgentArns", "MountOptions", "AuthenticationType")
_PAGE: Final = "https://docs.aws.amazon.com/datasync/latest/userguide/API_CreateTask.html"
# The answer to a start waits so long for the end: who looks at once finds a short transfer done, and a state machine
# that looks again after a second does not lose that second.
_SHORT_WAIT: Final = 0.2  # seconds


def _refused(kind: str) -> Callable[[DataSyncResponse], str]:
    """An operation that is refused by name."""

    def refuse(_: DataSyncResponse) -> str:
        refused = NotSupportedLocallyError(f"A location of the kind {kind}", "Use NFS, SMB or S3.", _PAGE)
        raise InvalidRequestException(str(refused))

    return refuse


class LocalDataSyncResponse(DataSyncResponse):
    """Every operation that differs from moto's."""

    create_location_azure_blob = _refused("Azure Blob Storage")
    create_location_efs = _refused("EFS")
    create_location_fsx_lustre = _refused("FSx for Lustre")
    create_location_fsx_ontap = _refused("FSx for NetApp ONTAP")
    create_location_fsx_open_zfs = _refused("FSx for OpenZFS")
    create_location_fsx_windows = _refused("FSx for Windows File Server")
    create_location_hdfs = _refused("HDFS")
    create_location_object_storage = _refused("object storage")

    def create_location_nfs(self) -> str:
        """https://docs.aws.amazon.com/datasync/latest/userguide/API_CreateLocationNfs.html.

        Locally every server stands for the folder ``sources/share`` of the state folder.
        """
        host, folder = self._get_param("ServerHostname"), self._get_param("Subdirectory") or "/"
        if not (self._get_param("OnPremConfig") or {}).get("AgentArns"):
            raise InvalidRequestException("OnPremConfig must name at least one agent.")
        metadata = {
            "OnPremConfig": self._get_param("OnPremConfig"),
            "MountOptions": self._get_param("MountOptions") or {"Version": "AUTOMATIC"},
            "Subdirectory": folder,
        }
        inside = folder.strip("/")
        uri = f"nfs://{host}/{inside}/" if inside else f"nfs://{host}/"
        return self._created("Location", self.datasync_backend.create_location(uri, "NFS", metadata))

    def describe_location_nfs(self) -> str:
        """https://docs.aws.amazon.com/datasync/latest/userguide/API_DescribeLocationNfs.html."""
        location = self._get_location(self._get_param("LocationArn"), typ="NFS")
        kept = {key: location.metadata[key] for key in ("OnPremConfig", "MountOptions")}
        return json.dumps({"LocationArn": location.arn, "LocationUri": location.uri, **kept})

    def update_location_nfs(self) -> str:
        """https://docs.aws.amazon.com/datasync/latest/userguide/API_UpdateLocationNfs.html."""
        location = self._get_location(self._get_param("LocationArn"), typ="NFS")
        for key in ("OnPremConfig", "MountOptions"):
            if self._get_param(key):
                location.metadata[key] = self._get_param(key)
        return "{}"

    def create_location_smb(self) -> str:
        """https://docs.aws.amazon.com/datasync/latest/userguide/API_CreateLocationSmb.html.

        Locally every server stands for the folder ``sources/share`` of the state folder; the password is not kept.
        """
        host, folder = self._get_param("ServerHostname"), self._get_param("Subdirectory") or "/"
        if not self._get_param("AgentArns"):
            raise InvalidRequestException("AgentArns must name at least one agent.")
        metadata = {name: self._get_param(name) for name in _SMB if self._get_param(name) is not None}
        metadata = {"MountOptions": {"Version": "AUTOMATIC"}, **metadata, "Subdirectory": folder}
        inside = folder.strip("/")
        uri = f"smb://{host}/{inside}/" if inside else f"smb://{host}/"
        return self._created("Location", self.datasync_backend.create_location(uri, "SMB", metadata))

    def describe_location_smb(self) -> str:
        """https://docs.aws.amazon.com/datasync/latest/userguide/API_DescribeLocationSmb.html."""
        location = self._get_location(self._get_param("LocationArn"), typ="SMB")
        kept = {name: location.metadata[name] for name in _SMB if name in location.metadata}
        return json.dumps({"LocationArn": location.arn, "LocationUri": location.uri, **kept})

    def update_location_smb(self) -> str:
        """https://docs.aws.amazon.com/datasync/latest/userguide/API_UpdateLocationSmb.html."""
        location = self._get_location(self._get_param("LocationArn"), typ="SMB")
        location.metadata.update({name: self._get_param(name) for name in _SMB if self._get_param(name) is not None})
        return "{}"

    def create_location_s3(self) -> str:
        """https://docs.aws.amazon.com/datasync/latest/userguide/API_CreateLocationS3.html."""
        bucket = self._get_param("S3BucketArn").rpartition(":")[2]
        folder = (self._get_param("Subdirectory") or "").strip("/")
        metadata = {
            "S3Config": self._get_param("S3Config"),
            "S3StorageClass": self._get_param("S3StorageClass") or "STANDARD",
        }
        uri = f"s3://{bucket}/{folder}/" if folder else f"s3://{bucket}/"
        return self._created("Location", self.datasync_backend.create_location(uri, "S3", metadata))

    def describe_location_s3(self) -> str:
        """https://docs.aws.amazon.com/datasync/latest/userguide/API_DescribeLocationS3.html."""
        location = self._get_location(self._get_param("LocationArn"), typ="S3")
        return json.dumps({"LocationArn": location.arn, "LocationUri": location.uri, **location.metadata})

    def update_location_s3(self) -> str:
        """https://docs.aws.amazon.com/datasync/latest/userguide/API_UpdateLocationS3.html."""
        location = self._get_location(self._get_param("LocationArn"), typ="S3")
        for key in ("S3Config", "S3StorageClass"):
            if self._get_param(key):
                location.metadata[key] = self._get_param(key)
        return "{}"

    def create_task(self) -> str:
        """https://docs.aws.amazon.com/datasync/latest/userguide/API_CreateTask.html."""
        if self._get_param("TaskMode") not in (None, "BASIC") or self._get_param("ManifestConfig"):
            refused = NotSupportedLocallyError("Enhanced mode and manifests", "Use TaskMode BASIC and filters.", _PAGE)
            raise InvalidRequestException(str(refused))
        arn = self.datasync_backend.create_task(
            self._get_param("SourceLocationArn"),
            self._get_param("DestinationLocationArn"),
            self._get_param("Name"),
            metadata={key: self._get_param(key) for key in _TASK_FIELDS},
        )
        return self._created("Task", arn)

    def update_task(self) -> str:
        """https://docs.aws.amazon.com/datasync/latest/userguide/API_UpdateTask.html."""
        given = {key: self._get_param(key) for key in _TASK_FIELDS}
        self.datasync_backend.change_task(self._get_param("TaskArn"), self._get_param("Name"), given)
        return "{}"

    def describe_task(self) -> str:
        """https://docs.aws.amazon.com/datasync/latest/userguide/API_DescribeTask.html."""
        task = self.datasync_backend.task(self._get_param("TaskArn"))
        answer = {
            "TaskArn": task.arn,
            "Status": task.status,
            "Name": task.name,
            "CurrentTaskExecutionArn": task.current_task_execution_arn,
            "SourceLocationArn": task.source_location_arn,
            "DestinationLocationArn": task.destination_location_arn,
            **task.metadata,
            "Options": {**OPTIONS, **(task.metadata.get("Options") or {})},
        }
        return _told(answer)

    def start_task_execution(self) -> str:
        """https://docs.aws.amazon.com/datasync/latest/userguide/API_StartTaskExecution.html."""
        given = {key: self._get_param(key) for key in ("OverrideOptions", "Includes", "Excludes", "TaskReportConfig")}
        started = self.datasync_backend.start_task_execution(self._get_param("TaskArn"), given, _SHORT_WAIT)
        return self._created("TaskExecution", started)

    def describe_task_execution(self) -> str:
        """https://docs.aws.amazon.com/datasync/latest/userguide/API_DescribeTaskExecution.html."""
        return _told(self.datasync_backend.execution(self._get_param("TaskExecutionArn")).describe())

    def list_task_executions(self) -> str:
        """https://docs.aws.amazon.com/datasync/latest/userguide/API_ListTaskExecutions.html."""
        wanted = self._get_param("TaskArn")
        found = [one for one in self.datasync_backend.task_executions.values() if wanted in (None, one.task_arn)]
        listed = [{"TaskExecutionArn": one.arn, "Status": one.status} for one in found]
        return json.dumps({"TaskExecutions": listed})

    def list_tags_for_resource(self) -> str:
        """https://docs.aws.amazon.com/datasync/latest/userguide/API_ListTagsForResource.html."""
        return json.dumps({"Tags": [{"Key": key, "Value": value} for key, value in self._tags().items()]})

    def tag_resource(self) -> str:
        """https://docs.aws.amazon.com/datasync/latest/userguide/API_TagResource.html."""
        self._tags().update({tag["Key"]: tag["Value"] for tag in self._get_param("Tags") or []})
        return "{}"

    def untag_resource(self) -> str:
        """https://docs.aws.amazon.com/datasync/latest/userguide/API_UntagResource.html."""
        for key in self._get_param("Keys") or []:
            self._tags().pop(key, None)
        return "{}"

    def _tags(self) -> dict[str, str]:
        arn = self._get_param("ResourceArn")
        held: dict[str, str] = self.datasync_backend.tags.setdefault(arn, {})
        return held

    def _created(self, kind: str, arn: str) -> str:
        self.datasync_backend.tags[arn] = {tag["Key"]: tag["Value"] for tag in self._get_param("Tags") or []}
        return json.dumps({f"{kind}Arn": arn})


def _told(answer: dict[str, Any]) -> str:
    return json.dumps({key: value for key, value in answer.items() if value is not None})
