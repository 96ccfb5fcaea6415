import { existsSync } from 'node:fs';
import { isMap, isScalar, isSeq, type YAMLMap } from 'yaml';
import { readAtMost } from '../io/read-at-most.ts';
import { ScapfeedError } from '../model/error.ts';
import { nowWritten } from '../model/former-words.ts';
import { nearest } from '../model/nearest.ts';
import { readYaml, type YamlText } from '../policy/yaml-text.ts';
import type { Option, OptionTable } from '../tasks/option.ts';
import type { ConfigPlace } from './config-place.ts';
import { knownVariables, type Level, type OptionNames, type Setting, scopesOf } from './settings.ts';

/** A value of the file: texts, or whether a flag is set. */
interface ConfigValue {
  value: boolean | readonly string[];
  isList: boolean;
  line: number;
}

/** A file of options: those of all commands under the empty name, those of one command under its own. */
export interface ConfigFile {
  file: string;
  sections: ReadonlyMap<string, ReadonlyMap<string, ConfigValue>>;
}

/**
 * Reads a file of options. A name that is a mapping is a command's, all others are options.
 * @throws {ScapfeedError} CONFIG_INVALID for names that no command knows, too
 */
export function readConfig({ file }: ConfigPlace, names: OptionNames): ConfigFile {
  const yaml = yamlOf(contentOf(file), file);
  const sections = new Map<string, Map<string, ConfigValue>>([['', new Map()]]);
  const known = [...new Set(Object.values(names).flat())];
  for (const { key, value } of yaml.top?.items ?? []) {
    const name = nameOf(key, file, yaml);
    const where = `${file}:${yaml.lineOf(key)}`;
    if (!isMap(value)) {
      requireName(name, known, where, 'no command has an option', Object.keys(names));
      sections.get('')!.set(name, settingOf(value, where, name, yaml.lineOf(key)));
      continue;
    }
    requireName(name, Object.keys(names), where, noCommand, []);
    sections.set(name, sectionOf(value as YAMLMap, { command: name, known: names[name]!, file }, yaml));
  }
  return { file, sections };
}

/** The document of a file of options that is to be changed; empty where there is none yet. */
export function configYaml(file: string): YamlText {
  return yamlOf(existsSync(file) ? contentOf(file) : Buffer.alloc(0), file);
}

function yamlOf(bytes: Buffer, file: string): YamlText {
  return readYaml(bytes, file, 'a mapping of options', invalid);
}

function sectionOf(
  map: YAMLMap,
  { command, known, file }: { command: string; known: readonly string[]; file: string },
  yaml: YamlText,
): Map<string, ConfigValue> {
  const section = new Map<string, ConfigValue>();
  for (const { key, value } of map.items) {
    const name = nameOf(key, file, yaml);
    const where = `${file}:${yaml.lineOf(key)}`;
    requireName(name, known, where, `${command} has no option`, []);
    section.set(name, settingOf(value, where, name, yaml.lineOf(key)));
  }
  return section;
}

const noCommand = 'there is no command';

/** Options that have no effect in the file, because it has been read by then. */
const notHere = ['config', 'no-config'];

function requireName(
  name: string,
  known: readonly string[],
  where: string,
  fault: string,
  others: readonly string[],
): void {
  if (known.includes(name)) {
    if (notHere.includes(name) && fault !== noCommand)
      throw invalid(`${name} cannot be set in a file of options`, where);
    return;
  }
  if (others.includes(name)) throw invalid(`${name}: expected a mapping of options of the command`, where);
  const bare = name.replace(/^--/, '').replaceAll('_', '-').toLowerCase();
  const now = nowWritten(bare, known);
  if (now) throw invalid(`${fault} ${name}; write ${now.option}: ${now.value}`, where);
  const near = known.includes(bare) ? bare : nearest(bare, [...known]);
  throw invalid(`${fault} ${name}${near === undefined ? '' : `; did you mean ${near}?`}`, where);
}

function nameOf(key: unknown, file: string, { lineOf }: YamlText): string {
  if (isScalar(key) && typeof key.value === 'string') return key.value;
  throw invalid('expected the name of an option or command', `${file}:${lineOf(key)}`);
}

function settingOf(node: unknown, where: string, name: string, line: number): ConfigValue {
  if (isSeq(node)) {
    // An empty list would override other places, and with it a gate would be lost.
    if (node.items.length === 0) throw invalid(`${name}: expected a value in the list, or no ${name}`, where);
    return { value: node.items.map((item) => textOf(item, where, name)), isList: true, line };
  }
  const isTruth = isScalar(node) && typeof node.value === 'boolean';
  const value = isTruth ? (node.value as boolean) : [textOf(node, where, name)];
  return { value, isList: false, line };
}

/** As it is written: `7`, `0.10`. */
function textOf(node: unknown, where: string, name: string): string {
  if (isScalar(node) && typeof node.value === 'string' && node.value !== '') return node.value;
  if (isScalar(node) && typeof node.value === 'number') return node.source ?? String(node.value);
  throw invalid(`${name}: expected text or a number; quote what is something else`, where);
}

/** The file's settings for a command's options, the strongest first. */
export function fileLevels(command: string, table: OptionTable, { file, sections }: ConfigFile): Level[] {
  return [...scopesOf(command), ''].map((scope) => {
    const level = new Map<string, Setting>();
    for (const [name, given] of sections.get(scope) ?? []) {
      const option = table[name];
      // Another command has it.
      if (option === undefined || (scope === '' && option.variable === 'nobody')) continue;
      const as = `${file}:${given.line}: ${name}`;
      level.set(name, { texts: textsOf(option, given, as), from: 'file', as });
    }
    return level;
  });
}

function textsOf(
  { kind, repeatable }: Option,
  { value, isList }: ConfigValue,
  as: string,
): readonly string[] {
  if (kind === 'flag') {
    if (typeof value === 'boolean') return value ? [''] : [];
    throw invalid('expected true or false', as);
  }
  if (typeof value === 'boolean') throw invalid(`expected a text; write it as "${value}"`, as);
  if (isList && !repeatable) throw invalid('expected one value, found a list', as);
  return value;
}

/** Messages about variables that no command knows. */
export function unknownVariables(strange: readonly string[], names: OptionNames): string[] {
  const known = knownVariables(names);
  return strange
    .filter((name) => !known.includes(name))
    .sort()
    .map((name) => {
      const near = nearest(
        name.slice('SCAPFEED_'.length),
        known.map((each) => each.slice('SCAPFEED_'.length)),
      );
      const meant = near === undefined ? '' : `; did you mean SCAPFEED_${near}?`;
      return `unknown variable ${name}${meant}`;
    });
}

/** More than YAML may have, and few enough to be read from a device that has no end. */
const longestFile = 2 << 20;

function contentOf(file: string): Buffer {
  try {
    return readAtMost(file, longestFile);
  } catch (cause) {
    throw invalid(`the configuration cannot be read: ${(cause as Error).message}`, file, cause);
  }
}

function invalid(message: string, where: string, cause?: unknown): ScapfeedError {
  return new ScapfeedError({
    code: 'CONFIG_INVALID',
    message,
    where,
    remedy: 'correct it; `scapfeed config` looks at it alone, and docs/configuration.md describes it',
    ...(cause === undefined ? {} : { cause }),
  });
}
