import { parseForeignJson } from '../../io/foreign-json.ts';
import { foreignFile } from '../../model/document-start.ts';
import { ScapfeedError } from '../../model/error.ts';
import type { DocumentInfo } from './read-results.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * A kind of document that is not SCAP: its name, how it is recognised, the command that reads it, and what it says about itself.
 */
interface Kind {
  kind: string;
  is(document: Json): boolean;
  takenBy: string;
  facts?(document: Json): [name: string, value: unknown][];
}

const has =
  (...members: string[]) =>
  (document: Json): boolean =>
    members.every((member) => Object.hasOwn(document, member));

const made = ({ tool }: Json): [string, unknown][] => {
  const { name, version } = (tool ?? {}) as Json;
  return [['made by', typeof tool === 'string' ? tool : [name, version].filter(Boolean).join(' ')]];
};

/** The first that fits is it. */
const kinds: readonly Kind[] = [
  {
    kind: 'manifest of a feed',
    is: has('format', 'platforms', 'inputs', 'outputs'),
    takenBy: 'scapfeed feeds --feed DIR, with the folder that it is in',
    facts: (document) => [
      ...made(document),
      ['date', document.created],
      ['platforms', idsOf(document.platforms)],
    ],
  },
  {
    kind: 'result of a scan by scapfeed',
    is: ({ format }) => typeof format === 'string' && format.startsWith('scapfeed/scan-result/'),
    takenBy: 'jq and the schema schemas/scan-result.schema.json; other formats: scapfeed scan -o',
    facts: (document) => [
      ...made(document),
      ['target', ((document['image'] ?? {}) as Json)['reference']],
      ['verdicts', lengthOf(document['verdicts'])],
    ],
  },
  {
    kind: 'inventory of an image, by scapfeed inventory',
    is: has('os', 'databases', 'packages', 'notes'),
    takenBy: 'scapfeed scan sbom:FILE, scapfeed/runtime',
    facts: ({ image, os, packages }) => [
      ['target', ((image ?? {}) as Json)['reference']],
      ['system', ((os ?? {}) as Json)['prettyName']],
      ['packages', lengthOf(packages)],
    ],
  },
  {
    kind: 'results for several images, by scapfeed',
    is: ({ format }) => typeof format === 'string' && /^scapfeed\/(?:scan-)?results\//.test(format),
    takenBy: 'jq and the schemas in schemas/; other formats: -o of the same command',
    facts: (document) => [
      ...made(document),
      ['command', document['command']],
      ['targets', lengthOf(document['targets'])],
    ],
  },
  {
    kind: 'results of scan and comply in one, by scapfeed check',
    is: has('scan', 'comply'),
    takenBy: 'scapfeed report and fix, which read its part of comply',
  },
  {
    kind: 'results of a profile, by scapfeed comply',
    is: has('benchmark', 'rules', 'scores'),
    takenBy: 'scapfeed report',
    facts: (document) => [
      ...made(document),
      ['profile', ((document['profile'] ?? {}) as Json)['id']],
      ['target', ((document['image'] ?? {}) as Json)['reference']],
      ['rules', lengthOf(document['rules'])],
    ],
  },
  {
    kind: 'results of OVAL definitions, by scapfeed eval',
    is: has('applies', 'counts', 'definitions', 'content'),
    takenBy: 'jq; `scapfeed report` takes the OVAL results of the same run (-o oval=FILE)',
    facts: (document) => [
      ...made(document),
      ['content', ((document['content'] ?? {}) as Json)['name']],
      ['target', ((document['image'] ?? {}) as Json)['reference']],
      ['listed definitions', lengthOf(document['definitions'])],
    ],
  },
  {
    kind: 'VEX statements in CycloneDX',
    is: (document) =>
      has('bomFormat', 'vulnerabilities')(document) && lengthOf(document['components']) === undefined,
    takenBy: 'scapfeed scan IMAGE --vex FILE',
    facts: ({ specVersion, vulnerabilities }) => [
      ['version', specVersion],
      ['statements', lengthOf(vulnerabilities)],
    ],
  },
  {
    kind: 'SBOM in CycloneDX',
    is: has('bomFormat'),
    takenBy: 'scapfeed scan sbom:FILE',
    facts: ({ specVersion, components }) => [
      ['version', specVersion],
      ['components', lengthOf(components)],
    ],
  },
  {
    kind: 'SBOM in SPDX',
    is: (document) => has('spdxVersion')(document) || String(document['@context']).includes('spdx'),
    takenBy: 'scapfeed scan sbom:FILE',
    facts: ({ spdxVersion, packages }) => [
      ['version', spdxVersion],
      ['packages', lengthOf(packages)],
    ],
  },
  {
    kind: 'SBOM of Syft',
    is: has('artifacts', 'schema', 'source'),
    takenBy: 'scapfeed scan sbom:FILE',
    facts: ({ artifacts }) => [['packages', lengthOf(artifacts)]],
  },
  {
    kind: 'VEX statements in OpenVEX',
    is: (document) => String(document['@context']).includes('openvex'),
    takenBy: 'scapfeed scan IMAGE --vex FILE',
    facts: ({ author, timestamp, statements }) => [
      ['made by', author],
      ['date', timestamp],
      ['statements', lengthOf(statements)],
    ],
  },
  {
    kind: 'advisory or VEX statements in CSAF',
    is: ({ document }) =>
      typeof document === 'object' && document !== null && has('csaf_version')(document as Json),
    takenBy: 'scapfeed scan IMAGE --vex FILE, where its category is csaf_vex',
    facts: ({ document, vulnerabilities }) => [
      ['version', (document as Json)['csaf_version']],
      ['category', (document as Json)['category']],
      ['title', (document as Json)['title']],
      ['vulnerabilities', lengthOf(vulnerabilities)],
    ],
  },
  {
    kind: 'results in SARIF',
    is: has('runs', 'version'),
    takenBy: 'code scanning services; scapfeed writes it and does not read it',
    facts: ({ version, runs }) => [
      ['version', version],
      ['runs', lengthOf(runs)],
    ],
  },
  {
    kind: 'result of Trivy',
    is: has('SchemaVersion', 'ArtifactName'),
    takenBy: 'scapfeed compare IMAGE --trivy FILE',
    facts: ({ ArtifactName }) => [['target', ArtifactName]],
  },
  {
    kind: 'result of Grype',
    is: has('matches', 'descriptor'),
    takenBy: 'scapfeed compare IMAGE --grype FILE',
    facts: ({ matches }) => [['matches', lengthOf(matches)]],
  },
  {
    kind: 'list of SCAP content',
    is: ({ content }) => Array.isArray(content),
    takenBy: 'scapfeed build --content FILE',
    facts: ({ content }) => [['entries', lengthOf(content)]],
  },
];

/** Recognises JSON, YAML and binary data by the first characters; undefined: something else. @throws CONTENT_MALFORMED */
export function otherDocument(source: Buffer, name: string): DocumentInfo | undefined {
  if (source.length === 0) throw refused(name, 'the file is empty', 'make or fetch it again');
  if (isTar(source)) return tarInfo;
  const start = source
    .toString('utf8', 0, 4096)
    .replace(/^\uFEFF/, '')
    .trimStart();
  if (start.startsWith('{') || start.startsWith('[')) return jsonInfo(source, name);
  if (start.startsWith('<')) return undefined;
  const found = start.startsWith('#platform ') ? manifestInfo(source) : yamlInfo(start);
  if (found) return found;
  // Possible XML in UTF-16 is left to the XML reader.
  if (source[0] === 0 || source[0]! >= 0xfe) return undefined;
  const foreign = foreignFile(source);
  const message = `expected XML, JSON, a policy or an archive, found ${foreign?.found ?? 'something else'}`;
  if (foreign === undefined || foreign.remedy.includes('scapfeed info')) throw unknownDocument(name, message);
  throw refused(name, message, foreign.remedy);
}

/** By the mark of POSIX and GNU in the header of the first entry. */
function isTar(source: Buffer): boolean {
  return source.length >= 512 && source.toString('latin1', 257, 262) === 'ustar';
}

const tarInfo: DocumentInfo = {
  kind: 'tar archive',
  facts: [{ name: 'taken by', value: 'scapfeed scan FILE, where it is an image or the files of a system' }],
  profiles: [],
  counts: {},
};

/** Output of `scapfeed inventory -o manifest`: a line for each package after those that begin with `#`. */
function manifestInfo(source: Buffer): DocumentInfo {
  const lines = source.toString('utf8').split('\n');
  const platform = lines[0]!.split(' ').slice(1).join(' ');
  const packages = lines.filter((text) => text !== '' && !text.startsWith('#')).length;
  return {
    kind: 'inventory of an image as a manifest, by scapfeed inventory',
    facts: [
      { name: 'platform', value: platform },
      { name: 'packages', value: String(packages) },
      { name: 'taken by', value: 'scapfeed scan sbom:FILE' },
    ],
    profiles: [],
    counts: {},
  };
}

function jsonInfo(source: Buffer, name: string): DocumentInfo {
  const document = parsed(source, name);
  const known = kinds.find(({ is }) => is(document));
  if (!known) throw unknownDocument(name, 'expected a document of SCAP, found JSON of another kind');
  const { kind, takenBy, facts = () => [] } = known;
  const factLines = facts(document).flatMap(([fact, value]) =>
    value === undefined || value === null || value === '' ? [] : { name: fact, value: String(value) },
  );
  return { kind, facts: [...factLines, { name: 'taken by', value: takenBy }], profiles: [], counts: {} };
}

function parsed(source: Buffer, name: string): Json {
  const lines = () =>
    refused(name, 'expected a document of SCAP, found lines of JSON', '`scapfeed feeds` describes a feed');
  let document: unknown;
  try {
    document = parseForeignJson(source);
  } catch (cause) {
    const [first = ''] = source.toString('utf8', 0, 1 << 16).split('\n');
    throw isJson(first)
      ? lines()
      : refused(name, `the JSON is damaged: ${(cause as Error).message}`, 'make the file again', cause);
  }
  if (typeof document === 'object' && document !== null && !Array.isArray(document)) return document as Json;
  throw unknownDocument(name, 'expected a document of SCAP, found JSON that is no object');
}

function isJson(text: string): boolean {
  try {
    parseForeignJson(text);
    return true;
  } catch {
    return false;
  }
}

/** The sections of a policy (schemas/policy.schema.json). */
const policySections = /^(?:ignore|scan|verify|comply|signed):/m;

function yamlInfo(start: string): DocumentInfo | undefined {
  if (!policySections.test(start)) return undefined;
  const sections = [...start.matchAll(/^(ignore|scan|verify|comply|signed):/gm)].map(
    ([, section]) => section,
  );
  return {
    kind: 'policy of scapfeed: accepted risks and what fails',
    facts: [
      { name: 'sections', value: [...new Set(sections)].join(', ') },
      { name: 'taken by', value: 'scapfeed policy check FILE; --policy FILE of scan, verify and comply' },
    ],
    profiles: [],
    counts: {},
  };
}

/** The error for what nothing here recognises. */
export function unknownDocument(where: string, message: string): ScapfeedError {
  return refused(where, message, '`scapfeed info --help` lists what it knows');
}

function refused(where: string, message: string, remedy: string, cause?: unknown): ScapfeedError {
  return new ScapfeedError({ code: 'CONTENT_MALFORMED', message, where, remedy, cause });
}

function lengthOf(list: unknown): number | undefined {
  return Array.isArray(list) ? list.length : undefined;
}

function idsOf(list: unknown): string | undefined {
  return Array.isArray(list)
    ? list.map((each) => (each as Json | null)?.['id'] ?? each).join(', ')
    : undefined;
}
