import { ScapfeedError } from '../../model/error.ts';
import { readBenchmark } from '../xccdf/read-benchmark.ts';
import { otherRoot } from '../xml/other-root.ts';
import { malformed, readXmlTree } from '../xml/read-xml.ts';
import { chooseChecklist, componentName, tailoringsOf } from './choose-checklist.ts';
import { type DataStream, type DataStreamCollection, platformsOf, readDataStreams } from './data-stream.ts';
import { componentFinder, type Find, rootName } from './find-component.ts';
import {
  catalogResolver,
  localResolver,
  mergePlatforms,
  rewriteChecks,
  rewritePlatforms,
} from './resolve-references.ts';
import type { ContentOptions, ScapContent } from './scap-content.ts';

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

function fromBenchmark(
  root: string,
  source: Uint8Array,
  where: string,
  options: ContentOptions,
): ScapContent {
  if (root === 'oval_definitions') throw plainOval(where);
  if (root !== 'Benchmark')
    throw otherRoot(where, 'a data stream or a benchmark', { name: root, ns: undefined });
  const benchmark = readBenchmark(source, where);
  const content: ScapContent = { benchmark, documents: new Map(), missing: new Map(), tailorings: [] };
  const resolve = localResolver(content, options);
  rewriteChecks(benchmark, resolve);
  rewritePlatforms(benchmark, resolve);
  return content;
}

function plainOval(where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'CONTENT_MALFORMED',
    message: 'expected a data stream or a benchmark, found OVAL definitions, which have no profile',
    where,
    remedy: 'evaluate them with `scapfeed eval IMAGE --content FILE`',
  });
}

function fromCollection(
  collection: DataStreamCollection,
  where: string,
  options: ContentOptions,
): ScapContent {
  const find = componentFinder(collection.components, options);
  const { stream, checklist, benchmark } = chooseChecklist(collection, find, where, options);
  requireComponents(stream, find, where);
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

/** A reference to a component of the collection that is not there: its checks would not run, without a word. */
function requireComponents({ id, dictionaries, checks }: DataStream, find: Find, where: string): void {
  for (const ref of [...dictionaries, ...checks]) {
    const component = ref.href === '' || ref.href.startsWith('#') ? find(ref.href) : undefined;
    if (component?.kind === 'missing')
      throw malformed(
        where,
        `the data stream ${id} refers to ${ref.href || 'nothing'} by ${ref.id}: ${component.reason}`,
      );
  }
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
