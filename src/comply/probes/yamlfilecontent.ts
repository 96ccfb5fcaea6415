import { findPaths } from '../files/paths.ts';
import { askedValue, type Conditions } from '../oval/conditions.ts';
import {
  type Collection,
  collection,
  failure,
  type ItemEntity,
  makeItem,
  type OvalItem,
} from '../oval/items.ts';
import { hidesHashes } from './password-hashes.ts';
import type { Probe, ProbeContext } from './probe.ts';
import { evaluateYamlPath, YamlError, type YamlRecord } from './yaml-path.ts';

/** independent yamlfilecontent: the records that a YAML path finds in each file, or in a text that is given. */
export const yamlFileContent: Probe = {
  type: 'independent/yamlfilecontent',
  collect: yamlRecords,
  reads: 'named files',
  digests: 'none',
  shows: { place: ['filepath'] },
  secret: hidesHashes(['value', 'content']),
};

function yamlRecords(conditions: Conditions, context: ProbeContext): Collection {
  const asked = conditions.get('yamlpath');
  const path = asked?.values[0] ?? '';
  try {
    const items: OvalItem[] = [];
    let unread: string | undefined;
    for (const { filepath, origin, text } of yamlTexts(conditions, context)) {
      if (filepath !== undefined) unread ??= context.texts.shortfall(filepath);
      if (text === undefined) continue;
      const records = evaluateYamlPath(text, path);
      if (records.length > 0) items.push(yamlItem(origin, askedValue(asked, path), records));
    }
    return unread === undefined ? collection(items) : { flag: 'incomplete', items, message: unread };
  } catch (error) {
    if (error instanceof YamlError) return failure('error', error.message);
    throw error;
  }
}

/** A file, or a text that the object gives. */
interface YamlText {
  filepath?: string;
  /** Entities that identify the origin of the text. */
  origin: Readonly<Record<string, string | ItemEntity>>;
  /** Undefined: a regular file whose content is not at hand. */
  text: string | undefined;
}

function yamlTexts(conditions: Conditions, { system, texts }: ProbeContext): YamlText[] {
  const content = conditions.get('content');
  if (content)
    return content.values.map((text) => ({ origin: { content: askedValue(content, text) }, text }));
  return findPaths(system.files, conditions).flatMap(({ filepath, path, filename }) => {
    if (filepath === undefined || filename === undefined || system.files.stat(filepath)?.type !== 'file')
      return [];
    return [{ filepath, origin: { filepath, path, filename }, text: texts.read(filepath) }];
  });
}

function yamlItem(
  origin: YamlText['origin'],
  yamlpath: ItemEntity,
  records: readonly YamlRecord[],
): OvalItem {
  const value: ItemEntity[] = records.map((fields) => ({ value: '', datatype: 'record', fields }));
  return makeItem('independent/yamlfilecontent', { ...origin, yamlpath, value });
}
