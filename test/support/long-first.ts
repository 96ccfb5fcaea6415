import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take long in a whole run, the longest first: one of two minutes was the last of its project. */
const long = [
  'docs/site.oracle.test.ts',
  'site/page.oracle.test.ts',
  'fleet/server-trouble.oracle.test.ts',
  'docs.oracle.test.ts',
  'fleet/pages-html.oracle.test.ts',
  'fleet/serve.oracle.test.ts',
  'fleet/serve-killed.oracle.test.ts',
  'fleet/server.oracle.test.ts',
  'signatures/policy.oracle.test.ts',
  'ecosystems/bitnami.oracle.test.ts',
  'fleet/killed.oracle.test.ts',
  'fleet/machine.oracle.test.ts',
  'prove/prove.oracle.test.ts',
  'sbom/documents.oracle.test.ts',
  'equality/debian-images.oracle.test.ts',
  'prove-comply/prove-comply.oracle.test.ts',
  'cli/progress.oracle.test.ts',
  'publish/examples-nights.oracle.test.ts',
  'fuzz/share.oracle.test.ts',
  'export/csaf/csaf.oracle.test.ts',
  'report/policy-page.oracle.test.ts',
  'cli/pager.oracle.test.ts',
  'library/package.oracle.test.ts',
  'publish/reproducible.oracle.test.ts',
  'io/http-servers.oracle.test.ts',
  'library/workers.oracle.test.ts',
  'publish/bundle.oracle.test.ts',
  'io/decompress.oracle.test.ts',
  'distros/amazon/amazon.oracle.test.ts',
  'publish/kill.oracle.test.ts',
  'publish/reproducible-mirrors.oracle.test.ts',
  'distros/redhat/redhat.oracle.test.ts',
  'comply/pcre/libpcre2.oracle.test.ts',
  'cli/registry.oracle.test.ts',
  'sbom/real.oracle.test.ts',
  'prove-exports/languages.oracle.test.ts',
  'prove-exports/trivy.oracle.test.ts',
  'distros/rebuild/almalinux/whole-oval.oracle.test.ts',
  'publish/commands.oracle.test.ts',
  'signatures/sign/cosign-key.oracle.test.ts',
  'content/content.test.ts',
  'cli/harbor.test.ts',
  'fleet/fleet.test.ts',
  'library/examples.test.ts',
  'cli/commands/fleet.test.ts',
  'cli/build.test.ts',
  'feed/unchanged.test.ts',
  'cli/receding.test.ts',
  'cli/ending.test.ts',
  'library/runs.test.ts',
  'cli/eval-hostile.test.ts',
  'fleet/serve-hostile.test.ts',
  'sources/refused-documents.test.ts',
  'fleet/serve.test.ts',
  'fleet/view/cost.test.ts',
  'publish/oci.test.ts',
  'cli/exit-codes.test.ts',
  'library/hostile.test.ts',
  'distros/suse/fetch.test.ts',
  'runtime/web/remote-feed.test.ts',
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
