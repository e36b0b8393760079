"""A key of imported material through boto3, against the server that the environment's AWS profile points to."""

import datetime
import os
import subprocess
import tempfile

import boto3
from botocore.exceptions import ClientError

kms = boto3.client("kms", region_name="us-east-1")


def wrap(public_key, material):
    with tempfile.NamedTemporaryFile() as wrapping:
        wrapping.write(public_key)
        wrapping.flush()
        oaep = ["rsa_padding_mode:oaep", "rsa_oaep_md:sha256", "rsa_mgf1_md:sha256"]
        options = [word for option in oaep for word in ("-pkeyopt", option)]
        command = ["openssl", "pkeyutl", "-encrypt", "-pubin", "-keyform", "DER", "-inkey", wrapping.name, *options]
        return subprocess.run(command, input=material, capture_output=True, check=True).stdout


def bring(material, **members):
    given = kms.get_parameters_for_import(
        KeyId=key, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_3072"
    )
    assert given["ParametersValidTo"] > datetime.datetime.now(datetime.timezone.utc), given
    wrapped = wrap(given["PublicKey"], material)
    answer = kms.import_key_material(
        KeyId=key, ImportToken=given["ImportToken"], EncryptedKeyMaterial=wrapped, **members
    )
    return answer["KeyMaterialId"]


def describe():
    return kms.describe_key(KeyId=key)["KeyMetadata"]


key = kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["KeyId"]
assert describe()["KeyState"] == "PendingImport"
first, second = os.urandom(32), os.urandom(32)
valid_to = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(days=30)
first_id = bring(first, ValidTo=valid_to)
assert describe()["ValidTo"] == valid_to, describe()
ciphertext = kms.encrypt(KeyId=key, Plaintext=b"text")["CiphertextBlob"]

stays = {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
second_id = bring(second, ImportType="NEW_KEY_MATERIAL", KeyMaterialDescription="second", **stays)
kms.rotate_key_on_demand(KeyId=key)
assert describe()["CurrentKeyMaterialId"] == second_id
rotations = kms.get_paginator("list_key_rotations").paginate(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")
materials = [(each["KeyMaterialId"], each["KeyMaterialState"]) for page in rotations for each in page["Rotations"]]
assert materials == [(first_id, "NON_CURRENT"), (second_id, "CURRENT")], materials

kms.delete_imported_key_material(KeyId=key, KeyMaterialId=first_id)
try:
    kms.decrypt(CiphertextBlob=ciphertext)
    raise AssertionError("was not refused")
except ClientError as error:
    assert error.response["Error"]["Code"] == "KMSInvalidStateException", error
assert bring(first, ImportType="EXISTING_KEY_MATERIAL", **stays) == first_id
assert kms.decrypt(CiphertextBlob=ciphertext)["Plaintext"] == b"text"
print("own key done")
