"""S3 and DynamoDB from an emulator (moto, LocalStack), and KMS from Keyspan, in one program.

    pip install boto3 'moto[server]' cryptography
    moto_server -p 5000 &
    keyspan serve &
    export AWS_CONFIG_FILE=$PWD/config AWS_PROFILE=both
    export AWS_SHARED_CREDENTIALS_FILE=...     # a file with [both] and the access key of Keyspan's profile

    python documents.py

A document is encrypted with a data key, in S3; its encrypted data key is in DynamoDB. It is read again through the
replica of the key, in the other Region. The emulator never sees a key: its own KMS is not asked.
"""

import os

import boto3
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

HOME, AWAY = "us-east-1", "eu-west-1"
CONTEXT = {"document": "minutes"}

kms, away = boto3.client("kms", region_name=HOME), boto3.client("kms", region_name=AWAY)
s3, table = boto3.client("s3", region_name=HOME), boto3.client("dynamodb", region_name=HOME)

key = kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
kms.replicate_key(KeyId=key, ReplicaRegion=AWAY)

s3.create_bucket(Bucket="documents")
table.create_table(
    TableName="documents",
    AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    BillingMode="PAY_PER_REQUEST",
)

data_key = kms.generate_data_key(KeyId=key, KeySpec="AES_256", EncryptionContext=CONTEXT)
nonce = os.urandom(12)
sealed = AESGCM(data_key["Plaintext"]).encrypt(nonce, b"Nobody objected.", None)
s3.put_object(Bucket="documents", Key="minutes", Body=nonce + sealed)
table.put_item(
    TableName="documents", Item={"id": {"S": "minutes"}, "data_key": {"B": data_key["CiphertextBlob"]}}
)

item = table.get_item(TableName="documents", Key={"id": {"S": "minutes"}})["Item"]
body = s3.get_object(Bucket="documents", Key="minutes")["Body"].read()
opened = away.decrypt(CiphertextBlob=item["data_key"]["B"], EncryptionContext=CONTEXT)
print(f"read through {AWAY}:", AESGCM(opened["Plaintext"]).decrypt(body[:12], body[12:], None).decode())
