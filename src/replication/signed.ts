import type { KeyObject } from 'node:crypto'
import { lengthPrefixed } from '../crypto/canonical.ts'
import { sign, verify } from '../crypto/region-signature.ts'
import { PARTITION } from '../domain/region.ts'

/** The name and the version of what Regions say to each other: it is part of all that is signed and sealed. */
export const PROTOCOL = 'kms-mrk/1'

/** What is signed: a question about keys or about what is global, and its answer. */
type Kind = 'pull' | 'reply' | 'global-pull' | 'global-reply'

/** Bytes and the signature over them. What is signed is what is sent: there is no second form to disagree on. */
export interface Signed {
  readonly payload: Buffer
  readonly signature: Buffer
}

/** An exchange that cannot be trusted, or cannot be followed. Nothing was changed by it. */
export class ExchangeError extends Error {}

/** What follows from a Region's having been put back, and ends by itself. */
export class NewLifeError extends ExchangeError {}

/** The identity that signs. */
export interface Signer {
  readonly privateKey: KeyObject
}

export function signed(signer: Signer, kind: Kind, content: object): Signed {
  const payload = Buffer.from(JSON.stringify(content))
  return { payload, signature: sign(signer.privateKey, toBeSigned(kind, payload)) }
}

/** @throws ExchangeError */
export function requireSignature(publicKey: Buffer, kind: Kind, { payload, signature }: Signed): void {
  if (!verify(publicKey, toBeSigned(kind, payload), signature)) {
    throw new ExchangeError(`The ${kind} is not signed by the Region it claims to come from.`)
  }
}

function toBeSigned(kind: Kind, payload: Buffer): Buffer {
  return lengthPrefixed(`${PROTOCOL} ${kind}`, PARTITION, payload)
}

/** @throws ExchangeError */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the one place where signed JSON gets a type
export function parse<Content extends object>(payload: Buffer): Content {
  let content: unknown
  try {
    content = JSON.parse(payload.toString())
  } catch {
    content = null
  }
  if (content === null || typeof content !== 'object')
    throw new ExchangeError('An exchange between Regions is no JSON.')
  return content as Content
}
