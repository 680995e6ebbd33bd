import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    include: [
      'packages/*/src/**/*.test.ts',
      'packages/*/test/**/*.test.ts',
      'runtimes/*/test/**/*.test.ts',
      'test/**/*.test.ts',
    ],
    reporters: process.env['CI'] ? ['default', './scripts/skips-are-failures.js'] : ['default'],
    globalSetup: ['scripts/hold-recorded-ports.js'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
