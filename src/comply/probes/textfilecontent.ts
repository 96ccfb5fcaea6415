import { type FoundPath, findPaths } from '../files/paths.ts';
import { askedValue, type Conditions, type ObjectCondition } from '../oval/conditions.ts';
import {
  type Collection,
  collection,
  failure,
  type ItemEntity,
  makeItem,
  type OvalItem,
} from '../oval/items.ts';
import { compilePattern, type Pattern, PatternError, type PcreFlags } from '../pcre/index.ts';
import { hidesHashes, isCutFromHash } from './password-hashes.ts';
import type { Probe, ProbeContext } from './probe.ts';

/** More matches of one object are not collected; the object is `incomplete` then. */
const maxMatches = 100_000;

/** textfilecontent54: one item for each match of a pattern in each file. */
export const textFileContent54: Probe = {
  type: 'independent/textfilecontent54',
  collect: patternMatches,
  reads: 'named files',
  digests: 'none',
  shows: { place: ['filepath'], values: ['text'] },
  secret: hidesHashes(['text'], ['subexpression', 'line']),
};

function patternMatches(conditions: Conditions, context: ProbeContext): Collection {
  const { behaviors } = conditions;
  return search(context, findPaths(context.system.files, conditions), {
    type: 'independent/textfilecontent54',
    pattern: conditions.get('pattern'),
    instance: conditions.get('instance'),
    flags: {
      ignoreCase: behaviors['ignore_case'] === 'true',
      multiline: behaviors['multiline'] !== 'false',
      dotAll: behaviors['singleline'] === 'true',
    },
  });
}

/** The deprecated textfilecontent: its pattern is called `line`. */
export const textFileContent: Probe = {
  type: 'independent/textfilecontent',
  collect: lineMatches,
  reads: 'named files',
  digests: 'none',
  shows: { place: ['filepath'], values: ['text'] },
  secret: hidesHashes(['text'], ['subexpression', 'line']),
};

function lineMatches(conditions: Conditions, context: ProbeContext): Collection {
  return search(context, findPaths(context.system.files, conditions), {
    type: 'independent/textfilecontent',
    pattern: conditions.get('line'),
    instance: undefined,
    flags: { multiline: true },
  });
}

interface Search {
  type: string;
  pattern: ObjectCondition | undefined;
  instance: ObjectCondition | undefined;
  flags: Partial<PcreFlags>;
}

function search(context: ProbeContext, paths: readonly FoundPath[], wanted: Search): Collection {
  const { pattern, flags } = wanted;
  if (pattern?.operation !== 'pattern match') {
    return failure(
      'error',
      `the operation of a pattern is "pattern match", found "${pattern?.operation ?? 'none'}"`,
    );
  }
  const items: OvalItem[] = [];
  let unread: string | undefined;
  try {
    for (const value of pattern.values) {
      const compiled = compilePattern(value, flags);
      for (const path of paths) {
        const text = textOf(context, path);
        if (path.filepath !== undefined) unread ??= context.texts.shortfall(path.filepath);
        if (text !== undefined) {
          for (const item of matchesIn(text, value, compiled, path, wanted)) {
            if (items.length === maxMatches) {
              return { flag: 'incomplete', items, message: `more than ${maxMatches} matches` };
            }
            items.push(item);
          }
        }
      }
    }
  } catch (error) {
    if (error instanceof PatternError)
      return failure(
        'error',
        `pattern ${pattern.secret ? '(not shown)' : pattern.values[0]}: ${error.message}`,
      );
    throw error;
  }
  return unread === undefined ? collection(items) : { flag: 'incomplete', items, message: unread };
}

function textOf({ texts }: ProbeContext, { filepath }: FoundPath): string | undefined {
  return filepath === undefined ? undefined : texts.read(filepath);
}

function* matchesIn(
  text: string,
  value: string,
  compiled: Pattern,
  path: FoundPath,
  wanted: Search,
): Generator<OvalItem> {
  let instance = 0;
  for (const match of compiled.all(text)) {
    instance += 1;
    if (wanted.instance && wanted.instance.matches(String(instance), 'int') !== 'true') continue;
    const { index, groups } = match;
    const hidden = isCutFromHash(text, index, index + match.text.length);
    const shown = (value: string): ItemEntity => ({ value, ...(hidden && { secret: true }) });
    const values = {
      filepath: path.filepath,
      path: path.path,
      filename: path.filename,
      pattern: askedValue(wanted.pattern, value),
      instance,
      ...(wanted.instance ? {} : { line: askedValue(wanted.pattern, value) }),
      text: shown(match.text),
      ...(groups.length > 0 ? { subexpression: groups.map(shown) } : {}),
    };
    yield makeItem(wanted.type, values, 'exists', () => lineAt(text, index + leadingLines(match.text)));
  }
}

/** Number of the line that a place lies in, from 1. */
function lineAt(text: string, place: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < place; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
}

/** A match of `^\s*` begins with empty lines, before the line that matters. */
function leadingLines(match: string): number {
  return /^\s*/.exec(match)?.[0].length ?? 0;
}
