import type { OvalCriteria, OvalCriterion, OvalDocument } from '../../comply/oval/model.ts';
import { type Condition, conditionOf, namesOf, unknown } from './conditions.ts';

/** A package that a definition finds in builds below one. */
export interface OvalRow {
  name: string;
  /** `epoch:version-release` */
  below: string;
  /** That build is one of them too. */
  including?: true;
  /** Builds above this one only; it may be without a release. */
  above?: string;
  /** Sorted; absent: any. */
  arch?: readonly string[];
  /** `name:stream`; absent: none is asked for. */
  module?: string;
  /** Major of the system that it is for; absent: any that the document is about. */
  release?: string;
  /** A pattern that the installed build matches besides: only builds of a kind are compared. */
  build?: string;
  /** The document has this end of the name before the version, which `below` has not: `chroot`. */
  named?: string;
}

/** Rows of a definition that are true one by one, and the parts of it that no row can express. */
export interface PatchRows {
  rows: OvalRow[];
  faults: string[];
  /** The packages that faults are about; all of the definition where one names none. */
  unread: string[];
}

/** More than one definition of any vendor has: the largest, of a whole module or desktop, have some hundred. */
const mostWays = 20_000;

/** Conditions of all ways and of their parts; the largest definitions have some thousand. */
const mostConditions = 1_000_000;

/** Conditions that make a definition true together. */
type Way = readonly Condition[];

/** The rows of a definition's criteria, in their order. */
export function rowsOf(criteria: OvalCriteria, document: OvalDocument): PatchRows {
  const faults = new Set<string>();
  const unread = new Set<string>();
  const all = () => namesIn(criteria, document);
  let isNamed = true;
  const rows = new Map<string, OvalRow>();
  try {
    for (const way of new Ways(document).of(criteria)) {
      const row = rowOf(way);
      if (typeof row !== 'string') {
        rows.set(JSON.stringify(row), row);
        continue;
      }
      faults.add(row);
      const names = packagesOf(way);
      for (const name of names) unread.add(name);
      isNamed &&= names.length > 0;
    }
  } catch (error) {
    if (!(error instanceof TooManyWays)) throw error;
    return {
      rows: [],
      faults: [`more than ${mostWays} ways of being true, or ${mostConditions} conditions`],
      unread: all(),
    };
  }
  if (rows.size + faults.size === 0) return { rows: [], faults: ['never true'], unread: all() };
  return { rows: [...rows.values()], faults: [...faults], unread: isNamed ? [...unread] : all() };
}

/** The packages that criteria name, in their order. */
export function namesIn(criteria: OvalCriteria, document: OvalDocument): string[] {
  const names = new Set<string>();
  const walk = ({ children }: OvalCriteria) => {
    for (const { criteria: inner, test } of children) {
      if (inner) walk(inner);
      if (test !== undefined) for (const name of namesOf(test, document)) names.add(name);
    }
  };
  walk(criteria);
  return [...names];
}

function packagesOf(way: Way): string[] {
  return way.flatMap((each) => {
    if (each.kind === 'package' || each.kind === 'above') return [each.name];
    return each.kind === 'unknown' ? each.packages : [];
  });
}

function rowOf(way: Way): OvalRow | string {
  const odd = way.find(({ kind }) => kind === 'unknown');
  if (odd?.kind === 'unknown') return odd.what;
  const packages = way.flatMap((each) => (each.kind === 'package' ? [each] : []));
  const [pkg] = packages;
  if (!pkg) return 'true without a package';
  if (packages.length > 1)
    return `needs ${packages.length} packages at once: ${pkg.name}, ${packages[1]!.name}`;
  const modules = new Set(way.flatMap((each) => (each.kind === 'module' ? [each.module] : [])));
  if (modules.size > 1) return `${pkg.name} of ${modules.size} modules at once`;
  const [module] = modules;
  const releases = new Set(way.flatMap((each) => (each.kind === 'release' ? [each.major] : [])));
  if (releases.size > 1) return `${pkg.name} of ${releases.size} releases at once`;
  const [release] = releases;
  const builds = way.flatMap((each) => (each.kind === 'build' ? [each] : []));
  const [build] = builds;
  if (builds.length > 1 || (build && build.name !== pkg.name))
    return `${pkg.name}, with patterns of builds of ${builds.map(({ name }) => name).join(', ')}`;
  const lower = way.flatMap((each) => (each.kind === 'above' ? [each] : []));
  if (lower.length > 1 || (lower[0] && lower[0].name !== pkg.name))
    return `${pkg.name}, above builds of ${lower.map(({ name }) => name).join(', ')}`;
  const arch = architecturesIn(way);
  if (arch?.length === 0) return `${pkg.name} of no architecture`;
  return {
    name: pkg.name,
    below: pkg.below,
    ...(pkg.including ? { including: true } : {}),
    ...(lower[0] ? { above: lower[0].above } : {}),
    ...(arch === undefined ? {} : { arch }),
    ...(module === undefined ? {} : { module }),
    ...(release === undefined ? {} : { release }),
    ...(build === undefined ? {} : { build: build.pattern }),
    ...(pkg.named === undefined ? {} : { named: pkg.named }),
  };
}

/** The architectures of packages that a row is about: those of its package, as far as the system installs them. */
function architecturesIn(way: Way): string[] | undefined {
  const limits = way.flatMap((each) => ('arch' in each && each.arch ? [each] : []));
  if (limits.length === 0) return undefined;
  const named = limits.flatMap(({ kind, arch = [] }) => (kind === 'package' ? [arch] : []));
  const systems = limits.flatMap(({ kind, arch = [] }) => (kind === 'arch' ? [installableOn(arch)] : []));
  if (named.length === 0) return systems.reduce(inBoth);
  return systems.reduce(
    (left, system) => left.filter((arch) => arch === 'noarch' || system.includes(arch)),
    named.reduce(inBoth) as string[],
  );
}

function inBoth(a: readonly string[], b: readonly string[]): string[] {
  return a.filter((name) => b.includes(name));
}

const of32Bits = ['i386', 'i486', 'i586', 'i686'];

/** The packages of which architectures systems of these have, besides those for none. */
function installableOn(systems: readonly string[]): string[] {
  const all = systems.flatMap((system) => {
    if (of32Bits.includes(system)) return of32Bits;
    return system === 'x86_64' ? ['i686', system] : [system];
  });
  return [...new Set(all)].sort();
}

class TooManyWays extends Error {}

/** The ways in which criteria are true; what is given of every package is left out of them. */
class Ways {
  readonly #document: OvalDocument;
  #conditions = 0;

  constructor(document: OvalDocument) {
    this.#document = document;
  }

  of(criteria: OvalCriteria): Way[] {
    const { operator = 'AND', negate, children } = criteria;
    if (negate) return [[this.#unknown('criteria that are negated', criteria)]];
    if (operator === 'OR') return counted(withoutEqual(children.flatMap((child) => this.#ofChild(child))));
    if (operator !== 'AND') return [[this.#unknown(`criteria with ${operator}`, criteria)]];
    let ways: Way[] = [[]];
    for (const child of children) {
      const own = this.#ofChild(child);
      if (ways.length * own.length > mostWays) throw new TooManyWays();
      ways = ways.flatMap((way) => own.map((more) => [...way, ...more]));
      this.#conditions += ways.reduce((sum, { length }) => sum + length, 0);
      if (this.#conditions > mostConditions) throw new TooManyWays();
    }
    return ways;
  }

  #ofChild(child: OvalCriterion): Way[] {
    const { criteria, test, extend, negate } = child;
    if (criteria) return this.of(criteria);
    if (negate) return [[this.#unknown('a test that is negated', { children: [child] })]];
    if (extend !== undefined) return [this.#extended(extend)];
    const condition = conditionOf(test ?? '', this.#document);
    if (condition.kind === 'never') return [];
    return condition.kind === 'given' ? [[]] : [[condition]];
  }

  /** A definition of class inventory checks that the system is the document's. */
  #extended(id: string): Way {
    const { definitions } = this.#document;
    const isGiven = Object.hasOwn(definitions, id) && definitions[id]!.class === 'inventory';
    return isGiven ? [] : [unknown(`extends ${id}`)];
  }

  #unknown(what: string, criteria: OvalCriteria): Condition {
    return unknown(what, namesIn(criteria, this.#document));
  }
}

function counted(ways: Way[]): Way[] {
  if (ways.length > mostWays) throw new TooManyWays();
  return ways;
}

/** Two keys of a vendor are two ways of being given: once is enough. */
function withoutEqual(ways: Way[]): Way[] {
  const first = ways.findIndex((way) => way.length === 0);
  return ways.filter((way, at) => way.length > 0 || at === first);
}
