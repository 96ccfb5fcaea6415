/** Differences between OVAL and the index for any vendor's rpm packages: cause and text. */
type Causes = readonly (readonly [cause: string, what: string])[];

export const moduleCauses: Causes = [
  [
    'module_unlabelled',
    "Module and minor of a modular build are told by its release: the label is not seen, and a number that no document names counts only with dnf's record of the module.",
  ],
  ['two_modules', "Two enabled modules with one package name cannot be told apart by dnf's records."],
];

export const sourceCauses: Causes = [
  ['unknown_binary', 'A binary of a source that no document shows is not looked for.'],
  [
    'binary_epoch',
    'A binary with another epoch or version than its source and without rows of its own is compared by its own.',
  ],
  [
    'several_sources',
    'A binary that was built from several sources is judged by the rows of each by itself.',
  ],
];

export const manifestSourceCauses: Causes = [
  [
    'manifest_unlisted_source',
    'A binary with rows of its own that comes from a source which no document shows is judged without the rows of that source.',
  ],
];

const ofNoLine =
  'A build whose version is of no line that the vendor has fixes for is not judged; the index calls it undecidable.';

export const lineCauses: Causes = [['line_unknown', ofNoLine]];

export const manifestLineCauses: Causes = [['manifest_line_unknown', ofNoLine]];

export const signatureCauses: Causes = [
  [
    'foreign_vendor',
    'Unsigned packages are judged whatever their vendor; packages with a key that is not known are not.',
  ],
  ['bad_signature', 'A package whose signature librpm rejects is not seen.'],
];

export const noDatabase: Causes = [
  ['no_database', 'Without a package database all but the coverage definition are false.'],
];

export const manifestUnlabelled: Causes = [
  [
    'manifest_unlabelled',
    'The module of a build without label is told by any build of that number, or by what dnf has enabled; the index looks at builds of the package alone, and calls undecidable what nothing tells.',
  ],
];

export const manifestCauses: Causes = [
  ['manifest_version', 'A version that is no version of an rpm is compared nevertheless.'],
  ['manifest_empty', 'Where the manifest lists no package all but the coverage definition are false.'],
];

/** Of a vendor that names builds without their epochs. */
export function epochCauses(vendor: string): Readonly<Record<'rpm' | 'manifest', Causes>> {
  const text = `${vendor} names builds without their epochs: a package that has one is compared as if its fix had none.`;
  return { rpm: [['unstated_epoch', text]], manifest: [['manifest_unstated_epoch', text]] };
}
