import { createRandom, type Random } from '../random.ts'

/**
 * What is done through the API. Keys are named by the order in which they were asked for, Regions by their place: for
 * replicating among all, and else among those that were asked to have the key.
 */
export type Call =
  | { readonly do: 'create'; readonly external: boolean }
  /** Asked of the Region where the primary is thought to be. */
  | { readonly do: 'replicate' | 'promote'; readonly key: number; readonly to: number }
  | { readonly do: 'rotate' | 'rotateByItself' | 'neverRotate'; readonly key: number }
  | {
      readonly do: 'import'
      readonly key: number
      readonly at: number
      readonly material: number
      readonly days: number
    }
  | {
      readonly do: 'discard' | 'disable' | 'enable' | 'schedule' | 'cancel' | 'describe' | 'encrypt'
      readonly key: number
      readonly at: number
    }
  /** `which` chooses among all ciphertexts, or all who have an access key, that there are then. */
  | { readonly do: 'decrypt'; readonly which: number; readonly at: number }
  | Visit

/** What has to do with access keys: one is given, used, or taken away. */
export type Visit =
  | { readonly do: 'visit' | 'revoke'; readonly which: number; readonly at: number }
  | { readonly do: 'admit'; readonly at: number }

/** One step of a drive. */
export type Step =
  | Call
  | { readonly do: 'pause' | 'resume' | 'kill' | 'settle' }
  | { readonly do: 'advance'; readonly hours: number }
  /** The first time a Region is copied; the next time it is put back to that. */
  | { readonly do: 'putBack'; readonly at: number }
  /** A Region is lost for good; one that is lost comes back, with nothing or with what it had. */
  | { readonly do: 'lose'; readonly at: number }
  | { readonly do: 'bringBack'; readonly isAnew: boolean }
  /** Calls that are under way at once when the server is killed, so many milliseconds after they began. */
  | { readonly do: 'crash'; readonly calls: readonly Call[]; readonly after: number }

/** How often a step is chosen, against each other. */
const WEIGHTS = {
  create: 4,
  replicate: 8,
  promote: 8,
  rotate: 6,
  rotateByItself: 2,
  neverRotate: 1,
  import: 7,
  discard: 1,
  disable: 3,
  enable: 4,
  schedule: 4,
  cancel: 4,
  describe: 3,
  encrypt: 14,
  decrypt: 24,
  pause: 3,
  resume: 2,
  advance: 3,
  kill: 1,
  crash: 2,
  putBack: 1,
  lose: 1,
  bringBack: 2,
  admit: 2,
  visit: 6,
  revoke: 1,
} as const
/** What no client asks for. */
const CHANCES = ['pause', 'resume', 'advance', 'kill', 'crash', 'putBack', 'lose', 'bringBack'] as const
type Chosen = keyof typeof WEIGHTS
type Chance = (typeof CHANCES)[number]

const CHOICES = Object.entries(WEIGHTS).flatMap(([name, weight]) => Array<Chosen>(weight).fill(name as Chosen))
const CALLS = CHOICES.filter((name): name is Exclude<Chosen, Chance> => !isChance(name))
/** Only the youngest keys are asked for: each of them sees much. */
const YOUNG = 6
const SETTLE_EVERY = 120
const SETTING: ReadonlySet<string> = new Set<Chosen>(['disable', 'enable', 'schedule', 'cancel', 'replicate'])

/** The endless sequence of steps that a seed stands for. What answers come has no say in it. */
export function* planOf(seed: number, regions: number): Generator<Step> {
  const random = createRandom(seed)
  let keys = 0
  const call = (name: Exclude<Chosen, Chance>): Call => {
    const made = callNamed(name, random, keys, regions)
    if (made.do === 'create') keys += 1
    return made
  }
  const settingOut = (made: Call): readonly Call[] =>
    made.do === 'create' && made.external
      ? [made, { do: 'import', key: keys - 1, at: 0, material: 0, days: 0 }]
      : [made]
  yield* settingOut(call('create'))
  for (let step = 1; ; step += 1) {
    const name = random.pick(CHOICES)
    if (step % SETTLE_EVERY === 0) yield { do: 'settle' }
    else if (name === 'advance') yield { do: name, hours: random.pick([1, 12, 48, 24 * 8, 24 * 40]) }
    else if (name === 'putBack') yield { do: name, at: random.below(regions) }
    // The first Region has the accounts.
    else if (name === 'lose') yield { do: name, at: 1 + random.below(regions - 1) }
    else if (name === 'bringBack') yield { do: name, isAnew: random.once(2) }
    else if (name === 'crash') {
      const calls = Array.from({ length: 3 + random.below(8) }, () => call(random.pick(CALLS)))
      yield { do: name, calls: withoutRaces(calls), after: random.below(60) }
    } else if (isChance(name)) yield { do: name }
    else yield* settingOut(call(name))
  }
}

/** Of two calls at once that set the same, nobody can say which came last. */
function withoutRaces(calls: readonly Call[]): readonly Call[] {
  const set = new Set<number>()
  return calls.filter((call) => {
    if (!SETTING.has(call.do) || !('key' in call)) return true
    const isFirst = !set.has(call.key)
    set.add(call.key)
    return isFirst
  })
}

function isChance(name: Chosen): name is Chance {
  return CHANCES.some((chance) => chance === name)
}

function callNamed(name: Exclude<Chosen, Chance>, random: Random, keys: number, regions: number): Call {
  const key = Math.max(0, keys - 1 - random.below(YOUNG))
  const at = random.below(regions)
  switch (name) {
    case 'create':
      return { do: name, external: random.once(4) }
    case 'replicate':
    case 'promote':
      return { do: name, key, to: at }
    case 'rotate':
    case 'rotateByItself':
    case 'neverRotate':
      return { do: name, key }
    case 'import':
      return { do: name, key, at, material: random.below(3), days: random.once(4) ? 1 + random.below(60) : 0 }
    case 'admit':
      return { do: name, at }
    case 'visit':
    case 'revoke':
      return { do: name, which: random.below(YOUNG * 2), at }
    case 'decrypt':
      return { do: name, which: random.below(2 ** 30), at }
    case 'discard':
    case 'disable':
    case 'enable':
    case 'schedule':
    case 'cancel':
    case 'describe':
    case 'encrypt':
      return { do: name, key, at }
  }
}
