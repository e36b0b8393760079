/** Proofs over Merkle trees: made as RFC 6962 (section 2.1) says, checked as RFC 9162 (section 2.1) does. */
import { nodeHash, rootOf, subtreesOf, type Subtree } from './merkle.ts'

/** Where the hashes of a tree come from. */
export type ReadSubtree = (subtree: Subtree) => Promise<Buffer>

/** The hash of the leaves from `start` to `end`, which a proof needs. */
export async function rangeHash(read: ReadSubtree, start: number, end: number): Promise<Buffer> {
  const peaks: Buffer[] = []
  for (const subtree of subtreesOf(start, end)) peaks.push(await read(subtree))
  return rootOf(peaks)
}

/** What proves that a leaf stands at `index` in a tree of `size`. */
export async function proveInclusion(read: ReadSubtree, index: number, size: number): Promise<readonly Buffer[]> {
  const proof: Buffer[] = []
  let [start, end] = [0, size]
  while (end - start > 1) {
    const middle = start + split(end - start)
    if (index < middle) {
      proof.unshift(await rangeHash(read, middle, end))
      end = middle
    } else {
      proof.unshift(await rangeHash(read, start, middle))
      start = middle
    }
  }
  return proof
}

/** What proves that a tree of `size` begins with the tree of its first `from` leaves. */
export async function proveConsistency(read: ReadSubtree, from: number, size: number): Promise<readonly Buffer[]> {
  if (from === 0) return []
  const proof: Buffer[] = []
  let [start, end] = [0, size]
  while (end !== from) {
    const middle = start + split(end - start)
    if (from <= middle) {
      proof.unshift(await rangeHash(read, middle, end))
      end = middle
    } else {
      proof.unshift(await rangeHash(read, start, middle))
      start = middle
    }
  }
  // The old tree itself is known to whoever checks.
  return start === 0 ? proof : [await rangeHash(read, start, end), ...proof]
}

/** The root that a proof of inclusion leads to; null where it is none for this place. */
export function rootByInclusion(index: number, size: number, leaf: Buffer, proof: readonly Buffer[]): Buffer | null {
  if (index < 0 || index >= size) return null
  let [node, last] = [index, size - 1]
  let root = leaf
  for (const sibling of proof) {
    if (last === 0) return null
    if (isOdd(node) || node === last) {
      root = nodeHash(sibling, root)
      while (!isOdd(node) && node !== 0) [node, last] = [half(node), half(last)]
    } else {
      root = nodeHash(root, sibling)
    }
    ;[node, last] = [half(node), half(last)]
  }
  return last === 0 ? root : null
}

/** A tree: how many leaves it has, and its root. */
export interface Tree {
  readonly size: number
  readonly root: Buffer
}

/** Says whether a proof shows that `now` begins with `before`. Two of one size must be one. */
export function isConsistent(before: Tree, now: Tree, proof: readonly Buffer[]): boolean {
  if (before.size > now.size) return false
  if (before.size === now.size) return proof.length === 0 && before.root.equals(now.root)
  if (before.size === 0) return proof.length === 0 && before.root.equals(rootOf([]))
  const path = isPowerOfTwo(before.size) ? [before.root, ...proof] : [...proof]
  const [first, ...rest] = path
  if (first === undefined) return false
  let [node, last] = [before.size - 1, now.size - 1]
  while (isOdd(node)) [node, last] = [half(node), half(last)]
  let [old, young] = [first, first]
  for (const sibling of rest) {
    if (last === 0) return false
    if (isOdd(node) || node === last) {
      old = nodeHash(sibling, old)
      young = nodeHash(sibling, young)
      while (!isOdd(node) && node !== 0) [node, last] = [half(node), half(last)]
    } else {
      young = nodeHash(young, sibling)
    }
    ;[node, last] = [half(node), half(last)]
  }
  return last === 0 && old.equals(before.root) && young.equals(now.root)
}

/** The largest power of two below `count`. */
function split(count: number): number {
  return 2 ** Math.floor(Math.log2(count - 1))
}

function isOdd(number: number): boolean {
  return number % 2 === 1
}

function half(number: number): number {
  return Math.floor(number / 2)
}

function isPowerOfTwo(number: number): boolean {
  return 2 ** Math.floor(Math.log2(number)) === number
}
