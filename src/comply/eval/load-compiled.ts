import { formatName } from '../../model/feed/index.ts';
import type { RandomAccess } from '../../model/inventory/index.ts';
import type { Shape } from '../../model/shape.ts';
import { elementKey } from '../content/compiled.ts';
import { corrupt, notAsWritten } from '../content/keyed-lines.ts';
import type { OvalLookup } from '../oval/lookup.ts';
import type { OvalSection } from '../oval/model.ts';
import { CheckedFile, type Cut, type LinePlace, readPlace } from './checked-lines.ts';
import {
  type Buckets,
  type CompiledDefinition,
  type CompiledDocument,
  type CompiledOvalEnd,
  type CompiledOvalHead,
  compiledOvalFormat,
  compiledOvalKind,
  type DefinitionIds,
  type IndexBucket,
  keyHash,
  placeAt,
} from './compiled-form.ts';
import { metadataWith, referencesOf } from './compiled-metadata.ts';
import { elementShape, lineShape } from './compiled-shape.ts';
import type { OvalContent, OvalContentDocument } from './content.ts';

/** Compiled OVAL, opened: its head is parsed, other lines when they are asked for. */
export interface CompiledOval extends OvalContent {
  head: CompiledOvalHead;
  /** The line at a place. @throws CONTENT_MALFORMED */
  line<T>(place: LinePlace, shape: Shape): T;
  /** The lines at these places, of which neighbours in ascending order are read together. @throws CONTENT_MALFORMED */
  lines<T>(places: readonly LinePlace[], shape: Shape, cut?: Cut): Generator<T>;
  /** The error for lines that contradict each other. */
  damaged(how: string): Error;
}

/** Whether a file is compiled OVAL, by its first bytes. */
export function isCompiledOval(file: RandomAccess): boolean {
  return startOf(file) !== undefined;
}

function startOf(file: RandomAccess): string | undefined {
  const start = file.read(0, Math.min(200, file.size)).toString('utf8');
  return start.startsWith('{') && start.includes(`"kind":"${compiledOvalKind}"`) ? start : undefined;
}

/** @throws CONTENT_MALFORMED, here and when a damaged line is read */
export function loadCompiledOval(file: RandomAccess, where: string): CompiledOval {
  const start = startOf(file) ?? '';
  const format = /"format":(\d+)/.exec(start)?.[1];
  if (format !== String(compiledOvalFormat))
    throw corrupt(
      where,
      `expected compiled OVAL of format ${compiledOvalFormat}, found format ${formatName(format && Number(format))}`,
    );
  const lines = new CheckedFile(file, where);
  const end = lines.last<CompiledOvalEnd>(lineShape.end);
  if (end.size !== file.size)
    throw corrupt(where, `the file is damaged: it has ${file.size} bytes, and should have ${end.size}`);
  const head = lines.line<CompiledOvalHead>(end.head, lineShape.head);
  if (head.info.documents.length !== head.documents.length)
    throw damaged(where, 'its head has lost documents');
  return {
    head,
    info: head.info,
    wanted: head.wanted,
    line: (place, shape) => lines.line(place, shape),
    lines: (places, shape, cut) => lines.lines(places, shape, cut),
    damaged: (how) => damaged(where, how),
    documents: head.documents.map((document, at): OvalContentDocument => {
      const elements = new Elements(file, lines, document, at, where);
      const definition = recent((id: string) => elements.get<CompiledDefinition>('definitions', id));
      const lookup: OvalLookup = {
        schemaVersion: document.schemaVersion,
        definition,
        test: recent((id: string) => elements.get('tests', id)),
        object: recent((id: string) => elements.get('objects', id)),
        state: recent((id: string) => elements.get('states', id)),
        variable: (id) => elements.get('variables', id),
        definitionIds: () => lines.line<DefinitionIds>(document.definitions, lineShape.definitionIds).ids,
      };
      return {
        info: head.info.documents[at]!,
        lookup,
        testTypes: document.testTypes,
        metadata: (id) => {
          const metadata = definition(id)?.metadata;
          return metadata
            ? metadataWith(metadata, referencesOf(metadata))
            : { severity: 'unknown', vulnerabilities: [], references: [] };
        },
      };
    }),
  };
}

function damaged(where: string, how: string): Error {
  return corrupt(where, `the file is damaged: ${how}`);
}

/** So many are kept: more than definitions may extend each other in a row (oval/depth.ts). */
const mostKept = 1024;

/** Keeps what was found last: what extends or evaluates the same asks for it over and over, and a report asks again. */
function recent<K, T>(find: (id: K) => T): (id: K) => T {
  const kept = new Map<K, T>();
  return (id) => {
    let found = kept.get(id);
    if (found === undefined) {
      found = find(id);
      if (kept.size === mostKept) kept.clear();
      kept.set(id, found);
    }
    return found;
  };
}

/** Finds elements by their keys, in buckets. */
class Elements {
  readonly #lines: CheckedFile;
  /** Elements of a section that are used one after the other are near each other. */
  readonly #near: (section: OvalSection) => CheckedFile;
  readonly #document: CompiledDocument;
  readonly #at: number;
  readonly #where: string;
  #places: string | undefined;
  readonly #buckets = new Map<number, { keys: readonly string[]; places: readonly string[] }>();

  constructor(file: RandomAccess, lines: CheckedFile, document: CompiledDocument, at: number, where: string) {
    this.#where = where;
    this.#lines = lines;
    this.#near = recent(() => new CheckedFile(file, where));
    this.#document = document;
    this.#at = at;
  }

  get<T>(section: OvalSection, id: string): T | undefined {
    const key = elementKey(this.#at, section, id);
    const { common } = this.#document;
    if (Object.hasOwn(common, key)) {
      const fault = elementShape[section](common[key]);
      if (fault !== undefined) throw corrupt(this.#where, notAsWritten(key, fault));
      return common[key] as T;
    }
    const number = keyHash(key) % this.#document.bucketCount;
    let bucket = this.#buckets.get(number);
    if (!bucket) {
      this.#places ??= this.#lines.line<Buckets>(this.#document.buckets, lineShape.buckets).places;
      const { keys, places } = this.#lines.line<IndexBucket>(placeAt(this.#places, number), lineShape.bucket);
      bucket = { keys, places: places.split(' ') };
      this.#buckets.set(number, bucket);
    }
    const nth = bucket.keys.indexOf(key);
    if (nth === -1) return undefined;
    const place = readPlace(bucket.places[nth] ?? '');
    const line = this.#near(section).line<{ key: string; value: T }>(place, lineShape[section]);
    if (line.key !== key) throw damaged(this.#where, `in the place of ${key} is another line`);
    return line.value;
  }
}
