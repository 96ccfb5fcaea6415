import { defineConfig } from 'vitest/config';
import LongFirst from './test/support/long-first.ts';
import { testsOfNode } from './test/support/tests-of-node.ts';

const oracleTests = 'test/**/*.oracle.test.ts';
const userJobs = 'test/jobs/**';
const newDistros = 'test/distros/made-up/**/*.oracle.test.ts';

/**
 * Five projects: `fast` needs nothing but Node (npm run check), `other-node` has those of its tests that another Node could change,
 * `oracle` puts our results to the real tools and to the vendors' documents and may take minutes, `new-distros` does so in processes
 * whose registries know more than src does, `jobs` does what users do, by the packed command and at real size (npm run jobs).
 */
export default defineConfig({
  test: {
    reporters: ['default', './test/support/reporter.ts'],
    // Most of the time a test waits for a command that it started.
    maxWorkers: 3,
    globalSetup: './test/support/temporary.ts',
    setupFiles: ['./test/support/seed.ts', './test/support/no-names.mjs'],
    // What a run leaves is removed then.
    teardownTimeout: 120_000,
    // A clean checkout. Elsewhere vitest knows the times of the last run, and may be asked to shuffle.
    sequence: process.env['CI'] === 'true' ? { sequencer: LongFirst } : {},
    // A busy machine can make one of 14,000 tests wait too long. The reporter names each that needed its second try.
    retry: process.env['CI'] === 'true' ? 1 : 0,
    // isolate: false. Nothing of ours is mocked and no test changes what is global: files of one worker share the modules they import.
    projects: [
      {
        test: {
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: [oracleTests, userJobs],
          // Ends what hangs: beside other tests, the first start of a browser from a cold disk has taken 20 s.
          testTimeout: 60_000,
          hookTimeout: 60_000,
          isolate: false,
        },
      },
      {
        test: {
          name: 'other-node',
          include: testsOfNode,
          exclude: [oracleTests],
          testTimeout: 60_000,
          isolate: false,
        },
      },
      {
        test: {
          name: 'oracle',
          include: [oracleTests],
          exclude: [newDistros],
          isolate: false,
          // Two fifths of the time of one of these is a processor's: five keep two of them at work.
          maxWorkers: 5,
          sequence: { groupOrder: 1 },
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'new-distros',
          include: [newDistros],
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'jobs',
          include: ['test/jobs/**/*.test.ts'],
          globalSetup: './test/jobs/support/install.ts',
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
