import type {
  OvalComponent,
  OvalCriteria,
  OvalDocument,
  OvalEntity,
  OvalFilter,
  OvalObject,
  OvalSection,
  OvalSet,
} from '../oval/model.ts';
import { emptyOvalDocument } from '../oval/model.ts';
import type { Benchmark, BenchmarkItem, Check, ComplexCheck, CpeCheck, LogicalTest } from '../xccdf/model.ts';
import { ovalSystem } from '../xccdf/model.ts';
import { allItems } from '../xccdf/read-benchmark.ts';

/** Rules for which `keep` holds, without groups that have none. */
export function pruneItems(
  items: readonly BenchmarkItem[],
  keep: (rule: string) => boolean,
): BenchmarkItem[] {
  return items.flatMap((item): BenchmarkItem[] => {
    if (item.kind === 'rule') return keep(item.id) ? [item] : [];
    const children = pruneItems(item.children, keep);
    return children.length > 0 ? [{ ...item, children }] : [];
  });
}

/** Documents reduced to what the benchmark's checks and platforms need; unused documents are left out. */
export function pruneDocuments(
  benchmark: Benchmark,
  documents: ReadonlyMap<string, OvalDocument>,
): Map<string, OvalDocument> {
  const roots = rootsOf(benchmark);
  const pruned = new Map<string, OvalDocument>();
  for (const href of [...documents.keys()].sort()) {
    const names = roots.get(href);
    const document = documents.get(href) as OvalDocument;
    if (names)
      pruned.set(
        href,
        new Reach(document).from(names === 'all' ? Object.keys(document.definitions) : [...names]),
      );
  }
  return pruned;
}

type Roots = Map<string, Set<string> | 'all'>;

/** Definitions that a benchmark names, by document; `all` where a check takes the whole document. */
function rootsOf(benchmark: Benchmark): Roots {
  const roots: Roots = new Map();
  const add = (href: string, name: string | undefined): void => {
    const before = roots.get(href);
    if (name === undefined || before === 'all') roots.set(href, 'all');
    else roots.set(href, (before ?? new Set<string>()).add(name));
  };
  const addCheck = (check: Check | ComplexCheck): void => {
    if ('checks' in check) for (const each of check.checks) addCheck(each);
    else if (check.system === ovalSystem) for (const { href, name } of check.contents) add(href, name);
  };
  for (const item of allItems(benchmark.items)) {
    if (item.kind !== 'rule') continue;
    for (const check of item.checks) addCheck(check);
    if (item.complexCheck) addCheck(item.complexCheck);
  }
  const addPlatform = ({ href, definition }: CpeCheck): void => add(href, definition);
  for (const checks of Object.values(benchmark.cpeItems)) for (const check of checks) addPlatform(check);
  const addTest = ({ checks = [], tests = [] }: LogicalTest): void => {
    for (const check of checks) addPlatform(check);
    for (const test of tests) addTest(test);
  };
  for (const test of Object.values(benchmark.platformTests)) addTest(test);
  return roots;
}

/**
 * Follows references from definitions without recursion, because chains may be long. Sections keep the document's order, so
 * equal input gives equal output.
 */
class Reach {
  readonly #document: OvalDocument;
  readonly #reached: Record<OvalSection, Set<string>> = {
    definitions: new Set(),
    tests: new Set(),
    objects: new Set(),
    states: new Set(),
    variables: new Set(),
  };

  /** Elements that are found but not followed yet. */
  readonly #pending: (() => void)[] = [];

  constructor(document: OvalDocument) {
    this.#document = document;
  }

  from(definitions: readonly string[]): OvalDocument {
    for (const id of definitions) this.#definition(id);
    for (let follow = this.#pending.pop(); follow; follow = this.#pending.pop()) follow();
    const pruned = emptyOvalDocument();
    pruned.schemaVersion = this.#document.schemaVersion;
    for (const section of Object.keys(this.#reached) as OvalSection[]) {
      const from = this.#document[section];
      pruned[section] = Object.fromEntries(
        Object.entries(from).filter(([id]) => this.#reached[section].has(id)),
      ) as never;
    }
    return pruned;
  }

  /** True at the first visit of an element that is there. */
  #first(section: OvalSection, id: string | undefined): id is string {
    if (id === undefined || this.#reached[section].has(id) || !Object.hasOwn(this.#document[section], id))
      return false;
    this.#reached[section].add(id);
    return true;
  }

  #definition(id: string | undefined): void {
    if (!this.#first('definitions', id)) return;
    const { criteria } = this.#document.definitions[id] ?? {};
    if (criteria) this.#pending.push(() => this.#criteria(criteria));
  }

  #criteria({ children }: OvalCriteria): void {
    for (const { criteria, test, extend } of children) {
      if (criteria) this.#criteria(criteria);
      this.#test(test);
      this.#definition(extend);
    }
  }

  #test(id: string | undefined): void {
    if (!this.#first('tests', id)) return;
    const test = this.#document.tests[id];
    this.#object(test?.object);
    for (const state of test?.states ?? []) this.#state(state);
  }

  #object(id: string | undefined): void {
    if (!this.#first('objects', id)) return;
    const object = this.#document.objects[id];
    if (object) this.#pending.push(() => this.#references(object));
  }

  #references(object: OvalObject): void {
    for (const entity of object.entities) {
      this.#variable(entity.name === 'var_ref' ? entity.value?.trim() : entity.variable);
    }
    this.#filters(object.filters);
    if (object.set) this.#set(object.set);
  }

  #set({ objects = [], sets = [], filters }: OvalSet): void {
    for (const object of objects) this.#object(object);
    for (const set of sets) this.#set(set);
    this.#filters(filters);
  }

  #filters(filters: readonly OvalFilter[] = []): void {
    for (const { state } of filters) this.#state(state);
  }

  #state(id: string): void {
    if (!this.#first('states', id)) return;
    const visit = ({ variable, fields = [] }: OvalEntity): void => {
      this.#variable(variable);
      for (const field of fields) visit(field);
    };
    for (const entity of this.#document.states[id]?.entities ?? []) visit(entity);
  }

  #variable(id: string | undefined): void {
    if (!this.#first('variables', id)) return;
    const { component } = this.#document.variables[id] ?? {};
    if (component) this.#pending.push(() => this.#component(component));
  }

  #component(component: OvalComponent): void {
    if ('object' in component) this.#object(component.object);
    if ('variable' in component) this.#variable(component.variable);
    if ('args' in component) for (const argument of component.args) this.#component(argument);
  }
}
