"""One adapter for each type of resource."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from lakeshift.deploy.adapters.base import Adapter, Live, Properties
from lakeshift.deploy.adapters.cloudwatch import Alarm, CompositeAlarm, Dashboard
from lakeshift.deploy.adapters.datasync import LocationNFS, LocationS3, LocationSMB, Task
from lakeshift.deploy.adapters.events import Rule
from lakeshift.deploy.adapters.firehose import DeliveryStream
from lakeshift.deploy.adapters.glue_catalog import Classifier, Connection, Database, Table
from lakeshift.deploy.adapters.glue_flow import DataQualityRuleset, SecurityConfiguration, Trigger, Workflow
from lakeshift.deploy.adapters.glue_work import Crawler, Job
from lakeshift.deploy.adapters.iam import Role
from lakeshift.deploy.adapters.iam_policies import ManagedPolicy
from lakeshift.deploy.adapters.kinesis import Stream
from lakeshift.deploy.adapters.kms import Alias, Key
from lakeshift.deploy.adapters.logs import LogGroup, MetricFilter
from lakeshift.deploy.adapters.redshift import Cluster
from lakeshift.deploy.adapters.redshift_more import ClusterParameterGroup, ScheduledAction, UsageLimit
from lakeshift.deploy.adapters.redshift_serverless import Namespace, Workgroup
from lakeshift.deploy.adapters.s3 import Bucket, BucketPolicy
from lakeshift.deploy.adapters.scheduler import Schedule, ScheduleGroup
from lakeshift.deploy.adapters.secrets import Secret
from lakeshift.deploy.adapters.sns import Subscription, Topic, TopicPolicy
from lakeshift.deploy.adapters.sqs import Queue, QueuePolicy
from lakeshift.deploy.adapters.stepfunctions import StateMachine
from lakeshift.deploy.adapters.stepfunctions_versions import StateMachineAlias, StateMachineVersion

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
        ManagedPolicy(),
        Key(),
        Alias(),
        Stream(),
        LocationSMB(),
        Table(),
        Trigger(),
        Workflow(),
        DataQualityRuleset(),
        SecurityConfiguration(),
        Schedule(),
        ScheduleGroup(),
        Alarm(),
        CompositeAlarm(),
        Dashboard(),
        MetricFilter(),
        ClusterParameterGroup(),
        ScheduledAction(),
        UsageLimit(),
        Namespace(),
        Workgroup(),
        TopicPolicy(),
        StateMachineVersion(),
        StateMachineAlias(),
    )
}
