import { defineConfig } from 'vitest/config';

const oracleTests = 'test/**/*.oracle.test.ts';

/**
 * Two projects: `fast` needs nothing but Node (npm run check), `oracle` puts our results to the real tools and to the
 * vendors' documents and may take minutes.
 */
export default defineConfig({
  test: {
    reporters: ['default', './test/support/reporter.ts'],
    projects: [
      {
        test: {
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: [oracleTests],
          testTimeout: 20_000,
          // Nothing is mocked and no test changes what is global: files of one worker share the modules they import.
          isolate: false,
        },
      },
      {
        test: {
          name: 'oracle',
          include: [oracleTests],
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
