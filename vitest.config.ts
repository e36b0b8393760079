import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // The AWS CLI, and Keyspan's own, without most of their start.
    globalSetup: ['test/aws-cli/setup.ts', 'test/program/setup.ts'],
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    // Tests of real clients wait more than they work: two go on even where there are two processors only.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 30_000,
    hookTimeout: 60_000,
    coverage: {
      include: ['src/**'],
      thresholds: {
        'src/domain/**': { statements: 100, branches: 100 },
        'src/replication/transitions.ts': { statements: 100, branches: 100 },
      },
    },
  },
})
