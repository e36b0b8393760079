#!/usr/bin/env bash
# Bring your own key: one multi-Region key whose material you make and import, from its birth to the loss of it.
#
#   npm ci && examples/bring-your-own-key.sh
#
# It starts a server of its own on a free port, with its data in a temporary directory, and needs the AWS CLI and
# OpenSSL 3.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/node_modules/.bin:$PATH"

data="$(mktemp -d)"
server=''
trap 'kill -9 "$server" 2>/dev/null || true; rm -rf "$data" "$data.out"' EXIT

step() { printf '\n== %s\n' "$*"; }
fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }
equal() { [ "$1" = "$2" ] || fail "$3: expected $2, got $1"; echo "$3: $1"; }
refused() { # error, command with its arguments
  local error=$1
  shift
  "$@" >/dev/null 2>"$data/refusal" && fail "$* was not refused"
  grep -q "$error" "$data/refusal" || fail "$* was refused otherwise: $(cat "$data/refusal")"
  echo "refused: $error"
}
keyspan() { node src/main.ts "$@" --data "$data"; }

start() {
  : >"$data.out"
  node src/main.ts serve --data "$data" --port 0 --dev >"$data.out" &
  server=$!
  for _ in $(seq 100); do grep -q 'is ready' "$data.out" && break; sleep 0.1; done
  grep 'is ready' "$data.out" || fail 'the server did not start'
}

export AWS_SHARED_CREDENTIALS_FILE="$data/aws/credentials" AWS_CONFIG_FILE="$data/aws/config"
export AWS_PROFILE=keyspan AWS_PAGER=''
kms() { local region=$1; shift; aws --region "$region" --output text kms "$@"; }
state() { kms "$1" describe-key --key-id "$key" --query KeyMetadata.KeyState; }
material() { kms "$1" describe-key --key-id "$key" --query KeyMetadata.CurrentKeyMaterialId; }
waiting() { # what waits to be rotated to, as a Region sees it
  kms "$1" list-key-rotations --key-id "$key" --include-key-material ALL_KEY_MATERIAL \
    --query "Rotations[?KeyMaterialId=='$2'].KeyMaterialState"
}
until_equal() { # command with its arguments, expected, what it is
  local expected=${*: -2:1} what=${*: -1}
  for _ in $(seq 100); do [ "$("${@:1:$#-2}")" = "$expected" ] && break; sleep 0.1; done
  equal "$("${@:1:$#-2}")" "$expected" "$what"
}
encrypt() { # Region, text
  printf %s "$2" >"$data/plaintext"
  kms "$1" encrypt --key-id "$key" --plaintext "fileb://$data/plaintext" --query CiphertextBlob
}
decrypt() { # Region, ciphertext in base64
  printf %s "$2" | base64 -d >"$data/ciphertext"
  kms "$1" decrypt --ciphertext-blob "fileb://$data/ciphertext" --query Plaintext | base64 -d
}

# Wraps a file of material with OpenSSL, and imports it. Prints the id of the material.
# A wrapping key and its token are for one key in one Region, for 24 hours.
import() { # Region, file, more arguments
  local region=$1 file=$2 token wrapping
  shift 2
  read -r token wrapping < <(kms "$region" get-parameters-for-import --key-id "$key" \
    --wrapping-algorithm RSAES_OAEP_SHA_256 --wrapping-key-spec RSA_4096 --query '[ImportToken,PublicKey]')
  base64 -d <<<"$token" >"$data/token"
  base64 -d <<<"$wrapping" >"$data/wrapping.der"
  openssl pkeyutl -encrypt -in "$file" -out "$data/wrapped" -inkey "$data/wrapping.der" -keyform DER -pubin \
    -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256 -pkeyopt rsa_mgf1_md:sha256
  kms "$region" import-key-material --key-id "$key" --import-token "fileb://$data/token" \
    --encrypted-key-material "fileb://$data/wrapped" --expiration-model KEY_MATERIAL_DOES_NOT_EXPIRE "$@" \
    --query KeyMaterialId
}
home=us-east-1 away=eu-west-1
regions=("$home" "$away")

step 'Start a server, and create a multi-Region key that has no material yet'
start
key="$(kms $home create-key --origin EXTERNAL --multi-region --description 'our own' --query KeyMetadata.KeyId)"
echo "key: $key"
equal "$(state $home)" PendingImport "state in $home"

step 'Make the material, wrap it with OpenSSL, and import it'
# Keep what you make: nobody can give it back to you.
openssl rand -out "$data/first.key" 32
first="$(import $home "$data/first.key" --key-material-description 'made in our vault')"
equal "$(state $home)" Enabled "state in $home"
equal "$(material $home)" "$first" "material in $home"

step "Replicate the key to $away: no material goes with it"
kms $home replicate-key --key-id "$key" --replica-region $away --query ReplicaKeyMetadata.KeyState
until_equal state $away PendingImport "state in $away"

step "Import the same material in $away; another is refused"
openssl rand -out "$data/other.key" 32
refused IncorrectKeyMaterialException import $away "$data/other.key"
equal "$(import $away "$data/first.key")" "$first" "imported in $away"
equal "$(state $away)" Enabled "state in $away"

step 'Encrypt in each Region, decrypt in the other'
from_home="$(encrypt $home "from $home")"
base64 -d <<<"$from_home" >"$data/from_home"
from_away="$(encrypt $away "from $away")"
equal "$(decrypt $away "$from_home")" "from $home" "decrypted in $away"
equal "$(decrypt $home "$from_away")" "from $away" "decrypted in $home"

step 'Import new material: it waits until every Region has it'
openssl rand -out "$data/second.key" 32
second="$(import $home "$data/second.key" --import-type NEW_KEY_MATERIAL)"
until_equal waiting $away "$second" PENDING_MULTI_REGION_IMPORT_AND_ROTATION "new material as $away sees it"
refused KMSInvalidStateException kms $home rotate-key-on-demand --key-id "$key"
keyspan mrk show "arn:aws:kms:$home:111122223333:key/$key"
equal "$(import $away "$data/second.key" --import-type EXISTING_KEY_MATERIAL)" "$second" "imported in $away"
until_equal waiting $home "$second" PENDING_ROTATION "new material as $home sees it"
for region in "${regions[@]}"; do equal "$(material "$region")" "$first" "material in $region"; done

step 'Rotate on demand: both Regions use the new material, and old ciphertexts still open'
kms $home rotate-key-on-demand --key-id "$key" >/dev/null
for region in "${regions[@]}"; do until_equal material "$region" "$second" "material in $region"; done
since="$(encrypt $away 'since the rotation')"
for region in "${regions[@]}"; do
  equal "$(decrypt "$region" "$from_home")" "from $home" "old ciphertext in $region"
  equal "$(decrypt "$region" "$from_away")" "from $away" "old ciphertext in $region"
  equal "$(decrypt "$region" "$since")" 'since the rotation' "new ciphertext in $region"
done

step "Delete the first material in $away: the key is of no use there, and goes on in $home"
kms $away delete-imported-key-material --key-id "$key" --key-material-id "$first" >/dev/null
equal "$(state $away)" PendingImport "state in $away"
refused KMSInvalidStateException kms $away decrypt --ciphertext-blob "fileb://$data/from_home"
equal "$(decrypt $home "$from_home")" "from $home" "decrypted in $home meanwhile"

step "Kill the server, start it again, and import in $away what it lacks"
kill -9 "$server"
wait "$server" 2>/dev/null || true
start
equal "$(state $away)" PendingImport "state in $away"
equal "$(import $away "$data/first.key" --import-type EXISTING_KEY_MATERIAL --key-material-id "$first")" "$first" \
  "imported in $away"
equal "$(state $away)" Enabled "state in $away"
equal "$(decrypt $away "$from_home")" "from $home" "decrypted in $away"
equal "$(decrypt $away "$since")" 'since the rotation' "decrypted in $away"

echo
echo 'The key is yours: all of it opens again.'
