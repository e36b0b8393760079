"""A server for the tests of a program in Python; it ends with pytest, however that ends."""

import json
import os
import shlex
import subprocess
import urllib.request

import boto3
import pytest

KEYSPAN = shlex.split(os.environ.get("KEYSPAN", "npx keyspan"))
SEED = os.path.join(os.path.dirname(__file__), "seed.yaml")


@pytest.fixture(scope="session")
def server():
    command = [*KEYSPAN, "serve", "--ephemeral", "--seed", SEED, "--credentials", "test:test"]
    # The server ends when this pipe is closed.
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield json.loads(process.stdout.readline())
        process.stdin.close()


@pytest.fixture
def keyspan(server):
    """Makes clients: keyspan("kms", user="writer"). Each test begins with the seed."""
    urllib.request.urlopen(urllib.request.Request(server["url"] + "/reset", method="POST"))
    people = {user["name"]: user["credentials"] for account in server["accounts"] for user in account["users"]}

    def client(service, user=None, region=server["region"]):
        credentials = server["credentials"] if user is None else people[user]
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=server["url"],
            aws_access_key_id=credentials["accessKeyId"],
            aws_secret_access_key=credentials["secretAccessKey"],
        )

    return client
