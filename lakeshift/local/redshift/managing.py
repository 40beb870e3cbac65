"""The wire's side of parameter groups, usage limits and scheduled actions of Redshift."""

from __future__ import annotations

from typing import Any, Final

from moto.core.responses import ActionResult, BaseResponse, EmptyResult

__all__ = ["ManagementResponse"]

_LIMIT: Final = ("UsageLimitId", "ClusterIdentifier", "FeatureType", "LimitType", "Amount", "Period", "BreachAction")
_ACTION: Final = (
    "ScheduledActionName", "TargetAction", "Schedule", "IamRole", "ScheduledActionDescription", "StartTime", "EndTime",
    "Enable",
)  # fmt: skip


class ManagementResponse(BaseResponse):
    """Mixed into moto's."""

    redshift_backend: Any

    def _given(self, *names: str) -> dict[str, Any]:
        found = {name: self._get_bool_param(name) if name == "Enable" else self._get_param(name) for name in names}
        return {name: value for name, value in found.items() if value is not None}

    def modify_cluster_parameter_group(self) -> ActionResult:
        """ModifyClusterParameterGroup."""
        name = self._get_param("ParameterGroupName")
        return ActionResult(
            self.redshift_backend.modify_cluster_parameter_group(name, self._get_param("Parameters", []))
        )

    def reset_cluster_parameter_group(self) -> ActionResult:
        """ResetClusterParameterGroup."""
        name, every = self._get_param("ParameterGroupName"), self._get_bool_param("ResetAllParameters", False)
        parameters = self._get_param("Parameters", [])
        return ActionResult(self.redshift_backend.reset_cluster_parameter_group(name, parameters, every=every))

    def describe_cluster_parameters(self) -> ActionResult:
        """DescribeClusterParameters."""
        found = self.redshift_backend.describe_cluster_parameters(self._get_param("ParameterGroupName"))
        source = self._get_param("Source")
        return ActionResult({"Parameters": [one for one in found if source in (None, one["Source"])]})

    def create_usage_limit(self) -> ActionResult:
        """CreateUsageLimit."""
        return ActionResult(self.redshift_backend.create_usage_limit(self._given(*_LIMIT[1:], "Tags")))

    def describe_usage_limits(self) -> ActionResult:
        """DescribeUsageLimits."""
        asked = self._given("UsageLimitId", "ClusterIdentifier", "FeatureType")
        return ActionResult({"UsageLimits": self.redshift_backend.describe_usage_limits(asked)})

    def modify_usage_limit(self) -> ActionResult:
        """ModifyUsageLimit."""
        asked = self._given("UsageLimitId", "Amount", "BreachAction")
        return ActionResult(self.redshift_backend.modify_usage_limit(asked))

    def delete_usage_limit(self) -> EmptyResult:
        """DeleteUsageLimit."""
        self.redshift_backend.delete_usage_limit(self._given("UsageLimitId"))
        return EmptyResult()

    def create_scheduled_action(self) -> ActionResult:
        """CreateScheduledAction."""
        return ActionResult(self.redshift_backend.create_scheduled_action(self._given(*_ACTION)))

    def modify_scheduled_action(self) -> ActionResult:
        """ModifyScheduledAction."""
        return ActionResult(self.redshift_backend.modify_scheduled_action(self._given(*_ACTION)))

    def describe_scheduled_actions(self) -> ActionResult:
        """DescribeScheduledActions."""
        name, kind = self._get_param("ScheduledActionName"), self._get_param("TargetActionType")
        active = self._get_bool_param("Active")
        return ActionResult({"ScheduledActions": self.redshift_backend.describe_scheduled_actions(name, kind, active)})

    def delete_scheduled_action(self) -> EmptyResult:
        """DeleteScheduledAction."""
        self.redshift_backend.delete_scheduled_action(self._get_param("ScheduledActionName"))
        return EmptyResult()
