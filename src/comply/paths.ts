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

/** What was looked at before the search was given up: an image of a million files is not walked for each rule. */
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
  if (reached.has(from) || reached.size > maxVisited) return;
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

function* walkFiles(files: FileView, from: string): Generator<string> {
  for (const directory of walkDirectories(files, from)) {
    for (const name of files.list(directory)) {
      const path = join(directory, name);
      if (isFile(files, path)) yield path;
    }
  }
}

/** All directories below one, itself first, in code-unit order; links are not followed. */
function walkDirectories(files: FileView, from: string): string[] {
  const found: string[] = [];
  const pending = [from];
  for (;;) {
    const directory = pending.pop();
    if (directory === undefined || found.length > maxVisited) return found;
    if (files.stat(directory, directory === from)?.type !== 'directory') continue;
    found.push(directory);
    const children = files.list(directory).map((name) => join(directory, name));
    pending.push(...children.reverse());
  }
}

/** The directory that every match of an anchored pattern lies under; patterns are searched only there. */
export function staticPrefix({ operation, values }: Pick<Condition, 'operation' | 'values'>): string {
  if (operation !== 'pattern match' || values.length !== 1) return '/';
  const text = /^\^((?:\/(?:[\w-]|\\\.)*)+)/.exec(values[0] as string);
  if (!text || (values[0] as string).includes('|')) return '/';
  const whole = (text[1] as string).replaceAll('\\.', '.');
  // A quantifier may follow the last character, so its directory alone is certain.
  return whole.slice(0, whole.lastIndexOf('/')) || '/';
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
