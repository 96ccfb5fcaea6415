import { ScapfeedError } from '../model/index.ts';
import type { PlatformDefinitions } from './cpe-read.ts';
import {
  type ComponentRef,
  type DataStream,
  type DataStreamCollection,
  platformsOf,
  readDataStreams,
} from './data-stream.ts';
import type { OvalDocument } from './oval-model.ts';
import { readOval } from './oval-read.ts';
import { allItems, readBenchmark } from './xccdf-benchmark.ts';
import type { Benchmark, Check, ComplexCheck, CpeCheck, LogicalTest, Tailoring } from './xccdf-model.ts';
import { malformed, readXml, readXmlTree } from './xml.ts';

/** A benchmark with the documents that its checks and platforms name. */
export interface ScapContent {
  /** Its check and platform hrefs are keys of `documents`, where the document was found. */
  benchmark: Benchmark;
  documents: Map<string, OvalDocument>;
  /** Hrefs that led to no document, with the reason. */
  missing: Map<string, string>;
  /** Data stream and checklist component, where it comes from one. */
  stream?: { collection: string; stream: string; component: string };
  tailorings: Tailoring[];
}

export interface ContentOptions {
  /** Reads a file beside the content by the name that a reference uses; undefined where there is none. */
  local?: (name: string) => Uint8Array | undefined;
  /** Id of the data stream, and of the checklist (reference, component or benchmark id); the first by default. */
  stream?: string;
  checklist?: string;
  /** More CPE dictionaries or platform specifications: documents with their place. */
  dictionaries?: readonly { source: Uint8Array; where: string }[];
}

/** Reads a benchmark or a data stream with everything it needs. Remote references are read from local files only. */
export function readContent(source: Uint8Array, where: string, options: ContentOptions = {}): ScapContent {
  const root = rootName(source, where);
  const content =
    root === 'data-stream-collection'
      ? fromCollection(readDataStreams(source, where), where, options)
      : fromBenchmark(root, source, where, options);
  for (const dictionary of options.dictionaries ?? []) addDictionary(content, dictionary, options);
  return content;
}

/** Name of a document's root element. */
export function rootName(source: Uint8Array, where: string): string {
  let name: string | undefined;
  const found = new Error('found');
  try {
    readXml(source, where, {
      open: (element) => {
        name = element.name;
        throw found;
      },
    });
  } catch (error) {
    if (error !== found) throw error;
  }
  return name ?? '';
}

function fromBenchmark(
  root: string,
  source: Uint8Array,
  where: string,
  options: ContentOptions,
): ScapContent {
  if (root !== 'Benchmark') {
    throw malformed(where, `expected a data stream or a Benchmark, found <${root}>`);
  }
  const benchmark = readBenchmark(source, where);
  const content: ScapContent = { benchmark, documents: new Map(), missing: new Map(), tailorings: [] };
  const resolve = localResolver(content, options);
  rewriteChecks(benchmark, resolve);
  rewritePlatforms(benchmark, resolve);
  return content;
}

function fromCollection(
  collection: DataStreamCollection,
  where: string,
  options: ContentOptions,
): ScapContent {
  const { stream, checklist } = chooseChecklist(collection, where, options);
  const component = collection.components.get(checklist.href.slice(1));
  if (component?.kind !== 'xccdf') {
    throw missingComponent(
      where,
      `the checklist ${checklist.id} is a Benchmark, found ${component?.kind ?? 'nothing'}`,
    );
  }
  const tailorings = [...collection.components.values()].flatMap((each) =>
    each.kind === 'tailoring' ? [each.tailoring] : [],
  );
  const { benchmark } = component;
  const content: ScapContent = {
    benchmark,
    documents: new Map(),
    missing: new Map(),
    tailorings,
    stream: { collection: collection.id, stream: stream.id, component: checklist.href.slice(1) },
  };
  const resolve = catalogResolver(collection, stream, checklist, content, options);
  rewriteChecks(benchmark, resolve);
  rewritePlatforms(benchmark, resolve);
  for (const dictionary of stream.dictionaries)
    addStreamDictionary(content, collection, stream, dictionary, options);
  return content;
}

function chooseChecklist(
  collection: DataStreamCollection,
  where: string,
  options: ContentOptions,
): { stream: DataStream; checklist: ComponentRef } {
  const streams = collection.streams.filter(
    ({ id }) => options.stream === undefined || id === options.stream,
  );
  for (const stream of streams) {
    const checklist = stream.checklists.find(
      (ref) => options.checklist === undefined || names(ref, collection).includes(options.checklist),
    );
    if (checklist) return { stream, checklist };
  }
  const known = collection.streams.flatMap(({ id, checklists }) =>
    checklists.map((ref) => `${id} ${ref.id}`),
  );
  throw missingComponent(where, `no such data stream or checklist; there are: ${known.join(', ') || 'none'}`);
}

function names(ref: ComponentRef, { components }: DataStreamCollection): string[] {
  const component = components.get(ref.href.slice(1));
  return [ref.id, ref.href.slice(1), ...(component?.kind === 'xccdf' ? [component.benchmark.id] : [])];
}

type Resolve = (href: string) => string;

/** Names of a component lead through its catalog to a reference, which leads to a component or out of the collection. */
function catalogResolver(
  { components }: DataStreamCollection,
  stream: DataStream,
  from: ComponentRef,
  content: ScapContent,
  options: ContentOptions,
): Resolve {
  const refs = new Map(
    [...stream.checks, ...stream.checklists, ...stream.dictionaries].map((ref) => [ref.id, ref]),
  );
  // A name that the component's own catalog lacks is looked up in the others of the stream, as oscap does.
  const named = new Map([...refs.values()].flatMap(({ catalog }) => Object.entries(catalog)));
  const local = localResolver(content, options);
  return (href) => {
    const ref = refs.get(from.catalog[href] ?? named.get(href) ?? href.replace(/^#/, ''));
    if (!ref) return local(href);
    if (!ref.href.startsWith('#')) return local(ref.href);
    const key = ref.href.slice(1);
    const component = components.get(key);
    if (component?.kind === 'oval') content.documents.set(key, component.document);
    else if (!component) content.missing.set(key, `the component ${key} is not in the collection`);
    return key;
  };
}

function localResolver({ documents, missing }: ScapContent, { local }: ContentOptions): Resolve {
  return (href) => {
    if (documents.has(href) || missing.has(href)) return href;
    const bytes = local?.(href);
    if (!bytes)
      missing.set(href, /^https?:/.test(href) ? 'remote content is not fetched' : 'there is no such file');
    else if (rootName(bytes, href) === 'oval_definitions') documents.set(href, readOval(bytes, href));
    else missing.set(href, 'it is no OVAL document');
    return href;
  };
}

function addStreamDictionary(
  content: ScapContent,
  collection: DataStreamCollection,
  stream: DataStream,
  ref: ComponentRef,
  options: ContentOptions,
): void {
  const component = collection.components.get(ref.href.slice(1));
  if (component?.kind !== 'platforms') return;
  mergePlatforms(
    content.benchmark,
    component.platforms,
    catalogResolver(collection, stream, ref, content, options),
  );
}

function addDictionary(
  content: ScapContent,
  { source, where }: { source: Uint8Array; where: string },
  options: ContentOptions,
): void {
  const root = readXmlTree(source, where);
  if (root.name !== 'cpe-list' && root.name !== 'platform-specification') {
    throw malformed(where, `expected <cpe-list> or <platform-specification>, found <${root.name}>`);
  }
  mergePlatforms(content.benchmark, platformsOf(root), localResolver(content, options));
}

function mergePlatforms(benchmark: Benchmark, platforms: PlatformDefinitions, resolve: Resolve): void {
  for (const [name, checks] of Object.entries(platforms.cpeItems)) {
    benchmark.cpeItems[name] ??= checks.map((check) => rewriteCpeCheck(check, resolve));
  }
  for (const [id, test] of Object.entries(platforms.platformTests)) {
    benchmark.platformTests[id] ??= rewriteLogicalTest(test, resolve);
  }
}

function rewriteChecks(benchmark: Benchmark, resolve: Resolve): void {
  for (const item of allItems(benchmark.items)) {
    if (item.kind !== 'rule') continue;
    for (const check of item.checks) rewriteCheck(check, resolve);
    if (item.complexCheck) rewriteCheck(item.complexCheck, resolve);
  }
}

export const ovalSystem = 'http://oval.mitre.org/XMLSchema/oval-definitions-5';

function rewriteCheck(check: Check | ComplexCheck, resolve: Resolve): void {
  if ('checks' in check) for (const each of check.checks) rewriteCheck(each, resolve);
  else if (check.system === ovalSystem) {
    check.contents = check.contents.map((content) => ({ ...content, href: resolve(content.href) }));
  }
}

function rewritePlatforms(benchmark: Benchmark, resolve: Resolve): void {
  const { cpeItems, platformTests } = benchmark;
  benchmark.cpeItems = {};
  benchmark.platformTests = {};
  mergePlatforms(benchmark, { cpeItems, platformTests }, resolve);
}

function rewriteCpeCheck(check: CpeCheck, resolve: Resolve): CpeCheck {
  return { ...check, href: resolve(check.href) };
}

function rewriteLogicalTest(test: LogicalTest, resolve: Resolve): LogicalTest {
  return {
    ...test,
    ...(test.checks ? { checks: test.checks.map((check) => rewriteCpeCheck(check, resolve)) } : {}),
    ...(test.tests ? { tests: test.tests.map((each) => rewriteLogicalTest(each, resolve)) } : {}),
  };
}

function missingComponent(where: string, message: string): ScapfeedError {
  return new ScapfeedError({
    code: 'CONTENT_MISSING',
    message,
    where,
    remedy: 'see the list of `scapfeed compile --list`',
  });
}
