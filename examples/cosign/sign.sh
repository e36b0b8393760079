#!/usr/bin/env bash
# cosign with a key of Keyspan.
#
#   eval "$(keyspan env)" && examples/cosign/sign.sh FILE
#
# awskms:///alias/release takes the endpoint from the profile. Named in the URL, awskms://keyspan.example:7700/alias/…,
# it must have TLS. An image is signed the same way: cosign sign --key awskms:///alias/release IMAGE
set -euo pipefail
key=awskms:///alias/release

# Makes the key where there is none, and writes cosign.pub. Another name of --kms makes another key.
cosign generate-key-pair --kms "$key"
cosign sign-blob --yes --key "$key" --tlog-upload=false --output-signature "$1.sig" "$1"

# Whoever verifies needs the public key alone, and no Keyspan.
cosign verify-blob --key cosign.pub --insecure-ignore-tlog --signature "$1.sig" "$1"
