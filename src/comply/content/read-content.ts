import { ScapfeedError } from '../../model/index.ts';
import type { OvalDocument } from '../oval/model.ts';
import { readOval } from '../oval/read-oval.ts';
import {
  type Benchmark,
  type Check,
  type ComplexCheck,
  type CpeCheck,
  type LogicalTest,
  ovalSystem,
  type Tailoring,
} from '../xccdf/model.ts';
import { allItems, readBenchmark } from '../xccdf/read-benchmark.ts';
import type { PlatformDefinitions } from '../xccdf/read-platforms.ts';
import { readTailoring } from '../xccdf/read-profiles.ts';
import { malformed, readXml, readXmlTree } from '../xml/read-xml.ts';
import {
  type Component,
  type ComponentRef,
  type DataStream,
  type DataStreamCollection,
  platformsOf,
  readDataStreams,
} from './data-stream.ts';

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
  /**
   * Reads a file beside the content by the name that a reference uses, or a local copy of a remote one, which may have the
   * content's own name for it (`alias`); undefined where there is none.
   */
  local?: (name: string, alias?: string) => Uint8Array | undefined;
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
  const find = componentFinder(collection.components, options);
  const { stream, checklist, benchmark } = chooseChecklist(collection, find, where, options);
  const content: ScapContent = {
    benchmark,
    documents: new Map(),
    missing: new Map(),
    tailorings: tailoringsOf(collection, find),
    stream: { collection: collection.id, stream: stream.id, component: componentName(checklist) },
  };
  const resolve = catalogResolver(stream, checklist, find, content);
  rewriteChecks(benchmark, resolve);
  rewritePlatforms(benchmark, resolve);
  for (const dictionary of stream.dictionaries) {
    const component = find(dictionary.href, dictionary.id);
    if (component.kind !== 'platforms') continue;
    mergePlatforms(benchmark, component.platforms, catalogResolver(stream, dictionary, find, content));
  }
  return content;
}

/** Id of the component that a reference leads to; its whole address where that has none. */
function componentName({ href }: ComponentRef): string {
  return href.slice(href.indexOf('#') + 1);
}

interface Checklist {
  stream: DataStream;
  checklist: ComponentRef;
  benchmark: Benchmark;
}

/** The benchmark that is asked for, or the first. A stream's checklists may be tailorings too: they lead to theirs. */
function chooseChecklist(
  collection: DataStreamCollection,
  find: Find,
  where: string,
  { stream: wantedStream, checklist: wanted }: ContentOptions,
): Checklist {
  const streams = collection.streams.filter(({ id }) => wantedStream === undefined || id === wantedStream);
  let failed: string | undefined;
  for (const stream of streams) {
    for (const ref of stream.checklists) {
      if (wanted !== undefined && !isNamed(ref, wanted, find)) continue;
      const component = find(ref.href, ref.id);
      if (component.kind === 'xccdf') return { stream, checklist: ref, benchmark: component.benchmark };
      const tailored =
        wanted !== undefined && component.kind === 'tailoring' && benchmarkOf(stream, ref, component, find);
      if (tailored) return tailored;
      if (component.kind === 'missing') throw unreadable(where, ref, component);
      failed ??= `the checklist ${ref.id} is no Benchmark: ${describe(component)}`;
    }
  }
  if (failed !== undefined) throw missingComponent(where, failed);
  const known = collection.streams.flatMap(({ id, checklists }) =>
    checklists.map((ref) => `${id} ${ref.id}`),
  );
  throw missingComponent(where, `no such data stream or checklist; there are: ${known.join(', ') || 'none'}`);
}

function isNamed(ref: ComponentRef, wanted: string, find: Find): boolean {
  if (ref.id === wanted || componentName(ref) === wanted) return true;
  const component = find(ref.href, ref.id);
  return component.kind === 'xccdf' && component.benchmark.id === wanted;
}

/** The benchmark of a tailoring: by the catalog, by its id, or the only one of the stream. */
function benchmarkOf(
  stream: DataStream,
  from: ComponentRef,
  { tailoring }: { tailoring: Tailoring },
  find: Find,
): Checklist | undefined {
  const benchmarks = stream.checklists.flatMap((checklist): Checklist[] => {
    const component = find(checklist.href, checklist.id);
    return component.kind === 'xccdf' ? [{ stream, checklist, benchmark: component.benchmark }] : [];
  });
  const name = tailoring.benchmark ?? '';
  const id = from.catalog[name] ?? name.replace(/^#/, '');
  const named = benchmarks.find(({ checklist, benchmark }) => checklist.id === id || benchmark.id === id);
  return named ?? (benchmarks.length === 1 ? benchmarks[0] : undefined);
}

function tailoringsOf({ components, streams }: DataStreamCollection, find: Find): Tailoring[] {
  const elsewhere = streams.flatMap(({ checklists }) =>
    checklists.filter(({ href }) => !href.startsWith('#')),
  );
  const all = [...components.values(), ...elsewhere.map(({ href, id }) => find(href, id))];
  return all.flatMap((each) => (each.kind === 'tailoring' ? [each.tailoring] : []));
}

/** A component by its address, and the content's own name for it; what is not there says why. */
type Find = (href: string, alias?: string) => Component | Missing;

interface Missing {
  kind: 'missing';
  reason: string;
}

/** Components of a collection (`#id`) and of files (`file:name#id`, or the address of a remote one), each read once. */
function componentFinder(own: ReadonlyMap<string, Component>, { local }: ContentOptions): Find {
  const read = new Map<string, Component | Missing | ReadonlyMap<string, Component>>();
  return (href, alias) => {
    const [address = '', id = ''] = href.split('#');
    if (address === '') return own.get(id) ?? missing(`the component ${id} is not in the collection`);
    // `file:x.xml` stands beside the content; a whole `file://` address may be of another machine.
    const name = address.replace(/^file:(?!\/\/)/, '');
    const found = read.get(name) ?? readOther(name, local?.(name, alias));
    read.set(name, found);
    if (!('get' in found)) return found;
    return found.get(id) ?? missing(`the component ${id} is not in ${name}`);
  };
}

function missing(reason: string): Missing {
  return { kind: 'missing', reason };
}

/** A file beside the content: a component of its own, or a collection of them. */
function readOther(
  name: string,
  bytes: Uint8Array | undefined,
): Component | Missing | ReadonlyMap<string, Component> {
  if (!bytes) {
    const isRemote = /^https?:/.test(name);
    return missing(isRemote ? 'remote content is not fetched' : 'there is no such file');
  }
  const root = rootName(bytes, name);
  switch (root) {
    case 'data-stream-collection':
      return readDataStreams(bytes, name).components;
    case 'oval_definitions':
      return { kind: 'oval', document: readOval(bytes, name) };
    case 'Benchmark':
      return { kind: 'xccdf', benchmark: readBenchmark(bytes, name) };
    case 'Tailoring':
      return { kind: 'tailoring', tailoring: readTailoring(bytes, name) };
    case 'cpe-list':
    case 'platform-specification':
      return { kind: 'platforms', platforms: platformsOf(readXmlTree(bytes, name)) };
    default:
      return { kind: 'other', root };
  }
}

function describe(component: Component): string {
  return component.kind === 'other' ? `it is a <${component.root}>` : `it is a ${component.kind} component`;
}

type Resolve = (href: string) => string;

/** Names of a component lead through its catalog to a reference, which leads to a component or out of the collection. */
function catalogResolver(stream: DataStream, from: ComponentRef, find: Find, content: ScapContent): Resolve {
  const refs = new Map(
    [...stream.checks, ...stream.checklists, ...stream.dictionaries].map((ref) => [ref.id, ref]),
  );
  // A name that the component's own catalog lacks is looked up in the others of the stream, as oscap does.
  const named = new Map([...refs.values()].flatMap(({ catalog }) => Object.entries(catalog)));
  return (href) => {
    const ref = refs.get(from.catalog[href] ?? named.get(href) ?? href.replace(/^#/, ''));
    return addDocument(content, ref ? ref.href : href, find, href);
  };
}

function localResolver(content: ScapContent, options: ContentOptions): Resolve {
  const find = componentFinder(new Map(), options);
  return (href) => addDocument(content, href, find);
}

/** Puts what an address leads to among the documents or the missing ones; the key that it has there. */
function addDocument({ documents, missing }: ScapContent, href: string, find: Find, alias?: string): string {
  const key = href.replace(/^#/, '');
  if (documents.has(key) || missing.has(key)) return key;
  const component = find(href, alias);
  if (component.kind === 'oval') documents.set(key, component.document);
  // Components of other kinds, OCIL and scripts, are checks that are not run.
  else if (!href.startsWith('#') || component.kind === 'missing') missing.set(key, whyMissing(component));
  return key;
}

function whyMissing(component: Component | Missing): string {
  return component.kind === 'missing' ? component.reason : 'it is no OVAL document';
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

function unreadable(where: string, { id, href }: ComponentRef, { reason }: Missing): ScapfeedError {
  return new ScapfeedError({
    code: 'CONTENT_MISSING',
    message: `the checklist ${id} leads to ${href}: ${reason}`,
    where,
    remedy: 'put the file beside the content, or name its folder with --local-files',
  });
}

function missingComponent(where: string, message: string): ScapfeedError {
  return new ScapfeedError({
    code: 'CONTENT_MISSING',
    message,
    where,
    remedy: 'see the list of `scapfeed compile --list`',
  });
}
