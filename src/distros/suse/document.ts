import { ScapfeedError, type Vulnerability } from '../../model/index.ts';
import { detailsOf } from '../../sources/csaf/details.ts';
import { type CsafDocument, type CsafVulnerability, parseCsaf } from '../../sources/csaf/document.ts';
import { type Note, Notes } from '../../sources/csaf/notes.ts';
import { ProductTree } from '../../sources/csaf/product-tree.ts';
import { type Gathered, gatherStatuses } from '../../sources/csaf/statuses.ts';
import { Unread, type UnreadProducts } from '../../sources/csaf/unread.ts';
import { list, malformed, record, textOrNone } from '../../sources/fields.ts';
import { readRecord } from '../../sources/foreign-record.ts';
import { type Row, rowsOf } from './rows.ts';
import { severityOf, suseVocabulary } from './vocabulary.ts';

/** Increased with every change in how documents are read: records kept by other versions are not used. */
export const readerVersion = 3;

export interface VulnerabilityRecord {
  id: string;
  details: Vulnerability;
  rows: Row[];
  /** Of packages of which nothing else is said. Absent: none. */
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

/**
 * One CSAF-VEX document of SUSE. `known`: the platforms that are compiled.
 * @throws SOURCE_NOT_JSON, SOURCE_TOO_LARGE, SOURCE_MALFORMED with file and JSON pointer in `where`
 */
export function readDocument(
  bytes: Uint8Array,
  tree: string,
  path: string,
  known: ReadonlySet<string>,
): DocumentRecord {
  const read = readRecord(`${tree}#${path}`, () => readParsed(parseCsaf(bytes), path, known));
  if (!(read instanceof ScapfeedError)) return read;
  const { code, message, where, cause } = read;
  const remedy = 'report the document to SUSE; its last good version stays in use';
  throw new ScapfeedError({ code, message, remedy, cause, ...(where ? { where } : {}) });
}

function readParsed(csaf: CsafDocument, path: string, known: ReadonlySet<string>): DocumentRecord {
  const { tracking } = csaf.document ?? {};
  const id = cveId(tracking?.id, '/document/tracking/id');
  const notes = new Notes();
  const vocabulary = suseVocabulary(known);
  const tree = new ProductTree(csaf.product_tree ?? undefined, vocabulary);
  const severity = severityOf(textOrNone(csaf.document?.aggregate_severity?.text)) ?? 'unknown';
  const said = list<CsafVulnerability>(csaf.vulnerabilities, '/vulnerabilities');
  // SUSE has nothing to say of it: no package is named, and none is clean by it.
  if (said.length === 0) notes.doubt('nothing_said', '/vulnerabilities', id);
  const vulnerabilities = said.map((vulnerability, at): VulnerabilityRecord => {
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
    return {
      id: own,
      details: details(own, vulnerability, csaf),
      rows: rowsOf(gathered, (reason, detail) => notes.doubt(reason, `${pointer}/product_status`, detail)),
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

/** The title is the id, and the description is a note of the document. */
function details(id: string, vulnerability: CsafVulnerability, { document }: CsafDocument): Vulnerability {
  const { title, ...rest } = detailsOf(id, { ...vulnerability, notes: document?.notes }, {});
  return title === undefined || title === id ? rest : { ...rest, title };
}
