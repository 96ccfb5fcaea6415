import type { FileView } from '../model/index.ts';
import type { Condition, Conditions } from './conditions.ts';
import type { OvalResult } from './results.ts';

/** A file that an object of path and filename, or of filepath, speaks of. */
export interface FoundPath {
  /** Absent for a directory found by a nil filename. */
  filepath?: string;
  path: string;
  filename?: string;
}

/** Files of an image beyond which a search is given up, as an error. */
export const maxVisited = 5_000_000;

/** A pattern that is none, with its reason. */
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

function findByFilepath(files: FileView, condition: Condition): FoundPath[] {
  const candidates = condition.literals ?? walkFiles(files, staticPrefix(condition));
  const found: FoundPath[] = [];
  for (const candidate of candidates) {
    if (!condition.literals && !holds(condition.matches(candidate))) continue;
    if (condition.literals && !isFile(files, candidate)) continue;
    found.push(split(candidate));
  }
  return found;
}

function split(filepath: string): FoundPath {
  const slash = filepath.lastIndexOf('/');
  return { filepath, path: filepath.slice(0, slash) || '/', filename: filepath.slice(slash + 1) };
}

function filesIn(files: FileView, directory: string, filename: Condition): FoundPath[] {
  const names = filename.literals ?? files.list(directory).filter((name) => holds(filename.matches(name)));
  return names
    .filter((name) => name !== '' && !name.includes('/') && isFile(files, join(directory, name)))
    .map((name) => ({ filepath: join(directory, name), path: directory, filename: name }));
}

/** Anything that is there and no directory itself. */
function isFile(files: FileView, path: string): boolean {
  const stat = files.stat(path, false);
  return stat !== undefined && stat.type !== 'directory';
}

function directoriesOf(
  files: FileView,
  path: Condition,
  behaviors: Readonly<Record<string, string>>,
): string[] {
  const start = path.literals
    ? path.literals.map(withoutSlash).filter((each) => files.stat(each)?.type === 'directory')
    : walkDirectories(files, staticPrefix(path)).filter((each) => holds(path.matches(each)));
  const direction = behaviors['recurse_direction'] ?? 'none';
  if (direction === 'none') return start;
  const depth = Number(behaviors['max_depth'] ?? -1);
  const reached = new Set<string>();
  for (const each of start) {
    if (direction === 'up') climb(each, depth, reached);
    else descend(files, each, depth, behaviors['recurse'] ?? 'symlinks and directories', reached);
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

function descend(files: FileView, from: string, depth: number, recurse: string, reached: Set<string>): void {
  if (reached.has(from)) return;
  if (reached.size > maxVisited) throw new ConditionError(`more than ${maxVisited} directories`);
  reached.add(from);
  if (depth === 0) return;
  for (const name of files.list(from)) {
    const child = join(from, name);
    const stat = files.stat(child, false);
    if (stat?.type === 'directory' && recurse !== 'symlinks')
      descend(files, child, depth - 1, recurse, reached);
    else if (stat?.type === 'symlink' && recurse.includes('symlinks') && leadsDown(files, child, from)) {
      descend(files, child, depth - 1, recurse, reached);
    }
  }
}

/** A link to a directory that is no ancestor of where it stands: following it comes to an end. */
function leadsDown(files: FileView, link: string, from: string): boolean {
  if (files.stat(link)?.type !== 'directory') return false;
  const target = files.stat(link, false)?.target ?? '';
  const absolute = target.startsWith('/') ? target : join(from, target);
  return !target.includes('..') && !`${link}/`.startsWith(`${withoutSlash(absolute)}/`);
}

/** Every directory and every other file of a view, in the order of a walk; made once a view. */
interface Tree {
  directories: string[];
  files: string[];
}

const trees = new WeakMap<FileView, Tree>();

function treeOf(files: FileView): Tree {
  let tree = trees.get(files);
  if (!tree) {
    tree = walk(files);
    trees.set(files, tree);
  }
  return tree;
}

/** Links are not followed. */
function walk(files: FileView): Tree {
  const tree: Tree = { directories: [], files: [] };
  const pending = ['/'];
  for (;;) {
    const directory = pending.pop();
    if (directory === undefined) return tree;
    if (tree.files.length > maxVisited) throw new ConditionError(`more than ${maxVisited} files`);
    tree.directories.push(directory);
    const below: string[] = [];
    for (const name of files.list(directory)) {
      const path = join(directory, name);
      if (files.stat(path, false)?.type === 'directory') below.push(path);
      else tree.files.push(path);
    }
    pending.push(...below.reverse());
  }
}

function walkFiles(files: FileView, prefix: string): string[] {
  return treeOf(files).files.filter((path) => path.startsWith(prefix));
}

function walkDirectories(files: FileView, prefix: string): string[] {
  return treeOf(files).directories.filter((path) => path.startsWith(prefix));
}

/** Text that every match of an anchored pattern begins with: only such paths are put to the pattern. */
export function staticPrefix({ operation, values }: Pick<Condition, 'operation' | 'values'>): string {
  const [pattern] = values;
  if (operation !== 'pattern match' || values.length !== 1 || pattern === undefined) return '';
  // Alternatives outside of groups may each begin otherwise.
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
  return path.length > 1 ? path.replace(/\/+$/, '') || '/' : path;
}

function holds(result: OvalResult): boolean {
  if (result === 'error') throw new ConditionError('a pattern of the object cannot be used');
  return result === 'true';
}
