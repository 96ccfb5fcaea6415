import type { RpmOvalPlan } from '../../shared/oval/rpm-patterns.ts';
import { redHat } from '../rule/vendor.ts';

export const redHatPlan: RpmOvalPlan = {
  vendor: redHat,
  releasePackages: [
    'redhat-release',
    'redhat-release-client',
    'redhat-release-computenode',
    'redhat-release-server',
    'redhat-release-workstation',
  ],
  causes: {
    rpm: [
      [
        'extended_channel',
        'The definitions speak of the main channel: a system on EUS, AUS, TUS, E4S or ELS is judged by it all the same.',
      ],
      ['layered_product', 'Rows of layered products stand in no OVAL file.'],
      ['unknown_binary', 'A binary of a source that no document shows is not looked for.'],
      [
        'binary_epoch',
        'A binary with another epoch or version than its source and without rows of its own is compared by its own.',
      ],
      [
        'several_sources',
        'A binary that was built from several sources is judged by the rows of each by itself.',
      ],
      [
        'module_unlabelled',
        "Module and minor of a modular build are told by its release: the label is not seen, and a number that no document names counts only with dnf's record of the module.",
      ],
      ['two_modules', "Two enabled modules with one package name cannot be told apart by dnf's records."],
      [
        'image_minor',
        'The minor of the system is that of its release package; without one no build without a minor of its own is judged.',
      ],
      [
        'foreign_vendor',
        'Unsigned packages are judged whatever their vendor; packages with a key that is not known are not.',
      ],
      ['bad_signature', 'A package whose signature librpm rejects is not seen.'],
      ['rebuild', 'Rebuilds of RHEL have another release package: every definition is false there.'],
      ['no_database', 'Without a package database all but the coverage definition are false.'],
    ],
    manifest: [
      [
        'manifest_channel',
        'The definitions speak of the main channel: a system on EUS, AUS, TUS, E4S or ELS is judged by it all the same.',
      ],
      ['manifest_layered_product', 'Rows of layered products stand in no OVAL file.'],
      [
        'manifest_unlabelled',
        'The module of a build without label is told by any build of that number, or by what dnf has enabled; the index looks at builds of the package alone, and calls undecidable what nothing tells.',
      ],
      [
        'manifest_unlisted_source',
        'A binary with rows of its own that comes from a source which no document shows is judged without the rows of that source.',
      ],
      ['manifest_version', 'A version that is no version of an rpm is compared nevertheless.'],
      ['manifest_empty', 'Where the manifest lists no package all but the coverage definition are false.'],
    ],
  },
};
