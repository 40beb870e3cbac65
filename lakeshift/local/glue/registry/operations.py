"""Operations of the schema registry that moto lacks or answers wrongly.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-schema-registry-api.html
"""

from __future__ import annotations

import difflib
from typing import Any, Final

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.glue.glue_schema_registry_constants import DEFAULT_REGISTRY_NAME
from moto.glue.glue_schema_registry_utils import (
    get_schema_version_if_definition_exists,
    validate_register_schema_version_params,
    validate_registry_id,
    validate_schema_id,
)
from moto.glue.models import FakeRegistry, FakeSchema, FakeSchemaVersion, GlueBackend
from moto.glue.responses import GlueResponse

from lakeshift.local.glue.catalog.pages import page_by
from lakeshift.local.glue.jobs.errors import EntityNotFoundError, InvalidInputError
from lakeshift.local.glue.registry.compatibility import definition_fault, may_follow

__all__ = ["RegistryOperations", "RegistryResponses"]

_MOST_DELETED: Final = 25
_FAILED, _AVAILABLE = "FAILURE", "AVAILABLE"


class RegistryOperations(GlueBackend):
    """What the backend does for schemas."""

    def known_registry(self, given: dict[str, Any]) -> FakeRegistry:
        """The registry; the default one is there once it is asked for."""
        name = validate_registry_id(given, self.registries)
        if name == DEFAULT_REGISTRY_NAME and name not in self.registries:
            self.create_registry(name)
        return self.registries[name]

    def delete_registry(self, registry_id: dict[str, Any]) -> dict[str, Any]:
        """With its schemas."""
        self.known_registry(registry_id)
        told: dict[str, Any] = super().delete_registry(registry_id)
        return {**told, "Status": "DELETING"}

    def known_schema(self, given: dict[str, Any]) -> FakeSchema:
        """The schema; EntityNotFoundException where there is none."""
        registry, name, _ = validate_schema_id(given, self.registries)
        return self.registries[registry].schemas[name]

    def create_schema(
        self,
        registry_id: dict[str, Any],
        schema_name: str,
        data_format: str,
        compatibility: str,
        schema_definition: str,
        description: str | None = None,
        tags: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        """As moto, once the first definition is a schema; InvalidInputException where it is none."""
        if not schema_definition:
            raise InvalidInputError("SchemaDefinition is required.")
        _check_definition(data_format, schema_definition)
        told: dict[str, Any] = super().create_schema(
            registry_id,
            schema_name,
            data_format,
            compatibility or "NONE",
            schema_definition,
            description,
            tags,
        )
        return told

    def register_schema_version(self, schema_id: dict[str, Any], schema_definition: str) -> dict[str, Any]:
        """A new version, or the one that has this definition; its status is FAILURE where it breaks compatibility."""
        schema = self.known_schema(schema_id)
        validate_register_schema_version_params(
            schema.registry_name,
            schema.schema_name,
            schema.schema_arn,
            self.num_schema_versions,
            schema_definition,
            schema.compatibility,
            schema.data_format,
        )
        _check_definition(schema.data_format, schema_definition)
        good = _versions(schema, _AVAILABLE)
        same: dict[str, Any] | None = get_schema_version_if_definition_exists(
            good, schema.data_format, schema_definition
        )
        if same:
            return same
        before = [one.schema_definition for one in good if one.version_number >= schema.schema_checkpoint]
        fits = may_follow(schema.data_format, schema.compatibility, schema_definition, before)
        number = schema.get_next_schema_version()
        made = FakeSchemaVersion(self, schema.registry_name, schema.schema_name, schema_definition, number)
        made.schema_version_status = _AVAILABLE if fits else _FAILED
        schema.update_next_schema_version()
        if fits:
            schema.latest_schema_version = number
        schema.updated_time = utcnow()
        schema.schema_versions[made.schema_version_id] = made
        self.num_schema_versions += 1
        return made.as_dict()  # type: ignore[no-any-return]

    def known_version(self, asked: dict[str, Any], member: str = "SchemaVersionNumber") -> FakeSchemaVersion:
        """The version by its id, or by its schema and number; EntityNotFoundException where there is none."""
        identity, number = asked.get("SchemaVersionId"), asked.get(member) or {}
        schemas = (
            [schema for registry in self.registries.values() for schema in registry.schemas.values()]
            if identity
            else [self.known_schema(asked.get("SchemaId") or {})]
        )
        if not identity and not (number.get("LatestVersion") or number.get("VersionNumber")):
            raise InvalidInputError("One of version number (or) latest version is required.")
        for schema in schemas:
            wanted = schema.latest_schema_version if number.get("LatestVersion") else number.get("VersionNumber")
            for version in schema.schema_versions.values():
                if version.schema_version_id == identity or (not identity and version.version_number == wanted):
                    return version
        raise EntityNotFoundError(f"Schema version is not found. {identity or number}")


class RegistryResponses(GlueResponse):
    """How the API answers for schemas."""

    def get_registry(self) -> ActionResult:
        """GetRegistry."""
        return ActionResult(_registry(self.glue_backend.known_registry(self.parameters["RegistryId"])))

    def update_registry(self) -> ActionResult:
        """UpdateRegistry: its description."""
        registry = self.glue_backend.known_registry(self.parameters["RegistryId"])
        registry.description, registry.updated_time = self.parameters["Description"], utcnow()
        return ActionResult({"RegistryName": registry.name, "RegistryArn": registry.registry_arn})

    def list_registries(self) -> ActionResult:
        """ListRegistries."""
        known = self.glue_backend.registries.values()
        found, token = page_by(lambda one: [one.name], known, self.parameters, most=100)
        return ActionResult({"Registries": [_registry(one) for one in found], "NextToken": token})

    def list_schemas(self) -> ActionResult:
        """ListSchemas: of one registry, or of all."""
        given = self.parameters.get("RegistryId")
        registries = [self.glue_backend.known_registry(given)] if given else self.glue_backend.registries.values()
        known = [schema for registry in registries for schema in registry.schemas.values()]
        found, token = page_by(lambda one: [one.registry_name, one.schema_name], known, self.parameters, most=100)
        told = [{**one.as_dict(), **_times(one)} for one in found]
        return ActionResult({"Schemas": told, "NextToken": token})

    def update_schema(self) -> ActionResult:
        """UpdateSchema: description, and compatibility or checkpoint, which needs a version."""
        asked = self.parameters
        schema = self.glue_backend.known_schema(asked["SchemaId"])
        if asked.get("Compatibility") and not asked.get("SchemaVersionNumber"):
            raise InvalidInputError("SchemaVersionNumber, the checkpoint, is required with Compatibility.")
        if asked.get("SchemaVersionNumber"):
            schema.schema_checkpoint = self.glue_backend.known_version(asked).version_number
        schema.compatibility = asked.get("Compatibility") or schema.compatibility
        schema.description = asked.get("Description", schema.description)
        schema.updated_time = utcnow()
        names = ("SchemaArn", "SchemaName", "RegistryName")
        return ActionResult({name: schema.as_dict()[name] for name in names})

    def list_schema_versions(self) -> ActionResult:
        """ListSchemaVersions."""
        versions = self.glue_backend.known_schema(self.parameters["SchemaId"]).schema_versions.values()
        found, token = page_by(lambda one: [one.version_number], versions, self.parameters, most=100)
        return ActionResult({"Schemas": [one.get_schema_version_as_dict() for one in found], "NextToken": token})

    def delete_schema_versions(self) -> ActionResult:
        """DeleteSchemaVersions: ``1`` or ``2-4``; the checkpoint stays."""
        schema = self.glue_backend.known_schema(self.parameters["SchemaId"])
        errors = []
        for number in _numbers(self.parameters["Versions"]):
            error = self._delete_version(schema, number)
            if error is not None:
                errors.append({"VersionNumber": number, "ErrorDetails": error})
        return ActionResult({"SchemaVersionErrors": errors})

    def check_schema_version_validity(self) -> ActionResult:
        """CheckSchemaVersionValidity."""
        error = definition_fault(self.parameters["DataFormat"], self.parameters["SchemaDefinition"])
        return ActionResult({"Valid": error is None, **({"Error": error} if error else {})})

    def get_schema_versions_diff(self) -> ActionResult:
        """GetSchemaVersionsDiff, as a unified diff."""
        first, second = (
            self.glue_backend.known_version(self.parameters, member)
            for member in ("FirstSchemaVersionNumber", "SecondSchemaVersionNumber")
        )
        lines = difflib.unified_diff(
            first.schema_definition.splitlines(),
            second.schema_definition.splitlines(),
            f"version {first.version_number}",
            f"version {second.version_number}",
            lineterm="",
        )
        return ActionResult({"Diff": "\n".join(lines)})

    def put_schema_version_metadata(self) -> ActionResult:
        """As moto, once key and value are given."""
        self._pair()
        return super().put_schema_version_metadata()

    def query_schema_version_metadata(self) -> ActionResult:
        """QuerySchemaVersionMetadata: all of a version's, or those of the keys and values given."""
        version = self.glue_backend.known_version(self.parameters)
        wanted = self.parameters.get("MetadataList") or []
        told = {}
        for key, values in version.metadata.items():
            kept = [value for value in values if not wanted or _is_wanted(key, value, wanted)]
            if kept:
                created = str(version.created_time)
                others = [{"MetadataValue": value, "CreatedTime": created} for value in kept[:-1]]
                told[key] = {"MetadataValue": kept[-1], "CreatedTime": created, "OtherMetadataValueList": others}
        return ActionResult({"MetadataInfoMap": told, "SchemaVersionId": version.schema_version_id})

    def remove_schema_version_metadata(self) -> ActionResult:
        """RemoveSchemaVersionMetadata."""
        key, value = self._pair()
        version = self.glue_backend.known_version(self.parameters)
        values = version.metadata.get(key, [])
        if value not in values:
            raise EntityNotFoundError(f"Metadata {key}={value} is not found.")
        values.remove(value)
        if not values:
            del version.metadata[key]
        told = {"MetadataKey": key, "MetadataValue": value, "VersionNumber": version.version_number}
        return ActionResult({**told, "SchemaVersionId": version.schema_version_id, "SchemaArn": version.schema_arn})

    def _pair(self) -> tuple[str, str]:
        given = self.parameters["MetadataKeyValue"]
        if not given.get("MetadataKey") or not given.get("MetadataValue"):
            raise InvalidInputError("MetadataKey and MetadataValue are required.")
        return given["MetadataKey"], given["MetadataValue"]

    def _delete_version(self, schema: FakeSchema, number: int) -> dict[str, str] | None:
        found = next((one for one in schema.schema_versions.values() if one.version_number == number), None)
        if found is None:
            text = f"Schema version {number} is not found."
            return {"ErrorCode": "EntityNotFoundException", "ErrorMessage": text}
        if number == schema.schema_checkpoint:
            text = f"Schema version {number} is the checkpoint and cannot be deleted."
            return {"ErrorCode": "InvalidInputException", "ErrorMessage": text}
        del schema.schema_versions[found.schema_version_id]
        self.glue_backend.num_schema_versions -= 1
        good = _versions(schema, _AVAILABLE)
        schema.latest_schema_version = good[-1].version_number if good else schema.schema_checkpoint
        return None


def _check_definition(data_format: str, definition: str) -> None:
    if data_format == "PROTOBUF":
        return  # kept as it is; only its check is refused
    error = definition_fault(data_format, definition)
    if error:
        raise InvalidInputError(f"Schema definition of {data_format} data format is invalid: {error}")


def _versions(schema: FakeSchema, status: str) -> list[FakeSchemaVersion]:
    kept = [one for one in schema.schema_versions.values() if one.schema_version_status == status]
    return sorted(kept, key=lambda one: one.version_number)


def _registry(registry: FakeRegistry) -> dict[str, Any]:
    return {**registry.as_dict(), "Status": registry.status, **_times(registry)}


def _times(item: FakeRegistry | FakeSchema) -> dict[str, str]:
    return {"CreatedTime": str(item.created_time), "UpdatedTime": str(item.updated_time)}


def _numbers(text: str) -> list[int]:
    first, _, last = text.partition("-")
    numbers = range(int(first), int(last or first) + 1)
    if not 0 < len(numbers) <= _MOST_DELETED:
        raise InvalidInputError(f"Versions {text} are not from 1 to {_MOST_DELETED} versions, first to last.")
    return list(numbers)


def _is_wanted(key: str, value: str, wanted: list[dict[str, str]]) -> bool:
    return any(one.get("MetadataKey", key) == key and one.get("MetadataValue", value) == value for one in wanted)
