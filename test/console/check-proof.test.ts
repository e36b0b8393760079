import { generateKeyPairSync } from 'node:crypto'
import { expect, it } from 'vitest'
import { checkProof } from '../../console/src/features/audit/check-proof.ts'
import { leafHash, nodeHash, type Subtree } from '../../src/crypto/transparency/merkle.ts'
import { noteText, signNote, verifierText, type KeyKind } from '../../src/crypto/transparency/note.ts'
import { proveInclusion, rangeHash } from '../../src/crypto/transparency/proof.ts'

const ORIGIN = 'keyspan/test/us-east-1'
const TIME = 1_700_000_000
const records = Array.from({ length: 21 }, (_, index) => `{"eventID":"${index}","name":"Ünïcode"}`)
const signer = (name: string, kind: KeyKind) => ({ name, kind, ...generateKeyPairSync('ed25519') })
const log = signer(ORIGIN, 'log')
const witness = signer('keyspan/test/eu-west-1/witness', 'witness')
const stranger = signer('keyspan/test/eu-west-1/witness', 'witness')

/** The tree of the records. */
async function subtree({ height, index }: Subtree): Promise<Buffer> {
  if (height === 0) return leafHash(Buffer.from(records[index] ?? ''))
  const [left, right] = [
    subtree({ height: height - 1, index: 2 * index }),
    subtree({ height: height - 1, index: 2 * index + 1 }),
  ]
  return nodeHash(await left, await right)
}

async function proofOf(index: number): Promise<string> {
  const root = await rangeHash(subtree, 0, records.length)
  const text = `${ORIGIN}\n${records.length}\n${root.toString('base64')}\nplace - 0\n`
  const signatures = [log, witness].map((each) => signNote(each, text, TIME))
  const hashes = (await proveInclusion(subtree, index, records.length)).map((hash) => hash.toString('base64'))
  const extra = Buffer.from(records[index] ?? '').toString('base64')
  const lines = ['c2sp.org/tlog-proof@v1', `extra ${extra}`, `index ${index}`, ...hashes]
  return `${lines.join('\n')}\n\n${noteText({ text, signatures })}`
}

const check = (proof: string, record = records[7] ?? '', witnesses = [verifierText(witness)]) =>
  checkProof(proof, record, verifierText(log), witnesses)

it('The browser finds a proof good that is: for records anywhere in a tree', async () => {
  for (const index of records.keys()) {
    expect(await check(await proofOf(index), records[index])).toEqual({
      index,
      size: records.length,
      isRecord: true,
      isInTree: true,
      log: { name: ORIGIN, outcome: 'good', time: null },
      witnesses: [{ name: witness.name, outcome: 'good', time: TIME }],
    })
  }
})

it('It says what of a proof is not so', async () => {
  const good = await proofOf(7)
  const forged = Buffer.from('{"eventID":"7"}').toString('base64')
  expect(await check(good, records[8])).toMatchObject({ isRecord: false, isInTree: true })
  expect(await check(good.replace(/extra .*/, `extra ${forged}`))).toMatchObject({ isRecord: false, isInTree: false })
  expect(await check(good.replace('index 7', 'index 8'))).toMatchObject({ isInTree: false })
  expect(await check(good.replace('index 7', 'index 21'))).toMatchObject({ isInTree: false })
  expect(await check(good.replace(/index 7\n.*\n/, 'index 7\n'))).toMatchObject({ isInTree: false })
  const changed = await check(good.replace('place - 0', 'place - 1'))
  expect(changed).toMatchObject({ isInTree: true, log: { outcome: 'bad' }, witnesses: [{ outcome: 'bad' }] })
  const unvouched = await check(good.replace(/— \S+witness \S+\n/, ''))
  expect(unvouched).toMatchObject({ log: { outcome: 'good' }, witnesses: [{ outcome: 'missing' }] })
  const byOther = await check(good, records[7], [verifierText(stranger)])
  expect(byOther).toMatchObject({ witnesses: [{ outcome: 'bad' }] })
  const falseKey = verifierText(witness).replace(/\+[0-9a-f]{8}\+/, '+00000000+')
  expect(await check(good, records[7], [falseKey])).toMatchObject({ witnesses: [{ outcome: 'bad' }] })
})

it.each(['', 'x', 'c2sp.org/tlog-proof@v1\n\n\n', 'c2sp.org/tlog-proof@v1\nextra !\nindex 0\n\nx\n1\n!\n\n'])(
  'What is no proof is told as such: %j',
  async (text) => {
    expect(await check(text)).toBeNull()
    expect(await check((await proofOf(3)).replace(ORIGIN, 'another/log'))).toBeNull()
    expect(await check((await proofOf(3)).replace('extra ', 'extra *'))).toBeNull()
  },
)
