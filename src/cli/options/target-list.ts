import { existsSync, globSync } from 'node:fs';
import { readAtMost, readOrRefuse } from '../../io/read-at-most.ts';
import { ScapfeedError } from '../../model/error.ts';
import { compareCodeUnits } from '../../model/order.ts';
import { stableImageName } from '../../report/scan/words.ts';
import { usage } from '../../tasks/given-words.ts';
import { isPattern, schemeOf, type TargetChoice } from './targets.ts';

/** Images of one run. */
const mostTargets = 10_000;
const longestList = 4 << 20;

/** One of the images of a run. */
export interface ImageTarget {
  /** As it was given, or the file that a pattern matches. */
  text: string;
  /** The name by which CI systems identify it; no two of a run have the same. */
  name: string;
  /** A pattern that matches nothing is no image. */
  fault?: ScapfeedError;
}

export interface TargetList {
  targets: readonly ImageTarget[];
  /** Images that were given more than once. */
  repeated: readonly string[];
}

/**
 * The images that operands, patterns and a file name, in their order; the matches of a pattern are sorted.
 * @throws {ScapfeedError} USAGE
 */
export function readTargets(command: string, { operands, file }: TargetChoice): TargetList {
  const given = [...operands, ...(file === undefined ? [] : linesOf(file))];
  const found = given.flatMap(expanded);
  if (found.length === 0)
    throw usage(command, `${file} names no image`, 'write one reference a line; # begins a comment');
  if (found.length > mostTargets)
    throw usage(command, `${found.length} images are given, of ${mostTargets} at most`, 'take them in parts');
  requireOneReader(command, given, file);
  const byText = new Map<string, Omit<ImageTarget, 'name'>>();
  const repeated = new Set<string>();
  for (const each of found) {
    if (byText.has(each.text)) repeated.add(each.text);
    else byText.set(each.text, each);
  }
  const distinct = [...byText.values()];
  const names = uniqueNames(distinct.map(({ text }) => text));
  return {
    targets: distinct.map((target, at) => ({ ...target, name: names[at]! })),
    repeated: [...repeated],
  };
}

function linesOf(file: string): string[] {
  return contentOf(file)
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .map((line) => line.replace(/(?:^|\s)#.*$/, '').trim())
    .filter((line) => line !== '');
}

function contentOf(file: string): string {
  const read = () => new TextDecoder('utf-8', { fatal: true }).decode(readAtMost(file, longestList));
  return readOrRefuse(read, {
    ...{ code: 'USAGE', what: 'the list of images', where: file === '-' ? 'stdin' : file },
    remedy: 'specify with --targets a text file that has one reference per line',
  });
}

function expanded(text: string): Omit<ImageTarget, 'name'>[] {
  if (!isPattern(text)) return [{ text }];
  const scheme = schemeOf(text);
  const matches = globSync(text.slice(scheme.length)).sort(compareCodeUnits);
  if (matches.length > 0) return matches.map((path) => ({ text: `${scheme}${path}` }));
  const fault = new ScapfeedError({
    code: 'IMAGE_NOT_FOUND',
    message: `no file matches ${text}`,
    where: text,
    remedy: 'correct the pattern, or remove it',
  });
  return [{ text, fault }];
}

/** Stdin can be read once. */
function requireOneReader(command: string, given: readonly string[], file: string | undefined): void {
  const readers = new Set(given.filter((text) => text === '-' || text === 'sbom:-'));
  if (readers.size + (file === '-' ? 1 : 0) < 2) return;
  throw usage(command, 'stdin can be read once only', 'specify files for the others');
}

/** The shortest texts that distinguish the targets: unique names, else with the parts that were cut off, else with numbers. */
function uniqueNames(texts: readonly string[]): string[] {
  const short = texts.map((text) =>
    stableImageName(schemeOf(text) === '' && existsSync(text) ? `tar:${text}` : text),
  );
  const counts = new Map<string, number>();
  for (const name of short) counts.set(name, (counts.get(name) ?? 0) + 1);
  const taken = new Set<string>();
  return texts.map((text, at) => {
    const wanted = counts.get(short[at]!) === 1 ? short[at]! : wholeName(text);
    let name = wanted;
    for (let nth = 2; taken.has(name); nth++) name = `${wanted}-${nth}`;
    taken.add(name);
    return name;
  });
}

function wholeName(text: string): string {
  return (
    text
      .slice(schemeOf(text).length)
      .replace(/[^A-Za-z0-9._/-]/g, '-')
      .replace(/^[./-]+/, '') || 'image'
  );
}
