import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take about a minute or more in a whole run though they are small, the longest first. */
const long = [
  'docs.oracle.test.ts',
  'io/http-servers.oracle.test.ts',
  'fleet/serve-killed.oracle.test.ts',
  'fleet/server-trouble.oracle.test.ts',
  'equality/debian-images.oracle.test.ts',
  'fuzz/share.oracle.test.ts',
  'docs/pages.oracle.test.ts',
  'publish/kill.oracle.test.ts',
  'fleet/killed.oracle.test.ts',
  'fleet/machine.oracle.test.ts',
  'sbom/real.oracle.test.ts',
  'io/decompress.oracle.test.ts',
  'comply/pcre/libpcre2.oracle.test.ts',
  'prove/prove.oracle.test.ts',
  'prove-comply/prove-comply.oracle.test.ts',
  'fleet/server.oracle.test.ts',
  'cli/pack.oracle.test.ts',
  'fleet/equality.oracle.test.ts',
  'equality/redhat/redhat-lists.oracle.test.ts',
  'packaging/tools.oracle.test.ts',
  'packaging/apk/version.oracle.test.ts',
  'report/scan/size.oracle.test.ts',
  'library/api-docs.oracle.test.ts',
  'fleet/serve.oracle.test.ts',
  'equality/redhat/redhat-documents.oracle.test.ts',
  'fleet/fleet.test.ts',
  'fleet/pages-cost.test.ts',
  'fleet/serve.test.ts',
  'fleet/as-scan.test.ts',
  'fleet/pull.test.ts',
  'library/examples.test.ts',
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
    const rank = ({ moduleId }: TestSpecification) => {
      const at = long.findIndex((name) => moduleId.endsWith(`/test/${name}`));
      return at < 0 ? long.length : at;
    };
    return sorted.sort(
      (a, b) => projects.indexOf(a.project) - projects.indexOf(b.project) || rank(a) - rank(b),
    );
  }
}
