import { type Lexicon, NO_VALUES, type Values, VARIABLE } from './lexicon.ts'

/** Where a factor stands that does not occur in the text. */
const NOWHERE = -1

/** The longest that all bitmaps together may be, in words: 4 MiB. */
const MOST_WORDS = 1 << 20

/** What of a pattern is looked for. */
interface Sought {
  /** At most how many bitmaps that makes. */
  readonly bitmaps: number
  /** The units that must occur, by their last five bits. */
  readonly required: number
}

/** A factor that must stand at a place. */
export interface Anchored extends Sought {
  readonly factor: number
}

/** Factors to find one after the other, from left to right, each as early as possible. */
export interface Search extends Sought {
  /** Units to skip, a factor to find, units to skip, and so on; it ends with units to skip. */
  readonly steps: Int32Array
}

// What is known of the text that was read last: one decision asks many patterns about one text. There is one for
// all policies, as a decision is made without waiting for anything.
let lexicon: Lexicon | undefined
let values: Values = NO_VALUES
let text = ''
let readable = false
/** Of a bitmap, of which the last word is empty. */
let words = 0
let present = 0
let bitmaps = new Int32Array(1 << 12)
/** Where the bitmaps of the units end, and where the next bitmap is made. */
let reserved = 0
let free = 0
/** By units, where their bitmaps are. */
const unitPlaces = new Int32Array(0x10000).fill(NOWHERE)
const units: number[] = []
/** What is known of a factor counts if it was found out now. */
let now = 0
let times = new Int32Array(0)
let places = new Int32Array(0)
let lengths = new Int32Array(0)

/**
 * Whether a search succeeds between two places of a text; `undefined` where that would need too much memory, which
 * it does only for texts of many thousands of units.
 *
 * A bitmap says where a factor stands: that of a pair is the intersection of its two, one of them shifted
 * (Shift-And, turned around: a bit is a place of the text, not of the pattern). So a factor costs n / 32 steps, once
 * for all patterns of the policy in which it is, and none at all if a part of it occurs nowhere; and each `*` of a
 * pattern then costs one look at a bitmap. Who writes a policy of m units cannot make a decision cost more than
 * m * n / 32 steps, and gets near that only with factors that all differ and all occur.
 */
export function occurs(
  search: Search,
  by: Lexicon,
  resolved: Values,
  given: string,
  from: number,
  end: number,
): boolean | undefined {
  const ready = prepare(search, by, resolved, given)
  if (ready !== true) return ready
  const { steps } = search
  const last = steps.length - 1
  let at = from
  for (let step = 0; step < last; step += 2) {
    const factor = steps[step + 1] ?? 0
    const place = find(factor)
    if (place === NOWHERE) return false
    at = next(place, at + (steps[step] ?? 0))
    if (at < 0) return false
    at += lengthOf(factor)
    if (at > end) return false
  }
  return at + (steps[last] ?? 0) <= end
}

/** Whether a factor stands at a place of a text; `undefined` and costs as of `occurs`. */
export function standsAt(
  anchored: Anchored,
  by: Lexicon,
  resolved: Values,
  given: string,
  at: number,
): boolean | undefined {
  const ready = prepare(anchored, by, resolved, given)
  if (ready !== true) return ready
  const place = find(anchored.factor)
  return place !== NOWHERE && ((bitmaps[place + (at >>> 5)] ?? 0) & (1 << at)) !== 0
}

/** Makes ready to find factors; false if they cannot be there. */
function prepare(sought: Sought, by: Lexicon, resolved: Values, given: string): boolean | undefined {
  if (!read(by, resolved, given) || !reserve(sought.bitmaps)) return undefined
  return (sought.required & ~present) === 0
}

/** Makes ready for a text: what is known of the last one is kept if it is the same. */
function read(by: Lexicon, resolved: Values, given: string): boolean {
  if (given !== text || words === 0) index(given)
  else if (by === lexicon && (resolved === values || resolved === NO_VALUES)) return readable
  lexicon = by
  values = resolved
  forget()
  if (times.length < by.left.length + by.variables.length) {
    times = new Int32Array(by.left.length + by.variables.length)
    places = new Int32Array(times.length)
    lengths = new Int32Array(times.length)
  }
  return readable
}

/** Makes the bitmaps of all units of a text. */
function index(given: string): void {
  for (const unit of units) unitPlaces[unit] = NOWHERE
  units.length = 0
  text = given
  words = (given.length >>> 5) + 2
  present = 0
  reserved = free = 0
  readable = true
  const { length } = given
  for (let at = 0; at < length; at++) {
    const unit = given.charCodeAt(at)
    let place = unitPlaces[unit] ?? NOWHERE
    if (place === NOWHERE) {
      readable = grow(free + words)
      if (!readable) return
      place = unitPlaces[unit] = take()
      bitmaps.fill(0, place, free)
      units.push(unit)
      present |= 1 << unit
    }
    const word = place + (at >>> 5)
    bitmaps[word] = (bitmaps[word] ?? 0) | (1 << at)
  }
  reserved = free
}

/** Forgets where factors stand. */
function forget(): void {
  free = reserved
  now = (now + 1) | 0
}

/** Makes room for so many bitmaps, at the cost of what is known of factors if need be; false if that is not enough. */
function reserve(count: number): boolean {
  if (free + count * words > MOST_WORDS) forget()
  return grow(free + count * words)
}

function grow(length: number): boolean {
  if (length > MOST_WORDS) return false
  if (length > bitmaps.length) {
    const longer = new Int32Array(Math.min(2 * length, MOST_WORDS))
    longer.set(bitmaps)
    bitmaps = longer
  }
  return true
}

/** The place of a new bitmap. */
function take(): number {
  const place = free
  free += words
  return place
}

/** Where the bitmap of a factor is, or NOWHERE. */
function find(factor: number): number {
  if (factor < 0 && ~factor < VARIABLE) return unitPlaces[~factor] ?? NOWHERE
  const known = slot(factor)
  if (times[known] === now) return places[known] ?? NOWHERE
  times[known] = now
  const place = factor < 0 ? findText(values[~factor - VARIABLE] ?? '', known) : findPair(factor)
  places[known] = place
  return place
}

/** Where it is kept what is known of a pair or a variable. */
function slot(factor: number): number {
  return factor >= 0 ? factor : (lexicon?.left.length ?? 0) + ~factor - VARIABLE
}

/** The length of a factor that was found. */
function lengthOf(factor: number): number {
  return factor < 0 && ~factor < VARIABLE ? 1 : (lengths[slot(factor)] ?? 0)
}

function findPair(factor: number): number {
  const left = lexicon?.left[factor] ?? 0
  const right = lexicon?.right[factor] ?? 0
  const first = find(left)
  if (first === NOWHERE) return NOWHERE
  const second = find(right)
  if (second === NOWHERE) return NOWHERE
  const distance = lengthOf(left) + (lexicon?.gap[factor] ?? 0)
  lengths[factor] = distance + lengthOf(right)
  const place = take()
  if (intersect(place, first, second, distance)) return place
  free = place
  return NOWHERE
}

/** The value of a variable. */
function findText(value: string, known: number): number {
  lengths[known] = value.length
  if (value.length > text.length) return NOWHERE
  const place = take()
  for (let word = 0; word < words - 1; word++) bitmaps[place + word] = -1
  bitmaps[place + words - 2] = -1 >>> (31 - (text.length & 31))
  bitmaps[place + words - 1] = 0
  for (let at = 0; at < value.length; at++) {
    const unit = unitPlaces[value.charCodeAt(at)] ?? NOWHERE
    if (unit !== NOWHERE && intersect(place, place, unit, at)) continue
    free = place
    return NOWHERE
  }
  return place
}

/** Where one bitmap has a bit and the other has one at a distance after it; false if that is nowhere. */
function intersect(to: number, first: number, second: number, distance: number): boolean {
  const map = bitmaps
  const skipped = distance >>> 5
  if (skipped >= words) return false
  const shift = distance & 31
  const last = to + words - 1 - skipped
  let some = 0
  let a = first
  let b = second + skipped
  let word = to
  let low = map[b] ?? 0
  while (word < last) {
    const high = map[++b] ?? 0
    const both = (map[a++] ?? 0) & ((low >>> shift) | ((high << 1) << (31 - shift)))
    map[word++] = both
    some |= both
    low = high
  }
  while (word < to + words) map[word++] = 0
  return some !== 0
}

/** The first place, from one on, that a bitmap has; -1 if there is none. */
function next(place: number, from: number): number {
  const last = place + words - 1
  let word = place + (from >>> 5)
  if (word >= last) return -1
  let bits = (bitmaps[word] ?? 0) & (-1 << from)
  while (bits === 0) {
    word += 1
    if (word === last) return -1
    bits = bitmaps[word] ?? 0
  }
  return ((word - place) << 5) + 31 - Math.clz32(bits & -bits)
}
