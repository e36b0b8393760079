"""Walks through IAM with boto3, and ends with as much as it began with."""

import json

import boto3

iam = boto3.client("iam")
document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]}
trust = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}

user = iam.create_user(UserName="walker", Path="/walk/", Tags=[{"Key": "team", "Value": "a b+c"}])["User"]
assert user["Arn"].endswith(":user/walk/walker"), user
assert iam.get_user(UserName="walker")["User"]["Tags"] == [{"Key": "team", "Value": "a b+c"}]
iam.tag_user(UserName="walker", Tags=[])
iam.put_user_policy(UserName="walker", PolicyName="inline", PolicyDocument=json.dumps(document))
assert iam.get_user_policy(UserName="walker", PolicyName="inline")["PolicyDocument"] == document
arn = iam.create_policy(PolicyName="managed", PolicyDocument=json.dumps(document))["Policy"]["Arn"]
iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(document), SetAsDefault=True)
assert [each["VersionId"] for each in iam.list_policy_versions(PolicyArn=arn)["Versions"]] == ["v2", "v1"]
assert iam.get_policy_version(PolicyArn=arn, VersionId="v2")["PolicyVersion"]["Document"] == document
iam.attach_user_policy(UserName="walker", PolicyArn=arn)
try:
    iam.delete_user(UserName="walker")
    raise AssertionError("It was deleted.")
except iam.exceptions.DeleteConflictException:
    pass
role = iam.create_role(RoleName="walked", AssumeRolePolicyDocument=json.dumps(trust), MaxSessionDuration=7200)["Role"]
assert role["AssumeRolePolicyDocument"] == trust, role
assert iam.get_role(RoleName="walked")["Role"]["MaxSessionDuration"] == 7200
result = iam.simulate_principal_policy(PolicySourceArn=user["Arn"], ActionNames=["kms:Encrypt"])["EvaluationResults"]
assert result[0]["EvalDecision"] == "allowed", result

iam.delete_role(RoleName="walked")
iam.detach_user_policy(UserName="walker", PolicyArn=arn)
iam.delete_policy_version(PolicyArn=arn, VersionId="v1")
iam.delete_policy(PolicyArn=arn)
iam.delete_user_policy(UserName="walker", PolicyName="inline")
iam.delete_user(UserName="walker")
try:
    iam.get_user(UserName="walker")
    raise AssertionError("It is still there.")
except iam.exceptions.NoSuchEntityException:
    pass
summary = iam.get_account_summary()["SummaryMap"]
# The drill before has made a multi-Region key, and with it the service-linked role.
assert (summary["Users"], summary["Policies"]) == (0, 0), summary
print("walk done")
