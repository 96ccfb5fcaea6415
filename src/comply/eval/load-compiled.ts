import { crc32 } from 'node:zlib';
import { formatName, type RandomAccess } from '../../model/index.ts';
import { elementKey } from '../content/compiled.ts';
import { corrupt } from '../content/corrupt.ts';
import { KeyedLines } from '../content/keyed-lines.ts';
import type { OvalLookup } from '../oval/lookup.ts';
import type { OvalSection } from '../oval/model.ts';
import {
  type CompiledDefinition,
  type CompiledOvalHead,
  checksumLine,
  compiledOvalFormat,
  compiledOvalKind,
  type DefinitionRecord,
  type Place,
} from './compiled-form.ts';
import type { OvalContent, OvalContentDocument } from './content.ts';
import { noMetadata } from './metadata.ts';

/** Compiled OVAL, opened: its first line is parsed, the others when they are asked for. */
export interface CompiledOval extends OvalContent {
  head: CompiledOvalHead;
  /** The line at a place. */
  line<T>(place: Place): T;
}

/** Whether a file is compiled OVAL, by its first bytes. */
export function isCompiledOval(file: RandomAccess): boolean {
  const start = file.read(0, 200).toString('utf8');
  return start.startsWith('{') && start.includes(`"kind":"${compiledOvalKind}"`);
}

/** @throws CONTENT_MALFORMED */
export function loadCompiledOval(file: RandomAccess, where: string): CompiledOval {
  const first = firstLine(file);
  if (!first) throw corrupt(where, 'compiled OVAL has several lines');
  const head = parsed(first, where) as CompiledOvalHead;
  if (head.kind !== compiledOvalKind || head.format !== compiledOvalFormat)
    throw corrupt(
      where,
      `expected compiled OVAL of format ${compiledOvalFormat}, found format ${formatName(head.format)}`,
    );
  const start = first.length + 1;
  const size = file.size - checksumLine(0).length;
  if (size < start) throw corrupt(where, 'the file ends too early');
  if (file.read(size, file.size - size).toString() !== checksumLine(sumOf(file, size)))
    throw corrupt(where, 'the file is damaged or cut: its checksum is another');
  const keyed = new KeyedLines({ size, read: (at, length) => file.read(at, length) }, start + head.elements);
  const line = <T>([at, length]: Place): T => parsed(file.read(start + at, length), where) as T;
  return {
    head,
    info: head.info,
    wanted: head.wanted,
    line,
    documents: head.documents.map(({ schemaVersion, testTypes }, at): OvalContentDocument => {
      const get = <T>(section: OvalSection, id: string): T | undefined => {
        try {
          return keyed.get(elementKey(at, section, id)) as T | undefined;
        } catch (cause) {
          throw corrupt(where, 'a line of compiled OVAL is no JSON', cause);
        }
      };
      const definition = (id: string) => {
        const found = get<CompiledDefinition>('definitions', id);
        return found?.record ? { ...found, title: line<DefinitionRecord>(found.record).title } : found;
      };
      const lookup: OvalLookup = {
        schemaVersion,
        definition,
        test: (id) => get('tests', id),
        object: (id) => get('objects', id),
        state: (id) => get('states', id),
        variable: (id) => get('variables', id),
        definitionIds: () => {
          const prefix = elementKey(at, 'definitions', '');
          return keyed.keys(prefix).map((key) => key.slice(prefix.length));
        },
      };
      return {
        info: head.info.documents[at]!,
        lookup,
        testTypes,
        metadata: (id) => {
          const found = get<CompiledDefinition>('definitions', id);
          return found?.record
            ? line<DefinitionRecord>(found.record).metadata
            : (found?.metadata ?? noMetadata);
        },
      };
    }),
  };
}

function sumOf(file: RandomAccess, size: number): number {
  let sum = 0;
  for (let at = 0; at < size; at += pieceBytes)
    sum = crc32(file.read(at, Math.min(pieceBytes, size - at)), sum);
  return sum;
}

const pieceBytes = 1 << 20;

function firstLine(file: RandomAccess): Buffer | undefined {
  for (let length = 1 << 18; ; length *= 4) {
    const bytes = file.read(0, Math.min(length, file.size));
    const end = bytes.indexOf(0x0a);
    if (end !== -1) return bytes.subarray(0, end);
    if (length >= file.size) return undefined;
  }
}

function parsed(line: Buffer, where: string): unknown {
  try {
    return JSON.parse(line.toString('utf8'));
  } catch (cause) {
    throw corrupt(where, 'a line of compiled OVAL is no JSON', cause);
  }
}
