"""What stands before every operation: it is one we have, its request can be read, and keeps the rules of the model.

Most of the Glue API has no local meaning. An operation that is not there answers with an error an SDK does not retry
that names it and what to do instead, not with an HTML page of status 500, and not with a success that is none.
"""

from __future__ import annotations

import json
from typing import Any, Final

from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.core.utils import camelcase_to_underscores, get_service_model
from moto.glue.responses import GlueResponse

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.local.glue.catalog.announce import told_by
from lakeshift.local.glue.jobs.errors import NotSupportedError
from lakeshift.local.glue.validation import serialization_error, violations

__all__ = ["REFUSED", "GuardedResponses"]

_GUIDE: Final = "https://docs.aws.amazon.com/glue/latest/dg/"
_API: Final = "https://docs.aws.amazon.com/glue/latest/webapi/API_{}.html"
_OTHER: Final = "Leave the call out of local runs, or point it at AWS."

# What is refused although moto has a method, or with advice of its own: (what to do instead, page), operations.
_GROUPS: Final[tuple[tuple[str, str, str], ...]] = (
    (
        "Run the code as a job (StartJobRun).",
        f"{_GUIDE}interactive-sessions.html",
        "CreateSession GetSession GetSessionEndpoint ListSessions StopSession DeleteSession RunStatement GetStatement "
        "ListStatements CancelStatement",
    ),
    (
        "Run the code as a job (StartJobRun).",
        f"{_GUIDE}dev-endpoint.html",
        "CreateDevEndpoint GetDevEndpoint GetDevEndpoints BatchGetDevEndpoints ListDevEndpoints DeleteDevEndpoint "
        "UpdateDevEndpoint",
    ),
    (
        "Write the matching as a job.",
        f"{_GUIDE}machine-learning.html",
        "CreateMLTransform GetMLTransform GetMLTransforms ListMLTransforms DeleteMLTransform UpdateMLTransform "
        "StartMLEvaluationTaskRun StartMLLabelingSetGenerationTaskRun StartExportLabelsTaskRun "
        "StartImportLabelsTaskRun GetMLTaskRun GetMLTaskRuns CancelMLTaskRun",
    ),
    (
        "Evaluate the rules in a job (EvaluateDataQuality).",
        f"{_GUIDE}glue-data-quality.html",
        "StartDataQualityRulesetEvaluationRun StartDataQualityRuleRecommendationRun "
        "GetDataQualityRulesetEvaluationRun GetDataQualityRuleRecommendationRun GetDataQualityResult "
        "BatchGetDataQualityResult ListDataQualityResults ListDataQualityRulesetEvaluationRuns "
        "ListDataQualityRuleRecommendationRuns BatchGetDataQualityRulesetEvaluationRun "
        "CancelDataQualityRulesetEvaluationRun CancelDataQualityRuleRecommendationRun",
    ),
    (
        "Write the script by hand and deploy it as a job.",
        f"{_GUIDE}edit-script.html",
        "CreateScript GetPlan GetMapping GetDataflowGraph",
    ),
    (
        "Create the tables' files by a job, or crawl them.",
        f"{_GUIDE}federated-catalog-data-connection.html",
        "CreateCatalog UpdateCatalog DeleteCatalog",
    ),
    (
        "Compact the table by Spark (CALL system.rewrite_data_files).",
        f"{_GUIDE}table-optimizers.html",
        "CreateTableOptimizer UpdateTableOptimizer DeleteTableOptimizer GetTableOptimizer BatchGetTableOptimizer "
        "ListTableOptimizerRuns",
    ),
    (
        "Read the source by a job over JDBC.",
        f"{_GUIDE}zero-etl-using.html",
        "CreateIntegration ModifyIntegration DeleteIntegration DescribeIntegrations DescribeInboundIntegrations",
    ),
    (
        "Start the task run yourself (StartColumnStatisticsTaskRun).",
        f"{_GUIDE}column-statistics.html",
        "CreateColumnStatisticsTaskSettings UpdateColumnStatisticsTaskSettings DeleteColumnStatisticsTaskSettings "
        "GetColumnStatisticsTaskSettings StartColumnStatisticsTaskRunSchedule StopColumnStatisticsTaskRunSchedule",
    ),
    (
        "There is no Athena catalog here to import from.",
        _API.format("ImportCatalogToGlue"),
        "ImportCatalogToGlue",
    ),
)
REFUSED: Final[dict[str, tuple[str, str]]] = {
    operation: (instead, page) for instead, page, operations in _GROUPS for operation in operations.split()
}


class GuardedResponses(GlueResponse):
    """Looks at each request before its operation does."""

    _trouble: JsonRESTError | None = None
    _read: tuple[Any, dict[str, Any]] | None = None

    @property
    def parameters(self) -> dict[str, Any]:
        """The request, read once."""
        if self._read is None or self._read[0] is not self.body:
            self._read = (self.body, json.loads(self.body or "{}"))
        return self._read[1]

    def call_action(self) -> Any:
        """As moto does, once nothing speaks against it."""
        action = self._get_action()
        if action:
            self._trouble = self._objection(action)
        answer = super().call_action()
        if action and self._trouble is None:
            self._announce(action, answer)
        return answer

    def _announce(self, action: str, answer: Any) -> None:
        """Say on the bus what a request has changed in the catalog."""
        from lakeshift.local.events import emit

        status = answer[0] if isinstance(answer, tuple) else 200
        told = told_by(action, self.parameters, self.region, self.current_account) if status == 200 else None
        if told is not None:
            emit("aws.glue", told[0], told[1], told[2])

    def check_catalog(self, name: str | None) -> None:
        """Whether the request's CatalogId is one we have; see ``catalog.catalogs``."""

    def refuse_operation(self) -> ActionResult:
        """Not an operation of Glue: where ``call_action`` sends what is refused."""
        if self._trouble is None:
            raise _not_implemented("RefuseOperation")
        raise self._trouble

    def _get_action(self) -> Any:
        return "RefuseOperation" if self._trouble is not None else super()._get_action()

    def _objection(self, action: str) -> JsonRESTError | None:
        known = action in get_service_model("glue").operation_names
        if not known or action in REFUSED or not hasattr(self, camelcase_to_underscores(action)):
            return _not_implemented(action)
        try:
            given = self.parameters
        except ValueError as error:
            return JsonRESTError("SerializationException", f"The request is no JSON: {error}")
        mistyped = serialization_error(action, given)
        if mistyped:
            return JsonRESTError("SerializationException", mistyped)
        broken = violations(action, given)
        if broken:
            return JsonRESTError("ValidationException", broken)
        try:
            self.check_catalog(given.get("CatalogId") or given.get("CatalogID"))
        except JsonRESTError as error:
            return error
        return None


def _not_implemented(action: str) -> NotSupportedError:
    instead, page = REFUSED.get(action, (_OTHER, _API.format(action)))
    return NotSupportedError(NotSupportedLocallyError(f"glue:{action}", instead, page))
