"""SQS as moto has it, but for what it loses; see docs/architecture.md."""

from __future__ import annotations

from typing import Any

from lakeshift.local.context import LocalContext

__all__ = ["install"]


def install(_: LocalContext) -> None:
    """A queue keeps its policy when another attribute is set.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
    """
    from moto.sqs.models import SQSBackend

    SQSBackend.set_queue_attributes = _set_queue_attributes


def _set_queue_attributes(self: Any, queue_name: str, attributes: dict[str, Any]) -> Any:
    queue = self.get_queue(queue_name)
    kept = {"Policy": queue.policy} if queue.policy and "Policy" not in attributes else {}
    queue._set_attributes({**kept, **attributes})
    return queue
