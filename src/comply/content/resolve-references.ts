import {
  type Benchmark,
  type Check,
  type ComplexCheck,
  type CpeCheck,
  type LogicalTest,
  ovalSystem,
} from '../xccdf/model.ts';
import { allItems } from '../xccdf/read-benchmark.ts';
import type { PlatformDefinitions } from '../xccdf/read-platforms.ts';
import type { ComponentRef, DataStream, StreamComponent } from './data-stream.ts';
import { componentFinder, type Find, type Missing } from './find-component.ts';
import type { ContentOptions, ScapContent } from './scap-content.ts';

type Resolve = (href: string) => string;

/** Resolves names by the component's catalog to a reference, and that to a component or to another file. */
export function catalogResolver(
  stream: DataStream,
  from: ComponentRef,
  find: Find,
  content: ScapContent,
): Resolve {
  const refs = new Map(
    [...stream.checks, ...stream.checklists, ...stream.dictionaries].map((ref) => [ref.id, ref]),
  );
  // A name that the component's own catalog lacks is looked up in the others of the stream, as oscap does.
  const named = new Map([...refs.values()].flatMap(({ catalog }) => [...catalog]));
  return (href) => {
    const ref = refs.get(from.catalog.get(href) ?? named.get(href) ?? href.replace(/^#/, ''));
    return addDocument(content, ref ? ref.href : href, find, href);
  };
}

export function localResolver(content: ScapContent, options: ContentOptions): Resolve {
  const find = componentFinder(new Map(), options);
  return (href) => addDocument(content, href, find);
}

/** Adds the document of an address to `documents`, or the reason to `missing`; returns its key there. */
function addDocument({ documents, missing }: ScapContent, href: string, find: Find, alias?: string): string {
  const key = href.replace(/^#/, '');
  if (documents.has(key) || missing.has(key)) return key;
  const component = find(href, alias);
  if (component.kind === 'oval') documents.set(key, component.document);
  // Components of other kinds, OCIL and scripts, are checks that are not run.
  else if (!href.startsWith('#') || component.kind === 'missing') missing.set(key, whyMissing(component));
  return key;
}

function whyMissing(component: StreamComponent | Missing): string {
  return component.kind === 'missing' ? component.reason : 'it is no OVAL document';
}

export function mergePlatforms(benchmark: Benchmark, platforms: PlatformDefinitions, resolve: Resolve): void {
  for (const [name, checks] of Object.entries(platforms.cpeItems)) {
    benchmark.cpeItems[name] ??= checks.map((check) => rewriteCpeCheck(check, resolve));
  }
  for (const [id, test] of Object.entries(platforms.platformTests)) {
    benchmark.platformTests[id] ??= rewriteLogicalTest(test, resolve);
  }
}

export function rewriteChecks(benchmark: Benchmark, resolve: Resolve): void {
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

export function rewritePlatforms(benchmark: Benchmark, resolve: Resolve): void {
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
