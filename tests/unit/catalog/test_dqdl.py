"""A DQDL document's outer form: what is one, what is none, and how many rules it has."""

from __future__ import annotations

import pytest

from common import quality
from lakeshift.local.glue.quality.dqdl import DqdlError, rule_count


@pytest.mark.parametrize(
    ("document", "count"),
    [
        pytest.param("Rules = [ RowCount > 0 ]", 1, id="one"),
        pytest.param("Rules=[RowCount > 0,IsComplete id]", 2, id="without-spaces"),
        pytest.param('Rules = [ ColumnValues "x" in ["a", "b"], IsUnique "x" ]', 2, id="commas-in-a-list"),
        pytest.param('Rules = [ (IsUnique "a") and (IsUnique "b"), RowCount > 0 ]', 2, id="composite"),
        pytest.param('Rules = [ CustomSql "select \\"]\\", # from primary" = 0 ]', 1, id="brackets-in-quotes"),
        pytest.param("# [ all\nRules = [\n  RowCount > 0, # , (\n  RowCount < 9\n]\n", 2, id="comments"),
        pytest.param('Metadata = { "Version": "1.0" } Rules = [ RowCount > 0 ]', 1, id="after-metadata"),
        pytest.param('few = 5 known = ["a"] Rules = [ RowCount > $few ]', 1, id="variables"),
        pytest.param("Analyzers = [ RowCount ]", 0, id="analyzers-only"),
        pytest.param("Rules = [ RowCount > 0 ] Analyzers = [ RowCount ]", 1, id="rules-and-analyzers"),
        pytest.param(quality.ruleset(quality.FLIGHTS_RULES), len(quality.FLIGHTS_RULES), id="of-the-quality-gate"),
    ],
)
def test_rules_are_counted(document: str, count: int) -> None:
    assert rule_count(document) == count


@pytest.mark.parametrize(
    ("document", "said"),
    [
        pytest.param("RowCount > 0", "line 1: 'RowCount': a section", id="no-section"),
        pytest.param('[{"rule": "x"}]', "a section", id="json"),
        pytest.param("Rules", "a section", id="name-only"),
        pytest.param("Rules = { RowCount > 0 }", "Rules = [ is expected", id="other-bracket"),
        pytest.param("Rules = [ RowCount > 0", "'[' is not closed", id="not-closed"),
        pytest.param("Rules = [\n (IsUnique x ]", "line 2: ']' closes no bracket", id="crossed"),
        pytest.param("Rules = [ RowCount > 0 ] ]", "']': a section", id="closed-twice"),
        pytest.param('Rules = [ IsUnique "x ]', "line 1: a quote is not closed", id="open-quote"),
        pytest.param("Rules = []", "No rules or analyzers provided", id="empty"),
        pytest.param("", "No rules or analyzers provided", id="nothing"),
        pytest.param("Rulez = [ RowCount > 0 ]", "No rules or analyzers provided", id="misspelt"),
        pytest.param("Rules = [ RowCount > 0,, RowCount < 9 ]", "a rule is expected", id="comma-twice"),
        pytest.param("Rules = [ RowCount > 0, ]", "a rule is expected after it", id="comma-last"),
        pytest.param("Rules = [ > 0 ]", "'>': a rule is expected", id="no-rule-type"),
        pytest.param("Rules = [ RowCount > 0 ] Rules = [ RowCount > 0 ]", "is there twice", id="twice"),
    ],
)
def test_what_is_no_dqdl_is_told_where(document: str, said: str) -> None:
    with pytest.raises(DqdlError) as caught:
        rule_count(document)
    assert said in str(caught.value)
