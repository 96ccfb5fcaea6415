import { ScapfeedError } from '../../model/error.ts';
import type { Severity, Vulnerability } from '../../model/feed/index.ts';
import { list, malformed, record, textOrNone } from '../fields.ts';
import { readRecord } from '../foreign-record.ts';
import { detailsOf } from './details.ts';
import { type CsafDocument, type CsafVulnerability, parseCsaf } from './document.ts';
import { type Note, Notes } from './notes.ts';
import { ProductTree } from './product-tree.ts';
import { type Row, type RowRules, rowsOf } from './rows.ts';
import { type Gathered, gatherStatuses } from './statuses.ts';
import { Unread, type UnreadProducts } from './unread.ts';
import type { CsafVocabulary } from './vocabulary.ts';

/** Increased with every change in how documents are read: records kept by other versions are not used. */
export const readerVersion = 6;

/** Reading of documents that are about one CVE each. */
export interface FlawDocuments {
  /** Id of the tree. */
  tree: string;
  /** To whom a document that cannot be read is reported. */
  publisher: string;
  vocabulary: CsafVocabulary;
  rules: RowRules;
  /** Nothing proves a document's origin: one with a name twice in an object is refused. */
  unproven?: boolean;
}

export interface VulnerabilityRecord {
  id: string;
  details: Vulnerability;
  rows: Row[];
  /** Of packages without another statement. Absent: none. */
  unread?: UnreadProducts[];
}

/**
 * The used content of one document: a pure function of its bytes. Product ids in all product_status lists = `used` + counts
 * of the dropped notes.
 */
export interface DocumentRecord {
  /** `cve-2023-5568.json` */
  path: string;
  /** tracking.current_release_date, ISO 8601. */
  updated: string;
  vulnerabilities: VulnerabilityRecord[];
  used: number;
  notes: Note[];
}

/** @throws SOURCE_NOT_JSON, SOURCE_TOO_LARGE, SOURCE_MALFORMED with file and JSON pointer in `where` */
export function readFlawDocument(bytes: Uint8Array, path: string, of: FlawDocuments): DocumentRecord {
  const read = readRecord(`${of.tree}#${path}`, () =>
    readParsed(parseCsaf(bytes, { uniqueNames: of.unproven ?? false }), path, of),
  );
  if (!(read instanceof ScapfeedError)) return read;
  const { code, message, where, cause } = read;
  const remedy = `report the document to ${of.publisher}; its last good version stays in use`;
  throw new ScapfeedError({ code, message, remedy, cause, ...(where ? { where } : {}) });
}

function readParsed(csaf: CsafDocument, path: string, { vocabulary, rules }: FlawDocuments): DocumentRecord {
  const { tracking } = csaf.document ?? {};
  const id = cveId(tracking?.id, '/document/tracking/id');
  const notes = new Notes();
  const tree = new ProductTree(csaf.product_tree ?? undefined, vocabulary);
  const severity: Severity =
    vocabulary.severityOf(textOrNone(csaf.document?.aggregate_severity?.text)) ?? 'unknown';
  const listed = list<CsafVulnerability>(csaf.vulnerabilities, '/vulnerabilities');
  // The publisher has nothing to say of it: no package is named, and none is clean by it.
  if (listed.length === 0) notes.doubt('nothing_said', '/vulnerabilities', id);
  const vulnerabilities = listed.map((vulnerability, at): VulnerabilityRecord => {
    const pointer = `/vulnerabilities/${at}`;
    record(vulnerability, pointer);
    const unread = new Unread();
    const gathered = gatherStatuses(vulnerability, {
      tree,
      vocabulary,
      notes,
      unread,
      pointer,
      severity,
      advisory: undefined,
      advisories: () => undefined,
    }).flat();
    notes.use(countOf(gathered));
    const own = vulnerability.cve === undefined ? id : cveId(vulnerability.cve, `${pointer}/cve`);
    const lost = unread.beside(gathered.map(({ target: { stream, name } }) => ({ ...stream, name })));
    const doubt = (reason: string, detail: string) =>
      notes.doubt(reason, `${pointer}/product_status`, detail);
    return {
      id: own,
      details: details(own, vulnerability, csaf),
      rows: rowsOf(gathered, rules, doubt),
      ...(lost.length > 0 ? { unread: lost } : {}),
    };
  });
  const updated = textOrNone(tracking?.current_release_date) ?? '';
  return { path, updated, vulnerabilities, used: notes.used, notes: notes.list() };
}

function cveId(value: unknown, pointer: string): string {
  if (typeof value === 'string' && /^CVE-\d{4}-\d{4,15}$/.test(value)) return value;
  throw malformed(pointer, 'a CVE id', value);
}

function countOf(gathered: readonly Gathered[]): number {
  return gathered.reduce((sum, { count }) => sum + count, 0);
}

/** A title may be the id, and the description a note of the document. */
function details(id: string, vulnerability: CsafVulnerability, { document }: CsafDocument): Vulnerability {
  const notes = [
    ...list<unknown>(document?.notes, '/document/notes'),
    ...list<unknown>(vulnerability.notes, '/vulnerabilities/notes'),
  ];
  const { title, ...rest } = detailsOf(id, { ...vulnerability, notes }, {});
  return title === undefined || title === id ? rest : { ...rest, title };
}
