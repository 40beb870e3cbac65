"""What is around a cluster: parameters of its group, usage limits, and actions at a time.

Parameters and limits are kept and told, and nothing is metered or queued by them; scheduled actions are carried out.
https://docs.aws.amazon.com/redshift/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from moto.redshift import models
from moto.redshift.exceptions import (
    ClusterNotFoundError,
    ClusterParameterGroupNotFoundError,
    InvalidParameterValueError,
    RedshiftClientError,
)

from lakeshift.local import clock
from lakeshift.schedule import next_time

__all__ = ["ManagementBackend", "due_after"]

_WLM: Final = "wlm_json_configuration"
_DEFAULT: Final = "default.redshift-1.0"
# Feature -> what its limit counts.
_COUNTED: Final = {
    "spectrum": "data-scanned",
    "concurrency-scaling": "time",
    "cross-region-datasharing": "data-scanned",
}
_PERIODS: Final = ("daily", "weekly", "monthly")
_BREACHES: Final = ("log", "emit-metric", "disable")
_CARRIED_OUT: Final = ("PauseCluster", "ResumeCluster")
_SHOWN: Final = 5  # next invocations of a scheduled action


def due_after(expression: str, after: datetime) -> datetime | None:
    """When ``at(...)`` or ``cron(...)`` is due next after ``after``, None where it never is; raises ValueError."""
    if expression.startswith("at(") and expression.endswith(")"):
        moment = datetime.fromisoformat(expression[3:-1]).replace(tzinfo=UTC)
        return moment if moment > after else None
    if not expression.startswith("cron("):
        raise ValueError(expression)
    return next_time(expression, after, after)


class ManagementBackend(models.RedshiftBackend):
    """Mixed into the backend; what it keeps is in a snapshot from before it was there, too."""

    def _kept(self, name: str) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = self.__dict__.setdefault(name, {})
        return found

    @property
    def group_parameters(self) -> dict[str, dict[str, str]]:
        """Parameters that somebody set, by group."""
        return self._kept("_group_parameters")

    @property
    def usage_limits(self) -> dict[str, dict[str, Any]]:
        """By their id."""
        return self._kept("_usage_limits")

    @property
    def scheduled_actions(self) -> dict[str, dict[str, Any]]:
        """By their name."""
        return self._kept("_scheduled_actions")

    # Parameters.

    def describe_cluster_parameters(self, parameter_group_name: str) -> list[dict[str, Any]]:
        """DescribeClusterParameters."""
        found = super().describe_cluster_parameters(parameter_group_name)
        given = self.group_parameters.get(parameter_group_name, {})
        return [
            {**one, "ParameterValue": given[one["ParameterName"]], "Source": "user"}
            if one["ParameterName"] in given
            else one
            for one in found
        ]

    def modify_cluster_parameter_group(self, name: str, parameters: list[dict[str, Any]]) -> dict[str, Any]:
        """ModifyClusterParameterGroup."""
        self._need_group(name)
        given = {str(one.get("ParameterName")): str(one.get("ParameterValue", "")) for one in parameters}
        for parameter, value in given.items():
            self._check_parameter(parameter, value)
        self.group_parameters.setdefault(name, {}).update(given)
        return _group_status(name)

    def reset_cluster_parameter_group(self, name: str, parameters: list[dict[str, Any]], *, every: bool) -> Any:
        """ResetClusterParameterGroup."""
        self._need_group(name)
        if not every and not parameters:
            raise InvalidParameterValueError("Give ResetAllParameters or Parameters.")
        kept = self.group_parameters.get(name, {})
        for parameter in list(kept) if every else [str(one.get("ParameterName")) for one in parameters]:
            kept.pop(parameter, None)
        return _group_status(name)

    def delete_cluster_parameter_group(self, cluster_parameter_group_name: str) -> None:
        """DeleteClusterParameterGroup: not while a cluster has it."""
        for cluster in self.clusters.values():
            if cluster_parameter_group_name in cluster.cluster_parameter_group_name:
                raise RedshiftClientError(
                    "InvalidClusterParameterGroupState",
                    f"The parameter group {cluster_parameter_group_name} is used by {cluster.cluster_identifier}.",
                )
        super().delete_cluster_parameter_group(cluster_parameter_group_name)
        self.group_parameters.pop(cluster_parameter_group_name, None)

    def _need_group(self, name: str) -> None:
        if name not in self.parameter_groups:
            raise ClusterParameterGroupNotFoundError(name)
        if name == _DEFAULT:
            raise InvalidParameterValueError("The default parameter group cannot be modified.")

    def _check_parameter(self, name: str, value: str) -> None:
        if name not in self.default_params:
            raise InvalidParameterValueError(f"Could not find parameter with name: {name}")
        if name != _WLM:
            return
        try:
            queues = json.loads(value)
        except ValueError:
            queues = None
        if not isinstance(queues, list) or not all(isinstance(queue, dict) for queue in queues):
            raise InvalidParameterValueError(f"{_WLM} must be a JSON array of queues.")

    # Usage limits.

    def create_usage_limit(self, request: dict[str, Any]) -> dict[str, Any]:
        """CreateUsageLimit."""
        if request.get("ClusterIdentifier") not in self.clusters:
            raise ClusterNotFoundError(str(request.get("ClusterIdentifier")))
        made = {"Period": "monthly", "BreachAction": "log", **request}
        self._check_limit(made)
        key = ("ClusterIdentifier", "FeatureType", "LimitType", "Period")
        if any(all(one[part] == made[part] for part in key) for one in self.usage_limits.values()):
            raise RedshiftClientError("UsageLimitAlreadyExists", "The usage limit already exists.")
        made["UsageLimitId"] = str(uuid.uuid4())
        self.usage_limits[made["UsageLimitId"]] = made
        return made

    @staticmethod
    def _check_limit(limit: dict[str, Any]) -> None:
        counted = _COUNTED.get(str(limit.get("FeatureType")))
        wrong = counted is None or limit.get("LimitType") != counted or int(limit.get("Amount") or 0) < 1
        if wrong or limit["Period"] not in _PERIODS or limit["BreachAction"] not in _BREACHES:
            raise RedshiftClientError("InvalidUsageLimit", "The usage limit is not valid.")

    def describe_usage_limits(self, request: dict[str, Any]) -> list[dict[str, Any]]:
        """DescribeUsageLimits."""
        return [one for one in self.usage_limits.values() if request.items() <= one.items()]

    def modify_usage_limit(self, request: dict[str, Any]) -> dict[str, Any]:
        """ModifyUsageLimit."""
        changed = self._limit(request) | request
        self._check_limit(changed)
        self.usage_limits[changed["UsageLimitId"]] = changed
        return changed

    def delete_usage_limit(self, request: dict[str, Any]) -> None:
        """DeleteUsageLimit."""
        del self.usage_limits[self._limit(request)["UsageLimitId"]]

    def _limit(self, request: dict[str, Any]) -> dict[str, Any]:
        found = self.usage_limits.get(str(request.get("UsageLimitId")))
        if found is None:
            raise RedshiftClientError("UsageLimitNotFound", "The usage limit identifier can't be found.")
        return found

    # Scheduled actions.

    def create_scheduled_action(self, request: dict[str, Any]) -> dict[str, Any]:
        """CreateScheduledAction."""
        name = str(request["ScheduledActionName"])
        if name in self.scheduled_actions:
            raise RedshiftClientError("ScheduledActionAlreadyExists", f"The scheduled action {name} already exists.")
        enabled = request.pop("Enable", None)
        made = {**request, "State": "DISABLED" if enabled is False else "ACTIVE", "Since": clock.now()}
        self._check_action(made)
        self.scheduled_actions[name] = made
        clock.CLOCK.wake()
        return told_action(made)

    def modify_scheduled_action(self, request: dict[str, Any]) -> dict[str, Any]:
        """ModifyScheduledAction."""
        name = str(request["ScheduledActionName"])
        enabled = request.pop("Enable", None)
        changed = {**self._action(name), **request, "Since": clock.now()}
        if enabled is not None:
            changed["State"] = "ACTIVE" if enabled else "DISABLED"
        self._check_action(changed)
        self.scheduled_actions[name] = changed
        clock.CLOCK.wake()
        return told_action(changed)

    def describe_scheduled_actions(self, name: str | None, kind: str | None, active: bool | None) -> list[Any]:
        """DescribeScheduledActions."""
        found = [self._action(name)] if name else list(self.scheduled_actions.values())
        states = {None: ("ACTIVE", "DISABLED"), True: ("ACTIVE",), False: ("DISABLED",)}[active]
        found = [one for one in found if one["State"] in states and (not kind or kind in one["TargetAction"])]
        return [told_action(one) for one in found]

    def delete_scheduled_action(self, name: str) -> None:
        """DeleteScheduledAction."""
        self._action(name)
        del self.scheduled_actions[name]

    def _action(self, name: str) -> dict[str, Any]:
        if name not in self.scheduled_actions:
            raise RedshiftClientError("ScheduledActionNotFound", f"The scheduled action {name} cannot be found.")
        return self.scheduled_actions[name]

    @staticmethod
    def _check_action(action: dict[str, Any]) -> None:
        kinds = list(action.get("TargetAction") or {})
        if len(kinds) != 1 or kinds[0] not in _CARRIED_OUT:
            told = ", ".join(kinds) or "No action"
            raise RedshiftClientError(
                "ScheduledActionTypeUnsupported",
                f"{told} cannot be scheduled here: PauseCluster and ResumeCluster can.",
            )
        try:
            due_after(str(action.get("Schedule")), clock.now())
        except ValueError:
            raise RedshiftClientError("InvalidSchedule", "The schedule you submitted isn't valid.") from None


def _group_status(name: str) -> dict[str, Any]:
    told = (
        "Your parameter group has been updated but changes won't get applied until you reboot the associated Clusters."
    )
    return {"ParameterGroupName": name, "ParameterGroupStatus": told}


def told_action(action: dict[str, Any]) -> dict[str, Any]:
    """As DescribeScheduledActions shows it, with the next times it is due."""
    told = {key: value for key, value in action.items() if key != "Since"}
    moment = clock.now()
    times: list[datetime] = []
    while action["State"] == "ACTIVE" and len(times) < _SHOWN:
        due = next_due(action, moment)
        if due is None:
            break
        times.append(due)
        moment = due
    return {**told, "NextInvocations": times}


def next_due(action: dict[str, Any], after: datetime) -> datetime | None:
    """When the action is due next, inside its StartTime and EndTime; None where it is not any more."""
    starts, ends = (_moment(action.get(key)) for key in ("StartTime", "EndTime"))
    if starts is not None and starts > after:
        after = starts - timedelta(seconds=1)
    due = due_after(str(action["Schedule"]), after)
    return None if due is None or (ends is not None and due > ends) else due


def _moment(given: Any) -> datetime | None:
    if given is None:
        return None
    found = given if isinstance(given, datetime) else datetime.fromisoformat(str(given))
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
