"""Asks boto3's clients for services that are not here; prints what each was refused with, one JSON object a line."""

import io
import json

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError


def ask(name, client, operation, **members):
    try:
        getattr(client, operation)(**members)
        print(json.dumps({"name": name, "answered": True}))
    except ClientError as error:
        metadata = error.response["ResponseMetadata"]
        print(
            json.dumps(
                {
                    "name": name,
                    "code": error.response["Error"]["Code"],
                    "message": error.response["Error"]["Message"],
                    "status": metadata["HTTPStatusCode"],
                    "retries": metadata["RetryAttempts"],
                }
            )
        )


for service, operation in [
    ("apigateway", "get_rest_apis"),
    ("cloudfront", "list_distributions"),
    ("cloudwatch", "list_metrics"),
    ("dynamodb", "list_tables"),
    ("ec2", "describe_regions"),
    ("lambda", "list_functions"),
    ("route53", "list_hosted_zones"),
    ("s3", "list_buckets"),
    ("secretsmanager", "list_secrets"),
    ("sns", "list_topics"),
    ("sqs", "list_queues"),
    ("ssm", "describe_parameters"),
]:
    ask(service, boto3.client(service), operation)

ask("cognito-identity unsigned", boto3.client("cognito-identity"), "get_id", IdentityPoolId="us-east-1:pool")
ask("sso by its token", boto3.client("sso"), "list_accounts", accessToken="token")
for version in [UNSIGNED, "s3", "s3v4", "v4a"]:
    try:
        s3 = boto3.client("s3", config=Config(signature_version=version))
        ask(f"s3 signed by {'nothing' if version is UNSIGNED else version}", s3, "list_objects_v2", Bucket="bucket")
    except Exception as error:  # This machine's botocore may lack what a kind of signature needs.
        print(json.dumps({"name": f"s3 signed by {version}", "unavailable": str(error)}))
s3 = boto3.client("s3")
ask("s3 with a long body", s3, "put_object", Bucket="bucket", Key="long", Body=io.BytesIO(bytes(6 * 1024 * 1024)))
