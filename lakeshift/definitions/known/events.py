"""Rules, schedules, state machines, topics and queues."""

from __future__ import annotations

from typing import Final

from lakeshift.definitions.resource_type import ResourceType, resource_type

__all__ = ["TYPES"]

TYPES: Final[tuple[ResourceType, ...]] = (
    resource_type(
        "AWS::SNS::Topic",
        "TopicName",
        "DisplayName KmsMasterKeyId",
        "TopicName",
        "arn:aws:sns:{Region}:{Account}:{Name}",
        {"TopicArn": "arn:aws:sns:{Region}:{Account}:{Name}", "TopicName": "{Name}"},
    ),
    resource_type("AWS::SNS::Subscription", "TopicArn Protocol Endpoint", "RawMessageDelivery FilterPolicy"),
    resource_type(
        "AWS::SNS::TopicPolicy",
        "Topics PolicyDocument",
        "",
        "",
        None,
    ),
    resource_type(
        "AWS::SQS::Queue",
        "QueueName",
        "MessageRetentionPeriod VisibilityTimeout DelaySeconds MaximumMessageSize ReceiveMessageWaitTimeSeconds "
        "SqsManagedSseEnabled KmsMasterKeyId RedrivePolicy",
        "QueueName",
        None,
        {"Arn": "arn:aws:sqs:{Region}:{Account}:{Name}", "QueueName": "{Name}", "QueueUrl": None},
    ),
    resource_type("AWS::SQS::QueuePolicy", "Queues PolicyDocument"),
    resource_type(
        "AWS::StepFunctions::StateMachine",
        "StateMachineName RoleArn",
        "StateMachineType DefinitionS3Location DefinitionString DefinitionSubstitutions LoggingConfiguration "
        "TracingConfiguration",
        "StateMachineName",
        "arn:aws:states:{Region}:{Account}:stateMachine:{Name}",
        {
            "Arn": "arn:aws:states:{Region}:{Account}:stateMachine:{Name}",
            "Name": "{Name}",
            "StateMachineRevisionId": None,
        },
    ),
    resource_type(
        "AWS::StepFunctions::StateMachineVersion",
        "StateMachineArn StateMachineRevisionId",
        "Description",
        "",
        None,
        {"Arn": None},
    ),
    resource_type(
        "AWS::StepFunctions::StateMachineAlias",
        "StateMachineArn Name RoutingConfiguration",
        "Description",
        "",
        None,
        {"Arn": None},
    ),
    resource_type(
        "AWS::Events::Rule",
        "Name",
        "Description EventPattern ScheduleExpression State Targets RoleArn",
        "Name",
        "{Name}",
        {"Arn": "arn:aws:events:{Region}:{Account}:rule/{Name}"},
    ),
    resource_type(
        "AWS::Scheduler::Schedule",
        "Name FlexibleTimeWindow ScheduleExpression Target",
        "GroupName Description State StartDate EndDate KmsKeyArn ScheduleExpressionTimezone",
        "Name",
        "{Name}",
        {"Arn": None},
    ),
    resource_type(
        "AWS::Scheduler::ScheduleGroup",
        "Name",
        "",
        "Name",
        "{Name}",
        {"Arn": "arn:aws:scheduler:{Region}:{Account}:schedule-group/{Name}"},
    ),
)
