"""Every type of resource against two emulators: made, found as it is, changed, found as it is again, taken away."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from lakeshift.definitions import TYPES
from lakeshift.deploy import AwsSession, Plan, Removed, apply, remove
from lakeshift.deploy.adapters import ADAPTERS
from lakeshift.deploy.report import plan_json, plan_text
from lakeshift.paths import REPOSITORY
from tests.local.deploy.conftest import NotedSession
from tests.local.deploy.emulators import LOCAL, MINISTACK, Emulator
from tests.local.deploy.stage import EVERY_TYPE, OTHER, of_every_type, types_in
from tools.ci_roles import ALWAYS, OTHER_NAMES, PREFIXES, deploy_actions

EMULATORS = (LOCAL, MINISTACK)
# What the parameters that OTHER changes are no part of.
SAME = {"Cluster", "Share", "Landing", "Schedules", "Security", "KeyName", "Namespace"}


@dataclass(frozen=True)
class Lived:
    """The plans before and after each apply of one stage, and what was taken away at its end."""

    emulator: Emulator
    session: AwsSession
    new: Plan
    same: Plan
    changed: Plan
    same_again: Plan
    facts: dict[str, object]
    removed: Removed
    gone: Plan


@pytest.fixture(scope="module", params=EMULATORS, ids=lambda one: one.name.split()[0].lower())
def lived(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Lived:
    emulator: Emulator = request.param
    session: AwsSession
    if emulator is LOCAL:  # one of its own, whose calls are those of this stage alone
        session = NotedSession(request.getfixturevalue("local_aws").endpoint)
    else:
        session = request.getfixturevalue("ministack_session")
    one = of_every_type(tmp_path_factory.mktemp("every"), session, skipped=frozenset(emulator.absent))
    other = {key: value for key, value in OTHER.items() if key not in emulator.unchanged}
    new = one.plan()
    apply(new, session)
    same = one.plan()
    changed = one.plan(**other)
    apply(changed, session)
    same_again = one.plan(**other)
    facts = _facts(session)
    for name in emulator.untagged:
        _tag(one.plan(**other), name, session)
    removed = remove("local", session, other, one.root, data=["yes"])
    return Lived(emulator, session, new, same, changed, same_again, facts, removed, one.plan(**other))


def _facts(session: AwsSession) -> dict[str, object]:
    """What is looked at while the changed stage stands."""
    return {
        "queue": session.call("sqs", "get_queue_url", QueueName="tiny-queue")["QueueUrl"],
        "argument": session.call("glue", "get_job", JobName="tiny")["Job"]["DefaultArguments"]["--queue"],
        "machine": session.call(
            "stepfunctions",
            "describe_state_machine",
            stateMachineArn="arn:aws:states:us-east-1:000000000000:stateMachine:tiny-machine",
        )["definition"],
        "bucket tags": session.call("s3", "get_bucket_tagging", Bucket="tiny-ops")["TagSet"],
        "role tags": session.call("iam", "get_role", RoleName="tiny-role")["Role"]["Tags"],
        "secret tags": session.call("secretsmanager", "describe_secret", SecretId="tiny/admin")["Tags"],
        "policies": session.call("iam", "list_role_policies", RoleName="tiny-role")["PolicyNames"],
        "targets": [one["Id"] for one in session.call("events", "list_targets_by_rule", Rule="tiny-rule")["Targets"]],
    }


def _tag(plan: Plan, name: str, session: AwsSession) -> None:
    step = next(step for step in plan.steps if step.resource.logical_id == name)
    assert step.live is not None
    tag = {"lakeshift:stack": plan.project.name}
    ADAPTERS[step.resource.type].tag(session, step.resource.properties, step.live, tag)


def different(plan: Plan) -> set[str]:
    """``Logical.Property`` of every field that the plan would change."""
    return {f"{step.resource.logical_id}.{field.name}" for step in plan.steps for field in step.fields}


def test_every_type_is_defined_once() -> None:
    assert sorted(types_in(EVERY_TYPE).values()) == sorted(TYPES)


def test_what_an_emulator_lacks_is_a_type_and_has_a_reason() -> None:
    for emulator in EMULATORS:
        assert set(emulator.absent) <= set(TYPES)
        assert all(emulator.absent.values())


@pytest.mark.parametrize("kind", sorted(TYPES))
def test_a_type_is_made_changed_and_taken_away(lived: Lived, kind: str) -> None:
    (name,) = (name for name, one in types_in(EVERY_TYPE).items() if one == kind)
    steps = {step.resource.logical_id: step for step in lived.new.steps}
    if name not in steps:
        pytest.skip(lived.emulator.absent.get(kind, "refers to a type that this emulator lacks"))
    assert steps[name].action == "create"
    assert different_of(lived.same, name) == set()
    known = set(lived.emulator.read_back.get(name, ()))
    assert different_of(lived.same_again, name) == known, lived.emulator.read_back
    if name not in (SAME if not lived.emulator.unchanged else SAME | {"Connection", "Lines"}):
        assert action_of(lived.changed, name) in ("update", "create"), plan_text(lived.changed)
    assert name in lived.removed.deleted
    assert action_of(lived.gone, name) == "create", "it is gone"


def different_of(plan: Plan, name: str) -> set[str]:
    return {field.name for step in plan.steps if step.resource.logical_id == name for field in step.fields}


def action_of(plan: Plan, name: str) -> str:
    return next(step.action for step in plan.steps if step.resource.logical_id == name)


def test_all_of_a_new_stage_is_created(lived: Lived) -> None:
    assert {step.action for step in lived.new.steps} == {"create"}
    assert lived.new.steps[0].resource.logical_id == "Ops", "the code's bucket is first"
    warehouse = ["schemas/tiny.sql", "tables/tiny.t.sql", "views/tiny.v.sql"]
    expected = [f"sql/redshift/{path}" for path in warehouse] if lived.emulator is LOCAL else []
    assert [one.path for one in lived.new.migrations] == expected


def test_nothing_is_left_to_do_after_an_apply(lived: Lived) -> None:
    assert not lived.same.changes, plan_text(lived.same)
    assert different(lived.same_again) == lived.emulator.expected_differences(), plan_text(lived.same_again)
    assert {step.action for step in lived.same_again.steps} <= {"none", "update"}


def test_exactly_what_changed_is_updated(lived: Lived) -> None:
    same = {step.resource.logical_id for step in lived.changed.steps if step.action == "none"}
    assert same == (SAME | ({"Connection", "Lines"} if lived.emulator.unchanged else set())) & {
        step.resource.logical_id for step in lived.new.steps
    }
    assert "    TablePrefix: one -> other" in plan_text(lived.changed)
    assert plan_json(lived.changed)["counts"] == lived.changed.counts()


def test_values_that_only_aws_knows_are_filled_in(lived: Lived) -> None:
    assert lived.facts["argument"] == lived.facts["queue"]
    assert f'"Comment": "{lived.facts["queue"]}"' in str(lived.facts["machine"])


@pytest.mark.parametrize("kind", ["bucket", "role", "secret"])
def test_resources_are_tagged_with_their_stack(lived: Lived, kind: str) -> None:
    tags = lived.facts[f"{kind} tags"]
    assert isinstance(tags, list)
    assert {"Key": "lakeshift:stack", "Value": "tiny"} in tags


def test_a_policy_or_target_that_is_no_longer_declared_is_gone(lived: Lived) -> None:
    assert lived.facts["policies"] == ["other"]
    assert lived.facts["targets"] == ["other"]


def test_nothing_is_left_after_its_removal(lived: Lived) -> None:
    assert (lived.removed.kept, lived.removed.foreign) == ((), ())
    assert {step.action for step in lived.gone.steps} == {"create"}, plan_text(lived.gone)


@pytest.mark.parametrize("lived", [LOCAL], indirect=True, ids=["local"])
def test_every_call_is_one_that_the_role_of_ci_may_make(lived: Lived) -> None:
    assert isinstance(lived.session, NotedSession)
    called = [one.partition(":") for one in lived.session.calls]
    actions = {f"{PREFIXES.get(service, service)}:{operation}" for service, _, operation in called}
    assert len(actions) > 200, "all types were made, changed and taken away"
    assert {OTHER_NAMES.get(one, one) for one in actions} - ALWAYS - deploy_actions(REPOSITORY) == set()
