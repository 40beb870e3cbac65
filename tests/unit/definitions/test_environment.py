"""Parameters of a stage."""

from __future__ import annotations

import pytest

from lakeshift.definitions import DefinitionError, load_environment


def test_values_are_texts() -> None:
    found = load_environment("Account: '012345678901'\nParameters: {Lake: x, Days: 3}", "environments/x.yaml")
    assert found.parameters == {"Lake": "x", "Days": "3"}
    assert found.account == "012345678901"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("Parameters: {A: [1]}", "one text or number", id="list"),
        pytest.param("Parameters: {A: true}", "one text or number", id="truth-value"),
        pytest.param("Lake: x\nParameters: {}", "unknown key Lake", id="key-outside"),
        pytest.param("Description: x", "needs `Parameters:`", id="no-parameters"),
        pytest.param("Account: 12\nParameters: {}", "12 digits", id="account"),
    ],
)
def test_refused(text: str, message: str) -> None:
    with pytest.raises(DefinitionError, match=message):
        load_environment(text, "environments/x.yaml")
