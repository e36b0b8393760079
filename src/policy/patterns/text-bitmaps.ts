/** In place of the bitmap of a factor that does not occur in the text. */
export const NOWHERE = -1

/** The longest that all bitmaps together may be, in words: 4 MiB. Units may have half of that. */
const MOST_WORDS = 1 << 20

/** So many texts are kept, if they have no more units together. */
const MOST_TEXTS = 64
const MOST_UNITS = 1 << 16

/** Before a bitmap are the first place and the last that it has. */
const HEAD = 3
export const FIRST = -2
export const FINAL = -1
/** Of a unit: how often it occurs. */
export const COUNT = -3

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
export let reading: Reading = { text: '', words: 2, present: 0, units: [], places: [], begin: 0, readable: false }
export let text = reading.text
export let words = reading.words
export let bitmaps = new Int32Array(1 << 12)
/** Where the bitmaps of the units end, and where the next bitmap is made. */
let reserved = 0
let free = 0
let isBegun = false
/** By the units of the text, where their bitmaps are. */
export const unitPlaces = new Int32Array(0x10000).fill(NOWHERE)
/** The units of all texts, how many they are, and where those of the text begin. */
export let codes = new Uint16Array(1 << 10)
let written = 0
export let begin = 0
/** Turns to a text: what is asked from then on is of that one. */
export function read(given: string): void {
  if (given !== text || !isBegun) turnTo(readings.get(given) ?? begun(given))
  isBegun = true
}

/** Forgets all bitmaps but those of units. */
export function freeBitmaps(): void {
  free = reserved
}

/** Whether much of the room for bitmaps is taken. */
export function isCrowded(): boolean {
  return free > MOST_WORDS - MOST_WORDS / 4
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
  free = reserved
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    codes[begin + at] = unit
    let place = unitPlaces[unit] ?? NOWHERE
    if (place === NOWHERE) {
      of.readable = free + HEAD + words <= MOST_WORDS / 2
      if (!of.readable) return
      place = unitPlaces[unit] = take()
      bitmaps.fill(0, place, free)
      bitmaps[place + FIRST] = at
      bitmaps[place + COUNT] = 0
      of.units.push(unit)
      of.places.push(place)
      of.present |= 1 << unit
    }
    const word = place + (at >>> 5)
    bitmaps[word] = (bitmaps[word] ?? 0) | (1 << at)
    bitmaps[place + FINAL] = at
    bitmaps[place + COUNT] = (bitmaps[place + COUNT] ?? 0) + 1
  }
  reserved = free
}

/** The place of a new bitmap. */
export function take(): number {
  const place = free + HEAD
  free = place + words
  if (free > bitmaps.length) {
    const longer = new Int32Array(Math.max(free, Math.min(2 * free, MOST_WORDS)))
    longer.set(bitmaps)
    bitmaps = longer
  }
  return place
}

/** Makes the place of the newest bitmap free again. */
export function giveBack(place: number): void {
  free = place - HEAD
}

/** Whether there is room for another bitmap. */
export function hasRoom(): boolean {
  return free + HEAD + words <= MOST_WORDS
}

/** Whether a bitmap has a place. */
export function has(place: number, at: number): boolean {
  return place !== NOWHERE && at <= text.length && ((bitmaps[place + (at >>> 5)] ?? 0) & (1 << at)) !== 0
}

/** The first place, from one to another, that a bitmap has; -1 if there is none. */
export function next(place: number, from: number, to: number): number {
  const map = bitmaps
  const last = to >>> 5
  let word = from >>> 5
  let bits = (map[place + word] ?? 0) & (-1 << from)
  while (bits === 0) {
    word += 1
    if (word > last) return -1
    bits = map[place + word] ?? 0
  }
  const at = (word << 5) + 31 - Math.clz32(bits & -bits)
  return at > to ? -1 : at
}
