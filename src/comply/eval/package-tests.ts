import type { OvalEntity, OvalVariable } from '../oval/model.ts';
import { isBriefEntity, isBriefObject } from '../oval/states.ts';
import { type OrderedEvr, orderedEvr } from '../values/evr-order.ts';
import type { OvalResult } from '../values/result.ts';
import type { ObjectEntry, StateEntry, TestEntry, ValueComparison } from './compile-index.ts';
import type { PackageTests, TestForm } from './compiled-form.ts';
import type { Bound } from './package-names.ts';

/** Finds the tests that packages of known names decide alone. */
export class PackageTestReader {
  readonly #variables: ReadonlyMap<string, OvalVariable>;
  /** The result of a test where nothing is found. */
  readonly #empty: (test: string) => OvalResult;
  readonly #absent = new Map<string, OvalResult>();
  /** Most tests are of the form of the one before. */
  #last:
    | { existence: TestEntry['existence']; check: TestEntry['check']; has: boolean; result: OvalResult }
    | undefined;

  constructor(variables: ReadonlyMap<string, OvalVariable>, empty: (test: string) => OvalResult) {
    this.#variables = variables;
    this.#empty = empty;
  }

  /** The result of a test without the packages that alone decide it. Undefined: something else decides it. */
  absentOf(entry: TestEntry): OvalResult | undefined {
    const { type, object, id } = entry;
    if (!object?.object || (type !== 'linux/rpminfo' && type !== 'linux/dpkginfo')) return undefined;
    if (object.object.type !== type || !isText(id)) return undefined;
    if (object.names === undefined) object.names = this.#namesOf(object) ?? null;
    return object.names === null ? undefined : this.#nothingFound(entry);
  }

  /** Where nothing is found, what a test asks of existence decides it. */
  #nothingFound({ existence, check, states, id }: TestEntry): OvalResult {
    const has = states.length > 0;
    const last = this.#last;
    if (last && last.existence === existence && last.check === check && last.has === has) return last.result;
    const key = `${existence} ${check} ${has}`;
    let result = this.#absent.get(key);
    if (result === undefined) {
      result = this.#empty(id);
      this.#absent.set(key, result);
    }
    this.#last = { existence, check, has, result };
    return result;
  }

  /** Names of the packages that an object looks for; undefined where these are not known, or not all that it looks for. */
  #namesOf({ object }: ObjectEntry): readonly string[] | undefined {
    if (!object) return undefined;
    const [entity] = object.entities;
    if (isBriefObject(object)) return usable([entity?.value ?? '']);
    if (object.set || object.filters || object.entities.length !== 1 || entity?.name !== 'name')
      return undefined;
    const { operation, datatype, nil, variable, variableCheck } = entity;
    if (operation !== undefined || datatype !== undefined || nil || variableCheck !== 'at least one')
      return undefined;
    const known = variable === undefined ? undefined : this.#variables.get(variable);
    const values = known?.kind === 'constant' ? (known.values ?? []) : [];
    return values.length === 0 ? undefined : usable([...new Set(values)]);
  }
}

/** Names with blanks would end the list of names. */
function usable(names: readonly string[]): readonly string[] | undefined {
  return names.every(isText) ? names : undefined;
}

/** A text that can stand in a list joined by blanks. */
function isText(text: string): boolean {
  return /^[!-~]+$/.test(text);
}

/** The comparison of a test that compares one value of one package with one other. */
function comparisonOf({ existence, check, states, object }: TestEntry): ValueComparison | null {
  if (existence !== undefined || check === 'none exist' || states.length !== 1) return null;
  if (object?.names?.length !== 1) return null;
  const state = states[0]!;
  if (state.comparison === undefined) {
    const entity = plainEntity(state);
    state.comparison = entity
      ? { entity, check: undefined, absent: undefined, form: -1, version: undefined }
      : null;
  }
  return state.comparison;
}

function plainEntity({ state }: StateEntry): OvalEntity | undefined {
  const [entity] = state?.entities ?? [];
  if (!entity || state?.entities.length !== 1 || !isBriefEntity(entity)) return undefined;
  for (const key in entity) if (!plainKeys.has(key)) return undefined;
  return isText(entity.value ?? '') ? entity : undefined;
}

const plainKeys: ReadonlySet<string> = new Set(['name', 'operation', 'datatype', 'value']);

/** Tests of one package. */
interface NamedTests {
  compared: TestEntry[];
  others: PackageTests['others'];
}

/** The tests of each package. */
export class PackageIndex {
  readonly forms: TestForm[] = [];
  readonly #formNumbers = new Map<string, number>();
  readonly #packages = { rpm: new Map<string, NamedTests>(), deb: new Map<string, NamedTests>() };
  /** A version is read once, whatever number of states has it. */
  readonly #versions = new Map<string, OrderedEvr | undefined>();

  add(entry: TestEntry): void {
    const { id, absent, definitions, type, object } = entry;
    if (absent === undefined) return;
    const packages = this.#packages[type === 'linux/rpminfo' ? 'rpm' : 'deb'];
    const comparison = comparisonOf(entry);
    // Forms have their numbers in the order of the document.
    if (comparison) this.#formOf(entry, comparison);
    for (const name of object?.names ?? []) {
      const tests = packages.get(name);
      if (!comparison) {
        const other: PackageTests['others'][number] = [id, absent, definitions];
        if (tests) tests.others.push(other);
        else packages.set(name, { compared: [], others: [other] });
      } else if (tests) tests.compared.push(entry);
      else packages.set(name, { compared: [entry], others: [] });
    }
  }

  #formOf({ check, absent }: TestEntry, comparison: ValueComparison): number {
    if (comparison.check !== check || comparison.absent !== absent) {
      const { name, operation = 'equals', datatype = 'string', value = '' } = comparison.entity;
      const mayOrder =
        name === 'evr' && operation === 'less than' && (check === 'at least one' || check === 'all');
      if (mayOrder) comparison.version = this.#versionOf(datatype, value);
      const isOrdered = mayOrder && comparison.version !== undefined;
      comparison.check = check;
      comparison.absent = absent;
      comparison.form = this.#formNumber({
        check,
        entity: name,
        operation,
        datatype,
        absent: absent!,
        ...(isOrdered ? { isOrdered: true } : {}),
      });
    }
    return comparison.form;
  }

  #versionOf(datatype: string, value: string): OrderedEvr | undefined {
    const key = `${datatype} ${value}`;
    let version = this.#versions.get(key);
    if (version === undefined && !this.#versions.has(key)) {
      version = orderedEvr(datatype, value);
      this.#versions.set(key, version);
    }
    return version;
  }

  #formNumber(form: TestForm): number {
    const { check, entity, operation, datatype, absent, isOrdered } = form;
    const key = `${check} ${entity} ${operation} ${datatype} ${absent} ${isOrdered}`;
    let number = this.#formNumbers.get(key);
    if (number === undefined) {
      number = this.forms.push(form) - 1;
      this.#formNumbers.set(key, number);
    }
    return number;
  }

  *packages(type: 'rpm' | 'deb'): Generator<PackageTests> {
    const packages = this.#packages[type];
    for (const name of [...packages.keys()].sort()) {
      const { compared, others } = packages.get(name)!;
      yield { name, forms: this.#byForm(compared), others };
    }
  }

  /** Tests by what they compare, forms in the order of their first test. */
  #byForm(compared: readonly TestEntry[]): PackageTests['forms'] {
    const numbers = compared.map((entry) => this.#formOf(entry, comparedBy(entry)));
    const [first] = numbers;
    if (first === undefined) return [];
    if (numbers.every((number) => number === first)) return [this.#listed(first, compared)];
    const groups = new Map<number, TestEntry[]>();
    for (const [nth, number] of numbers.entries()) {
      const group = groups.get(number);
      if (group) group.push(compared[nth]!);
      else groups.set(number, [compared[nth]!]);
    }
    return [...groups].map(([number, tests]) => this.#listed(number, tests));
  }

  #listed(form: number, tests: readonly TestEntry[]): PackageTests['forms'][number] {
    const list = this.forms[form]!.isOrdered && tests.length > 1 ? sorted(tests) : tests;
    return [form, list.map((test) => `${comparedValue(test)} ${test.id} ${test.definitions}`).join(' ')];
  }

  /** Of a package whose tests are all of one ordered form. */
  boundOf({ forms: [first, ...more], others }: PackageTests): Bound | undefined {
    if (!first || more.length > 0 || others.length > 0) return undefined;
    const [form, tests] = first;
    return this.forms[form]!.isOrdered ? { form, highest: tests.slice(0, tests.indexOf(' ')) } : undefined;
  }
}

function comparedBy({ states }: TestEntry): ValueComparison {
  return states[0]!.comparison!;
}

function comparedValue(test: TestEntry): string {
  return comparedBy(test).entity.value ?? '';
}

/** The highest version first. */
function sorted(tests: readonly TestEntry[]): readonly TestEntry[] {
  const compare = (one: TestEntry, other: TestEntry) => {
    const [a, b] = [comparedBy(one).version!, comparedBy(other).version!];
    return a === b ? 0 : b.compare(a);
  };
  return tests.toSorted(compare);
}
