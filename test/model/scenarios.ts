import type { Scenario } from './explore.ts'

/** Explored whole with every test run, over an open air and over streams: some seconds together. */
export const SHORT: readonly Scenario[] = [
  { replicate: 2, handOff: 1 },
  { replicate: 2, rotate: 1 },
  { replicate: 1, rotate: 1, handOff: 2 },
  { replicate: 1, rotate: 1, handOff: 1, disable: 1, enable: 1 },
  { replicate: 1, handOff: 1, schedule: 1, cancel: 1, expire: 1 },
  { replicate: 1, rotate: 1, changeShared: 1 },
  { replicate: 1, rotate: 1, handOff: 1, schedule: 1, cancel: 1, enable: 1 },
  { replicate: 1, rotate: 1, again: 1, unopened: 1 },
  { external: true, replicate: 1, importNew: 1, importAgain: 2, rotateToImported: 1 },
  { external: true, replicate: 1, importNew: 1, importAgain: 1, discard: 1 },
  { replicate: 1, handOff: 1, lose: 1 },
]

/** Explored over streams alone with every test run: what befalls whole Regions. */
export const SHORT_STREAMS: readonly Scenario[] = [
  { replicate: 1, handOff: 1, backup: 1, restore: 1 },
  { replicate: 1, rotate: 1, backup: 1, restore: 1 },
  { replicate: 1, changeShared: 1, backup: 1, restore: 1 },
  { replicate: 1, schedule: 1, expire: 1, backup: 1, restore: 1 },
  { replicate: 1, handOff: 1, lose: 1, force: 1, comeBack: 1 },
  { replicate: 1, rotate: 1, lose: 1, force: 1, comeBack: 1 },
]

/** Explored by `npm run model`: minutes. */
export const LONG: readonly Scenario[] = [
  ...SHORT,
  { replicate: 2, schedule: 1, expire: 1, rotate: 1 },
  { replicate: 2, handOff: 1, rotate: 1 },
  { replicate: 1, handOff: 2, rotate: 2, changeShared: 1 },
  { replicate: 2, handOff: 1, schedule: 1, expire: 1 },
  { replicate: 2, handOff: 2 },
  { external: true, replicate: 1, importNew: 1, importAgain: 2, discard: 1, rotateToImported: 1 },
  { external: true, replicate: 1, importNew: 1, importAgain: 2, discard: 1, rotateToImported: 1, handOff: 1 },
  { external: true, replicate: 2, importNew: 1, importAgain: 3, rotateToImported: 1 },
  { replicate: 1, handOff: 1, backup: 1, restore: 1 },
  { replicate: 1, rotate: 1, backup: 1, restore: 1 },
  { replicate: 1, schedule: 1, expire: 1, backup: 1, restore: 1 },
  { replicate: 1, handOff: 1, lose: 1, force: 1, comeBack: 1 },
  { replicate: 1, rotate: 1, handOff: 1, backup: 1, restore: 1 },
  { replicate: 2, handOff: 1, lose: 1, force: 1, comeBack: 1 },
]

/** Explored over streams alone by `npm run model`: there are far fewer ways for messages to come. */
export const LONG_STREAMS: readonly Scenario[] = [
  ...SHORT_STREAMS,
  { replicate: 1, handOff: 2, backup: 2, restore: 2 },
  { replicate: 2, handOff: 1, backup: 1, restore: 1 },
  { replicate: 2, handOff: 2, backup: 1, restore: 1 },
  { replicate: 2, rotate: 1, lose: 1, force: 1, comeBack: 1 },
  { replicate: 2, schedule: 1, expire: 1, backup: 1, restore: 1 },
  { external: true, replicate: 1, importNew: 1, importAgain: 1, backup: 1, restore: 1 },
  { replicate: 2, rotate: 1, schedule: 2, cancel: 1, enable: 1, expire: 1 },
  { replicate: 2, rotate: 1, handOff: 1, disable: 1, enable: 1 },
  { replicate: 2, rotate: 1, handOff: 1, schedule: 1, cancel: 1 },
  { replicate: 2, rotate: 1, handOff: 1, schedule: 1, expire: 1 },
  { replicate: 2, rotate: 1, handOff: 1, again: 1 },
  { replicate: 2, handOff: 2 },
  { replicate: 1, rotate: 2, handOff: 2, changeShared: 1, again: 1, unopened: 1 },
  { external: true, replicate: 1, importNew: 1, importAgain: 2, discard: 1, rotateToImported: 1, handOff: 1, again: 1 },
  { external: true, replicate: 2, importNew: 1, importAgain: 3, rotateToImported: 1, schedule: 1, cancel: 1 },
]
