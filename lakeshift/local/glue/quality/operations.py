"""Data quality rulesets: create, get, update, delete, list.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-data-quality-api.html
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from moto.core.responses import ActionResult, EmptyResult
from moto.glue.models import GlueBackend
from moto.glue.responses import GlueResponse

from lakeshift.local import clock
from lakeshift.local.glue.catalog.lock import locked
from lakeshift.local.glue.catalog.pages import page_by
from lakeshift.local.glue.catalog.refused import refuse
from lakeshift.local.glue.jobs.errors import AlreadyExistsError, EntityNotFoundError, InvalidInputError
from lakeshift.local.glue.quality.dqdl import DqdlError, rule_count

__all__ = ["RulesetOperations", "RulesetResponses"]

_GIVEN: Final = ("Name", "Description", "Ruleset", "TargetTable")
_LISTED: Final = ("Name", "Description", "CreatedOn", "LastModifiedOn", "TargetTable")
_ENCRYPTION: Final = "https://docs.aws.amazon.com/glue/latest/dg/data-quality-encryption.html"
_TIMES: Final = {"Created": "CreatedOn", "LastModified": "LastModifiedOn"}
_TOKEN: Final = "token"  # noqa: S105 - the key of a ruleset's ClientToken with what was asked by it; never told


class RulesetOperations(GlueBackend):
    """What the backend does for rulesets; one is kept as GetDataQualityRuleset answers it."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.rulesets: dict[str, dict[str, Any]] = {}

    def ruleset_arn(self, name: str) -> str:
        """What its tags are kept under."""
        return f"arn:aws:glue:{self.region_name}:{self.account_id}:dataQualityRuleset/{name}"

    def known_ruleset(self, name: str) -> dict[str, Any]:
        """As it is kept; raises EntityNotFoundError."""
        try:
            return self.rulesets[name]
        except KeyError:
            raise EntityNotFoundError(f"Data quality ruleset {name} not found.") from None

    @locked
    def create_ruleset(self, given: dict[str, Any]) -> None:
        """Keep it; raises AlreadyExistsError, InvalidInputError. The same request by the same token changes nothing."""
        if given.get("DataQualitySecurityConfiguration"):
            feature = "DataQualitySecurityConfiguration in glue:CreateDataQualityRuleset"
            raise refuse(feature, "Leave it out of local runs.", _ENCRYPTION)
        token = (given["ClientToken"], _fingerprint(given)) if given.get("ClientToken") else None
        if token is not None and self._is_repeated(token):
            return
        _check(given["Ruleset"])
        name = given["Name"]
        if name in self.rulesets:
            raise AlreadyExistsError(f"Data quality ruleset {name} already exists.")
        now = clock.now()
        kept = {member: given[member] for member in _GIVEN if given.get(member) is not None}
        self.rulesets[name] = {**kept, "CreatedOn": now, "LastModifiedOn": now, _TOKEN: token}
        self.tag_resource(self.ruleset_arn(name), given.get("Tags"))

    @locked
    def update_ruleset(self, name: str, given: dict[str, Any]) -> dict[str, Any]:
        """Change the description and the rules that are given; raises EntityNotFoundError, InvalidInputError."""
        held = self.known_ruleset(name)
        changed = {key: given[key] for key in ("Description", "Ruleset") if given.get(key) is not None}
        if "Ruleset" in changed:
            _check(changed["Ruleset"])
        self.rulesets[name] = {**held, **changed, "LastModifiedOn": clock.now()}
        return self.rulesets[name]

    @locked
    def delete_ruleset(self, name: str) -> None:
        """Forget it, its tags and its token; raises EntityNotFoundError."""
        self.known_ruleset(name)
        self.tagger.delete_all_tags_for_resource(self.ruleset_arn(name))
        del self.rulesets[name]

    def listed_rulesets(self, wanted: Mapping[str, Any], tags: Mapping[str, str]) -> list[dict[str, Any]]:
        """Those that pass every part of the filter and have all the tags."""
        return [
            one
            for one in list(self.rulesets.values())
            if _passes(one, wanted) and tags.items() <= self.get_tags(self.ruleset_arn(one["Name"])).items()
        ]

    def _is_repeated(self, token: tuple[str, str]) -> bool:
        used = next((one[_TOKEN] for one in self.rulesets.values() if one[_TOKEN] and one[_TOKEN][0] == token[0]), None)
        if used not in (None, token):
            raise InvalidInputError(f"The ClientToken {token[0]} was used with other parameters.")
        return used is not None


class RulesetResponses(GlueResponse):
    """How the API answers for rulesets."""

    def create_data_quality_ruleset(self) -> ActionResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_CreateDataQualityRuleset.html."""
        self.glue_backend.create_ruleset(self.parameters)
        return ActionResult({"Name": self.parameters["Name"]})

    def get_data_quality_ruleset(self) -> ActionResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_GetDataQualityRuleset.html."""
        held = self.glue_backend.known_ruleset(self.parameters["Name"])
        return ActionResult({member: value for member, value in held.items() if member != _TOKEN})

    def update_data_quality_ruleset(self) -> ActionResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_UpdateDataQualityRuleset.html."""
        held = self.glue_backend.update_ruleset(self.parameters["Name"], self.parameters)
        return ActionResult({member: held.get(member) for member in ("Name", "Description", "Ruleset")})

    def delete_data_quality_ruleset(self) -> EmptyResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_DeleteDataQualityRuleset.html."""
        self.glue_backend.delete_ruleset(self.parameters["Name"])
        return EmptyResult()

    def list_data_quality_rulesets(self) -> ActionResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_ListDataQualityRulesets.html."""
        asked = self.parameters
        wanted = _with_moments(asked.get("Filter") or {})
        known = self.glue_backend.listed_rulesets(wanted, asked.get("Tags") or {})
        found, token = page_by(lambda one: [one["Name"]], known, asked)
        told = [{**_member_of(one), "RuleCount": rule_count(one["Ruleset"])} for one in found]
        return ActionResult({"Rulesets": told, "NextToken": token})


def _check(document: str) -> None:
    try:
        rule_count(document)
    except DqdlError as error:
        raise InvalidInputError(f"The ruleset is no DQDL document: {error}") from None


def _fingerprint(given: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()


def _member_of(held: Mapping[str, Any]) -> dict[str, Any]:
    return {member: held[member] for member in _LISTED if member in held}


def _with_moments(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The filter with its times in seconds since the epoch."""
    read = dict(wanted)
    for name in (f"{prefix}{side}" for prefix in _TIMES for side in ("Before", "After")):
        if wanted.get(name) is not None:
            try:
                read[name] = float(wanted[name])
            except ValueError:
                raise InvalidInputError(f"{name} is no time: {wanted[name]}") from None
    return read


def _passes(held: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    same = all(wanted.get(name) in (None, held.get(name)) for name in ("Name", "Description"))
    table, asked = held.get("TargetTable") or {}, wanted.get("TargetTable") or {}
    return same and asked.items() <= table.items() and _is_between(held, wanted)


def _is_between(held: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    for prefix, member in _TIMES.items():
        moment = held[member].timestamp()
        before, after = wanted.get(f"{prefix}Before"), wanted.get(f"{prefix}After")
        if (before is not None and moment >= before) or (after is not None and moment <= after):
            return False
    return True
