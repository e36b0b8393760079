"""The disaster-recovery drill through boto3, against the server that the environment's AWS profile points to."""

import time

import boto3
from botocore.exceptions import ClientError

HOME, EAST, SOUTH = REGIONS = ("us-east-1", "eu-west-1", "ap-southeast-2")
kms = {region: boto3.client("kms", region_name=region) for region in REGIONS}


def describe(region):
    return kms[region].describe_key(KeyId=key)["KeyMetadata"]


def until(check, what):
    for _ in range(200):
        try:
            if check():
                return
        except ClientError:
            pass
        time.sleep(0.05)
    raise AssertionError(f"waited in vain until {what}")


def refusal(call, **members):
    try:
        call(**members)
    except ClientError as error:
        return error.response["Error"]["Code"]
    raise AssertionError("was not refused")


assert boto3.client("sts", region_name=HOME).get_caller_identity()["Account"] == "111122223333"

key = kms[HOME].create_key(MultiRegion=True, Tags=[{"TagKey": "team", "TagValue": "payments"}])["KeyMetadata"]["KeyId"]
kms[HOME].create_alias(AliasName="alias/boto3", TargetKeyId=key)
for region in (EAST, SOUTH):
    replica = kms[HOME].replicate_key(KeyId=key, ReplicaRegion=region)["ReplicaKeyMetadata"]
    assert replica["KeyState"] == "Creating", replica
for region in (EAST, SOUTH):
    until(lambda: describe(region)["KeyState"] == "Enabled", f"{region} is enabled")

context = {"drill": "boto3"}
ciphertexts = {
    region: kms[region].encrypt(KeyId=key, Plaintext=region.encode(), EncryptionContext=context)["CiphertextBlob"]
    for region in REGIONS
}


def all_open():
    for origin, ciphertext in ciphertexts.items():
        for region in REGIONS:
            opened = kms[region].decrypt(CiphertextBlob=ciphertext, EncryptionContext=context)
            assert opened["Plaintext"] == origin.encode(), (origin, region)


all_open()
before = describe(HOME)["CurrentKeyMaterialId"]
kms[HOME].rotate_key_on_demand(KeyId=key)
until(lambda: describe(HOME)["CurrentKeyMaterialId"] != before, "the key has rotated")
after = describe(HOME)["CurrentKeyMaterialId"]
for region in REGIONS:
    until(lambda: describe(region)["CurrentKeyMaterialId"] == after, f"{region} has rotated")
all_open()

kms[HOME].update_primary_region(KeyId=key, PrimaryRegion=EAST)
for region in REGIONS:
    until(lambda: describe(region)["MultiRegionConfiguration"]["PrimaryKey"]["Region"] == EAST, "the primary has moved")
    until(lambda: describe(region)["KeyState"] == "Enabled", f"{region} is enabled")
assert refusal(kms[HOME].rotate_key_on_demand, KeyId=key) == "UnsupportedOperationException"

kms[SOUTH].disable_key(KeyId=key)
assert refusal(kms[SOUTH].generate_data_key, KeyId=key, KeySpec="AES_256") == "DisabledException"
kms[EAST].generate_data_key(KeyId=key, KeySpec="AES_256")
kms[SOUTH].enable_key(KeyId=key)

assert kms[HOME].schedule_key_deletion(KeyId=key, PendingWindowInDays=7)["KeyState"] == "PendingDeletion"
kms[HOME].cancel_key_deletion(KeyId=key)
kms[HOME].enable_key(KeyId=key)
all_open()
assert [page["Aliases"][0]["AliasName"] for page in kms[HOME].get_paginator("list_aliases").paginate(KeyId=key)]
print("drill done")
