"""What of the crawlers lives beside the requests: the schedules' thread, the workers, the route of plans."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from moto.glue.exceptions import GlueClientError
from moto.glue.models import glue_backends
from werkzeug.wrappers import Request, Response

from lakeshift.errors import LakeshiftError
from lakeshift.lake import NoSuchBucketError
from lakeshift.local import routes
from lakeshift.local.context import LocalContext
from lakeshift.local.glue.crawlers import pool, run
from lakeshift.local.glue.crawlers.crawler import LocalCrawler
from lakeshift.local.glue.crawlers.schedules import Scheduler

__all__ = ["close_crawlers", "resume_crawlers"]

_PLANS: Final = "/_lakeshift/glue/crawlers/"
_schedulers: dict[str, Scheduler] = {}  # by the endpoint of their server


def resume_crawlers(context: LocalContext) -> None:
    """Follow the schedules, and answer what a crawler would do: ``GET /_lakeshift/glue/crawlers/<name>/plan``."""

    def backends() -> Iterator[Any]:
        for _, _, backend in list(glue_backends.iter_backends()):
            yield backend

    def crawlers() -> list[LocalCrawler]:
        return [crawler for backend in backends() for crawler in backend.get_crawlers()]

    def start(crawler: LocalCrawler) -> None:
        crawler.backend.start_crawler(crawler.name)

    _schedulers[context.endpoint] = Scheduler(crawlers, start)
    routes.add("GET", _PLANS, lambda request: _plan(context, request))


def close_crawlers(context: LocalContext) -> None:
    """Fire no schedule any more and end the workers."""
    scheduler = _schedulers.pop(context.endpoint, None)
    if scheduler is not None:
        scheduler.close()
    pool.close()


def _plan(context: LocalContext, request: Request) -> Response:
    name = request.path.removeprefix(_PLANS).removesuffix("/plan")
    backend: Any = glue_backends[context.account][context.region]
    try:
        found = run.preview(backend, backend.get_crawler(name))
    except GlueClientError as error:
        return routes.json_response({"message": str(error.message)}, 404)
    except NoSuchBucketError as missing:
        return routes.json_response({"message": f"The specified bucket does not exist: {missing}"}, 409)
    except (LakeshiftError, ValueError) as error:
        return routes.json_response({"message": str(error)}, 409)
    return Response(found.to_json(), content_type="application/json")
