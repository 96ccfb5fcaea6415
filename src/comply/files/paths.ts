import type { FileView } from '../../model/inventory/index.ts';
import type { Conditions, ObjectCondition } from '../oval/conditions.ts';
import type { OvalResult } from '../values/result.ts';

/** A file that an object selects by `path` and `filename`, or by `filepath`. */
export interface FoundPath {
  /** Absent for a directory found by a nil filename. */
  filepath?: string;
  path: string;
  filename?: string;
}

/** A search that visits more files ends as an error. */
const maxVisited = 5_000_000;

/** A condition cannot be applied, for example because its pattern is invalid. */
export class ConditionError extends Error {}

/** Files that match an object's `filepath`, or its `path` and `filename`, under its behaviors; in code-unit order. */
export function findPaths(files: FileView, conditions: Conditions): FoundPath[] {
  const filepath = conditions.get('filepath');
  if (filepath) return findByFilepath(files, filepath);
  const path = conditions.get('path');
  const filename = conditions.get('filename');
  if (!path || !filename) return [];
  const found: FoundPath[] = [];
  for (const directory of directoriesOf(files, path, conditions.behaviors)) {
    if (filename.nil) found.push({ path: directory });
    else found.push(...filesIn(files, directory, filename));
  }
  return found;
}

function findByFilepath(files: FileView, condition: ObjectCondition): FoundPath[] {
  const { literals } = condition;
  if (literals) return literals.filter((path) => isFile(files, path)).map(split);
  return filesBelow(files, staticPrefix(condition))
    .filter((path) => holds(condition.matches(path)))
    .map(split);
}

function split(filepath: string): FoundPath {
  const slash = filepath.lastIndexOf('/');
  return { filepath, path: filepath.slice(0, slash) || '/', filename: filepath.slice(slash + 1) };
}

function filesIn(files: FileView, directory: string, filename: ObjectCondition): FoundPath[] {
  const names = filename.literals ?? files.list(directory).filter((name) => holds(filename.matches(name)));
  return names
    .filter((name) => name !== '' && !name.includes('/') && isEntry(files, join(directory, name)))
    .map((name) => ({ filepath: join(directory, name), path: directory, filename: name }));
}

/** Whether a filepath can select it: not a directory or a link to one; a broken link is a file. */
function isFile(files: FileView, path: string): boolean {
  const type = files.stat(path, false)?.type;
  return type === 'symlink'
    ? files.stat(path)?.type !== 'directory'
    : type !== undefined && type !== 'directory';
}

/** Whether a filename can select it: anything but a directory; a link to one is not a directory. */
function isEntry(files: FileView, path: string): boolean {
  const type = files.stat(path, false)?.type;
  return type !== undefined && type !== 'directory';
}

function directoriesOf(
  files: FileView,
  path: ObjectCondition,
  behaviors: Readonly<Record<string, string>>,
): string[] {
  const start = path.literals
    ? path.literals.map(withoutSlash).filter((each) => files.stat(each)?.type === 'directory')
    : directoriesBelow(files, staticPrefix(path)).filter((each) => holds(path.matches(each)));
  const direction = behaviors['recurse_direction'] ?? 'none';
  if (direction === 'none') return start;
  const depth = Number(behaviors['max_depth'] ?? -1);
  const reached = new Set<string>();
  for (const each of start) {
    if (direction === 'up') climb(each, depth, reached);
    else for (const { path } of walk(files, each, depth, behaviors['recurse'])) reached.add(path);
  }
  return [...reached];
}

function climb(from: string, depth: number, reached: Set<string>): void {
  let at = from;
  for (let left = depth; ; left -= 1) {
    reached.add(at);
    if (at === '/' || left === 0) return;
    at = at.slice(0, at.lastIndexOf('/')) || '/';
  }
}

interface Directory {
  path: string;
  /** The same without links. */
  real: string;
  /** Remaining levels to descend; negative: unlimited. */
  depth: number;
  above: Directory | undefined;
}

/** A directory with what is in it; of the lowest that is entered, nothing is read. */
interface Visit {
  path: string;
  entries: readonly Entry[];
}

interface Entry {
  name: string;
  isLink: boolean;
  isFile: boolean;
  /** The directory that it is or leads to, without links. */
  directory: string | undefined;
}

/**
 * A directory and those below it, also through links: on a merged /usr, both /bin and /usr/bin are walked. A link to a
 * directory that is being walked is not followed, so every walk ends. Each directory is read once, however many paths lead to
 * it: a few directories that link to each other can have a hundred thousand.
 */
function* walk(
  files: FileView,
  from: string,
  depth = -1,
  recurse = 'symlinks and directories',
): Generator<Visit> {
  const known = new Map<string, readonly Entry[]>();
  const entriesOf = (real: string): readonly Entry[] => {
    const entries = known.get(real) ?? readEntries(files, real);
    known.set(real, entries);
    return entries;
  };
  const pending: Directory[] = [{ path: from, real: files.real(from) ?? from, depth, above: undefined }];
  for (let visited = 1; ; visited += 1) {
    const directory = pending.pop();
    if (!directory) return;
    if (visited > maxVisited) throw new ConditionError(`more than ${maxVisited} directories`);
    const entries = directory.depth === 0 ? [] : entriesOf(directory.real);
    yield { path: directory.path, entries };
    for (const entry of entries.toReversed()) {
      const below = isEntered(entry, recurse) && !isWithin(directory, entry.directory);
      if (!below || entry.directory === undefined) continue;
      pending.push({
        path: join(directory.path, entry.name),
        real: entry.directory,
        depth: directory.depth - 1,
        above: directory,
      });
    }
  }
}

function readEntries(files: FileView, directory: string): Entry[] {
  return files.list(directory).map((name) => {
    const path = join(directory, name);
    const type = files.stat(path, false)?.type;
    const isLink = type === 'symlink';
    const leadsToDirectory = type === 'directory' || (isLink && files.stat(path)?.type === 'directory');
    return {
      name,
      isLink,
      isFile: type !== undefined && !leadsToDirectory,
      directory: leadsToDirectory ? (isLink ? files.real(path) : path) : undefined,
    };
  });
}

function isEntered({ isLink }: Entry, recurse: string): boolean {
  return isLink ? recurse.includes('symlinks') : recurse !== 'symlinks';
}

/** Whether a directory, without links, is one of those that the walk is in. */
function isWithin(directory: Directory, real: string | undefined): boolean {
  for (let above: Directory | undefined = directory; above; above = above.above) {
    if (above.real === real) return true;
  }
  return false;
}

/** Directories and files of a subtree in the order of a walk; kept, because content asks for the same ones again. */
interface Tree {
  directories: string[];
  files: string[];
}

const trees = new WeakMap<FileView, Map<string, Tree>>();

function treeBelow(files: FileView, from: string): Tree {
  const known = trees.get(files) ?? new Map<string, Tree>();
  trees.set(files, known);
  const tree = known.get(from) ?? growTree(files, from);
  known.set(from, tree);
  return tree;
}

function growTree(files: FileView, from: string): Tree {
  const tree: Tree = { directories: [], files: [] };
  if (files.stat(from)?.type !== 'directory') return tree;
  for (const { path, entries } of walk(files, from)) {
    tree.directories.push(path);
    for (const { name, isFile } of entries) if (isFile) tree.files.push(join(path, name));
    if (tree.files.length > maxVisited) throw new ConditionError(`more than ${maxVisited} files`);
  }
  return tree;
}

function filesBelow(files: FileView, prefix: string): string[] {
  return treeBelow(files, folderOf(prefix)).files.filter((path) => path.startsWith(prefix));
}

function directoriesBelow(files: FileView, prefix: string): string[] {
  return treeBelow(files, folderOf(prefix)).directories.filter((path) => path.startsWith(prefix));
}

/** The deepest folder that has all paths of a prefix. */
function folderOf(prefix: string): string {
  return prefix.slice(0, Math.max(1, prefix.lastIndexOf('/'))) || '/';
}

/** The text that every match of an anchored pattern begins with: only such paths are tested. */
export function staticPrefix({ operation, values }: Pick<ObjectCondition, 'operation' | 'values'>): string {
  const [pattern] = values;
  if (operation !== 'pattern match' || values.length !== 1 || pattern === undefined) return '';
  // Top-level alternatives may begin differently.
  if (/\|/.test(pattern.replace(/\\.|\((?:[^()\\]|\\.)*\)/g, ''))) return '';
  const text = /^\^((?:[\w/-]|\\[./-])*)/.exec(pattern)?.[1] ?? '';
  const rest = pattern.slice(text.length + 1);
  const literal = text.replaceAll('\\', '');
  return /^[*?{]/.test(rest) ? literal.slice(0, -1) : literal;
}

export function join(directory: string, name: string): string {
  return directory.endsWith('/') ? directory + name : `${directory}/${name}`;
}

function withoutSlash(path: string): string {
  return path.length > 1 ? path.replace(/(?<!\/)\/+$/, '') || '/' : path;
}

function holds(result: OvalResult): boolean {
  if (result === 'error') throw new ConditionError('a pattern of the object cannot be used');
  return result === 'true';
}
