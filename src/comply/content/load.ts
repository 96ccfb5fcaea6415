import { parseForeignJson } from '../../io/foreign-json.ts';
import { ScapfeedError } from '../../model/error.ts';
import { formatName } from '../../model/feed/index.ts';
import type { RandomAccess } from '../../model/inventory/index.ts';
import type { Shape } from '../../model/shape.ts';
import type { WantedByChecks } from '../files/wanted-files.ts';
import { lookupOf, type OvalLookup } from '../oval/lookup.ts';
import type { OvalSection } from '../oval/model.ts';
import { wantedFiles } from '../probes/wanted.ts';
import type { EvaluationContent } from '../xccdf/evaluate.ts';
import type { BenchmarkItem, Prose, Tailoring } from '../xccdf/model.ts';
import { allItems } from '../xccdf/read-benchmark.ts';
import { headShape, proseShape } from './benchmark-shape.ts';
import { type CompiledHead, compiledFormat, elementKey, proseKey } from './compiled.ts';
import { elementShapes } from './element-shapes.ts';
import { corrupt, KeyedLines, notAsWritten } from './keyed-lines.ts';
import type { ScapContent } from './scap-content.ts';

/** Content ready to be evaluated, from either form. */
export interface LoadedContent extends EvaluationContent {
  source: { name: string; sha256: string };
  stream?: { collection: string; stream: string; component: string };
  /** Tailorings that the data stream itself carries. */
  tailorings: readonly Tailoring[];
  wanted: WantedByChecks;
  /** Title, description and other texts of an item. */
  prose(id: string): Prose;
}

/** Whether a file is a compiled benchmark, by its first byte: the other form is XML. */
export function isCompiled(content: RandomAccess): boolean {
  return content.read(0, 1)[0] === 0x7b;
}

/** The same by its first words, where the file may be any other. */
export function isCompiledBenchmark(source: Buffer): boolean {
  return source[0] === 0x7b && source.toString('utf8', 0, 200).includes(`"kind":"${benchmarkKind}"`);
}

/** Refuses JSON of another kind. */
function requireBenchmark(start: Buffer, where: string): void {
  const text = start.toString('utf8');
  if (text.includes(`"kind":"${benchmarkKind}"`)) return;
  const isOval = text.includes('"kind":"scapfeed-oval"');
  throw new ScapfeedError({
    code: 'CONTENT_MALFORMED',
    message: `expected a data stream or a benchmark, found ${isOval ? 'OVAL definitions, compiled, which have no profile' : 'JSON of another kind'}`,
    where,
    remedy: isOval
      ? 'evaluate them with `scapfeed eval IMAGE --content FILE`'
      : '`scapfeed info FILE` says what it is, and which command takes it',
  });
}

const benchmarkKind = 'scapfeed-benchmark';

/** Opens a compiled benchmark: its first line is parsed, the others when they are asked for. */
export function loadCompiled(content: RandomAccess, where: string): LoadedContent {
  requireBenchmark(content.read(0, 200), where);
  const first = firstLine(content);
  if (!first) throw corrupt(where, 'the compiled benchmark is cut: it has one line only');
  const head = parsed(() => parseForeignJson(first.toString('utf8')) as CompiledHead, where);
  if (head.format !== compiledFormat) {
    const found = `format ${formatName(head.format)}`;
    throw corrupt(where, `expected a compiled benchmark of format ${compiledFormat}, found ${found}`);
  }
  requireShape('its first line', head, headShape, where);
  const rest = content.size - first.length - 1;
  if (head.rest !== undefined && head.rest !== rest)
    throw corrupt(
      where,
      `the file is cut or damaged: it has ${rest} bytes after its first line, expected ${head.rest}`,
    );
  const lines = new KeyedLines(content, first.length + 1);
  const documents = head.documents.map(
    ({ href, schemaVersion }, at) => [href, compiledSource(lines, at, schemaVersion, where)] as const,
  );
  return {
    benchmark: head.benchmark,
    documents: new Map(documents),
    missing: new Map(Object.entries(head.missing)),
    source: head.source,
    ...(head.stream ? { stream: head.stream } : {}),
    tailorings: [],
    wanted: head.wanted,
    prose: (id) => sought<Prose>(lines, proseKey(id), proseShape, where) ?? {},
  };
}

function compiledSource(lines: KeyedLines, at: number, schemaVersion: string, where: string): OvalLookup {
  const get = <T>(section: OvalSection, id: string) =>
    sought<T>(lines, elementKey(at, section, id), elementShapes[section], where);
  return {
    schemaVersion,
    definition: (id) => get('definitions', id),
    test: (id) => get('tests', id),
    object: (id) => get('objects', id),
    state: (id) => get('states', id),
    variable: (id) => get('variables', id),
    definitionIds: () => {
      const prefix = elementKey(at, 'definitions', '');
      return parsed(() => lines.keys(prefix), where).map((key) => key.slice(prefix.length));
    },
  };
}

/** Content read from XML, in the same form. */
export function loadSource(content: ScapContent, source: { name: string; sha256: string }): LoadedContent {
  let items: Map<string, BenchmarkItem> | undefined;
  return {
    benchmark: content.benchmark,
    documents: new Map([...content.documents].map(([href, document]) => [href, lookupOf(document)])),
    missing: content.missing,
    source,
    ...(content.stream ? { stream: content.stream } : {}),
    tailorings: content.tailorings,
    wanted: wantedFiles(content.documents.values(), new Map()),
    prose: (id) => {
      items ??= new Map([...allItems(content.benchmark.items)].map((item) => [item.id, item]));
      return items.get(id)?.prose ?? {};
    },
  };
}

/** Bytes before the first line feed. */
function firstLine(content: RandomAccess): Buffer | undefined {
  for (let length = 1 << 20; ; length *= 4) {
    const bytes = content.read(0, Math.min(length, content.size));
    const end = bytes.indexOf(0x0a);
    if (end !== -1) return bytes.subarray(0, end);
    if (length >= content.size) return undefined;
  }
}

function sought<T>(lines: KeyedLines, key: string, shape: Shape, where: string): T | undefined {
  const value = parsed(() => lines.get(key), where);
  if (value !== undefined) requireShape(key, value, shape, where);
  return value as T | undefined;
}

/** Another program may have written it. */
function requireShape(part: string, value: unknown, shape: Shape, where: string): void {
  const fault = shape(value);
  if (fault !== undefined) throw corrupt(where, notAsWritten(part, fault));
}

function parsed<T>(read: () => T, where: string): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw corrupt(where, 'a line of the compiled benchmark is no JSON', cause);
  }
}
