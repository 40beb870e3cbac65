"""Adapters of types that no emulator has, against a store that takes the API's own parameters and checks them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

from lakeshift.deploy.adapters import ADAPTERS
from lakeshift.deploy.session import AwsSession
from lakeshift.deploy.shapes import shaped
from lakeshift.deploy.steps import differences


class Store(AwsSession):
    """The four calls of one kind of thing, kept by name; parameters and answers are checked by the service's model."""

    def __init__(self, service: str, calls: dict[str, Callable[[dict[str, Any]], dict[str, Any]]]) -> None:
        super().__init__("local", endpoint="http://127.0.0.1:9")  # nobody listens: nothing is sent
        self._model = ServiceModel(Loader().load_service_model(service, "service-2"), service)
        self._calls = calls
        self._names = {xform_name(name): name for name in self._model.operation_names}

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        """Answer one call."""
        model = self._model.operation_model(self._names[operation])
        given = shaped(parameters, model.input_shape)
        report = ParamValidator().validate(given, model.input_shape)
        assert not report.has_errors(), report.generate_report()
        answer = self._calls[operation](given)
        if model.output_shape is not None:
            report = ParamValidator().validate(answer, model.output_shape)
            assert not report.has_errors(), report.generate_report()
        return answer

    def pages(self, service: str, operation: str, field: str, **parameters: Any) -> list[Any]:
        """All on one page."""
        return list(self.call(service, operation, **parameters)[field])


def missing(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "gone"}}, "Get")


def rulesets() -> Store:
    kept: dict[str, dict[str, Any]] = {}

    def create(given: dict[str, Any]) -> dict[str, Any]:
        kept[given["Name"]] = {key: value for key, value in given.items() if key != "Tags"}
        return {"Name": given["Name"]}

    def get(given: dict[str, Any]) -> dict[str, Any]:
        if given["Name"] not in kept:
            raise missing("EntityNotFoundException")
        return dict(kept[given["Name"]])

    def update(given: dict[str, Any]) -> dict[str, Any]:
        kept[given["Name"]] |= given
        return {"Name": given["Name"]}

    def delete(given: dict[str, Any]) -> dict[str, Any]:
        del kept[given["Name"]]
        return {}

    kind = "data_quality_ruleset"
    return Store(
        "glue", {f"create_{kind}": create, f"get_{kind}": get, f"update_{kind}": update, f"delete_{kind}": delete}
    )


RULESET = {"Name": "r", "Ruleset": "Rules = [ RowCount > 0 ]", "TargetTable": {"DatabaseName": "d", "TableName": "t"}}


@pytest.mark.parametrize(
    ("kind", "store", "new", "changed"),
    [
        pytest.param(
            "AWS::Glue::DataQualityRuleset",
            rulesets,
            {**RULESET, "Description": "one"},
            {**RULESET, "Description": "other"},
            id="AWS::Glue::DataQualityRuleset",
        )
    ],
)
def test_made_found_changed_and_taken_away(
    kind: str, store: Callable[[], Store], new: dict[str, Any], changed: dict[str, Any]
) -> None:
    aws, adapter = store(), ADAPTERS[kind]
    assert adapter.read(aws, new) is None
    adapter.create(aws, new, {"lakeshift:stack": "x"})
    live = adapter.read(aws, new)
    assert live is not None
    assert differences(adapter, live, new) == ()
    fields = differences(adapter, live, changed)
    assert fields
    adapter.update(aws, changed, live, frozenset(field.path[0] for field in fields))
    live = adapter.read(aws, changed)
    assert live is not None
    assert differences(adapter, live, changed) == ()
    adapter.delete(aws, changed, live)
    assert adapter.read(aws, changed) is None
