"""One adapter for each type of resource."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from lakeshift.deploy.adapters.base import Adapter, Live, Properties
from lakeshift.deploy.adapters.datasync import LocationNFS, LocationS3, Task
from lakeshift.deploy.adapters.events import Rule
from lakeshift.deploy.adapters.firehose import DeliveryStream
from lakeshift.deploy.adapters.glue_catalog import Classifier, Connection, Database
from lakeshift.deploy.adapters.glue_work import Crawler, Job
from lakeshift.deploy.adapters.iam import Role
from lakeshift.deploy.adapters.logs import LogGroup
from lakeshift.deploy.adapters.redshift import Cluster
from lakeshift.deploy.adapters.s3 import Bucket, BucketPolicy
from lakeshift.deploy.adapters.secrets import Secret
from lakeshift.deploy.adapters.sns import Subscription, Topic
from lakeshift.deploy.adapters.sqs import Queue, QueuePolicy
from lakeshift.deploy.adapters.stepfunctions import StateMachine

__all__ = ["ADAPTERS", "Adapter", "Live", "Properties"]

ADAPTERS: Final[Mapping[str, Adapter]] = {
    adapter.type: adapter
    for adapter in (
        Bucket(),
        BucketPolicy(),
        Role(),
        Database(),
        Crawler(),
        Classifier(),
        Connection(),
        Job(),
        Topic(),
        Subscription(),
        Queue(),
        QueuePolicy(),
        StateMachine(),
        DeliveryStream(),
        LocationNFS(),
        LocationS3(),
        Task(),
        Cluster(),
        Secret(),
        LogGroup(),
        Rule(),
    )
}
