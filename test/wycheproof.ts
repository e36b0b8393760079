import { existsSync, readFileSync } from 'node:fs'

const folder = process.env['KEYSPAN_VECTORS'] ?? new URL('../../shared/vectors/', import.meta.url).pathname

/** Says whether Project Wycheproof's vectors lie beside the checkout. */
export const hasWycheproof = existsSync(`${folder}/wycheproof`)
if (!hasWycheproof) console.warn(`SKIPPED: no Wycheproof vectors in ${folder}. Set KEYSPAN_VECTORS to their folder.`)

/** What an implementation shall make of a vector. */
export type Result = 'valid' | 'invalid' | 'acceptable'

/** The groups of tests in one file of Wycheproof, such as `ed25519`; their members are the caller's to know. */
export function groupsOf(name: string): unknown {
  const text = readFileSync(`${folder}/wycheproof/${name}_test.json`, 'utf8')
  return (JSON.parse(text) as { readonly testGroups: unknown }).testGroups
}

/** Bytes as vectors are written. */
export function hex(text: string): Buffer {
  return Buffer.from(text, 'hex')
}
