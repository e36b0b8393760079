import { hash } from 'node:crypto'
import { z } from 'zod'
import { fingerprint } from '../../crypto/region-signature.ts'
import { isCommercialRegion, type Region } from '../../domain/region.ts'
import type { KnownRegion } from '../regions/acquaint.ts'

/**
 * Requires that an introduction is that of the home: a server that joins must trust it.
 *
 * @throws IntroductionError
 */
export function requireHomeIn({ home, regions }: Introduction): void {
  if (regions.some(({ region }) => region === home)) return
  throw new IntroductionError(
    `That server has a copy of the accounts of ${home} itself. Join with the introduction of the server of ${home}.`,
  )
}

/** How a server introduces itself to those of other places. */
export interface Introduction {
  readonly deployment: string
  /** Where accounts, IAM and Organizations are changed: the Region that speaks for it. */
  readonly home: Region
  readonly regions: readonly KnownRegion[]
}

/** An introduction that cannot be taken. */
export class IntroductionError extends Error {}

const VERSION = 1
const text = z.object({
  keyspan: z.literal(VERSION),
  deployment: z.uuid(),
  home: z.string(),
  regions: z
    .array(
      z.object({
        region: z.string(),
        publicKey: z.base64(),
        incarnation: z.uuid(),
        succession: z.array(z.base64()).max(40).default([]),
      }),
    )
    .min(1)
    .max(100),
})

/** The introduction as a file; it holds nothing secret. */
export function introductionText({ deployment, home, regions }: Introduction): string {
  const plain = regions.map(({ region, publicKey, incarnation, succession }) => ({
    region,
    publicKey: publicKey.toString('base64'),
    incarnation,
    succession: succession.map((each) => each.toString('base64')),
  }))
  return `${JSON.stringify({ keyspan: VERSION, deployment, home, regions: plain }, null, 2)}\n`
}

/**
 * What two people read to each other: the SHA-256 of all that an introduction says, in groups of four digits. A
 * succession is not in it: it shows by itself whom it has come from.
 */
export function introductionFingerprint({ deployment, home, regions }: Introduction): string {
  const said = regions
    .map(({ region, publicKey, incarnation }) => [region, fingerprint(publicKey), incarnation])
    .toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1))
  return hash('sha256', JSON.stringify([VERSION, deployment, home, said])).replaceAll(/(.{4})(?=.)/g, '$1-')
}

/**
 * Reads an introduction, which must be the one that has this fingerprint.
 *
 * @throws IntroductionError
 */
export function readIntroduction(content: string, expected: string): Introduction {
  const read = text.safeParse(jsonOf(content))
  if (!read.success) {
    throw new IntroductionError(
      'That is no introduction of a server. Make one there with: keyspan region identity > identity.json',
    )
  }
  const { deployment, home } = read.data
  const regions = read.data.regions.map(({ region, publicKey, incarnation, succession }) => {
    if (!isCommercialRegion(region)) throw new IntroductionError(`"${region}" in it is no commercial AWS Region.`)
    const certificates = succession.map((each) => Buffer.from(each, 'base64'))
    return { region, publicKey: Buffer.from(publicKey, 'base64'), incarnation, succession: certificates }
  })
  const introduction = { deployment, home, regions }
  const found = introductionFingerprint(introduction)
  if (digitsOf(found) !== digitsOf(expected)) {
    throw new IntroductionError(
      `The fingerprint of this introduction is ${found}, and you gave "${expected}". Read it to each other again, over ` +
        'a way that nobody else can change. Nobody is trusted.',
    )
  }
  return introduction
}

function digitsOf(fingerprintText: string): string {
  return fingerprintText.toLowerCase().replaceAll(/[\s:-]/g, '')
}

function jsonOf(content: string): unknown {
  try {
    return JSON.parse(content)
  } catch {
    return null
  }
}
