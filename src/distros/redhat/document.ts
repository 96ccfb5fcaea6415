import { ScapfeedError } from '../../model/error.ts';
import type { Severity, Status } from '../../model/feed/index.ts';
import { parseRpmEvr } from '../../packaging/rpm/version.ts';
import { detailsOf } from '../../sources/csaf/details.ts';
import { type CsafDocument, type CsafVulnerability, parseCsaf } from '../../sources/csaf/document.ts';
import { Notes } from '../../sources/csaf/notes.ts';
import { ProductTree } from '../../sources/csaf/product-tree.ts';
import { gatherStatuses } from '../../sources/csaf/statuses.ts';
import { Unread } from '../../sources/csaf/unread.ts';
import type { CsafVocabulary, FixStateWords, Stream } from '../../sources/csaf/vocabulary.ts';
import { list, malformed, record, textOrNone } from '../../sources/fields.ts';
import { readRecord } from '../../sources/foreign-record.ts';
import { collapseRows } from './collapse.ts';
import { componentOf } from './component.ts';
import { type DocumentRecord, packagesOf, type Tree, type VulnerabilityRecord } from './record.ts';
import { hardenedPlatform } from './rule-streams.ts';
import { containerStream, type Majors, streamOf } from './stream.ts';

const statuses = {
  fixed: 'fixed',
  known_affected: 'affected',
  known_not_affected: 'not_affected',
  under_investigation: 'under_investigation',
} as const satisfies Record<string, Status>;

/** Lower case in the legacy tree, capitalised in the new one. */
function severityOf(text: string | undefined): Severity | undefined {
  if (text === undefined) return undefined;
  const word = text.toLowerCase();
  return Object.hasOwn(severityWords, word) ? severityWords[word] : undefined;
}

const severityWords: Readonly<Record<string, Severity>> = {
  low: 'low',
  moderate: 'medium',
  important: 'high',
  critical: 'critical',
  none: 'unknown',
};

/** `details` of a remediation without a fix. Documentation says `Deferred`, real files say `Fix deferred`. */
const fixStates: Readonly<Record<string, FixStateWords>> = {
  affected: { fixState: 'none_yet' },
  'fix deferred': { fixState: 'fix_deferred' },
  deferred: { fixState: 'fix_deferred' },
  'will not fix': { fixState: 'will_not_fix' },
  'out of support scope': { fixState: 'end_of_life', reason: 'package' },
};

const fixStateOfCategory: Readonly<Record<string, FixStateWords>> = {
  none_available: { fixState: 'none_yet' },
  no_fix_planned: { fixState: 'will_not_fix' },
};

/** Accepted values of `/document/category`; advisories of 2023 have `csaf_vex`. */
const documentCategories: ReadonlySet<string> = new Set(['csaf_vex', 'csaf_security_advisory']);

/** Red Hat's names and words, for releases of some majors. */
function redHatVocabulary(majors: Majors): CsafVocabulary {
  return {
    stream: (id, cpe) => streamOf(id, cpe, majors),
    // Not RHEL's own shard, because rpms are not judged by statements about containers.
    containers: (stream, cpe) =>
      isRhel(stream) || stream.platform === hardenedPlatform ? containerStream(cpe) : undefined,
    component: componentOf,
    guesses: isRhel,
    wholePortfolio: 'red_hat_products',
    statuses,
    severityOf,
    fixStates,
    fixStateOfCategory,
    // https://access.redhat.com/errata/RHSA-2024:5962
    advisoryOf: (url) => (url === undefined ? undefined : /RH[SBE]A-\d{4}:\d+$/.exec(url)?.[0]),
    isVersion: (version) => parseRpmEvr(version)?.release !== undefined,
  };
}

function isRhel({ platform }: Stream): boolean {
  return /^rhel-\d/.test(platform);
}

/** Increased with every change in how documents are read or settled: files kept by other versions are not used. */
export const readerVersion = 6;

/** Limit on the CVEs of a document; a kernel advisory has some hundreds. */
const vulnerabilityLimit = 10_000;

/**
 * One CSAF document of either VEX tree or of the advisories, from raw bytes; pure and linear in its product ids.
 * Throws SOURCE_NOT_JSON, SOURCE_TOO_LARGE or SOURCE_MALFORMED with file and JSON pointer in `where`.
 */
export function readDocument(bytes: Uint8Array, tree: Tree, path: string, majors: Majors): DocumentRecord {
  const read = readRecord(`${tree}#${path}`, () => readParsed(parseCsaf(bytes), tree, path, majors));
  if (!(read instanceof ScapfeedError)) return read;
  const { code, message, where, cause } = read;
  const remedy = 'report the document to Red Hat; its last good version stays in use';
  throw new ScapfeedError({ code, message, remedy, cause, ...(where ? { where } : {}) });
}

function readParsed(csaf: CsafDocument, tree: Tree, path: string, majors: Majors): DocumentRecord {
  const header = readHeader(csaf);
  const notes = new Notes();
  const category = textOrNone(csaf.document?.category) ?? '';
  if (!documentCategories.has(category)) notes.doubt('unknown_document', '/document/category', category);
  const errata: Record<string, string> = {};
  const binaries = new Map<string, Map<string, Set<string>>>();
  const vocabulary = redHatVocabulary(majors);
  const products = new ProductTree(csaf.product_tree ?? undefined, vocabulary);
  const severity = vocabulary.severityOf(textOrNone(csaf.document?.aggregate_severity?.text)) ?? 'unknown';
  const vulnerabilities = list<CsafVulnerability>(csaf.vulnerabilities, '/vulnerabilities').map(
    (vulnerability, at): VulnerabilityRecord => {
      const pointer = `/vulnerabilities/${at}`;
      record(vulnerability, pointer);
      const unread = new Unread();
      const gathered = gatherStatuses(vulnerability, {
        tree: products,
        vocabulary,
        notes,
        unread,
        pointer,
        severity,
        advisory: header.isErratum ? header.id : undefined,
        advisories: (id, date) => noteErratum(errata, id, date),
      });
      const rows = gathered.flatMap((ofStatus) =>
        collapseRows(ofStatus, header.flatTree, (platform, source, binary) =>
          see(binaries, platform, source, binary),
        ),
      );
      for (const row of rows) notes.use(row.count);
      const id = idOf(vulnerability, header, pointer);
      const details = detailsOf(id, vulnerability, header.isErratum ? {} : header);
      const lost = unread.beside(rows.flatMap(packagesOf));
      return { id, details, rows, ...(lost.length > 0 ? { unread: lost } : {}) };
    },
  );
  if (vulnerabilities.length > vulnerabilityLimit) {
    throw malformed('/vulnerabilities', `at most ${vulnerabilityLimit} vulnerabilities`, vulnerabilities);
  }
  return {
    tree,
    path,
    id: header.id,
    updated: header.updated,
    vulnerabilities,
    errata,
    ...(header.isErratum ? { erratum: erratumOf(csaf) } : {}),
    binaries: binariesOf(binaries),
    used: notes.used,
    notes: notes.list(),
  };
}

interface Header {
  id: string;
  isErratum: boolean;
  /** The vex-feed's generator: one level of branches, names that may be source or binary. */
  flatTree: boolean;
  updated: string;
  title?: string;
}

/** Advisories up to 2024 have the category csaf_vex, so the id decides what a document is. */
function readHeader({ document }: CsafDocument): Header {
  const tracking = document?.tracking;
  const id = tracking?.id;
  if (typeof id !== 'string') throw malformed('/document/tracking/id', 'a CVE or erratum id', id);
  const isErratum = /^RH[SBE]A-\d{4}:\d+$/.test(id);
  if (!isErratum && !/^CVE-\d{4}-\d{4,}$/.test(id))
    throw malformed('/document/tracking/id', 'a CVE or erratum id', id);
  const title = textOrNone(document?.title);
  return {
    id,
    isErratum,
    flatTree: tracking?.generator?.engine?.name === 'CSAF Generator',
    updated: textOrNone(tracking?.current_release_date) ?? '',
    ...(title === undefined ? {} : { title }),
  };
}

function idOf(vulnerability: CsafVulnerability, header: Header, pointer: string): string {
  const id = vulnerability.cve ?? (header.isErratum ? undefined : header.id);
  if (typeof id !== 'string' || !/^CVE-\d{4}-\d{4,}$/.test(id))
    throw malformed(`${pointer}/cve`, 'a CVE id', id);
  return id;
}

function erratumOf({ document }: CsafDocument): { title?: string; severity?: string } {
  const title = textOrNone(document?.title);
  const severity = textOrNone(document?.aggregate_severity?.text);
  return { ...(title === undefined ? {} : { title }), ...(severity === undefined ? {} : { severity }) };
}

/** The first release date is the day from which a fix was available. */
function noteErratum(errata: Record<string, string>, id: string, date: string): void {
  const known = errata[id];
  if (known === undefined || known === '' || (date !== '' && date < known)) errata[id] = date;
}

function see(
  binaries: Map<string, Map<string, Set<string>>>,
  platform: string,
  source: string,
  binary: string,
): void {
  const sources = binaries.get(platform) ?? new Map<string, Set<string>>();
  binaries.set(platform, sources);
  const names = sources.get(source);
  if (names) names.add(binary);
  else sources.set(source, new Set([binary]));
}

function binariesOf(binaries: Map<string, Map<string, Set<string>>>): DocumentRecord['binaries'] {
  const plain: DocumentRecord['binaries'] = {};
  for (const [platform, sources] of binaries) {
    plain[platform] = Object.fromEntries([...sources].map(([source, names]) => [source, [...names].sort()]));
  }
  return plain;
}
