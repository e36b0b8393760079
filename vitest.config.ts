import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/longest-first.ts'

export default defineConfig({
  test: {
    // Tests of real clients wait more than they work: one more goes on than there are processors.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongestFirst },
    coverage: {
      include: ['src/**'],
      thresholds: {
        'src/domain/**': { statements: 100, branches: 100 },
        'src/replication/transitions.ts': { statements: 100, branches: 100 },
      },
    },
    projects: [
      {
        test: {
          name: 'src',
          include: ['src/**/*.test.ts'],
          // They start nothing, and leave nothing behind: what they import is loaded once for all of them.
          isolate: false,
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'test',
          include: ['test/**/*.test.ts'],
          // The AWS CLI, and Keyspan's own, without most of their start.
          globalSetup: ['test/aws-cli/setup.ts', 'test/program/setup.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
