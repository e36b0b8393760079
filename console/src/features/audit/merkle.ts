import { joined } from '../../api/bytes.ts'

/** SHA-256 of what stands together. */
export async function sha256(...parts: readonly Uint8Array<ArrayBuffer>[]): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', joined(parts)))
}

/** Whether two byte strings are one. None of them is secret. */
export function areEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index])
}

const LEAF = Uint8Array.of(0)
const NODE = Uint8Array.of(1)

/** The root that a proof of inclusion leads to (RFC 9162, section 2.1.3.2); null where it is none for this place. */
export async function rootByInclusion(
  entry: Uint8Array<ArrayBuffer>,
  index: number,
  size: number,
  path: readonly Uint8Array<ArrayBuffer>[],
): Promise<Uint8Array | null> {
  if (index >= size) return null
  let [node, last] = [index, size - 1]
  let root = await sha256(LEAF, entry)
  for (const sibling of path) {
    if (last === 0) return null
    if (node % 2 === 1 || node === last) {
      root = await sha256(NODE, sibling, root)
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)]
    } else {
      root = await sha256(NODE, root, sibling)
    }
    ;[node, last] = [half(node), half(last)]
  }
  return last === 0 ? root : null
}

/** Numbers up to 2^53: shifts would cut them. */
function half(number: number): number {
  return Math.floor(number / 2)
}
