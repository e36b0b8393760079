import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { POSTGRES_BIN } from './test/postgres/postgres.ts'
import { LongestFirst } from './test/longest-first.ts'

const ON_POSTGRESQL = ['keys', 'multi-region', 'sts'].map((name) => `test/clients/${name}.test.ts`)

export default defineConfig({
  test: {
    // Tests of real clients wait more than they work: two go on even where there are two processors only.
    maxWorkers: Math.max(2, availableParallelism() - 1),
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
          // A server of PostgreSQL is begun by the first of them that needs one.
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'test',
          include: ['test/**/*.test.ts'],
          // A server, and the clients, are loaded once for all of them, and are quick by the second file.
          isolate: false,
          // The AWS CLI, and Keyspan's own, without most of their start.
          globalSetup: ['test/aws-cli/setup.ts', 'test/program/setup.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          // What a test waits for comes late on a machine that is busy.
          expect: { poll: { timeout: 20_000 } },
        },
      },
      {
        test: {
          // The same tests of clients, on servers whose data is in PostgreSQL.
          name: 'postgresql',
          include: POSTGRES_BIN === null ? [] : ON_POSTGRESQL,
          isolate: false,
          env: { KEYSPAN_TEST_ENGINE: 'postgresql' },
          expect: { poll: { timeout: 20_000 } },
          globalSetup: ['test/aws-cli/setup.ts', 'test/program/setup.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
