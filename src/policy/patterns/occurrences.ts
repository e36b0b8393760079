import {
  begin,
  bitmaps,
  codes,
  COUNT,
  FINAL,
  FIRST,
  freeBitmaps,
  giveBack,
  has,
  hasRoom,
  isCrowded,
  next,
  NOWHERE,
  read,
  reading,
  take,
  text,
  unitPlaces,
  words,
} from './text-bitmaps.ts'
import { type Factors, Field, FIELDS, type Lexicon, NO_VALUES, NONE, VARIABLE, type Values } from './lexicon.ts'

/** In place of the rarest unit of a factor one of whose units does not occur in the text. */
const ABSENT = -2

/** The last time before time begins again. */
const LAST = 2 ** 31 - 1

/** A unit that occurs so often is rare. */
const RARE = 4

/** A piece that must stand at a place. */
export interface Anchored {
  /** The units that must occur, by their last five bits. */
  readonly required: number
  /** Where it is spelt. */
  readonly from: number
  readonly to: number
}

/** Factors to find one after the other, from left to right, each as early as possible. */
export interface Search {
  /** The units that must occur, by their last five bits. */
  readonly required: number
  /** Units to skip, a factor to find, units to skip, and so on; it ends with units to skip. */
  readonly steps: Int32Array
}

/** Of the policy that was asked last. */
let lexicon: Lexicon | undefined
let values: Values = NO_VALUES
let factors: Factors | undefined
let fields = new Int32Array(0)
let parts = new Int32Array(0)
let spelling = new Int32Array(0)
let now = 0
/** The bitmap of all places, and one that is only needed during a search. */
let everywhere = 0
let scratch = 0
// What is being found: its bitmap up to now, its length, and the places between which it can stand.
let found = 0
/** How far the unit that was found to be the rarest is from the beginning of its factor. */
let seedDistance = 0
let length = 0
let low = 0
let high = 0

/**
 * Whether a search succeeds between two places of a text; `undefined` where that would need too much memory, which
 * it does only for texts of many thousands of different units.
 *
 * A bitmap says where a factor stands: it is the intersection of those of its parts, each shifted by its place in the
 * factor (Shift-And, turned around: a bit is a place of the text, not of the pattern). Only factors that are shared
 * have one. Others are looked for word by word of their parts' bitmaps, as far as these have a place in common. So
 * who writes a policy of m units cannot make a decision cost more than m * n / 32 steps, and gets near that only with
 * factors that all differ and all nearly occur, everywhere.
 */
export function occurs(
  { required, steps }: Search,
  by: Lexicon,
  resolved: Values,
  given: string,
  from: number,
  end: number,
): boolean | undefined {
  prepare(by, resolved, given)
  if (!reading.readable) return undefined
  if ((required & ~reading.present) !== 0) return false
  const last = steps.length - 1
  let at = from
  for (let step = 0; step < last; step += 2) {
    at = seek(steps[step + 1] ?? 0, at + (steps[step] ?? 0), end)
    if (at < 0) return false
  }
  return at + (steps[last] ?? 0) <= end
}

/** Whether a piece stands at a place of a text; `undefined` as of `occurs`. */
export function standsAt(
  { required, from, to }: Anchored,
  by: Lexicon,
  resolved: Values,
  given: string,
  at: number,
): boolean | undefined {
  prepare(by, resolved, given)
  if (!reading.readable) return undefined
  return (required & ~reading.present) === 0 && endOf(from, to, at) >= 0
}

/** Makes ready to find factors. */
function prepare(by: Lexicon, resolved: Values, given: string): void {
  if (given !== text || by !== lexicon || (resolved !== values && resolved !== NO_VALUES)) turn(by, resolved, given)
  else if (isCrowded()) forget()
}

/** Reads a text for a policy. */
function turn(by: Lexicon, resolved: Values, given: string): void {
  read(given)
  lexicon = by
  factors = by.factors()
  ;({ fields, parts, spelling } = factors)
  values = resolved
  forget()
}

/** Forgets where factors stand. */
function forget(): void {
  freeBitmaps()
  everywhere = take()
  bitmaps.fill(-1, everywhere, everywhere + words)
  bitmaps[everywhere + words - 2] = -1 >>> (31 - (text.length & 31))
  bitmaps[everywhere + words - 1] = 0
  bitmaps[everywhere + FIRST] = 0
  bitmaps[everywhere + FINAL] = text.length
  scratch = take()
  if (factors === undefined) return
  factors.now = now = factors.now === LAST ? 1 : factors.now + 1
  // INVARIANT: nothing that was found is from a time to come.
  if (now === 1) for (let at: number = Field.Time; at < fields.length; at += FIELDS) fields[at] = 0
}

/** Where the first occurrence of a factor from one place on ends, if it does before another; -1 if there is none. */
function seek(factor: number, from: number, end: number): number {
  if (factor < 0) {
    const place = unitPlaces[~factor] ?? NOWHERE
    return place === NOWHERE ? -1 : next(place, from, end - 1) + 1 || -1
  }
  if (fields[factor + Field.Shared] === 1 && hasRoom()) {
    const place = find(factor)
    const length = fields[factor + Field.Length] ?? 0
    const at = place === NOWHERE ? -1 : next(place, from, end - length)
    return at < 0 ? -1 : at + length
  }
  const seed = rarest(factor)
  return seed === NOWHERE ? seekParts(factor, from, end) : seekSeed(seed, factor, from, end)
}

/** The bitmap of a unit of a factor that is rare in the text, none rarer; NOWHERE if there is none. */
function rarest(factor: number): number {
  const last = fields[factor + Field.SeedsEnd] ?? 0
  let fewest = RARE + 1
  let seed = NOWHERE
  let distance = 0
  for (let index = fields[factor + Field.Seeds] ?? 0; index < last; index += 2) {
    const token = spelling[index + 1] ?? 0
    distance += spelling[index] ?? 0
    if (token >= VARIABLE) {
      distance += valueOf(token - VARIABLE).length
      continue
    }
    const place = unitPlaces[token] ?? NOWHERE
    if (place === NOWHERE) return ABSENT
    const count = bitmaps[place + COUNT] ?? 0
    if (count < fewest) {
      fewest = count
      seed = place
      seedDistance = distance
    }
    distance += 1
  }
  return seed
}

/** Tries the places of a rare unit. */
function seekSeed(seed: number, factor: number, from: number, end: number): number {
  if (seed === ABSENT) return -1
  const distance = seedDistance
  const final = bitmaps[seed + FINAL] ?? 0
  for (let at = next(seed, from + distance, final); at >= 0; at = next(seed, at + 1, final)) {
    const ends = endOf(fields[factor + Field.Spelling] ?? 0, fields[factor + Field.Seeds] ?? 0, at - distance)
    if (ends >= 0 && ends <= end) return ends
  }
  return -1
}

/** Intersects the bitmaps of the parts of a factor until it can only be in a few places of one word, then tries them. */
function seekParts(factor: number, from: number, end: number): number {
  found = everywhere
  length = 0
  low = from
  high = end
  const last = fields[factor + Field.To] ?? 0
  if (last === NONE && !addParts(factor, scratch)) return -1
  for (let part = fields[factor + Field.From] ?? 0; part < last; part += 2) {
    length += parts[part] ?? 0
    if (!add(parts[part + 1] ?? 0, scratch)) return -1
    const word = low >>> 5
    if (word !== high >>> 5) continue
    const bits = (bitmaps[found + word] ?? 0) & (-1 << low)
    const others = bits & (bits - 1)
    if ((others & (others - 1)) === 0) return firstOf(factor, word << 5, bits, end)
  }
  const at = next(found, low, Math.min(high, end - length))
  return at < 0 ? -1 : at + length
}

/** The end of a factor at the first of a few places. */
function firstOf(factor: number, base: number, places: number, end: number): number {
  for (let bits = places; bits !== 0; bits &= bits - 1) {
    const at = base + 31 - Math.clz32(bits & -bits)
    const ends = endOf(fields[factor + Field.Spelling] ?? 0, fields[factor + Field.Seeds] ?? 0, at)
    if (ends >= 0 && ends <= end) return ends
  }
  return -1
}

/** Where what is spelt ends if it begins at a place; -1 if it does not, and any place after the text if it is longer. */
function endOf(from: number, to: number, at: number): number {
  let place = begin + at
  for (let index = from; index < to; index += 2) {
    const token = spelling[index + 1] ?? 0
    place += spelling[index] ?? 0
    if (token === codes[place]) place += 1
    else if (token < VARIABLE || !has(find(token - VARIABLE), place - begin)) return -1
    else place += fields[token - VARIABLE + Field.Length] ?? 0
  }
  return place - begin
}

/** Adds a factor to what is being found, whose bitmap then is at a place; false if it cannot be there. */
function add(factor: number, to: number): boolean {
  if (factor < 0) return narrow(unitPlaces[~factor] ?? NOWHERE, 1, to)
  if (fields[factor + Field.Time] !== now) {
    if (fields[factor + Field.Shared] !== 1 || !isWorthIt()) return addParts(factor, to)
    find(factor)
  }
  return narrow(fields[factor + Field.Place] ?? NOWHERE, fields[factor + Field.Length] ?? 0, to)
}

/** Whether to find a factor everywhere: there are other places than the few next to each other, and there is room. */
function isWorthIt(): boolean {
  return high - low > 64 && hasRoom()
}

/** What a variable stands for. */
function valueOf(variable: number): string {
  return values[fields[variable + Field.From] ?? 0] ?? ''
}

function addParts(factor: number, to: number): boolean {
  const first = fields[factor + Field.From] ?? 0
  const last = fields[factor + Field.To] ?? 0
  if (last === NONE) return addValue(valueOf(factor), to)
  for (let part = first; part < last; part += 2) {
    length += parts[part] ?? 0
    if (!add(parts[part + 1] ?? 0, to)) return false
  }
  return true
}

function addValue(value: string, to: number): boolean {
  if (value.length > text.length) return false
  for (let at = 0; at < value.length; at++) {
    if (!narrow(unitPlaces[value.charCodeAt(at)] ?? NOWHERE, 1, to)) return false
  }
  return true
}

/** Intersects what was found with a bitmap, shifted; false if they have no place in common. */
function narrow(place: number, more: number, to: number): boolean {
  if (place === NOWHERE) return false
  const map = bitmaps
  const first = (map[place + FIRST] ?? 0) - length
  const final = (map[place + FINAL] ?? 0) - length
  if (first > low) low = first
  if (final < high) high = final
  if (low > high) return false
  const shift = length & 31
  let word = low >>> 5
  let last = high >>> 5
  let at = place + (length >>> 5) + word
  let some = 0
  let near = map[at] ?? 0
  for (let index = word; index <= last; index++) {
    at += 1
    const far = map[at] ?? 0
    const both = (map[found + index] ?? 0) & ((near >>> shift) | ((far << 1) << (31 - shift)))
    map[to + index] = both
    some |= both
    near = far
  }
  if (some === 0) return false
  while (map[to + word] === 0) word++
  while (map[to + last] === 0) last--
  if (word << 5 > low) low = word << 5
  if (((last << 5) | 31) < high) high = (last << 5) | 31
  length += more
  found = to
  return true
}

/** Where the bitmap of a factor is, or NOWHERE. */
function find(factor: number): number {
  if (fields[factor + Field.Time] === now) return fields[factor + Field.Place] ?? NOWHERE
  const [before, longer, lowest, highest] = [found, length, low, high]
  found = everywhere
  length = low = 0
  high = text.length
  const place = intersect(factor)
  fields[factor + Field.Time] = now
  fields[factor + Field.Place] = place
  fields[factor + Field.Length] = length
  found = before
  length = longer
  low = lowest
  high = highest
  return place
}

/** Makes the bitmap of a factor. */
function intersect(factor: number): number {
  if (!findParts(factor)) return NOWHERE
  const place = take()
  const stands = addParts(factor, place)
  if (!stands || found === everywhere) {
    giveBack(place)
    return stands ? everywhere : NOWHERE
  }
  const map = bitmaps
  for (let word = (low >>> 5) - 1; word >= 0; word--) map[place + word] = 0
  for (let word = (high >>> 5) + 1; word < words; word++) map[place + word] = 0
  map[place + FIRST] = low
  map[place + FINAL] = high
  return place
}

/** Finds the parts of a factor; false if one is nowhere. */
function findParts(factor: number): boolean {
  const first = fields[factor + Field.From] ?? 0
  const last = fields[factor + Field.To] ?? 0
  for (let part = first + 1; part < last; part += 2) {
    const factor = parts[part] ?? 0
    if (factor >= 0 && fields[factor + Field.Shared] === 1 && find(factor) === NOWHERE) return false
  }
  return true
}
