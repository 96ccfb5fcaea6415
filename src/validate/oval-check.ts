import { checkEntity } from './oval-entities.ts';
import { checkGraph } from './oval-graph.ts';
import type { CheckedItem, Conjunction, ItemKind } from './oval-items.ts';
import { checkTruth } from './oval-truth.ts';
import type { ElementCheck, ElementStart, ProblemList } from './problem.ts';

const verdicts = new Set(['true', 'false', 'error', 'unknown', 'not evaluated', 'not applicable']);

/** Checks OVAL results: their definitions, and that each result is about one of them and has a valid value. */
export class OvalResultsCheck implements ElementCheck {
  readonly #definitions: OvalChecker;
  readonly #problems: ProblemList;
  readonly #spoken: { id: string; line: number }[] = [];
  #depth = 0;
  #inDefinitions = false;

  constructor(problems: ProblemList) {
    this.#problems = problems;
    this.#definitions = new OvalChecker(problems);
  }

  /** The generator of the definitions in the results. */
  get generator(): string {
    return this.#definitions.generator;
  }

  begin(element: ElementStart): void {
    this.#depth += 1;
    if (this.#depth === 2 && element.name === 'oval_definitions') this.#inDefinitions = true;
    if (this.#inDefinitions) this.#definitions.begin(element);
    else this.#result(element);
  }

  end(element: ElementStart, text: string): void {
    if (this.#inDefinitions) this.#definitions.end(element, text);
    if (this.#depth === 2) this.#inDefinitions = false;
    this.#depth -= 1;
  }

  finish(): void {
    if (this.#definitions.items.size === 0) return;
    this.#definitions.finish();
    for (const { id, line } of this.#spoken) {
      if (!this.#definitions.items.has(id))
        this.#problems.error('results', line, 'a result of an item that is not there', id);
    }
  }

  #result({ name, attributes, line }: ElementStart): void {
    const id = attributes['definition_id'] ?? attributes['test_id'];
    if (id === undefined || (name !== 'definition' && name !== 'test')) return;
    this.#spoken.push({ id, line });
    const result = attributes['result'];
    if (result !== undefined && !verdicts.has(result))
      this.#problems.error('results', line, `"${result}" is no result`, id);
  }
}

/** The sections of a document and the kind of item that each holds. */
const sections: Record<string, ItemKind> = {
  definitions: 'def',
  tests: 'tst',
  objects: 'obj',
  states: 'ste',
  variables: 'var',
};

const idPattern = /^oval:[A-Za-z0-9_\-.]+:(def|tst|obj|ste|var):[1-9][0-9]*$/;

/** Tests that OVAL 5.11 marks as deprecated, with what replaced each. */
const deprecatedTests: Record<string, string> = {
  textfilecontent_test: 'textfilecontent54_test',
  filehash_test: 'filehash58_test',
  environmentvariable_test: 'environmentvariable58_test',
  process_test: 'process58_test',
  rpmverify_test: 'rpmverifyfile_test and rpmverifypackage_test',
  sql_test: 'sql57_test',
};

/** Checks OVAL definitions: collects items and references while reading, and checks them at the end. */
export class OvalChecker implements ElementCheck {
  generator = '';
  schemaVersion = '';
  readonly items = new Map<string, CheckedItem>();
  readonly #problems: ProblemList;
  readonly #conjunctions: Conjunction[] = [];
  readonly #products = new Map<string, Set<string>>();
  #depth = 0;
  #section: ItemKind | undefined;
  #item: CheckedItem | undefined;
  #itemId = '';
  #itemDepth = 0;
  #definitionProducts: string[] = [];
  readonly #criteria: Conjunction[] = [];

  constructor(problems: ProblemList) {
    this.#problems = problems;
  }

  begin(element: ElementStart): void {
    this.#depth += 1;
    if (this.#depth === 2) this.#section = sections[element.name];
    else if (this.#depth === 3 && this.#section) this.#beginItem(this.#section, element);
    else if (this.#item) this.#within(this.#item, element);
  }

  end(element: ElementStart, text: string): void {
    if (this.#item && this.#depth === this.#itemDepth) this.#item = undefined;
    else if (this.#item) this.#endWithin(this.#item, element, text);
    else if (element.name === 'product_name') this.generator = text.trim();
    else if (element.name === 'schema_version') this.schemaVersion ||= text.trim();
    this.#depth -= 1;
  }

  finish(): void {
    checkGraph(this.items, this.#problems);
    checkTruth(this.items, this.#conjunctions, this.#problems);
    this.#checkSourceNames();
  }

  #beginItem(kind: ItemKind, element: ElementStart): void {
    const { name, line, attributes } = element;
    const id = attributes['id'] ?? '';
    const item: CheckedItem = { kind, name, line, used: kind === 'def', refs: [] };
    if (idPattern.exec(id)?.[1] !== kind)
      this.#problems.error('id-syntax', line, `<${name}> has the id "${id}"`, id);
    const before = this.items.get(id);
    if (before) this.#problems.error('id-duplicate', line, `also on line ${before.line}`, id);
    else this.items.set(id, item);
    this.#item = item;
    this.#itemId = id;
    this.#itemDepth = this.#depth;
    this.#definitionProducts = [];
    if (attributes['deprecated'] === 'true')
      this.#problems.warning('deprecated', line, 'marked as deprecated', id);
    if (kind === 'tst') this.#beginTest(item, element, id);
    if (kind === 'var') item.datatype = attributes['datatype'] ?? '';
  }

  #beginTest(item: CheckedItem, { name, line, attributes }: ElementStart, id: string): void {
    item.existence = attributes['check_existence'] ?? 'at_least_one_exists';
    item.states = 0;
    const replacement = deprecatedTests[name];
    if (replacement) this.#problems.warning('deprecated', line, `<${name}>: use ${replacement}`, id);
    if (attributes['check'] === 'none exist') {
      this.#problems.warning(
        'deprecated',
        line,
        'check="none exist": use "none satisfy" or check_existence',
        id,
      );
    }
  }

  #within(item: CheckedItem, element: ElementStart): void {
    const { name, attributes, line } = element;
    if (name === 'criteria' && item.kind === 'def') this.#beginCriteria(element);
    const ref = (kind: ItemKind, id: string | undefined) => {
      if (id !== undefined) item.refs.push({ kind, id, line, datatype: attributes['datatype'] ?? 'string' });
    };
    ref('def', attributes['definition_ref']);
    ref('tst', attributes['test_ref']);
    ref('obj', attributes['object_ref']);
    ref('ste', attributes['state_ref']);
    ref('var', attributes['var_ref']);
    if (attributes['state_ref'] !== undefined && item.states !== undefined) item.states += 1;
    if (name === 'criterion') this.#criterion(attributes['test_ref'] ?? '', attributes['negate'] === 'true');
  }

  #endWithin(item: CheckedItem, element: ElementStart, text: string): void {
    const { name, line } = element;
    if (name === 'criteria' && item.kind === 'def') this.#endCriteria();
    else if (name === 'product' && item.kind === 'def') this.#definitionProducts.push(text.trim());
    else if (name === 'object_reference') item.refs.push({ kind: 'obj', id: text.trim(), line });
    else if (name === 'var_ref') item.refs.push({ kind: 'var', id: text.trim(), line });
    else if (name === 'filter') item.refs.push({ kind: 'ste', id: text.trim(), line });
    else if (name === 'name' && item.kind === 'obj' && text !== '') item.objectName = text.trim();
    if (this.#depth !== this.#itemDepth + 1) return;
    if (item.kind === 'obj' || item.kind === 'ste') {
      checkEntity(
        { element, text, item, id: this.#itemId, schemaVersion: this.schemaVersion },
        this.#problems,
      );
    }
    if (item.kind === 'var') item.states = (item.states ?? 0) + 1;
  }

  #beginCriteria({ attributes, line }: ElementStart): void {
    const conjunctive = (attributes['operator'] ?? 'AND') === 'AND';
    // A disjunction is ignored; an empty entry keeps the nesting.
    this.#criteria.push({ definition: conjunctive ? this.#itemId : '', line, tests: [] });
  }

  #criterion(id: string, negate: boolean): void {
    const criteria = this.#criteria.at(-1);
    if (criteria && criteria.definition !== '') criteria.tests.push({ id, negate });
    for (const product of this.#definitionProducts) {
      const products = this.#products.get(id) ?? new Set();
      this.#products.set(id, products.add(product));
    }
  }

  #endCriteria(): void {
    const criteria = this.#criteria.pop();
    if (criteria && criteria.tests.length > 1) this.#conjunctions.push(criteria);
  }

  /** If every dpkginfo object is named like the affected product, the file tests source names, which no image has. */
  #checkSourceNames(): void {
    const named: CheckedItem[] = [];
    for (const [id, test] of this.items) {
      if (test.name !== 'dpkginfo_test') continue;
      const object = this.items.get(test.refs.find(({ kind }) => kind === 'obj')?.id ?? '');
      if (object?.objectName === undefined || !this.#products.get(id)?.has(object.objectName)) return;
      named.push(object);
    }
    for (const { line, objectName } of named) {
      this.#problems.warning(
        'source-name',
        line,
        `${objectName} is the affected product, like every name in this file`,
      );
    }
  }
}
