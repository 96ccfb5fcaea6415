import type { FixState, Severity, Status, Subject, Vulnerability } from '../../model/feed/index.ts';
import type { Note } from '../../sources/csaf/notes.ts';
import type { NamedPackage, UnreadProducts } from '../../sources/csaf/unread.ts';
import type { Stream } from '../../sources/csaf/vocabulary.ts';

/** The trees of Red Hat's CSAF directory that are read; names are input ids, which evidence refers to. */
export const trees = ['redhat-vex', 'redhat-vex-feed', 'redhat-advisories'] as const;

export type Tree = (typeof trees)[number];

/** Statement of one document about one package in one stream, with architectures and repositories merged. */
export interface Row {
  stream: Stream;
  status: Status;
  subject: Subject;
  name: string;
  /** Other containers with the same statement, sorted: a document lists hundreds that are not affected. */
  also?: string[];
  /** Source package of the name, if the document has it; otherwise the name itself. */
  source: string;
  module?: string;
  fixed?: string;
  fixState?: Exclude<FixState, 'available'>;
  reason?: string;
  severity: Severity;
  /** Sorted; absent: the document does not limit it. */
  arch?: string[];
  /** Sorted advisory ids. */
  advisories?: string[];
  /** Number of product ids in this row. */
  count: number;
}

/** One vulnerability of one document. */
export interface VulnerabilityRecord {
  id: string;
  details: Vulnerability;
  rows: Row[];
  /** Packages without any other statement. Absent: none. */
  unread?: UnreadProducts[];
}

/** The packages that a row is about. */
export function packagesOf({
  stream: { platform },
  name,
  also = [],
}: Pick<Row, 'stream' | 'name' | 'also'>): NamedPackage[] {
  return [name, ...also].map((each) => ({ platform, name: each }));
}

/**
 * The used content of one document: a pure function of its bytes, so that it can be kept between builds.
 * Product ids in all product_status lists = `used` + counts of the dropped notes.
 */
export interface DocumentRecord {
  tree: Tree;
  /** Path in the tree: `2024/cve-2024-28834.json`. */
  path: string;
  /** tracking.id: a CVE or an erratum. */
  id: string;
  /** tracking.current_release_date, ISO 8601; renewed by every regeneration. */
  updated: string;
  vulnerabilities: VulnerabilityRecord[];
  /** Errata named by the document: id -> YYYY-MM-DD of release, `''` if it is unknown. */
  errata: Record<string, string>;
  /** Title and severity of the erratum, when the document is one. */
  erratum?: { title?: string; severity?: string };
  /** Platform -> source -> binaries that the document shows with the source's own version. */
  binaries: Record<string, Record<string, string[]>>;
  used: number;
  notes: Note[];
}
