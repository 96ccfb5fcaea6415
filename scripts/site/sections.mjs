/**
 * The sections of the site and their pages, in order. A page of `docs` that is not named here is added to `Reference`; decisions
 * are listed by `docs/decisions/README.md`.
 * `commands` stands for the generated pages of the commands.
 */
export const sections = [
  { title: 'Start', pages: ['README.md', 'docs/install.md', 'docs/tour.md'] },
  {
    title: 'Tutorials',
    pages: ['ci-gate', 'air-gap', 'nightly-feed', 'compliance', 'fleet'].map(
      (name) => `docs/tutorials/${name}.md`,
    ),
  },
  {
    title: 'Reference',
    pages: [
      'docs/reference/commands.md',
      'docs/reference/output-formats.md',
      'docs/reference/errors.md',
      'docs/exit-codes.md',
      'docs/configuration.md',
      'docs/images.md',
      'docs/formats.md',
      'docs/reports.md',
      'docs/policy.md',
      'docs/sbom.md',
      'docs/vex.md',
      'docs/registry.md',
      'docs/exports.md',
      'docs/library.md',
      'examples/README.md',
    ],
  },
  {
    title: 'Explanations',
    pages: [
      'docs/verdicts.md',
      'docs/severity.md',
      'docs/ratings.md',
      ...[
        'almalinux',
        'alpine',
        'amazon',
        'anolis',
        'azurelinux',
        'debian',
        'echo',
        'fedora',
        'openeuler',
        'oracle',
        'photon',
        'redhat',
        'rocky',
        'suse',
        'ubuntu',
      ].map((name) => `docs/${name}.md`),
      'docs/languages.md',
      'docs/publish.md',
      'docs/signatures.md',
      'docs/verify.md',
      'docs/xml.md',
      'docs/oval-of-vendors.md',
      'docs/eval.md',
      'docs/compliance.md',
      'docs/content.md',
      'docs/comparison.md',
      'docs/accuracy.md',
      'ARCHITECTURE.md',
      'docs/decisions/README.md',
    ],
  },
  {
    title: 'Operations',
    pages: [
      'docs/building.md',
      'docs/fleet.md',
      'docs/harbor.md',
      ...['sizing', 'keys', 'monitoring', 'backup'].map((name) => `docs/operations/${name}.md`),
    ],
  },
  {
    title: 'Project',
    pages: [
      'CHANGELOG.md',
      'docs/promises.md',
      'SECURITY.md',
      'CONTRIBUTING.md',
      'CODE_OF_CONDUCT.md',
      'docs/releasing.md',
    ],
  },
];
