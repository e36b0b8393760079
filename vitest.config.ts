import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
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
