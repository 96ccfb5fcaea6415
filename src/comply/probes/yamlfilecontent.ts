import { findPaths } from '../files/paths.ts';
import type { Conditions } from '../oval/conditions.ts';
import {
  type Collection,
  collection,
  failure,
  type ItemEntity,
  makeItem,
  type OvalItem,
} from '../oval/items.ts';
import type { Probe, ProbeContext } from './probe.ts';
import { evaluateYamlPath, YamlError, type YamlRecord } from './yaml-path.ts';

/** independent yamlfilecontent: the records that a YAML path finds in each file, or in a text that is given. */
export const yamlFileContent: Probe = (conditions, context): Collection => {
  const path = conditions.get('yamlpath')?.values[0] ?? '';
  try {
    const items: OvalItem[] = [];
    let unread: string | undefined;
    for (const { place, text } of sources(conditions, context)) {
      if (place.filepath !== undefined) unread ??= context.texts.shortfall(place.filepath);
      if (text !== undefined) items.push(...itemOf(place, path, evaluateYamlPath(text, path)));
    }
    return unread === undefined ? collection(items) : { flag: 'incomplete', items, message: unread };
  } catch (error) {
    if (error instanceof YamlError) return failure('error', error.message);
    throw error;
  }
};

interface Source {
  place: { filepath?: string; path?: string; filename?: string; content?: string };
  /** Undefined: a regular file whose content is not at hand. */
  text: string | undefined;
}

function sources(conditions: Conditions, { system, texts }: ProbeContext): Source[] {
  const content = conditions.get('content');
  if (content) return content.values.map((text) => ({ place: { content: text }, text }));
  return findPaths(system.files, conditions).flatMap((found) => {
    const { filepath, path, filename } = found;
    if (filepath === undefined || filename === undefined || system.files.stat(filepath)?.type !== 'file')
      return [];
    return [{ place: { filepath, path, filename }, text: texts.read(filepath) }];
  });
}

function itemOf(place: Source['place'], yamlpath: string, records: readonly YamlRecord[]): OvalItem[] {
  if (records.length === 0) return [];
  const value: ItemEntity[] = records.map((fields) => ({ value: '', datatype: 'record', fields }));
  return [makeItem('independent/yamlfilecontent', { ...place, yamlpath, value })];
}
