"""Classifiers: create, get, update, delete.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-classifiers.html
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from moto.core.responses import ActionResult, EmptyResult
from moto.glue.exceptions import EntityNotFoundException, GlueClientError, InvalidInputException
from moto.glue.models import GlueBackend
from moto.glue.responses import GlueResponse

from lakeshift.crawler.custom import custom_classifiers
from lakeshift.local.glue.catalog.lock import locked
from lakeshift.local.glue.catalog.pages import page

__all__ = ["ClassifierOperations", "ClassifierResponses"]

_KINDS: Final = {
    "GrokClassifier": ("Name", "Classification", "GrokPattern"),
    "XMLClassifier": ("Name", "Classification", "RowTag"),
    "JsonClassifier": ("Name", "JsonPath"),
    "CsvClassifier": ("Name",),
}


class ClassifierOperations(GlueBackend):
    """What the backend does for classifiers; one is kept as GetClassifier answers it."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.classifiers: dict[str, dict[str, Any]] = {}

    @locked
    def create_classifier(self, kind: str, given: dict[str, Any]) -> None:
        """Store it; AlreadyExistsException where the name is taken."""
        _check(kind, given)
        name = given["Name"]
        if name in self.classifiers:
            raise GlueClientError("AlreadyExistsException", f"Classifier with name {name} already exists")
        now = datetime.now(UTC)
        self.classifiers[name] = {kind: {**given, "CreationTime": now, "LastUpdated": now, "Version": 1}}

    def get_classifier(self, name: str) -> dict[str, Any]:
        """As the API has it; EntityNotFoundException."""
        try:
            return self.classifiers[name]
        except KeyError:
            raise EntityNotFoundException(f"Classifier {name} not found.") from None

    @locked
    def update_classifier(self, kind: str, given: dict[str, Any]) -> None:
        """Change what is given and leave the rest; the version counts up."""
        held = self.get_classifier(given["Name"])
        if kind not in held:
            raise InvalidInputException("UpdateClassifier", f"{given['Name']} is not a {kind}.")
        before = held[kind]
        after = {**before, **given, "LastUpdated": datetime.now(UTC), "Version": before["Version"] + 1}
        _check(kind, after)
        self.classifiers[given["Name"]] = {kind: after}

    @locked
    def delete_classifier(self, name: str) -> None:
        """Remove it; EntityNotFoundException."""
        self.get_classifier(name)
        del self.classifiers[name]

    def classifier_definitions(self, names: Sequence[str]) -> tuple[dict[str, Any], ...]:
        """The definitions of a crawler's classifiers, in its order."""
        return tuple(self.get_classifier(name) for name in names)


class ClassifierResponses(GlueResponse):
    """How the API answers for classifiers."""

    def create_classifier(self) -> EmptyResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_CreateClassifier.html."""
        kind, given = _one(self.parameters)
        missing = [key for key in _KINDS[kind] if not given.get(key)]
        if missing:
            raise InvalidInputException("CreateClassifier", f"{kind} needs {', '.join(missing)}.")
        self.glue_backend.create_classifier(kind, given)
        return EmptyResult()

    def update_classifier(self) -> EmptyResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_UpdateClassifier.html."""
        self.glue_backend.update_classifier(*_one(self.parameters))
        return EmptyResult()

    def get_classifier(self) -> ActionResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_GetClassifier.html."""
        return ActionResult({"Classifier": self.glue_backend.get_classifier(self.parameters["Name"])})

    def get_classifiers(self) -> ActionResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_GetClassifiers.html."""
        found, token = page(list(self.glue_backend.classifiers.values()), self.parameters)
        return ActionResult({"Classifiers": found, "NextToken": token})

    def delete_classifier(self) -> EmptyResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_DeleteClassifier.html."""
        self.glue_backend.delete_classifier(self.parameters["Name"])
        return EmptyResult()


def _check(kind: str, given: dict[str, Any]) -> None:
    try:
        custom_classifiers([{kind: given}])
    except ValueError as error:
        raise InvalidInputException("CreateClassifier", str(error)) from None


def _one(parameters: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The one kind of classifier in a request."""
    found = [kind for kind in _KINDS if parameters.get(kind)]
    if len(found) != 1:
        raise InvalidInputException("", f"Exactly one of {', '.join(_KINDS)} must be given, not {len(found)}.")
    return found[0], parameters[found[0]]
