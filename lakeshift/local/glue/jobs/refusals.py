"""Operations that would only pretend: refused by name, with what to do instead.

Most of the Glue API has no local meaning. An operation that is not there answers with an error an SDK does not retry,
instead of an HTML page with status 500.
"""

from __future__ import annotations

from typing import Any, Final

from moto.core.responses import ActionResult
from moto.core.utils import camelcase_to_underscores
from moto.glue.responses import GlueResponse

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.local.glue.jobs.errors import NotSupportedError

__all__ = ["REFUSED", "RefusedResponses"]

_GUIDE: Final = "https://docs.aws.amazon.com/glue/latest/dg/"

_SESSION: Final = ("Run the code as a job (StartJobRun).", f"{_GUIDE}interactive-sessions.html")
_ENDPOINT: Final = ("Run the code as a job (StartJobRun).", f"{_GUIDE}dev-endpoint.html")
_ML: Final = ("Write the matching as a job.", f"{_GUIDE}machine-learning.html")
_WORKFLOW: Final = ("Order jobs and crawlers with a Step Functions state machine.", f"{_GUIDE}workflows_overview.html")
_QUALITY: Final = ("Evaluate the rules in a job (EvaluateDataQuality).", f"{_GUIDE}glue-data-quality.html")

REFUSED: Final[dict[str, tuple[str, str]]] = {
    **dict.fromkeys(
        (
            "CreateSession",
            "GetSession",
            "ListSessions",
            "StopSession",
            "DeleteSession",
            "RunStatement",
            "GetStatement",
            "ListStatements",
            "CancelStatement",
        ),
        _SESSION,
    ),
    **dict.fromkeys(
        ("CreateDevEndpoint", "GetDevEndpoint", "GetDevEndpoints", "DeleteDevEndpoint", "UpdateDevEndpoint"), _ENDPOINT
    ),
    **dict.fromkeys(
        (
            "CreateMLTransform",
            "GetMLTransform",
            "GetMLTransforms",
            "DeleteMLTransform",
            "UpdateMLTransform",
            "StartMLEvaluationTaskRun",
            "StartMLLabelingSetGenerationTaskRun",
        ),
        _ML,
    ),
    **dict.fromkeys(
        (
            "StartWorkflowRun",
            "StopWorkflowRun",
            "ResumeWorkflowRun",
            "GetWorkflowRun",
            "GetWorkflowRuns",
            "GetWorkflowRunProperties",
            "PutWorkflowRunProperties",
        ),
        _WORKFLOW,
    ),
    **dict.fromkeys(
        (
            "StartDataQualityRulesetEvaluationRun",
            "StartDataQualityRuleRecommendationRun",
            "GetDataQualityRulesetEvaluationRun",
            "GetDataQualityResult",
        ),
        _QUALITY,
    ),
}
_OTHER: Final = "Leave the call out of local runs, or point it at AWS."


class RefusedResponses(GlueResponse):
    """Answers every operation that the local Glue does not have."""

    _refused: str | None = None

    def call_action(self) -> Any:
        """As moto does, once the operation is one we have."""
        action = self._get_action()
        if action and (action in REFUSED or not hasattr(self, camelcase_to_underscores(action))):
            self._refused = action
        return super().call_action()

    def _get_action(self) -> Any:
        return "RefuseOperation" if self._refused else super()._get_action()

    def refuse_operation(self) -> ActionResult:
        """Not an operation of Glue: where ``call_action`` sends what is refused."""
        name = self._refused or "RefuseOperation"
        instead, page = REFUSED.get(name, (_OTHER, f"{_GUIDE}aws-glue-api.html"))
        raise NotSupportedError(NotSupportedLocallyError(f"glue:{name}", instead, page))
