import { type Document, isAlias, isMap, isScalar, isSeq, type Node, parseDocument, type Scalar } from 'yaml';
import type { ItemEntity } from './items.ts';
import { floatText } from './values/simple.ts';

/** A document that is no YAML, a value that is not what its tag says, or a path outside of what is evaluated here. */
export class YamlError extends Error {}

/** A value as an OVAL record: fields by name; a value without keys is the field `#`. */
export type YamlRecord = Record<string, ItemEntity[]>;

/** Larger documents are refused: aliases and flow collections cost far more memory than their text. */
export const maxYamlLength = 4 * 1024 * 1024;

/** Records that a YAML path (`.spec.items[:]['name','kind']`, `&anchor`, `.*`) finds in a document. */
export function evaluateYamlPath(text: string, path: string): YamlRecord[] {
  if (text.length > maxYamlLength)
    throw new YamlError(`the document is longer than ${maxYamlLength} characters`);
  const document = parseDocument(text, { keepSourceTokens: false, logLevel: 'silent' });
  const [fault] = document.errors;
  if (fault) throw new YamlError(fault.message.split('\n')[0] ?? 'not YAML');
  return recordsOf(select(document, path), document);
}

function select(document: Document, path: string): Node[] {
  const anchor = /^&([^\s.[\]]+)/.exec(path);
  let nodes = anchor
    ? anchored(document, anchor[1] as string)
    : [document.contents as Node | null].filter(present);
  let rest = anchor ? path.slice(anchor[0].length) : path;
  while (rest !== '' && rest !== '.') {
    const segment = segmentOf(rest, path);
    nodes = nodes.flatMap((node) => segment.take(resolve(node, document), document));
    rest = rest.slice(segment.length);
  }
  return nodes;
}

interface Segment {
  length: number;
  take(node: Node | undefined, document: Document): Node[];
}

function segmentOf(rest: string, path: string): Segment {
  const all = /^(?:\.\*|\[\*\])/.exec(rest);
  if (all) return { length: all[0].length, take: childrenOf };
  const key = /^\.?([\w$/^-]+)/.exec(rest);
  if (key) return { length: key[0].length, take: (node) => child(node, key[1] as string) };
  const slice = /^\[(-?\d*):(-?\d*)\]/.exec(rest);
  if (slice) return { length: slice[0].length, take: (node) => sliced(node, slice[1] ?? '', slice[2] ?? '') };
  // An index without a number is 0, as in oscap; content for OpenShift has one.
  const index = /^\[(-?\d*)\]/.exec(rest);
  if (index)
    return { length: index[0].length, take: (node) => listOf(node).slice(...oneAt(Number(index[1]))) };
  const keys = /^\[((?:'[^']*'|"[^"]*")(?:\s*,\s*(?:'[^']*'|"[^"]*"))*)\]/.exec(rest);
  if (keys) {
    const names = (keys[1] as string).split(/\s*,\s*/).map((name) => name.slice(1, -1));
    return { length: keys[0].length, take: (node, document) => reduced(node, names, document) };
  }
  throw new YamlError(`the path ${path} is not supported at "${rest.slice(0, 20)}"`);
}

function child(node: Node | undefined, key: string): Node[] {
  if (!isMap(node)) return [];
  return [node.get(key, true) as Node | undefined].filter(present);
}

function childrenOf(node: Node | undefined): Node[] {
  if (isMap(node)) return [node];
  return listOf(node);
}

/** A slice of a list; a map that names were chosen of keeps its lists. */
function sliced(node: Node | undefined, from: string, to: string): Node[] {
  if (isMap(node)) return [node];
  return listOf(node).slice(from === '' ? 0 : Number(from), to === '' ? undefined : Number(to));
}

function oneAt(index: number): [number, number | undefined] {
  return index === -1 ? [-1, undefined] : [index, index + 1];
}

function listOf(node: Node | undefined): Node[] {
  return isSeq(node) ? (node.items as Node[]) : [];
}

/** A map with only some of its keys. */
function reduced(node: Node | undefined, names: readonly string[], document: Document): Node[] {
  if (!isMap(node)) return [];
  const kept = node.items.filter(({ key }) => names.includes(String(isScalar(key) ? key.value : key)));
  if (kept.length === 0) return [];
  const part = document.createNode({}) as unknown as { items: unknown[] };
  part.items = kept;
  return [part as unknown as Node];
}

function anchored(document: Document, name: string): Node[] {
  const found: Node[] = [];
  const visit = (node: unknown): void => {
    if ((isScalar(node) || isMap(node) || isSeq(node)) && node.anchor === name) found.push(node);
    if (isMap(node)) for (const { value } of node.items) visit(value);
    if (isSeq(node)) for (const item of node.items) visit(item);
  };
  visit(document.contents);
  return found;
}

function recordsOf(nodes: readonly Node[], document: Document): YamlRecord[] {
  const maps: YamlRecord[] = [];
  const plain: ItemEntity[] = [];
  for (const node of nodes) {
    const value = resolve(node, document);
    if (isMap(value)) maps.push(mapRecord(value.items as { key: unknown; value: unknown }[], document));
    else if (value) plain.push(...scalarsOf(value, document));
  }
  return [...maps, ...(plain.length > 0 ? [{ '#': plain }] : [])];
}

function mapRecord(items: readonly { key: unknown; value: unknown }[], document: Document): YamlRecord {
  const record: YamlRecord = {};
  for (const { key, value } of items) {
    const name = fieldName(String(isScalar(key) ? key.value : key));
    record[name] = value ? scalarsOf(resolve(value as Node, document) as Node, document) : [];
  }
  return record;
}

/** Field names have no upper case: `^` marks each such letter. */
function fieldName(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `^${letter.toLowerCase()}`);
}

function scalarsOf(node: Node, document: Document): ItemEntity[] {
  if (isScalar(node)) return [scalarOf(node)];
  if (isSeq(node)) {
    return node.items.map((item) => {
      const value = resolve(item as Node, document);
      if (!isScalar(value)) throw new YamlError('a list of lists or maps is no value');
      return scalarOf(value);
    });
  }
  throw new YamlError('a map inside of a map is no value');
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
    return { value: String(Number(text)), datatype: 'int' };
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
