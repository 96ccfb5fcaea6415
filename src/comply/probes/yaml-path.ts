import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  type Node,
  Parser,
  parseAllDocuments,
  type Scalar,
  visit,
} from 'yaml';
import type { ItemEntity } from '../oval/items.ts';
import { floatText } from '../values/simple.ts';

/** Invalid YAML, a value that does not fit its tag, or a path that is not supported. */
export class YamlError extends Error {}

/** A value as an OVAL record: fields by name; a value without keys is the field `#`. */
export type YamlRecord = Record<string, ItemEntity[]>;

/** Larger documents are refused: aliases and flow collections cost far more memory than their text. */
export const maxYamlLength = 4 * 1024 * 1024;

/** Collections inside each other; those of people and programs have some dozens. */
const maxNesting = 400;

/** Nodes that a path may select: nested aliases can turn a small document into billions. */
const maxNodes = 300_000;

/**
 * Records that a YAML path (`.spec.items[:]['name','kind']`, `&anchor`, `.*`) finds in the documents of a text. A map is a
 * record; so is a list of values without keys, and in a list of lists each of them.
 */
export function evaluateYamlPath(text: string, path: string): YamlRecord[] {
  if (text.length > maxYamlLength)
    throw new YamlError(`the document is longer than ${maxYamlLength} characters`);
  const walker = new PathWalker();
  const found = documentsOf(text).flatMap((document) => {
    const selected = walker.select(document, path);
    return selected.flatMap((each) => itemsOf(each, document) ?? [each]).map((each) => ({ each, document }));
  });
  return recordsOf(found);
}

function documentsOf(text: string): Document[] {
  const documents = parseAll(text);
  const [fault] = documents.flatMap(({ errors }) => errors);
  if (fault) throw new YamlError(fault.message.split('\n')[0] ?? 'not YAML');
  documents.forEach(demandUniqueKeys);
  return documents;
}

function parseAll(text: string): Document[] {
  demandShallow(text);
  try {
    const documents = parseAllDocuments(text, {
      keepSourceTokens: false,
      logLevel: 'silent',
      uniqueKeys: false,
    });
    return 'empty' in documents ? [] : documents;
  } catch (error) {
    if (error instanceof RangeError) throw new YamlError('the document is nested too deeply');
    throw error;
  }
}

/**
 * Nodes are composed by recursion. That may run out of stack in the middle of a regular expression, which ends the process where
 * anything else is a RangeError. Tokens are parsed with a stack of their own.
 */
function demandShallow(text: string): void {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    // Tokens are of no interest here, but come only when they are asked for.
    for (const _ of parser.next(lexeme));
    if (parser.stack.length > maxNesting) throw new YamlError('the document is nested too deeply');
  }
}

/** The parser's own check compares each key with each. */
function demandUniqueKeys(document: Document): void {
  visit(document, {
    Map: (_, { items }) => {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        const name = isScalar(key) ? key.value : key;
        if (seen.has(name)) throw new YamlError(`Map keys must be unique, found "${String(name)}" twice`);
        seen.add(name);
      }
    },
  });
}

/** The selection of a path: a node, or the nodes of a slice. */
type Selected = Node | Selected[];

class PathWalker {
  #left = maxNodes;

  /** Nothing or one thing. */
  select(document: Document, path: string): Selected[] {
    const anchor = /^&([^\s.[\]]+)/.exec(path);
    let selected: Selected[] = anchor
      ? anchored(document, anchor[1] as string)
      : [document.contents as Node | null].filter(present);
    let rest = anchor ? path.slice(anchor[0].length) : path;
    while (rest !== '' && rest !== '.') {
      const segment = segmentOf(rest, path);
      selected = selected.flatMap((each) => this.#take(segment, each, document));
      rest = rest.slice(segment.length);
    }
    return selected;
  }

  /** Takes a step from each node of a slice; nodes without such a child are left out. */
  #take(segment: Segment, from: Selected, document: Document): Selected[] {
    if (Array.isArray(from)) {
      const taken = from.flatMap((each) => this.#take(segment, each, document));
      return taken.length > 0 ? [taken] : [];
    }
    const taken = segment.take(resolve(from, document), document);
    this.#left -= 1 + (Array.isArray(taken) ? taken.length : 0);
    if (this.#left < 0) throw new YamlError(`the path comes to more than ${maxNodes} nodes`);
    return taken === undefined ? [] : [taken];
  }
}

interface Segment {
  length: number;
  take(node: Node | undefined, document: Document): Selected | undefined;
}

function segmentOf(rest: string, path: string): Segment {
  const all = /^(?:\.\*|\[\*\])/.exec(rest);
  if (all) return { length: all[0].length, take: (node) => sliced(node, '', '') };
  const key = /^\.?([\w$/^-]+)/.exec(rest);
  if (key) return { length: key[0].length, take: (node) => child(node, key[1] as string) };
  const slice = /^\[(-?\d*):(-?\d*)\]/.exec(rest);
  if (slice) return { length: slice[0].length, take: (node) => sliced(node, slice[1] ?? '', slice[2] ?? '') };
  // An index without a number is 0, as in oscap; content for OpenShift uses it.
  const index = /^\[(-?\d*)\]/.exec(rest);
  if (index) return { length: index[0].length, take: (node) => listOf(node)?.at(Number(index[1])) };
  const indexes = /^\[(\d+(?:\s*,\s*\d+)+)\]/.exec(rest);
  if (indexes) {
    const wanted = new Set((indexes[1] as string).split(',').map(Number));
    return { length: indexes[0].length, take: (node) => listOf(node)?.filter((_, at) => wanted.has(at)) };
  }
  const keys = /^\[((?:'[^']*'|"[^"]*")(?:\s*,\s*(?:'[^']*'|"[^"]*"))*)\]/.exec(rest);
  if (keys) {
    const names = (keys[1] as string).split(/\s*,\s*/).map((name) => name.slice(1, -1));
    const [only = ''] = names;
    return {
      length: keys[0].length,
      take: (node, document) => (names.length === 1 ? child(node, only) : reduced(node, names, document)),
    };
  }
  throw new YamlError(`the path ${path} is not supported at "${rest.slice(0, 20)}"`);
}

function child(node: Node | undefined, key: string): Node | undefined {
  if (!isMap(node)) return undefined;
  const pair = node.items.find((each) => keyText(each.key) === key);
  return (pair?.value as Node | null | undefined) ?? undefined;
}

/** A key as it is written: 1 and true are names too. */
function keyText(key: unknown): string {
  return isScalar(key) ? (key.source ?? String(key.value)) : String(key);
}

/** Part of a list; a map with selected keys keeps its lists. */
function sliced(node: Node | undefined, from: string, to: string): Selected | undefined {
  if (isMap(node)) return node;
  return listOf(node)?.slice(from === '' ? 0 : Number(from), to === '' ? undefined : Number(to));
}

function listOf(node: Node | undefined): Node[] | undefined {
  return isSeq(node) ? (node.items as Node[]) : undefined;
}

/** A map with only some of its keys. */
function reduced(node: Node | undefined, names: readonly string[], document: Document): Node | undefined {
  if (!isMap(node)) return undefined;
  const kept = node.items.filter(({ key }) => names.includes(keyText(key)));
  if (kept.length === 0) return undefined;
  const part = document.createNode({}) as unknown as { items: unknown[] };
  part.items = kept;
  return part as unknown as Node;
}

function anchored(document: Document, name: string): Node[] {
  const found: Node[] = [];
  visit(document, {
    Node: (_, node) => {
      if (!isAlias(node) && node.anchor === name) found.push(node);
    },
  });
  return found;
}

/** The items of a list or of a slice; undefined: it is neither. */
function itemsOf(selected: Selected, document: Document): Selected[] | undefined {
  return Array.isArray(selected) ? selected : listOf(resolve(selected, document));
}

function recordsOf(found: readonly { each: Selected; document: Document }[]): YamlRecord[] {
  const records: YamlRecord[] = [];
  const plain: ItemEntity[] = [];
  for (const { each, document } of found) {
    const list = itemsOf(each, document);
    const value = list || Array.isArray(each) ? undefined : resolve(each, document);
    if (list) records.push({ '#': list.map((item) => plainScalar(item, document)) });
    else if (isMap(value))
      records.push(mapRecord(value.items as { key: unknown; value: unknown }[], document));
    else if (isScalar(value)) plain.push(scalarOf(value));
  }
  const all = [...records, { '#': plain }];
  return all.filter((record) => Object.values(record).some((values) => values.length > 0));
}

function mapRecord(items: readonly { key: unknown; value: unknown }[], document: Document): YamlRecord {
  const record: YamlRecord = {};
  for (const { key, value } of items)
    record[fieldName(keyText(key))] = value ? scalarsOf(resolve(value as Node, document), document) : [];
  return record;
}

/** Field names have no upper case: `^` marks each such letter, and itself. */
function fieldName(key: string): string {
  return key.replace(/[A-Z^]/g, (letter) => `^${letter.toLowerCase()}`);
}

function scalarsOf(node: Node | undefined, document: Document): ItemEntity[] {
  if (isScalar(node)) return [scalarOf(node)];
  const list = listOf(node);
  if (list) return list.map((item) => plainScalar(item, document));
  throw new YamlError('a map inside of a map is no value');
}

function plainScalar(item: Selected, document: Document): ItemEntity {
  const value = Array.isArray(item) ? undefined : resolve(item, document);
  if (!isScalar(value))
    throw new YamlError('lists of more than two levels, or with maps below the first, are no value');
  return scalarOf(value);
}

const booleans = /^(?:true|True|TRUE|false|False|FALSE)$/;
const integers = /^(?:[-+]?\d+|0o[0-7]+|0x[\da-fA-F]+)$/;
const floats = /^(?:[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;

/** A plain scalar has the type that its text has in YAML's core schema, a quoted one is a string; a tag overrules both. */
function scalarOf(node: Scalar): ItemEntity {
  const text = node.source ?? String(node.value ?? '');
  const tag = node.tag?.replace('tag:yaml.org,2002:', '');
  const plain = node.type === 'PLAIN';
  const typed = (name: string, form: RegExp) =>
    tag === name || (tag === undefined && plain && form.test(text));
  const demand = (form: RegExp, name: string): void => {
    if (!form.test(text)) throw new YamlError(`"${text}" is no ${name}`);
  };
  if (typed('bool', booleans)) {
    demand(booleans, 'boolean');
    return { value: text.toLowerCase(), datatype: 'boolean' };
  }
  if (typed('int', integers)) {
    demand(integers, 'integer');
    return { value: String(integerOf(text)), datatype: 'int' };
  }
  if (typed('float', floats)) {
    demand(floats, 'number');
    return { value: floatText(yamlFloat(text)), datatype: 'float' };
  }
  if (tag === 'null' || (tag === undefined && plain && /^(?:|~|null|Null|NULL)$/.test(text))) {
    return { value: '', status: 'does not exist' };
  }
  return { value: text };
}

/** Of any size, and with a sign in every base. */
function integerOf(text: string): bigint {
  const digits = BigInt(text.replace(/^[-+]/, ''));
  return text.startsWith('-') ? -digits : digits;
}

function yamlFloat(text: string): number {
  if (/nan$/i.test(text)) return Number.NaN;
  if (/inf$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return Number(text);
}

function resolve(node: Node, document: Document): Node | undefined {
  return isAlias(node) ? (node.resolve(document) as Node | undefined) : node;
}

function present(node: Node | null | undefined): node is Node {
  return node !== null && node !== undefined;
}
