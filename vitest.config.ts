import { defineConfig } from 'vitest/config';

import { LongOnesFirst } from './scripts/long-ones-first.ts';

/** Tests that stand beside the code. */
const units = 'packages/*/src/**/*.test.ts';
/** Stories that need no process but their own. */
const stories = [
  'packages/cluster/test/{consensus,discovery,founding,wire}/**/*.test.ts',
  'packages/mesos/test/{agent,core,face,transcripts}/**/*.test.ts',
  'packages/server/test/{rest,sequences}/**/*.test.ts',
];
/** Units that change or measure their process, start others, or put something in the place of a module. */
const alone = [
  'packages/cluster/src/storage/file-storage.test.ts',
  'packages/mesos/src/state/file-framework-state.test.ts',
  'packages/mesos/src/wire/record-io.test.ts',
  'packages/server/src/base/{clock,descriptor-limit}.test.ts',
  'packages/server/src/commands/vibrissa.test.ts',
  'packages/server/src/containers/**/*.test.ts',
];
/** Fuzzing and simulation: what computes all the time, and for as long as it is given. */
const computing = [
  'packages/cluster/test/fuzz/wire.test.ts',
  'packages/cluster/test/simulation/simulation.test.ts',
  'packages/mesos/test/transport/fuzz.test.ts',
  'packages/mesos-simulator/test/simulation/simulation.test.ts',
  'packages/server/test/faults/{fuzz,fuzz-web-actions}.test.ts',
  'packages/server/test/gateway/api-fuzz.test.ts',
];

export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    reporters: process.env['CI'] ? ['default', './scripts/skips-are-failures.js'] : ['default'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // What is polled for on a busy machine may take its time: the limit is for what never comes.
    expect: { poll: { timeout: 20_000 } },
    pool: 'forks',
    // Two processors are enough for three: most wait for the processes that they have started.
    maxWorkers: 3,
    sequence: { sequencer: LongOnesFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'alone',
          include: [
            'packages/*/test/**/*.test.ts',
            'runtimes/*/test/**/*.test.ts',
            'test/**/*.test.ts',
            ...alone,
          ],
          exclude: ['**/node_modules/**', ...stories, ...computing],
          globalSetup: ['scripts/hold-recorded-ports.js'],
        },
      },
      {
        extends: true,
        test: { name: 'computing', include: computing, setupFiles: ['scripts/step-back.js'] },
      },
      {
        extends: true,
        // They share what they import, file after file: to import it anew takes longer than to run most of them.
        test: {
          name: 'together',
          include: [units, ...stories],
          exclude: ['**/node_modules/**', ...alone, ...computing],
          isolate: false,
        },
      },
    ],
  },
});
