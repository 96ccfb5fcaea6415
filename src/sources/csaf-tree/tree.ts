import type { FetchContext } from '../contract.ts';

/** A vendor's directory of CSAF documents: where it is, who signs it, and how one of its documents is read. */
export interface CsafTree<R extends TreeRecord = TreeRecord, S extends TreeSummary = TreeSummary> {
  /** Id of the set of its documents, which evidence refers to. */
  id: string;
  /** The source whose snapshots it makes. */
  source: string;
  /** With a slash at its end. */
  url: string;
  /** True of the path of a document. Paths come from the network and become addresses: nothing else is requested. */
  isPath(text: string): boolean;
  /** Armored OpenPGP keys that may sign archive and documents; undefined: none is known, and documents have digests only. */
  signingKeys: string | undefined;
  /** Documents have no digests beside them either. */
  unproven?: true;
  limits: FetchPace;
  /** Share of the documents that may be unreadable before a build is refused; a few may in any case. */
  malformedShare: number;
  malformedFew: number;
  /** Where the operator changes these: `feeds/redhat.json`. */
  definedIn: string;
  /** Part of the names of kept records, so that another reader makes them again. */
  recordsVersion: string;
  /** A pure function of the document. @throws {ScapfeedError} */
  read(bytes: Uint8Array, path: string): R;
  /** The part of every document that a build needs, whichever of its vulnerabilities it reads again. */
  summarize(record: R): S;
  /** The packages that a document which cannot be read names all the same, sorted; default: those of package URLs. */
  named?(text: string): string[];
}

/** One whose documents are in an archive, with a list of changes since. */
export interface ArchivedTree<R extends TreeRecord = TreeRecord, S extends TreeSummary = TreeSummary>
  extends CsafTree<R, S> {
  archive: TreeArchive;
  limits: FetchLimits;
}

/** All documents in one file. */
export interface TreeArchive {
  /** A file of the tree that names the newest one, or the address that it always has. */
  name: { in: string } | { at: string };
  /** Folder in it: `csaf-vex/`. */
  folder?: string;
}

export interface FetchPace {
  /** Documents at a time. */
  concurrency: number;
  /** Wait after the first refusal; doubled after each further one. */
  pauseMilliseconds: number;
  tries: number;
}

export interface FetchLimits extends FetchPace {
  /** With more changed documents than this, the newest archive is fetched instead. */
  archiveAbove: number;
  /** Changes are read again from this long before an archive's day. */
  overlapHours: number;
}

export interface TreeRecord {
  path: string;
  vulnerabilities: readonly unknown[];
}

export interface TreeSummary {
  path: string;
}

/** Context of the steps that fetch one tree. */
export interface TreeFetch<Tree extends CsafTree = CsafTree> {
  tree: Tree;
  context: FetchContext;
}

/** Maximum number of unreadable documents before a build is refused: a share, and at least a few. */
export function malformedBudget(documents: number, { malformedFew, malformedShare }: CsafTree): number {
  return Math.max(malformedFew, Math.floor(documents * malformedShare));
}

/** The path of a file in the archive. */
export function pathInTree(name: string, tree: CsafTree | ArchivedTree): string {
  const { folder = '' } = 'archive' in tree ? tree.archive : {};
  const path = name.replace(/^\.\//, '');
  return path.startsWith(folder) ? path.slice(folder.length) : path;
}
