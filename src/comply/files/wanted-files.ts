import type { DigestAlgorithm, Inspection } from '../../model/inventory/index.ts';
import { PathPatterns } from './path-patterns.ts';

/** The files whose contents a benchmark's checks may read; the reader of an image skips all others. */
export interface WantedByChecks extends WantedPaths {
  /** Files whose digests the checks compare: they are hashed while layers are read, and their contents are not kept. */
  digests?: WantedPaths & { algorithms: DigestAlgorithm[] };
}

export interface WantedPaths {
  /** Whole paths, sorted. */
  paths: string[];
  /** Files by place and name; a list that is absent takes any. Patterns are PCRE, searched in the whole text. */
  sets: WantedSet[];
}

export interface WantedSet {
  /** Whole names. */
  names?: string[];
  /** Patterns of the name. */
  namePatterns?: string[];
  /** Folders that the file lies in, or below where `below` is set. */
  folders?: string[];
  below?: true;
  /** Patterns of the folder. */
  folderPatterns?: string[];
  /** Patterns of the whole path. */
  pathPatterns?: string[];
}

/** Selects the files that the reader of an image hashes for these checks; undefined: none. */
export function wantedInspection({ digests }: WantedByChecks): Inspection | undefined {
  return digests && { files: wantedPredicate(digests), digests: digests.algorithms };
}

/** A predicate of wanted files, for the reader of an image. */
export function wantedPredicate({ paths, sets }: WantedPaths): (path: string) => boolean {
  const whole = new Set(paths);
  const patterns = new PathPatterns();
  const tests = sets.map((set) => setPredicate(set, patterns));
  return (path) => whole.has(path) || tests.some((test) => test(path));
}

function setPredicate(
  { names, namePatterns, folders, below, folderPatterns, pathPatterns }: WantedSet,
  patterns: PathPatterns,
): (path: string) => boolean {
  const nameSet = names && new Set(names);
  const folderSet = folders && new Set(folders);
  const [name, folder, whole] = [namePatterns, folderPatterns, pathPatterns].map(
    (each) => each && patterns.any(each),
  );
  return (path) => {
    const slash = path.lastIndexOf('/');
    const at = path.slice(0, slash) || '/';
    const own = path.slice(slash + 1);
    if (nameSet && !nameSet.has(own)) return false;
    if (folderSet && !folderSet.has(at) && !(below && liesBelow(at, folders as string[]))) return false;
    return (!name || name(own)) && (!folder || folder(at)) && (!whole || whole(path));
  };
}

function liesBelow(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => folder === '/' || path === folder || path.startsWith(`${folder}/`));
}

/** The union of the files that several benchmarks need. */
export function joinWanted(all: readonly WantedByChecks[]): WantedByChecks {
  const digests = all.flatMap((wanted) => wanted.digests ?? []);
  const joined = joinPaths(all);
  if (digests.length === 0) return joined;
  const algorithms = [...new Set(digests.flatMap((each) => each.algorithms))].sort();
  return { ...joined, digests: { ...joinPaths(digests), algorithms } };
}

function joinPaths(all: readonly WantedPaths[]): WantedPaths {
  return {
    paths: [...new Set(all.flatMap(({ paths }) => paths))].sort(),
    sets: all.flatMap(({ sets }) => sets),
  };
}
