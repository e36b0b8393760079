import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../test/random.ts'
import { ElsewhereError } from '../../kernel/errors.ts'
import { createThrottle, DRAW_MS, type Drawn, type Quota, type SharedThrottle } from '../../kernel/throttle.ts'
import { createDrawnThrottle } from './drawn-throttle.ts'

const CALL = { caller: { account: '111122223333' }, region: 'us-east-1' } as const
const STEP_MS = 5

/** Some processes with one quota, in a time that a test moves: the first of them leads. */
function createWorld(quota: Quota, followers: number, network: { delay: () => number; isLost: () => boolean }) {
  let time = 1000
  const now = () => time
  const leader = createThrottle(now)
  const late: { readonly at: number; readonly come: () => void }[] = []
  /** Who was let through, when. */
  const passed: { readonly at: number; readonly process: number }[] = []
  const drawing = new Set<object>()
  let elsewhere = 0
  const own = Array.from({ length: followers }, (_, index) => {
    const travel = () => new Promise<void>((come) => late.push({ at: time + network.delay(), come }))
    return createDrawnThrottle(now, async (askedAt, draws) => {
      await travel()
      if (network.isLost()) throw new Error('lost')
      const answer: readonly Drawn[] = leader.draw(`follower ${index}`, askedAt, draws)
      await travel()
      if (network.isLost()) throw new Error('lost')
      return answer
    })
  })
  const isAdmitted = (by: Pick<SharedThrottle, 'admit'>): boolean => {
    try {
      by.admit(quota, { ...CALL })
      return true
    } catch (error) {
      if (!(error instanceof ElsewhereError)) return false
      elsewhere += 1
      return isAdmitted(leader)
    }
  }
  return {
    passed,
    elsewhere: () => elsewhere,
    ask(process: number) {
      const by = process === 0 ? leader : own[process - 1]
      if (by !== undefined && isAdmitted(by)) passed.push({ at: time, process })
    },
    /** Lets time go on, with what comes late, and has each draw when it is its turn. */
    async step() {
      time += STEP_MS
      for (const each of late.splice(0)) {
        if (each.at <= time) each.come()
        else late.push(each)
      }
      own.forEach((follower, index) => {
        if ((time + index * 30) % DRAW_MS !== 0 || drawing.has(follower)) return
        drawing.add(follower)
        void follower
          .draw()
          .catch(() => {})
          .finally(() => drawing.delete(follower))
      })
      for (let turn = 0; turn < 10; turn += 1) await Promise.resolve()
    },
  }
}

/** The most that was let through in any window, beyond what time brings. */
function mostBeyond(passed: readonly { readonly at: number }[], perSecond: number): number {
  let most = 0
  let beyond = 0
  let before = passed[0]?.at ?? 0
  for (const { at } of passed) {
    beyond = Math.max(0, beyond - ((at - before) / 1000) * perSecond) + 1
    before = at
    most = Math.max(most, beyond)
  }
  return most
}

const GOOD = { delay: () => 2, isLost: () => false }

describe('A quota that several processes share', () => {
  it.each(Array.from({ length: 12 }, (_, seed) => seed))(
    'lets no more through than one process would, and what is owed, however it is asked (seed %i)',
    async (seed) => {
      const random = createRandom(seed)
      const perSecond = [100, 250, 1000][seed % 3] ?? 100
      const followers = 1 + random.below(4)
      const network = { delay: () => random.below(seed % 2 === 0 ? 20 : 400), isLost: () => random.once(20) }
      const world = createWorld({ name: 'ListKeys', perSecond }, followers, network)
      let rates = Array.from({ length: followers + 1 }, () => 0)
      for (let step = 0; step < 1200; step += 1) {
        if (step % 100 === 0) rates = rates.map(() => [0, 0, 0.1, 0.4, 3][random.below(5)] ?? 0)
        // All at once, when what was drawn is not spent and time has filled in the rest.
        const rush = random.once(100) ? 200 : 0
        rates.forEach((steady, process) => {
          const rate = Math.max(steady, rush)
          const mean = (rate * perSecond * STEP_MS) / 1000
          for (let count = Math.floor(mean + random.below(1000) / 1000); count > 0; count -= 1) world.ask(process)
        })
        await world.step()
      }
      const credit = Math.floor(perSecond / 100)
      expect(world.passed.length).toBeGreaterThan(perSecond)
      expect(mostBeyond(world.passed, perSecond)).toBeLessThanOrEqual(perSecond + credit * followers)
    },
  )

  it('is divided by what each is asked, and is used up', async () => {
    const world = createWorld({ name: 'ListKeys', perSecond: 500 }, 2, GOOD)
    for (let step = 0; step < 2000; step += 1) {
      for (let process = 0; process < 3; process += 1) for (let count = 0; count < 5; count += 1) world.ask(process)
      await world.step()
    }
    expect(world.passed.length).toBeGreaterThan(0.95 * (500 + 10 * 500))
    for (let process = 0; process < 3; process += 1) {
      const share = world.passed.filter((each) => each.process === process).length / world.passed.length
      expect(share).toBeGreaterThan(0.2)
    }
  })

  it('is all for the process that is asked, which asks the one that leads once in a while', async () => {
    const world = createWorld({ name: 'ListKeys', perSecond: 500 }, 2, GOOD)
    for (let step = 0; step < 2000; step += 1) {
      for (let count = 0; count < 5; count += 1) world.ask(2)
      await world.step()
    }
    expect(world.passed.length).toBeGreaterThan(0.95 * (500 + 10 * 500))
    expect(world.elsewhere()).toBeLessThan(200)
    // Who has not asked for a while finds what there is.
    world.ask(1)
    expect(world.passed.at(-1)?.process).toBe(1)
  })

  it('is spent by nobody who has drawn from it and was cut off: the rest fills in', async () => {
    let isCut = false
    const world = createWorld({ name: 'ListKeys', perSecond: 100 }, 1, { delay: () => 2, isLost: () => isCut })
    for (let step = 0; step < 100; step += 1) {
      if (step % 10 === 0) world.ask(1)
      await world.step()
    }
    isCut = true
    for (let step = 0; step < 4000 / STEP_MS; step += 1) await world.step()
    const before = world.passed.length
    const owed = 1
    for (let count = 0; count < 300; count += 1) world.ask(0)
    for (let count = 0; count < 300; count += 1) world.ask(1)
    expect(world.passed.length - before).toBeGreaterThanOrEqual(100)
    expect(world.passed.length - before).toBeLessThanOrEqual(100 + owed)
  })

  it('of less than a hundred is counted by the process that leads', async () => {
    const world = createWorld({ name: 'pairs', perSecond: 0.5 }, 1, GOOD)
    for (let second = 0; second < 20; second += 1) {
      world.ask(1)
      for (let step = 0; step < 1000 / STEP_MS; step += 1) await world.step()
    }
    expect(world.passed.length).toBe(10)
  })
})
