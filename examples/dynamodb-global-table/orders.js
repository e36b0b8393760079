// Client-side encryption for a DynamoDB global table: what one Region writes, another reads, and each of them asks
// only the KMS key at its side, the primary here and the replica there. DynamoDB holds ciphertext.
//
//   npm install
//   export AWS_ENDPOINT_URL_KMS=http://127.0.0.1:7700     # Keyspan, with its credentials in the profile "keyspan"
//   export KEY_ARN=arn:aws:kms:us-east-1:111122223333:key/mrk-...     # the multi-Region key, in any of its Regions
//   export TABLE=orders                                   # a table whose partition key is the string "id"
//
//   node orders.js us-east-1 put 1001 '{"card": "4111 1111 1111 1111"}'
//   node orders.js eu-west-1 get 1001
//
// DynamoDB is AWS's, or what AWS_ENDPOINT_URL_DYNAMODB points to.
import { AwsKmsMrkAwareSymmetricKeyringNode, buildClient, CommitmentPolicy, KMS } from '@aws-crypto/client-node'
import { DynamoDB } from '@aws-sdk/client-dynamodb'

const [region, action, id, order] = process.argv.slice(2)
const { KEY_ARN, TABLE } = process.env

const dynamodb = new DynamoDB({ region })
const { encrypt, decrypt } = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT)
const keyring = new AwsKmsMrkAwareSymmetricKeyringNode({
  client: new KMS({ region, profile: 'keyspan' }),
  keyId: KEY_ARN.split(':').with(3, region).join(':'),
})

/** What binds a ciphertext to its place. Key policies can ask for it, and the audit log tells it. */
const contextOf = (id) => ({ table: TABLE, id })

async function put(id, order) {
  const { result } = await encrypt(keyring, JSON.stringify(order), { encryptionContext: contextOf(id) })
  await dynamodb.putItem({ TableName: TABLE, Item: { id: { S: id }, sealed: { B: result } } })
}

async function get(id) {
  const { Item } = await dynamodb.getItem({ TableName: TABLE, Key: { id: { S: id } } })
  if (Item === undefined) throw new Error(`There is no order ${id}.`)
  const { plaintext, messageHeader } = await decrypt(keyring, Item.sealed.B)
  // The context is part of the ciphertext: one that was copied from another item opens, and is told by this alone.
  for (const [name, value] of Object.entries(contextOf(id))) {
    if (messageHeader.encryptionContext[name] !== value) throw new Error(`Order ${id} holds another one's ciphertext.`)
  }
  return JSON.parse(plaintext.toString())
}

if (action === 'put') await put(id, JSON.parse(order))
else console.log(JSON.stringify(await get(id)))
