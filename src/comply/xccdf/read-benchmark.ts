import { wrongScapRoot } from '../../model/compliance/index.ts';
import { maxDepth } from '../xml/depth.ts';
import { malformed, readXml, textOf, type Visit, type XmlElement, type XmlVisitor } from '../xml/read-xml.ts';
import type { Benchmark, BenchmarkItem, Group, Rule, Value } from './model.ts';
import { requireOwnContent, requireUnique } from './own-content.ts';
import { groupOf, ruleOf, xccdfValueOf } from './read-items.ts';
import { cpeListOf, platformSpecificationOf } from './read-platforms.ts';
import { profileOf } from './read-profiles.ts';
import { richText } from './rich-text.ts';

/** Elements of CPE that a benchmark has in it. */
const platformElements: ReadonlySet<string> = new Set([
  'platform-specification',
  'platform-definitions',
  'cpe-list',
]);

/** Items of a benchmark, inherited ones too; SSG's largest has 2,500. */
const maxItems = 200_000;

/** A group that is being read, with its own elements so far. */
interface OpenGroup {
  element: XmlElement;
  elements: XmlElement[];
  children: BenchmarkItem[];
}

/** Reads a Benchmark document. */
export function readBenchmark(source: Uint8Array | string, where: string): Benchmark {
  const visitor = new BenchmarkVisitor(where);
  readXml(source, where, visitor);
  return visitor.finish();
}

/** Collects a Benchmark whose root is at depth 1: enters groups and takes other elements whole. */
export class BenchmarkVisitor implements XmlVisitor {
  readonly benchmark: Benchmark;
  readonly #where: string;
  readonly #open: OpenGroup[] = [];
  #ns = '';

  constructor(where: string) {
    this.#where = where;
    this.benchmark = {
      id: '',
      version: '',
      title: '',
      platforms: [],
      models: [],
      profiles: [],
      values: [],
      items: [],
      platformTests: {},
      cpeItems: {},
    };
  }

  open(element: XmlElement, depth: number): Visit {
    if (depth === 1) {
      this.#checkRoot(element);
      this.benchmark.id = element.attrs['id'] ?? '';
      this.#ns = element.ns;
      return 'enter';
    }
    if (element.ns !== this.#ns && !platformElements.has(element.name)) return 'skip';
    if (element.name === 'Group') {
      requireOwnContent(element, this.#where);
      this.#open.push({ element, elements: [], children: [] });
      return 'enter';
    }
    return element.name === 'TestResult' || element.name === 'Signature' ? 'skip' : 'take';
  }

  take(element: XmlElement): void {
    requireOwnContent(element, this.#where);
    if (element.name === 'Rule') this.#siblings().push(ruleOf(element));
    else if (element.name === 'Value') this.benchmark.values.push(xccdfValueOf(element));
    else if (this.#open.length > 0) this.#open.at(-1)?.elements.push(element);
    else this.#own(element);
  }

  /** End of a group. */
  close(): void {
    const ended = this.#open.pop();
    if (!ended) return;
    const group = groupOf(ended.element, ended.elements);
    group.children = ended.children;
    this.#siblings().push(group);
  }

  /** The benchmark with the properties that items inherit by `extends`. */
  finish(): Benchmark {
    const { benchmark } = this;
    requireUnique(benchmark.profiles, this.#where);
    requireUnique(benchmark.values, this.#where);
    requireUnique([...allItems(benchmark.items)], this.#where);
    this.#inherit(benchmark.items);
    requireRelated([...allItems(benchmark.items)], this.#where);
    benchmark.values = benchmark.values.map((value) => inheritValue(value, benchmark.values, this.#where));
    return benchmark;
  }

  #checkRoot(element: XmlElement): void {
    const wrong = wrongScapRoot('Benchmark', element);
    if (wrong !== undefined) throw malformed(this.#where, wrong);
  }

  #siblings(): BenchmarkItem[] {
    return this.#open.at(-1)?.children ?? this.benchmark.items;
  }

  #own(element: XmlElement): void {
    const { benchmark } = this;
    switch (element.name) {
      case 'title':
        benchmark.title ||= textOf(element).replace(/\s+/g, ' ').trim();
        break;
      case 'description':
        benchmark.description ??= richText(element);
        break;
      case 'status': {
        const { date } = element.attrs;
        if (date !== undefined && date > (benchmark.date ?? '')) benchmark.date = date;
        break;
      }
      case 'version':
        benchmark.version = textOf(element).trim();
        break;
      case 'platform':
        benchmark.platforms.push(element.attrs['idref'] ?? '');
        break;
      case 'model':
        benchmark.models.push(element.attrs['system'] ?? '');
        break;
      case 'Profile':
        benchmark.profiles.push(profileOf(element));
        break;
      case 'platform-specification':
      case 'platform-definitions':
        Object.assign(benchmark.platformTests, platformSpecificationOf(element));
        break;
      case 'cpe-list':
        Object.assign(benchmark.cpeItems, cpeListOf(element));
        break;
    }
  }

  #inherit(items: BenchmarkItem[]): void {
    const byId = new Map<string, BenchmarkItem>();
    for (const item of allItems(items)) byId.set(item.id, item);
    let count = 0;
    const visit = (list: BenchmarkItem[], depth: number): void => {
      for (const [at, each] of list.entries()) {
        count += 1;
        // Groups of groups that are extended twice each double the benchmark, and one inside the group it extends has no end.
        if (count > maxItems || depth > maxDepth)
          throw malformed(
            this.#where,
            `more than ${maxItems} rules and groups, or nested deeper than ${maxDepth}`,
          );
        const item = inheritItem(each, byId, this.#where);
        list[at] = item;
        if (item.kind === 'group') visit(item.children, depth + 1);
      }
    };
    visit(items, 1);
  }
}

/**
 * An item that requires what is not there would never be evaluated, without a word: oscap ends with an assertion. A conflict
 * with a missing rule has no effect: the SCAP Security Guide has some in products that omit the rule.
 */
function requireRelated(items: readonly BenchmarkItem[], where: string): void {
  const known = new Set(items.map(({ id }) => id));
  for (const { id, requires = [] } of items) {
    const missing = requires.find((anyOf) => !anyOf.some((each) => known.has(each)));
    if (missing !== undefined)
      throw malformed(where, `${id} requires ${missing.join(' or ')}, which is no rule or group here`);
  }
}

/** Every item of a tree, a group before its children. */
export function* allItems(items: readonly BenchmarkItem[]): Generator<BenchmarkItem> {
  for (const item of items) {
    yield item;
    if (item.kind === 'group') yield* allItems(item.children);
  }
}

/** Own properties override inherited ones; lists are appended (XCCDF 1.2, 6.2.6 and table 16). */
function inheritItem(
  item: BenchmarkItem,
  byId: ReadonlyMap<string, BenchmarkItem>,
  where: string,
  seen: readonly string[] = [],
): BenchmarkItem {
  if (item.extends === undefined) return item;
  if (seen.includes(item.id))
    throw malformed(where, `items extend each other in a circle: ${[...seen, item.id].join(' -> ')}`);
  const found = byId.get(item.extends);
  if (!found || found.kind !== item.kind)
    throw malformed(where, `${item.id} extends ${item.extends}, which is no ${item.kind} here`);
  const base = inheritItem(found, byId, where, [...seen, item.id]);
  const { abstract: _abstract, ...inherited } = base;
  const { extends: _extends, ...own } = item;
  const prose = { ...base.prose, ...item.prose };
  if (item.kind === 'group') {
    const { children } = base as Group;
    return { ...inherited, ...own, prose, children: [...children, ...item.children] } as Group;
  }
  // Its own checks stand for all that it inherits: a complex-check would win over them.
  const hasChecks = item.checks.length > 0 || item.complexCheck !== undefined;
  const { checks, complexCheck } = hasChecks ? item : (base as Rule);
  const { complexCheck: _complex, ...plain } = { ...inherited, ...own } as Rule;
  return { ...plain, prose, checks, ...(complexCheck ? { complexCheck } : {}) };
}

function inheritValue(
  value: Value,
  all: readonly Value[],
  where: string,
  seen: readonly string[] = [],
): Value {
  if (value.extends === undefined) return value;
  if (seen.includes(value.id))
    throw malformed(where, `values extend each other in a circle: ${[...seen, value.id].join(' -> ')}`);
  const found = all.find(({ id }) => id === value.extends);
  if (!found) throw malformed(where, `${value.id} extends ${value.extends}, which is no value here`);
  const base = inheritValue(found, all, where, [...seen, value.id]);
  return { ...base, ...value, options: { ...base.options, ...value.options } };
}
