"""Step Functions: moto's interpreter, switched on and repaired; see docs/architecture.md."""

from __future__ import annotations

import logging

from lakeshift.local.context import LocalContext

__all__ = ["install"]


def install(context: LocalContext) -> None:
    """Switch the interpreter on and put our backend and repairs in place, before the first request."""
    from moto.core.config import default_user_config
    from moto.stepfunctions import urls
    from moto.stepfunctions.parser import models

    from lakeshift.local.stepfunctions import clients, errors, interpreter, tasks
    from lakeshift.local.stepfunctions.backend import LocalStepFunctionsBackend
    from lakeshift.local.stepfunctions.responses import LocalStepFunctionsResponse

    default_user_config["stepfunctions"] = {"execute_state_machine": True}
    logging.getLogger("moto.stepfunctions").setLevel(logging.CRITICAL)  # a failed state is told in the history
    clients.use(context)
    errors.install()
    tasks.install()
    interpreter.install()
    models.stepfunctions_parser_backends.backend = LocalStepFunctionsBackend
    urls.url_paths = {"{0}/$": LocalStepFunctionsResponse.dispatch}
