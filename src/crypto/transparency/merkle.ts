/** Merkle trees as RFC 6962 (section 2.1) makes them, of any number of leaves up to 2^53. */
import { hash } from 'node:crypto'

/** The length of every hash. */
export const HASH_BYTES = 32

const LEAF = Buffer.of(0)
const NODE = Buffer.of(1)

/** The hash of an entry. */
export function leafHash(entry: Uint8Array): Buffer {
  return hash('sha256', Buffer.concat([LEAF, entry]), 'buffer')
}

/** The hash of what stands above two subtrees. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return hash('sha256', Buffer.concat([NODE, left, right]), 'buffer')
}

/** The root of these subtrees, the largest first; without any it is that of the empty tree. */
export function rootOf(peaks: readonly Buffer[]): Buffer {
  const last = peaks.at(-1)
  if (last === undefined) return hash('sha256', '', 'buffer')
  return peaks.slice(0, -1).reduceRight<Buffer>((right, left) => nodeHash(left, right), last)
}

/** A subtree of 2^`height` leaves, of which it is the `index`th. */
export interface Subtree {
  readonly height: number
  readonly index: number
}

/** The whole subtrees that the leaves from `start` to `end` are made of; `start` is a multiple of the largest of them. */
export function subtreesOf(start: number, end: number): readonly Subtree[] {
  const found: Subtree[] = []
  for (let at = start; at < end;) {
    const height = Math.floor(Math.log2(end - at))
    found.push({ height, index: at / 2 ** height })
    at += 2 ** height
  }
  return found
}

/** A tree to which leaves are appended. */
export interface Edge {
  /** How many leaves it has. */
  readonly size: number
  append(leaf: Buffer): void
  root(): Buffer
}

/**
 * Goes on with a tree.
 *
 * @param peaks the hashes of `subtreesOf(0, size)`
 * @param onNode told of each subtree that becomes whole, the leaf itself first
 */
export function createEdge(
  size: number,
  peaks: readonly Buffer[],
  onNode: (height: number, hash: Buffer) => void = () => {},
): Edge {
  const stack = [...peaks]
  let count = size
  return {
    get size() {
      return count
    },
    append(leaf) {
      let node = leaf
      onNode(0, node)
      let height = 0
      for (let left = count; left % 2 === 1; left = (left - 1) / 2) {
        node = nodeHash(stack.pop() ?? leaf, node)
        height += 1
        onNode(height, node)
      }
      stack.push(node)
      count += 1
    },
    root: () => rootOf(stack),
  }
}
