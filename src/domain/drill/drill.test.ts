import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isConnected, isFaulty, isHeard, NO_FAULTS, type Faults } from './faults.ts'
import { faultSentences } from './sentences.ts'
import { DRILL_ACTIONS, DrillError, takeStep, type DrillStep } from './step.ts'

const [EAST, WEST, SOUTH] = ['us-east-1', 'eu-west-1', 'ap-southeast-2'] as const
const SERVED = [EAST, WEST, SOUTH]

const after = (...steps: readonly DrillStep[]): Faults =>
  steps.reduce((faults, step) => takeStep(faults, step, SERVED), NO_FAULTS)
const said = (...steps: readonly DrillStep[]) => faultSentences(after(...steps), SERVED)

describe('A drill', () => {
  it.each<[readonly DrillStep[], readonly string[]]>([
    [[{ action: 'partition', regions: [] }], ['All Regions are cut off from each other.']],
    [[{ action: 'partition', regions: [WEST] }], [`${WEST} is cut off from all others.`]],
    [[{ action: 'partition', regions: [WEST, EAST] }], [`${WEST} and ${EAST} are cut off from each other.`]],
    [[{ action: 'partition', regions: [WEST, EAST], oneWay: true }], [`${EAST} does not hear ${WEST}.`]],
    [
      [{ action: 'partition', regions: [WEST], oneWay: true }],
      [`${EAST} does not hear ${WEST}.`, `${SOUTH} does not hear ${WEST}.`],
    ],
    [
      [
        { action: 'partition', regions: [] },
        { action: 'heal', regions: [EAST, WEST] },
      ],
      [`${SOUTH} is cut off from all others.`],
    ],
    [
      [
        { action: 'down', regions: [EAST] },
        { action: 'delay', regions: [EAST, WEST], delay: '90s' },
        { action: 'delay', regions: [EAST, WEST], delay: '5m', oneWay: true },
      ],
      [`${EAST} is down.`, `What ${WEST} says to ${EAST} is 90s late.`, `What ${EAST} says to ${WEST} is 5m late.`],
    ],
    [
      [
        { action: 'delay', regions: [], delay: '60s' },
        { action: 'down', regions: [EAST] },
        { action: 'up', regions: [EAST] },
      ],
      ['What passes between Regions is 1m late.'],
    ],
    [
      [
        { action: 'partition', regions: [EAST] },
        { action: 'delay', regions: [EAST], delay: '5s' },
        { action: 'heal', regions: [EAST] },
      ],
      [],
    ],
  ])('%j', (steps, sentences) => {
    expect(said(...steps)).toEqual(sentences)
  })

  it('is over after a heal that names no Region', () => {
    const faults = after(
      { action: 'down', regions: [SOUTH] },
      { action: 'partition', regions: [] },
      { action: 'delay', regions: [], delay: '5s' },
    )
    expect(isFaulty(faults)).toBe(true)
    expect(isFaulty(takeStep(faults, { action: 'heal', regions: [] }, SERVED))).toBe(false)
  })

  it('of one way lets the other way pass, and nobody ask', () => {
    const faults = after({ action: 'partition', regions: [EAST, WEST], oneWay: true })
    expect([isHeard(faults, EAST, WEST), isHeard(faults, WEST, EAST)]).toEqual([false, true])
    expect([isConnected(faults, EAST, WEST), isConnected(faults, WEST, EAST)]).toEqual([false, false])
    expect(isConnected(faults, EAST, SOUTH)).toBe(true)
  })

  it.each<[DrillStep, string]>([
    [{ action: 'down', regions: [] }, 'Name the one Region that is to be down.'],
    [{ action: 'up', regions: [EAST, WEST] }, 'Name the one Region that is to be up.'],
    [{ action: 'down', regions: [EAST], oneWay: true }, 'not one way'],
    [{ action: 'partition', regions: [EAST, EAST] }, `${EAST} is at both ends`],
    [{ action: 'partition', regions: [], oneWay: true }, 'name the one that is not heard'],
    [{ action: 'partition', regions: SERVED }, 'between two Regions'],
    [{ action: 'partition', regions: [EAST], delay: '5s' }, 'A partition has no duration.'],
    [{ action: 'heal', regions: ['us-east-9'] }, 'no Region "us-east-9". It has us-east-1, eu-west-1'],
    [{ action: 'partition', regions: ['__proto__', 'a>b'] }, 'no Region "__proto__"'],
    [{ action: 'delay', regions: [EAST, WEST] }, 'Nothing is no delay.'],
    ...['0s', '25h', '-1s', '1.5s', 'soon', '5'].map((delay): [DrillStep, string] => [
      { action: 'delay', regions: [EAST, WEST], delay },
      `"${delay}" is no delay.`,
    ]),
  ])('%j is refused', (step, why) => {
    expect(() => after(step)).toThrow(DrillError)
    expect(() => after(step)).toThrow(why)
  })

  it('says each fault, and nothing else, whatever was done', () => {
    const region = fc.constantFrom(...SERVED)
    const step = fc.record({
      action: fc.constantFrom(...DRILL_ACTIONS),
      regions: fc.array(region, { maxLength: 3 }),
      oneWay: fc.boolean(),
      delay: fc.option(fc.constantFrom('5s', '1h'), { nil: undefined }),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        let faults = NO_FAULTS
        for (const each of steps) {
          try {
            faults = takeStep(faults, each, SERVED)
          } catch (error) {
            if (!(error instanceof DrillError)) throw error
          }
        }
        const sentences = faultSentences(faults, SERVED)
        expect(sentences.length > 0).toBe(isFaulty(faults))
        expect(new Set(sentences).size).toBe(sentences.length)
        for (const one of faults.down) expect(sentences).toContain(`${one} is down.`)
      }),
    )
  })

  it('is told in a few sentences, however many Regions there are', () => {
    const many = Array.from({ length: 30 }, (_, index) => `region-${index}`)
    const faults = many.reduce(
      (found, region) => takeStep(found, { action: 'down', regions: [region] }, many),
      NO_FAULTS,
    )
    expect(faultSentences(faults, many).slice(-2)).toEqual(['region-11 is down.', 'There are 18 more.'])
  })
})
