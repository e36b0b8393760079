#!/usr/bin/env bash
# One key in two Regions by CloudFormation: a stack with the key, its alias and a role, and one with the replica.
#
#   npm ci && examples/cloudformation/deploy.sh
#
# It starts a server of its own on a free port, with its data in a temporary directory, and needs the AWS CLI, which
# looks every 30 seconds whether a stack is done.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
cd "$here/../.."
export PATH="$PWD/node_modules/.bin:$PATH"

data="$(mktemp -d)"
server=''
trap 'kill -9 "$server" 2>/dev/null || true; rm -rf "$data" "$data.out"' EXIT

step() { printf '\n== %s\n' "$*"; }
fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }

: >"$data.out"
node src/main.ts serve --data "$data" --port 0 --dev >"$data.out" &
server=$!
for _ in $(seq 100); do grep -q 'is ready' "$data.out" && break; sleep 0.1; done
grep 'is ready' "$data.out" || fail 'the server did not start'

export AWS_SHARED_CREDENTIALS_FILE="$data/aws/credentials" AWS_CONFIG_FILE="$data/aws/config"
export AWS_PROFILE=keyspan AWS_PAGER=''
cfn() { local region=$1; shift; aws --region "$region" --output text cloudformation "$@"; }

step 'The key, its alias and the role that uses it'
cfn us-east-1 deploy --stack-name orders --template-file "$here/key.yaml" --capabilities CAPABILITY_IAM
arn="$(cfn us-east-1 describe-stacks --stack-name orders --query 'Stacks[0].Outputs[0].OutputValue')"
echo "$arn"

step 'The same key in eu-west-1'
cfn eu-west-1 deploy --stack-name orders --template-file "$here/replica.yaml" --parameter-overrides "PrimaryKeyArn=$arn"

step 'What is encrypted in one Region opens in the other'
printf 'attack at dawn' >"$data/plaintext"
aws --region us-east-1 kms encrypt --key-id alias/orders --plaintext "fileb://$data/plaintext" \
  --query CiphertextBlob --output text | base64 -d >"$data/ciphertext"
aws --region eu-west-1 kms decrypt --ciphertext-blob "fileb://$data/ciphertext" \
  --query Plaintext --output text | base64 -d | grep 'attack at dawn'

step 'A deployment of the same is no change'
cfn us-east-1 deploy --stack-name orders --template-file "$here/key.yaml" --capabilities CAPABILITY_IAM \
  --no-fail-on-empty-changeset

step 'Somebody changes the key by hand: that is drift'
aws --region us-east-1 kms update-key-description --key-id "$arn" --description 'changed by hand'
cfn us-east-1 detect-stack-resource-drift --stack-name orders --logical-resource-id Key \
  --query 'StackResourceDrift.[StackResourceDriftStatus,PropertyDifferences[0].PropertyPath]'

step 'Both stacks are deleted; the primary stays, as its DeletionPolicy asks'
for region in eu-west-1 us-east-1; do
  cfn "$region" delete-stack --stack-name orders
  for _ in $(seq 50); do cfn "$region" describe-stacks --stack-name orders >/dev/null 2>&1 || break; sleep 0.2; done
  cfn "$region" list-stacks --query 'StackSummaries[].[StackName,StackStatus]'
done
aws --region us-east-1 kms describe-key --key-id "$arn" --query KeyMetadata.KeyState --output text | grep Enabled

step 'The stacks are gone, and the key was yours to keep.'
