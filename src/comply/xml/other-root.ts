import { ScapfeedError } from '../../model/error.ts';

/** Documents that are given in place of others, by their root element: what they are, and what takes them. */
const otherRoots: Readonly<Record<string, [found: string, remedy: string]>> = {
  oval_definitions: ['OVAL definitions', 'evaluate them with `scapfeed eval IMAGE --content FILE`'],
  oval_results: [
    'OVAL results',
    'show them with `scapfeed report FILE`, or specify the definitions that they are results of',
  ],
  oval_system_characteristics: [
    'OVAL system characteristics',
    'specify the definitions; scapfeed reads the image itself',
  ],
  oval_variables: ['OVAL variables', 'give them to `scapfeed eval --variables FILE`, beside definitions'],
  Benchmark: ['an XCCDF benchmark', 'evaluate it with `scapfeed comply IMAGE --content FILE --profile ID`'],
  TestResult: ['XCCDF results', 'show them with `scapfeed report FILE`'],
  'asset-report-collection': ['results in ARF', 'show them with `scapfeed report FILE`'],
  'data-stream-collection': [
    'a data stream',
    '`scapfeed comply` judges by its profiles, `scapfeed eval` by its OVAL',
  ],
  Tailoring: [
    'a tailoring file',
    'give it to `scapfeed comply --tailoring FILE`, beside the content that it changes',
  ],
  'cpe-list': ['a CPE dictionary', 'give it to --cpe, beside the content'],
  bom: ['an SBOM in CycloneDX', 'judge it with `scapfeed scan sbom:FILE`'],
  html: ['a web page (HTML)', 'take the document itself from its publisher'],
};

/** The error for a document of another kind than was asked for. */
export function otherRoot(
  where: string,
  expected: string,
  { name, ns }: { name: string; ns: string | undefined },
): ScapfeedError {
  const known = Object.hasOwn(otherRoots, name) ? otherRoots[name] : undefined;
  const [found, remedy] = known ?? [
    `<${name}>`,
    '`scapfeed info FILE` says what a document is, if it knows it',
  ];
  const space = ns === undefined ? '' : ` (<${name}> of ${ns || 'no namespace'})`;
  return new ScapfeedError({
    code: 'CONTENT_MALFORMED',
    message: `expected ${expected}, found ${found}${space}`,
    where,
    remedy,
  });
}
