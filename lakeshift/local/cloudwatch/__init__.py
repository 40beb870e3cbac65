"""CloudWatch whose datapoints are kept and whose alarms act; see docs/architecture.md."""

from __future__ import annotations

from typing import Any

from lakeshift.local.context import LocalContext

__all__ = ["close", "install", "resume"]

_running: dict[str, Any] = {}


def install(context: LocalContext) -> None:
    """Put our CloudWatch under moto."""
    from moto.cloudwatch import models, urls

    from lakeshift.local.cloudwatch.backend import LocalCloudWatchBackend
    from lakeshift.local.cloudwatch.responses import LocalCloudWatchResponse
    from lakeshift.local.cloudwatch.service_metrics import count_event, count_rule
    from lakeshift.local.cloudwatch.store import MetricStore
    from lakeshift.local.events import bus
    from lakeshift.local.stepfunctions import clients

    clients.use(context)
    LocalCloudWatchBackend.store = MetricStore(context.state.services / "cloudwatch-metrics.sqlite")
    models.cloudwatch_backends.backend = LocalCloudWatchBackend
    models.cloudwatch_backends.clear()
    urls.url_paths = {"{0}/$": LocalCloudWatchResponse.dispatch}
    bus.measure(count_event, count_rule)


def resume(_context: LocalContext) -> None:
    """Evaluate alarms from now on."""
    from lakeshift.local import clock
    from lakeshift.local.cloudwatch.evaluation import Evaluator

    evaluator = Evaluator().start()
    _running["evaluator"] = evaluator
    clock.on_move("alarms", evaluator.report)


def close(_context: LocalContext) -> None:
    """Stop evaluating and release the datapoints."""
    from lakeshift.local import clock
    from lakeshift.local.cloudwatch.backend import LocalCloudWatchBackend
    from lakeshift.local.events import bus

    clock.on_move("alarms", list)
    evaluator = _running.pop("evaluator", None)
    if evaluator is not None:
        evaluator.stop()
    bus.measure(lambda _: None, lambda *_: None)
    LocalCloudWatchBackend.store.close()
