import { ANY_UNIT } from './lexicon.ts'

/** Bits of a word. */
const WORD = 32

/** Finds the first place, from one index to another, at which a text matches; -1 if there is none. */
export type UnitSearch = (text: string, from: number, last: number) => number

/**
 * Compiles a search for UTF-16 units some of which are unknown.
 *
 * Shift-And (Baeza-Yates and Gonnet, 1992): bit i of the state says that the units up to i match what was read
 * last. So a search costs the length of the text, a step more for every 32 units, and no text makes it
 * backtrack. It needs no more memory for a longer text: it is for those that are too long for `occurs`.
 */
export function compileUnitSearch(units: readonly number[]): UnitSearch {
  const words = Math.ceil(units.length / WORD)
  const unknown = new Int32Array(words)
  const masks = new Map<number, Int32Array>()
  for (const [index, unit] of units.entries()) if (unit === ANY_UNIT) setBit(unknown, index)
  for (const [index, unit] of units.entries()) {
    if (unit === ANY_UNIT) continue
    const mask = masks.get(unit) ?? unknown.slice()
    setBit(mask, index)
    masks.set(unit, mask)
  }
  return words === 1 ? searchWord(units.length, masks, unknown) : searchWords(units.length, masks, unknown)
}

type Masks = ReadonlyMap<number, Int32Array>

/** The search for what fits in one word: the same as the next, without its loop. */
function searchWord(length: number, masks: Masks, unknown: Int32Array): UnitSearch {
  const found = 1 << (length - 1)
  const other = unknown[0] ?? 0
  const words = new Map([...masks].map(([unit, mask]) => [unit, mask[0] ?? 0]))
  return (text, from, last) => {
    let state = 0
    for (let at = from; at < last + length; at++) {
      state = ((state << 1) | 1) & (words.get(text.charCodeAt(at)) ?? other)
      if ((state & found) !== 0) return at - length + 1
    }
    return -1
  }
}

function searchWords(length: number, masks: Masks, unknown: Int32Array): UnitSearch {
  const end = unknown.length - 1
  const found = 1 << ((length - 1) % WORD)
  return (text, from, last) => {
    const state = new Int32Array(unknown.length)
    for (let at = from; at < last + length; at++) {
      advance(state, masks.get(text.charCodeAt(at)) ?? unknown)
      if (((state[end] ?? 0) & found) !== 0) return at - length + 1
    }
    return -1
  }
}

function setBit(words: Int32Array, index: number): void {
  const word = index >> 5
  words[word] = (words[word] ?? 0) | (1 << (index & 31))
}

/** Shifts the state by one unit, over all its words, and keeps the bits that the unit read allows. */
function advance(state: Int32Array, mask: Int32Array): void {
  let carry = 1
  for (let word = 0; word < state.length; word++) {
    const bits = state[word] ?? 0
    state[word] = ((bits << 1) | carry) & (mask[word] ?? 0)
    carry = bits >>> 31
  }
}
