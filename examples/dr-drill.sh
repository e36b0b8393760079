#!/usr/bin/env bash
# A disaster-recovery drill: one key in three Regions, from its birth to a crash in the middle of a replication.
#
#   npm ci && examples/dr-drill.sh
#
# It starts a server of its own on a free port, with its data in a temporary directory, and needs the AWS CLI.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/node_modules/.bin:$PATH"

data="$(mktemp -d)"
server=''
trap 'kill -9 "$server" 2>/dev/null || true; rm -rf "$data" "$data.out"' EXIT

step() { printf '\n== %s\n' "$*"; }
fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }
equal() { [ "$1" = "$2" ] || fail "$3: expected $2, got $1"; echo "$3: $1"; }
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
role() { kms "$1" describe-key --key-id "$key" --query KeyMetadata.MultiRegionConfiguration.MultiRegionKeyType; }
material() { kms "$1" describe-key --key-id "$key" --query KeyMetadata.CurrentKeyMaterialId; }
until_state() {
  for _ in $(seq 100); do [ "$(state "$1")" = "$2" ] && break; sleep 0.1; done
  equal "$(state "$1")" "$2" "state in $1"
}
encrypt() { # Region, text
  printf %s "$2" >"$data/plaintext"
  kms "$1" encrypt --key-id "$key" --plaintext "fileb://$data/plaintext" --query CiphertextBlob
}
decrypt() { # Region, ciphertext in base64
  printf %s "$2" | base64 -d >"$data/ciphertext"
  kms "$1" decrypt --ciphertext-blob "fileb://$data/ciphertext" --query Plaintext | base64 -d
}
home=us-east-1 east=eu-west-1 south=ap-southeast-2
regions=("$home" "$east" "$south")

step 'Start a server, and create a multi-Region key with an alias and tags'
start
key="$(kms $home create-key --multi-region --description 'payments' --tags TagKey=team,TagValue=payments \
  --query KeyMetadata.KeyId)"
kms $home create-alias --alias-name alias/payments --target-key-id "$key"
echo "key: $key"
equal "$(role $home)" PRIMARY "role in $home"

step 'Replicate it to two Regions'
for region in $east $south; do
  kms $home replicate-key --key-id "$key" --replica-region $region --query ReplicaKeyMetadata.KeyState
done
for region in $east $south; do
  until_state $region Enabled
  equal "$(role $region)" REPLICA "role in $region"
done
for region in "${regions[@]}"; do
  equal "$(kms $region describe-key --key-id "$key" \
    --query 'length(KeyMetadata.MultiRegionConfiguration.ReplicaKeys)')" 2 "replicas as $region sees them"
done

step 'Encrypt in each Region, decrypt in every one'
declare -A ciphertexts
for from in "${regions[@]}"; do
  ciphertexts[$from]="$(encrypt "$from" "from $from")"
  for to in "${regions[@]}"; do
    equal "$(decrypt "$to" "${ciphertexts[$from]}")" "from $from" "decrypted in $to"
  done
done

step 'Rotate on demand: the new material is the same in all Regions, and old ciphertexts still open'
before="$(material $home)"
kms $home rotate-key-on-demand --key-id "$key" >/dev/null
for _ in $(seq 100); do [ "$(material $south)" != "$before" ] && break; sleep 0.1; done
after="$(material $home)"
[ "$after" != "$before" ] || fail 'the material did not change'
for region in "${regions[@]}"; do
  for _ in $(seq 100); do [ "$(material "$region")" = "$after" ] && break; sleep 0.1; done
  equal "$(material "$region")" "$after" "material in $region"
done
for from in "${regions[@]}"; do
  for to in "${regions[@]}"; do
    equal "$(decrypt "$to" "${ciphertexts[$from]}")" "from $from" "old ciphertext in $to"
  done
done

step "Move the primary to $east"
kms $home update-primary-region --key-id "$key" --primary-region $east
for region in "${regions[@]}"; do until_state "$region" Enabled; done
equal "$(role $east)" PRIMARY "role in $east"
equal "$(role $home)" REPLICA "role in $home"
for region in "${regions[@]}"; do
  equal "$(kms "$region" describe-key --key-id "$key" \
    --query KeyMetadata.MultiRegionConfiguration.PrimaryKey.Region)" $east "primary as $region sees it"
done

step "Disable in $south: the others go on"
kms $south disable-key --key-id "$key"
decrypt $south "${ciphertexts[$home]}" 2>/dev/null && fail "$south decrypts with a disabled key"
equal "$(decrypt $east "${ciphertexts[$south]}")" "from $south" "decrypted in $east"
kms $south enable-key --key-id "$key"

step "Schedule the deletion of the former primary, and cancel it"
equal "$(kms $home schedule-key-deletion --key-id "$key" --pending-window-in-days 7 --query KeyState)" \
  PendingDeletion "state in $home"
equal "$(decrypt $east "${ciphertexts[$home]}")" "from $home" "decrypted in $east meanwhile"
kms $home cancel-key-deletion --key-id "$key" >/dev/null
kms $home enable-key --key-id "$key"
until_state $home Enabled

step 'Kill the server in the middle of a replication, and start it again'
keyspan region partition
kms $east replicate-key --key-id "$key" --replica-region us-west-2 --query ReplicaKeyMetadata.KeyState
kill -9 "$server"
wait "$server" 2>/dev/null || true
start
until_state us-west-2 Enabled
equal "$(material us-west-2)" "$after" 'material in us-west-2'
for from in "${regions[@]}"; do
  equal "$(decrypt us-west-2 "${ciphertexts[$from]}")" "from $from" 'decrypted in us-west-2'
done
equal "$(kms $home list-aliases --key-id "$key" --query 'Aliases[0].AliasName')" alias/payments "alias in $home"

step 'What the audit log says of it'
keyspan audit tail --lines 3
echo
echo 'The drill is over: nothing was lost.'
