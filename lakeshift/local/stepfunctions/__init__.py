"""Step Functions: moto's state machines, run by an interpreter of our own; see docs/architecture.md."""

from __future__ import annotations

from lakeshift.local.context import LocalContext

__all__ = ["install"]


def install(context: LocalContext) -> None:
    """Put our backend and responses in place, before the first request."""
    from moto.stepfunctions import models, urls

    from lakeshift.local.stepfunctions import clients
    from lakeshift.local.stepfunctions.backend import LocalStepFunctionsBackend
    from lakeshift.local.stepfunctions.responses import LocalStepFunctionsResponse

    clients.use(context)
    models.stepfunctions_backends.backend = LocalStepFunctionsBackend
    urls.url_paths = {"{0}/$": LocalStepFunctionsResponse.dispatch}
