import { isBriefEntity, isBriefObject } from '../oval/brief.ts';
import type { OvalEntity, OvalVariable } from '../oval/model.ts';
import { type OrderedEvr, orderedEvr } from '../values/evr-order.ts';
import type { OvalResult } from '../values/result.ts';
import type { ObjectEntry, TestEntry } from './compile-index.ts';
import type { PackageTests, TestForm } from './compiled-form.ts';

/** Finds the tests that packages of known names decide alone. */
export class PackageTestReader {
  readonly #variables: ReadonlyMap<string, OvalVariable>;
  /** The result of a test where nothing is found. */
  readonly #empty: (test: string) => OvalResult;
  readonly #absent = new Map<string, OvalResult>();

  constructor(variables: ReadonlyMap<string, OvalVariable>, empty: (test: string) => OvalResult) {
    this.#variables = variables;
    this.#empty = empty;
  }

  /** Undefined: something else decides it. */
  read(entry: TestEntry): TestEntry['byPackages'] {
    const { type, object, id } = entry;
    if (!object?.object || (type !== 'linux/rpminfo' && type !== 'linux/dpkginfo')) return undefined;
    if (object.object.type !== type || !isText(id)) return undefined;
    object.names ??= this.#namesOf(object) ?? null;
    return object.names === null
      ? undefined
      : { names: object.names, absent: this.#absentOf(entry), definitions: [] };
  }

  /** Where nothing is found, what a test asks of existence decides it. */
  #absentOf({ existence, check, states, id }: TestEntry): OvalResult {
    const key = `${existence} ${check} ${states.length > 0}`;
    let result = this.#absent.get(key);
    if (result === undefined) {
      result = this.#empty(id);
      this.#absent.set(key, result);
    }
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

/** The state of a test that compares one value of one package with one other. */
function plainEntity({ existence, check, states, byPackages }: TestEntry): OvalEntity | undefined {
  if (existence !== undefined || check === 'none exist' || states.length !== 1) return undefined;
  if (byPackages?.names.length !== 1) return undefined;
  const { state } = states[0]!;
  const [entity] = state?.entities ?? [];
  if (!entity || state?.entities.length !== 1 || !isBriefEntity(entity)) return undefined;
  for (const key in entity) if (!plainKeys.has(key)) return undefined;
  return isText(entity.value ?? '') ? entity : undefined;
}

const plainKeys: ReadonlySet<string> = new Set(['name', 'operation', 'datatype', 'value']);

/** Tests of one package by what they compare. */
interface FormTests {
  values: string[];
  order: (OrderedEvr | undefined)[];
  tests: string[];
  definitions: string[];
}

interface NamedTests {
  /** By the number of the form. */
  forms: Map<number, FormTests>;
  others: PackageTests['others'];
}

/** The tests of each package. */
export class PackageIndex {
  readonly forms: TestForm[] = [];
  readonly #formNumbers = new Map<string, number>();
  readonly #packages = { rpm: new Map<string, NamedTests>(), deb: new Map<string, NamedTests>() };
  /** A version is read once, whatever number of packages has it. */
  readonly #versions = new Map<string, OrderedEvr | undefined>();

  add(entry: TestEntry): void {
    const { id, byPackages, type } = entry;
    if (!byPackages) return;
    const { names, absent, definitions } = byPackages;
    const packages = this.#packages[type === 'linux/rpminfo' ? 'rpm' : 'deb'];
    const entity = plainEntity(entry);
    for (const name of names) {
      let tests = packages.get(name);
      if (!tests) {
        tests = { forms: new Map(), others: [] };
        packages.set(name, tests);
      }
      if (entity) this.#addForm(tests.forms, entry, entity);
      else tests.others.push([id, absent, definitions.join(',')]);
    }
  }

  #addForm(forms: NamedTests['forms'], { id, check, byPackages }: TestEntry, entity: OvalEntity): void {
    const { name, operation = 'equals', datatype = 'string', value = '' } = entity;
    const mayOrder =
      name === 'evr' && operation === 'less than' && (check === 'at least one' || check === 'all');
    const version = mayOrder ? this.#versionOf(datatype, value) : undefined;
    const { absent, definitions } = byPackages!;
    const number = this.#formNumber({
      check,
      entity: name,
      operation,
      datatype,
      absent,
      ...(version ? { isOrdered: true } : {}),
    });
    let tests = forms.get(number);
    if (!tests) {
      tests = { values: [], order: [], tests: [], definitions: [] };
      forms.set(number, tests);
    }
    tests.values.push(value);
    tests.order.push(version);
    tests.tests.push(id);
    tests.definitions.push(definitions.join(','));
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
      const { forms, others } = packages.get(name)!;
      yield {
        name,
        forms: [...forms].map(([number, tests]): PackageTests['forms'][number] => [
          number,
          ...(this.forms[number]!.isOrdered ? sorted(tests) : listed(tests)),
        ]),
        others,
      };
    }
  }
}

function listed({ values, tests, definitions }: FormTests): [string, string, string] {
  return [values.join(' '), tests.join(' '), definitions.join(' ')];
}

/** In ascending order of the versions. */
function sorted({ values, order, tests, definitions }: FormTests): [string, string, string] {
  if (values.length === 1) return [values[0]!, tests[0]!, definitions[0]!];
  const nths = values.map((_, nth) => nth);
  nths.sort((a, b) => (order[a] === order[b] ? a - b : order[a]!.compare(order[b]!) || a - b));
  const pick = (list: readonly string[]) => nths.map((nth) => list[nth]!);
  return listed({ values: pick(values), order, tests: pick(tests), definitions: pick(definitions) });
}
