import pytest
from botocore.exceptions import ClientError


def test_what_was_written_in_one_region_is_read_in_another(keyspan):
    written = keyspan("kms", user="writer").encrypt(KeyId="alias/orders", Plaintext=b"an order")
    read = keyspan("kms", region="eu-west-1").decrypt(CiphertextBlob=written["CiphertextBlob"])
    assert read["Plaintext"] == b"an order"


def test_who_writes_cannot_read(keyspan):
    writer = keyspan("kms", user="writer")
    written = writer.encrypt(KeyId="alias/orders", Plaintext=b"an order")
    with pytest.raises(ClientError, match="AccessDeniedException"):
        writer.decrypt(CiphertextBlob=written["CiphertextBlob"])
