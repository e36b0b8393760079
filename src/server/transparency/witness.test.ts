import { generateKeyPairSync } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { generateSigningKey } from '../../crypto/region-signature.ts'
import { checkpointText, WHOLE, type StateCommitment } from '../../crypto/transparency/checkpoint.ts'
import { createEdge, leafHash, type Subtree } from '../../crypto/transparency/merkle.ts'
import { noteText, signNote, verifierText, verifyNote, type Signer } from '../../crypto/transparency/note.ts'
import { proveConsistency } from '../../crypto/transparency/proof.ts'
import { createWitness, introduce, parseSeen, seenName, type Offer, type Witness } from './witness.ts'

const originOf = (place: string) => `keyspan/d/${place}`
const signer = (place: string, kind: 'log' | 'witness' = 'log'): Signer => ({
  name: originOf(place),
  kind,
  ...generateKeyPairSync('ed25519'),
})
const identityOf = () => ({ identity: { id: 'i', succession: [], ...generateSigningKey() } })

const LOG = signer('us-east-1')
const IDENTITY = identityOf()
const WITNESS = signer('eu-west-1/witness', 'witness')
const STATE: StateCommitment = { begun: 'b', writes: 5, digest: 'd' }

let marks: Map<string, string>
let witness: Witness
const open = () =>
  createWitness({
    store: {
      reads: {
        meta: async (name) => marks.get(name) ?? null,
        peer: async (region) => ({ region, publicKey: IDENTITY.identity.publicKey, incarnation: 'i' }),
      },
      putMarks: async (more) => more.forEach((value, name) => marks.set(name, value)),
    },
    key: WITNESS,
    originOf,
    now: () => 5000,
  })
beforeEach(() => {
  marks = new Map()
  witness = open()
})

interface Told {
  readonly size: number
  readonly from: number
  readonly salt?: string
  readonly state?: StateCommitment
  readonly key?: Signer
  readonly by?: ReturnType<typeof identityOf>
}

/** What a log of so many records offers; another salt is another history. */
async function offer({ size, from, salt = '', state = STATE, key = LOG, by = IDENTITY }: Told): Promise<Offer> {
  const leaves = Array.from({ length: size }, (_, index) => leafHash(Buffer.from(`${salt}${index}`)))
  const read = async ({ height, index }: Subtree) => {
    const edge = createEdge(0, [])
    for (const leaf of leaves.slice(index * 2 ** height, (index + 1) * 2 ** height)) edge.append(leaf)
    return edge.root()
  }
  const edge = createEdge(0, [])
  for (const leaf of leaves) edge.append(leaf)
  const place = { file: 'f', offset: 1 }
  const text = checkpointText({ origin: key.name, size, root: edge.root(), place, begins: WHOLE, state, time: 1 })
  return {
    place: 'us-east-1',
    verifier: verifierText(key),
    introduction: introduce(by, key),
    note: noteText({ text, signatures: [signNote(key, text, 0)] }),
    from,
    proof: from > size ? [] : await proveConsistency(read, from, size),
  }
}

async function see(told: Told) {
  const given = await offer(told)
  const [answer] = await witness.see([given])
  return { given, answer }
}

describe('A witness', () => {
  it('vouches for a log that goes on, remembers how far over a restart, and says so where the proof is from elsewhere', async () => {
    const { given, answer } = await see({ size: 5, from: 0 })
    if (answer?.kind !== 'cosigned') throw new Error('not cosigned')
    const text = given.note.slice(0, given.note.lastIndexOf('\n\n') + 1)
    expect(verifyNote(WITNESS, { text, signatures: [answer.signature] })).toBe(5)
    witness = open()
    expect((await see({ size: 9, from: 0 })).answer).toEqual({ kind: 'seen', size: 5 })
    expect((await see({ size: 9, from: 5 })).answer).toMatchObject({ kind: 'cosigned' })
    expect((await see({ size: 9, from: 9 })).answer).toMatchObject({ kind: 'cosigned' })
    expect(parseSeen(marks.get(seenName('us-east-1')) ?? null)).toMatchObject({ size: 9, ...STATE })
  })

  it.each([
    ['is shorter', { size: 4, from: 5 }, /its end was cut/],
    ['is another of the same length', { size: 5, from: 5, salt: 'x' }, /rewritten/],
    ['has another history', { size: 9, from: 5, salt: 'x' }, /rewritten/],
    ['is signed by another key', { size: 9, from: 5, key: signer('us-east-1') }, /signed by another key/],
    ['has a database that was put back', { size: 9, from: 5, state: { ...STATE, writes: 4 } }, /it was put back/],
    ['has another database', { size: 9, from: 5, state: { ...STATE, digest: 'x' } }, /is another/],
    ['has a digest that was begun anew', { size: 9, from: 5, state: { ...STATE, begun: 'x' } }, /begun anew/],
  ])('does not vouch for a log that %s, and goes on from what it has seen', async (_, told, reason) => {
    await see({ size: 5, from: 0 })
    const before = new Map(marks)
    expect((await see(told)).answer).toMatchObject({ kind: 'refused', reason: expect.stringMatching(reason) })
    expect(marks).toEqual(before)
    expect((await see({ size: 6, from: 5 })).answer).toMatchObject({ kind: 'cosigned' })
  })

  it('believes the key of a log that it has never seen only by the identity of its Region, and its name', async () => {
    const refused = { kind: 'refused' }
    expect((await see({ size: 1, from: 0, by: identityOf() })).answer).toMatchObject(refused)
    expect((await see({ size: 1, from: 0, key: signer('eu-west-2') })).answer).toMatchObject(refused)
    const [answer] = await witness.see([{ ...(await offer({ size: 1, from: 0 })), introduction: null }])
    expect(answer).toMatchObject(refused)
    expect(marks.size).toBe(0)
  })
})
