import { type Factors, Field, FIELDS, type Lexicon, NO_VALUES, NONE, UNKNOWN, type Values } from './lexicon.ts'

/** Where a factor stands that does not occur in the text. */
const NOWHERE = -1

/** The longest that all bitmaps together may be, in words: 4 MiB. */
const MOST_WORDS = 1 << 20

/** A factor is found by so many of its first tokens, if they are in few places. */
const SEED = 4

/** The last time before time begins again. */
const LAST = 2 ** 31 - 1

/** So many texts are kept, if they have no more units together. */
const MOST_TEXTS = 64
const MOST_UNITS = 1 << 16

/** There are many places. */
const MANY_PLACES = -2

/** So many places are tried one by one. */
const FEW = 4

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

/** What is kept of a text beside the bitmaps of its units. */
interface Reading {
  readonly text: string
  /** Of a bitmap, of which the last is empty. */
  readonly words: number
  /** The units that occur, by their last five bits. */
  present: number
  readonly units: number[]
  /** Where their bitmaps are. */
  readonly places: number[]
  /** Where the units of the text are in `codes`. */
  readonly begin: number
  /** Whether there was room for all that. */
  readable: boolean
}

// There is one place for all policies, as a decision is made without waiting for anything. A policy may ask for
// several texts in turn, so the last ones are kept while they are few and short; but only of the very last is it
// known where factors stand.
const readings = new Map<string, Reading>()
let reading: Reading = { text: '', words: 2, present: 0, units: [], places: [], begin: 0, readable: false }
let text = reading.text
let words = reading.words
let bitmaps = new Int32Array(1 << 12)
/** Where the bitmaps of the units end, and where the next bitmap is made. */
let reserved = 0
let free = 0
/** By the units of the text, where their bitmaps are. */
const unitPlaces = new Int32Array(0x10000).fill(NOWHERE)
/** The units of all texts, how many they are, and where those of the text begin. */
let codes = new Uint16Array(1 << 10)
let written = 0
let begin = 0
/** Of the policy that was asked last. */
let lexicon: Lexicon | undefined
let values: Values = NO_VALUES
let factors: Factors | undefined
let fields = new Int32Array(0)
let spelling = new Int32Array(0)
let now = 0

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
    at = seek(factor, factor, at + (steps[step] ?? 0))
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
  return isAt(anchored.factor, at)
}

/** Makes ready to find factors; false if they cannot be there. */
function prepare(
  { bitmaps: count, required }: Sought,
  by: Lexicon,
  resolved: Values,
  given: string,
): boolean | undefined {
  if (given !== text || by !== lexicon || (resolved !== values && resolved !== NO_VALUES)) read(by, resolved, given)
  if (!reading.readable || !reserve(count)) return undefined
  return (required & ~reading.present) === 0
}

/** Reads a text for a policy. */
function read(by: Lexicon, resolved: Values, given: string): void {
  if (given !== text || lexicon === undefined) turnTo(readings.get(given) ?? begun(given))
  lexicon = by
  factors = by.factors()
  ;({ fields, spelling } = factors)
  values = resolved
  forget()
}

/** Makes a reading the one that is asked about. */
function turnTo(to: Reading): void {
  for (const unit of reading.units) unitPlaces[unit] = NOWHERE
  reading = to
  ;({ text, words, begin } = to)
  if (to.units.length === 0) return index(to)
  for (const [index, unit] of to.units.entries()) unitPlaces[unit] = to.places[index] ?? NOWHERE
}

function begun(given: string): Reading {
  const { length } = given
  if (readings.size >= MOST_TEXTS || written + length > MOST_UNITS || reserved > MOST_WORDS / 8) {
    readings.clear()
    reserved = written = 0
  }
  if (written + length > codes.length) {
    const longer = new Uint16Array(2 * (written + length))
    longer.set(codes)
    codes = longer
  }
  const words = (length >>> 5) + 2
  const made = { text: given, words, present: 0, units: [], places: [], begin: written, readable: true }
  written += length
  readings.set(given, made)
  return made
}

/** Makes the bitmaps of all units of a text. */
function index(of: Reading): void {
  const { length } = text
  free = reserved
  let map = bitmaps
  for (let at = 0; at < length; at++) {
    const unit = text.charCodeAt(at)
    codes[begin + at] = unit
    let place = unitPlaces[unit] ?? NOWHERE
    if (place === NOWHERE) {
      of.readable = grow(free + words)
      if (!of.readable) return
      map = bitmaps
      place = unitPlaces[unit] = take()
      map.fill(0, place, free)
      of.units.push(unit)
      of.places.push(place)
      of.present |= 1 << unit
    }
    const word = place + (at >>> 5)
    map[word] = (map[word] ?? 0) | (1 << at)
  }
  reserved = free
}

/** Forgets where factors stand. */
function forget(): void {
  free = reserved
  if (factors === undefined) return
  factors.now = now = factors.now === LAST ? 1 : factors.now + 1
  // INVARIANT: nothing that was found is from a time to come.
  if (now === 1) for (let at: number = Field.Time; at < fields.length; at += FIELDS) fields[at] = 0
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

/**
 * The first place, from one on, where a factor stands, by a factor that it begins with; -1 if there is none.
 *
 * The places of the first few tokens are found first, then those of more: once they are few, they are tried.
 */
function seek(beginning: number, factor: number, from: number): number {
  if (beginning >= 0 && (fields[beginning + Field.Tokens] ?? 0) > SEED) {
    const found = seek(fields[beginning + Field.Left] ?? 0, factor, from)
    if (found !== MANY_PLACES) return found
  }
  const place = find(beginning)
  if (place === NOWHERE) return -1
  if (beginning === factor) return next(place, from)
  if (isMany(place)) return MANY_PLACES
  let at = next(place, from)
  while (at >= 0 && !isAt(factor, at)) at = next(place, at + 1)
  return at
}

/** Where the bitmap of a factor is, or NOWHERE. */
function find(factor: number): number {
  if (factor < 0) return unitPlaces[~factor] ?? NOWHERE
  if (fields[factor + Field.Time] === now) return fields[factor + Field.Place] ?? NOWHERE
  const place = fields[factor + Field.Right] === NONE ? findText(valueOf(factor)) : findPair(factor)
  fields[factor + Field.Time] = now
  fields[factor + Field.Place] = place
  return place
}

function findPair(pair: number): number {
  const first = find(fields[pair + Field.Left] ?? 0)
  if (first === NOWHERE) return NOWHERE
  const second = find(fields[pair + Field.Right] ?? 0)
  return second === NOWHERE ? NOWHERE : intersect(first, second, distanceIn(pair))
}

/** What a variable stands for. */
function valueOf(factor: number): string {
  return values[fields[factor + Field.Left] ?? 0] ?? ''
}

function lengthOf(factor: number): number {
  if (factor < 0) return 1
  const length = fields[factor + Field.Length] ?? 0
  if (length !== UNKNOWN) return length
  const right = fields[factor + Field.Right] ?? 0
  return right === NONE ? valueOf(factor).length : distanceIn(factor) + lengthOf(right)
}

/** How far the second factor of a pair is from the first. */
function distanceIn(pair: number): number {
  return lengthOf(fields[pair + Field.Left] ?? 0) + (fields[pair + Field.Gap] ?? 0)
}

/** Compares a factor with the text in one place. */
function isAt(factor: number, at: number): boolean {
  if (factor < 0) return at < text.length && codes[begin + at] === ~factor
  if (fields[factor + Field.Length] === UNKNOWN) return isUnknownAt(factor, at)
  const from = fields[factor + Field.Spelling] ?? 0
  const to = from + 2 * (fields[factor + Field.Tokens] ?? 0)
  const first = at - (spelling[from + 1] ?? 0)
  if (first + (spelling[to - 1] ?? 0) >= text.length) return false
  for (let token = from; token < to; token += 2) {
    if (codes[begin + first + (spelling[token + 1] ?? 0)] !== spelling[token]) return false
  }
  return true
}

/** The same for one with variables. */
function isUnknownAt(factor: number, at: number): boolean {
  const right = fields[factor + Field.Right] ?? 0
  if (right !== NONE) return isAt(fields[factor + Field.Left] ?? 0, at) && isAt(right, at + distanceIn(factor))
  const place = find(factor)
  return place !== NOWHERE && at <= text.length && ((bitmaps[place + (at >>> 5)] ?? 0) & (1 << at)) !== 0
}

/** The value of a variable. */
function findText(value: string): number {
  if (value.length > text.length) return NOWHERE
  let place = take()
  bitmaps.fill(-1, place, free)
  bitmaps[place + words - 2] = -1 >>> (31 - (text.length & 31))
  bitmaps[place + words - 1] = 0
  for (let at = 0; at < value.length && place !== NOWHERE; at++) {
    const unit = unitPlaces[value.charCodeAt(at)] ?? NOWHERE
    giveBack(place)
    place = unit === NOWHERE ? NOWHERE : intersect(place, unit, at)
  }
  return place
}

/** Where one bitmap has a bit and the other has one at a distance after it. */
function intersect(first: number, second: number, distance: number): number {
  const skipped = distance >>> 5
  if (skipped >= words) return NOWHERE
  const place = take()
  const map = bitmaps
  const shift = distance & 31
  const last = words - 1 - skipped
  const shifted = second + skipped
  let some = 0
  let low = map[shifted] ?? 0
  for (let word = 0; word < last; word++) {
    const high = map[shifted + word + 1] ?? 0
    const both = (map[first + word] ?? 0) & ((low >>> shift) | ((high << 1) << (31 - shift)))
    map[place + word] = both
    some |= both
    low = high
  }
  for (let word = last; word < words; word++) map[place + word] = 0
  return some === 0 ? giveBack(place) : place
}

/** Whether a bitmap has more than a few bits. */
function isMany(place: number): boolean {
  let count = 0
  for (let word = place; word < place + words; word++) {
    for (let bits = bitmaps[word] ?? 0; bits !== 0; bits &= bits - 1) {
      count += 1
      if (count > FEW) return true
    }
  }
  return false
}

/** The place of a new bitmap. */
function take(): number {
  const place = free
  free += words
  return place
}

/** Makes the place of the newest bitmap free again. */
function giveBack(place: number): typeof NOWHERE {
  free = place
  return NOWHERE
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
