// Client-side encryption for S3 objects that are replicated across Regions: what one Region writes, another reads,
// and each of them asks only the KMS key at its side, the primary here and the replica there. S3 holds ciphertext.
//
//   npm install
//   export AWS_ENDPOINT_URL_KMS=http://127.0.0.1:7700     # Keyspan, with its credentials in the profile "keyspan"
//   export KEY_ARN=arn:aws:kms:us-east-1:111122223333:key/mrk-...     # the multi-Region key, in any of its Regions
//   export BUCKET=reports                                 # each Region's bucket is called reports-<region>
//
//   node objects.js us-east-1 put 2026/november.pdf november.pdf
//   node objects.js eu-west-1 get 2026/november.pdf copy.pdf
//
// S3 is AWS's, or what AWS_ENDPOINT_URL_S3 points to.
import { AwsKmsMrkAwareSymmetricKeyringNode, buildClient, CommitmentPolicy, KMS } from '@aws-crypto/client-node'
import { S3 } from '@aws-sdk/client-s3'
import { createReadStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'

const [region, action, key, file] = process.argv.slice(2)
const { KEY_ARN, BUCKET } = process.env

const s3 = new S3({ region })
const { encrypt, decrypt } = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT)
const keyring = new AwsKmsMrkAwareSymmetricKeyringNode({
  client: new KMS({ region, profile: 'keyspan' }),
  keyId: KEY_ARN.split(':').with(3, region).join(':'),
})

/** What binds a ciphertext to its place, the same in every Region. Key policies can ask for it. */
const contextOf = (key) => ({ bucket: BUCKET, key })

async function put(key, file) {
  const { result } = await encrypt(keyring, createReadStream(file), { encryptionContext: contextOf(key) })
  await s3.putObject({ Bucket: `${BUCKET}-${region}`, Key: key, Body: result })
}

async function get(key, file) {
  const { Body } = await s3.getObject({ Bucket: `${BUCKET}-${region}`, Key: key })
  // Whole objects: nothing is written before the signature at the end has been found good.
  const { plaintext, messageHeader } = await decrypt(keyring, await Body.transformToByteArray())
  // The context is part of the ciphertext: one that was copied from another object opens, and is told by this alone.
  for (const [name, value] of Object.entries(contextOf(key))) {
    if (messageHeader.encryptionContext[name] !== value) throw new Error(`${key} holds another object's ciphertext.`)
  }
  await writeFile(file, plaintext)
}

await (action === 'put' ? put : get)(key, file)
