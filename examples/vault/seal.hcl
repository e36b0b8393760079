# Vault and OpenBao: the part of the configuration by which they unseal themselves with a key of Keyspan.
#
#   vault server -config=/etc/vault.d        bao server -config=/etc/openbao.d
#
# The access key comes from the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY), or from a profile
# (AWS_PROFILE, AWS_SHARED_CREDENTIALS_FILE). The user needs policy.json on this key, and nothing else.
seal "awskms" {
  region     = "us-east-1"
  kms_key_id = "arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"
  endpoint   = "https://keyspan.example:7700"
}
