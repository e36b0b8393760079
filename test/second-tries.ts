import { relative } from 'node:path'
import type { Reporter, TestModule } from 'vitest/node'

/**
 * Names the tests that were good at a second try only, at the end of a run that allows one: each is a fault, of the
 * test or of Keyspan.
 */
// oxlint-disable-next-line import/no-default-export -- what Vitest takes
export default class SecondTries implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const names = modules.flatMap(({ moduleId, children }) =>
      [...children.allTests('passed')]
        .filter((test) => test.diagnostic()?.flaky)
        .map((test) => {
          const [error] = test.result().errors ?? []
          return `${relative(process.cwd(), moduleId)}: ${test.fullName}\n${error?.stack ?? error?.message ?? ''}\n`
        }),
    )
    if (names.length > 0) process.stdout.write(`Good at the second try only, to be looked into:\n${names.join('')}`)
  }
}
