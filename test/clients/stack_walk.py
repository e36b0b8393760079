"""Goes through the life of a stack with boto3: a change set, its execution, an update, drift, and the end."""

import boto3

TEMPLATE = """
Parameters:
  Description: { Type: String }
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      Description: !Ref Description
      KeyPolicy:
        Version: 2012-10-17
        Statement:
          - { Effect: Allow, Principal: { AWS: !Ref AWS::AccountId }, Action: "kms:*", Resource: "*" }
  Alias:
    Type: AWS::KMS::Alias
    Properties:
      AliasName: !Sub "alias/${AWS::StackName}"
      TargetKeyId: !Ref Key
Outputs:
  KeyId: { Value: !Ref Key }
"""

cloudformation = boto3.client("cloudformation")
kms = boto3.client("kms")
SOON = {"Delay": 1, "MaxAttempts": 30}


def parameters(value):
    return [{"ParameterKey": "Description", "ParameterValue": value}]


def wait(name):
    cloudformation.get_waiter(name).wait(StackName="walk", WaiterConfig=SOON)


cloudformation.create_change_set(
    StackName="walk", ChangeSetName="first", ChangeSetType="CREATE", TemplateBody=TEMPLATE, Parameters=parameters("one")
)
cloudformation.get_waiter("change_set_create_complete").wait(
    StackName="walk", ChangeSetName="first", WaiterConfig=SOON
)
changes = cloudformation.describe_change_set(StackName="walk", ChangeSetName="first")["Changes"]
assert [change["ResourceChange"]["LogicalResourceId"] for change in changes] == ["Alias", "Key"], changes
cloudformation.execute_change_set(StackName="walk", ChangeSetName="first")
wait("stack_create_complete")

stack = boto3.resource("cloudformation").Stack("walk")
key = stack.outputs[0]["OutputValue"]
assert kms.describe_key(KeyId="alias/walk")["KeyMetadata"]["KeyId"] == key
assert {each.logical_resource_id for each in stack.resource_summaries.all()} == {"Key", "Alias"}

cloudformation.update_stack(StackName="walk", UsePreviousTemplate=True, Parameters=parameters("two"))
wait("stack_update_complete")
assert kms.describe_key(KeyId=key)["KeyMetadata"]["Description"] == "two"
try:
    cloudformation.update_stack(StackName="walk", UsePreviousTemplate=True, Parameters=parameters("two"))
    raise AssertionError("it was updated")
except cloudformation.exceptions.ClientError as error:
    assert error.response["Error"]["Message"] == "No updates are to be performed.", error

kms.update_key_description(KeyId=key, Description="by hand")
detection = cloudformation.detect_stack_drift(StackName="walk")["StackDriftDetectionId"]
status = cloudformation.describe_stack_drift_detection_status(StackDriftDetectionId=detection)
assert status["StackDriftStatus"] == "DRIFTED", status

events = cloudformation.get_paginator("describe_stack_events").paginate(StackName="walk")
assert sum(len(page["StackEvents"]) for page in events) > 10
cloudformation.delete_stack(StackName="walk")
wait("stack_delete_complete")
assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingDeletion"
print("stack walk done")
