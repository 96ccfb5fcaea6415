import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take long in a whole run, the longest first: one of two minutes was the last of its project. */
const long = [
  'fleet/server-trouble.oracle.test.ts',
  'fleet/serve-killed.oracle.test.ts',
  'fleet/killed.oracle.test.ts',
  'fleet/pages-html.oracle.test.ts',
  'fleet/server.oracle.test.ts',
  'prove/prove.oracle.test.ts',
  'docs/site.oracle.test.ts',
  'docs.oracle.test.ts',
  'prove-comply/prove-comply.oracle.test.ts',
  'fuzz/share.oracle.test.ts',
  'io/http-servers.oracle.test.ts',
  'report/scan/html.oracle.test.ts',
  'publish/kill.oracle.test.ts',
  'report/policy-page.oracle.test.ts',
  'equality/debian-images.oracle.test.ts',
  'fleet/machine.oracle.test.ts',
  'library/package.oracle.test.ts',
  'distros/rebuild/almalinux/whole-oval.oracle.test.ts',
  'export/csaf/csaf.oracle.test.ts',
  'cli/progress.oracle.test.ts',
  'comply/pcre/libpcre2.oracle.test.ts',
  'report/comply-html.oracle.test.ts',
  'fleet/serve.oracle.test.ts',
  'publish/disk-full.oracle.test.ts',
  'publish/examples-nights.oracle.test.ts',
  'cli/pack.oracle.test.ts',
  'signatures/policy.oracle.test.ts',
  'sources/mutated.oracle.test.ts',
  'packaging/rpm/databases.oracle.test.ts',
  'report/scan/size.oracle.test.ts',
  'sbom/real.oracle.test.ts',
  'io/decompress.oracle.test.ts',
  'packaging/apk/version.oracle.test.ts',
  'packaging/tools.oracle.test.ts',
  'publish/reproducible.oracle.test.ts',
  'library/workers.oracle.test.ts',
  'report/scan/spdx.oracle.test.ts',
  'equality/redhat/redhat-documents.oracle.test.ts',
  'equality/redhat/redhat-lists.oracle.test.ts',
  'fleet/equality.oracle.test.ts',
  'fleet/commands.test.ts',
  'fleet/fleet.test.ts',
  'fleet/as-scan.test.ts',
  'fleet/lost-statements.test.ts',
  'cli/eval-hostile.test.ts',
  'fleet/serve-hostile.test.ts',
  'fleet/registry.test.ts',
  'library/examples.test.ts',
  'content/content.test.ts',
  'fleet/pages-cost.test.ts',
  'fleet/serve.test.ts',
  'fleet/verify.test.ts',
  'fleet/serve-access.test.ts',
  'library/fleet.test.ts',
  'image/limits.test.ts',
  'fleet/held.test.ts',
  'fuzz/harness.test.ts',
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
