import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take about a minute or more in a whole run, though they are small. */
const long = [
  'equality/debian-images.oracle.test.ts',
  'fleet/server-trouble.oracle.test.ts',
  'fuzz/share.oracle.test.ts',
  'fleet/serve-killed.oracle.test.ts',
  'jobs/nightly.test.ts',
  'jobs/full-size.test.ts',
];

/**
 * Begins each project with its longest files. Where vitest knows no times of an earlier run it goes by size, and a small file that
 * takes long would be the last, with one worker.
 */
export default class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const projects = [...new Set(sorted.map(({ project }) => project))];
    const rank = ({ moduleId }: TestSpecification) => (long.some((name) => moduleId.endsWith(name)) ? 0 : 1);
    return sorted.sort(
      (a, b) => projects.indexOf(a.project) - projects.indexOf(b.project) || rank(a) - rank(b),
    );
  }
}
