import type { DefinitionClass, OvalDocumentInfo } from '../../model/index.ts';
import { elementKey } from '../content/compiled.ts';
import { OvalEngine } from '../oval/engine.ts';
import { nothing } from '../oval/items.ts';
import type { OvalSection, OvalTest, OvalVariable } from '../oval/model.ts';
import { maxElements, objectOf, stateOf, tooManyElements, variableOf } from '../oval/read-elements.ts';
import type { KnownDocument } from '../probes/known-object.ts';
import { malformed, type XmlElement } from '../xml/read-xml.ts';
import type { CheckedLines, Place } from './checked-lines.ts';
import {
  type DefinitionEntry,
  DocumentEntries,
  own,
  type TestEntry,
  testsOf,
  withoutPackages,
} from './compile-index.ts';
import { platformOf } from './compile-platforms.ts';
import {
  type Bucket,
  type Buckets,
  type CompiledDefinition,
  type CompiledDocument,
  type DefinitionIds,
  definitionPlace,
  keyHash,
  type Members,
  type PackageNames,
  placeText,
  widePlace,
} from './compiled-form.ts';
import type { Logic } from './logic.ts';
import { PackageIndex, PackageTestReader } from './package-tests.ts';
import type { DocumentSink, ScannedDefinition } from './scan-document.ts';

/** A test of more definitions than this is evaluated in every run: otherwise all of these were reached by one package. */
const sharedBy = 50;

/** Tests that are kept with the head; more of them are found as others are. */
const mostCommon = 16;

/** Elements in one bucket, on average. */
const perBucket = 32;

/** Writes the elements of one document as they come, and in the end what finds them. */
export class DocumentCompiler implements DocumentSink {
  readonly #at: number;
  readonly #where: string;
  readonly #lines: CheckedLines;
  readonly #entries = new DocumentEntries();
  /** Those that the document has, in its order. */
  readonly #definitions: DefinitionEntry[] = [];
  readonly #tests: TestEntry[] = [];
  /** The first tests that every run may need. */
  readonly #forAll = new Map<string, OvalTest>();
  readonly #variables = new Map<string, OvalVariable>();
  /** Objects that may read files, and variables, which may say which. */
  readonly known: KnownDocument = {
    objects: Object.create(null) as KnownDocument['objects'],
    variables: Object.create(null) as KnownDocument['variables'],
  };
  /** Elements as they were written: id, and in numbers section, hash of the key, place. */
  readonly #ids: string[] = [];
  readonly #written = new Written();
  #info: OvalDocumentInfo = { schemaVersion: '5.11', platforms: [] };

  constructor(at: number, where: string, lines: CheckedLines) {
    this.#at = at;
    this.#where = where;
    this.#lines = lines;
  }

  definition(id: string, scanned: ScannedDefinition): void {
    const { version, class: kind, title, deprecated, metadata, criteria } = scanned;
    const entry = this.#entries.definition(id);
    if (entry.place) throw this.#twice(id);
    const value: CompiledDefinition = { version, class: kind, metadata };
    if (title !== '') value.title = title;
    if (deprecated) value.deprecated = deprecated;
    if (criteria) value.criteria = criteria;
    entry.place = this.#write('definitions', entry.id, value);
    entry.class = kind;
    if (criteria) entry.criteria = this.#entries.criteria(criteria);
    this.#definitions.push(entry);
  }

  test(id: string, test: OvalTest): void {
    const entry = this.#entries.test(id);
    if (entry.type !== undefined) throw this.#twice(id);
    this.#write('tests', entry.id, test);
    const { type, check, existence, stateOperator, object, states } = test;
    entry.type = type;
    entry.check = check;
    entry.existence = existence;
    entry.stateOperator = stateOperator;
    if (object !== undefined) entry.object = this.#entries.object(object);
    if (states?.length === 1) entry.states = this.#entries.state(states[0]!).alone;
    else if (states) entry.states = states.map((state) => this.#entries.state(state));
    const isForAll = entry.references > sharedBy || !isPackageType(type);
    if (isForAll && this.#forAll.size <= mostCommon) this.#forAll.set(entry.id, copyOf(test));
    this.#tests.push(entry);
  }

  element(section: 'objects' | 'states' | 'variables', id: string, element: XmlElement): void {
    if (section === 'objects') {
      const entry = this.#entries.object(id);
      if (entry.object) throw this.#twice(id);
      entry.object = this.#keep(section, entry.id, objectOf(element));
      if (!isPackageType(entry.object.type)) this.known.objects[entry.id] = entry.object;
    } else if (section === 'states') {
      const entry = this.#entries.state(id);
      if (entry.state) throw this.#twice(id);
      entry.state = this.#keep(section, entry.id, stateOf(element));
    } else {
      if (this.#variables.has(id)) throw this.#twice(id);
      const variable = this.#keep(section, own(id), variableOf(element, this.#where));
      this.#variables.set(own(id), variable);
      this.known.variables[id] = variable;
    }
  }

  end(info: OvalDocumentInfo): void {
    this.#info = info;
  }

  #twice(id: string): Error {
    return malformed(this.#where, `ids are unique, found ${id} twice`);
  }

  #write(section: OvalSection, id: string, value: unknown): Place {
    const key = elementKey(this.#at, section, id);
    const place = this.#lines.add(JSON.stringify({ key, value }));
    if (this.#ids.length === maxElements) throw tooManyElements(this.#where);
    this.#ids.push(id);
    this.#written.add(section, keyHash(key), place);
    return place;
  }

  /** Writes it and returns a copy that does not keep the text of the document that its values are parts of. */
  #keep<T>(section: OvalSection, id: string, value: T): T {
    this.#write(section, id, value);
    return copyOf(value);
  }

  compiled(): { info: OvalDocumentInfo; document: CompiledDocument } {
    const used = this.#findTests();
    const groups = new Groups();
    const others = new Others();
    const uncompiled: CompiledDocument['uncompiled'] = [];
    const platforms = new Map<string, CompiledDocument['platforms'][number]>();
    for (const [at, entry] of this.#definitions.entries()) {
      const { class: kind, id } = entry;
      const tests = used[at];
      if (tests) {
        const place = groups.add(entry, withoutPackages(entry, others.numberOf));
        for (const test of tests) {
          if (test.absent === undefined) others.numberOf(test);
          else test.definitions = test.definitions === '' ? place : `${test.definitions},${place}`;
        }
      } else uncompiled.push([id, kind]);
      if (kind === 'inventory' || kind === 'miscellaneous') continue;
      const expression = platformOf(entry);
      platforms.set(`${kind} ${JSON.stringify(expression)}`, [kind, expression]);
    }
    const index = new PackageIndex();
    const testTypes = new Set<string>();
    const absent: CompiledDocument['absent'] = [];
    for (const test of this.#tests) {
      index.add(test);
      testTypes.add(test.type!);
      if (test.absent !== undefined && test.absent !== 'false') absent.push([test.id, test.absent]);
    }
    const document: CompiledDocument = {
      schemaVersion: this.#info.schemaVersion,
      testTypes: [...testTypes].sort(),
      uncompiled,
      platforms: [...platforms.values()],
      groups: groups.compiled((members) => this.#add(members)),
      tests: others.ids,
      common: others.ids.length > mostCommon ? {} : this.#common(others.ids),
      absent,
      packages: { deb: this.#packages(index, 'deb'), rpm: this.#packages(index, 'rpm') },
      forms: index.forms,
      definitions: this.#add({ ids: this.#definitions.map(({ id }) => id) }),
      ...this.#buckets(),
    };
    return { info: this.#info, document };
  }

  #add(line: Members | PackageNames | Bucket | Buckets | DefinitionIds): Place {
    return this.#lines.add(JSON.stringify(line));
  }

  /**
   * Tests of each definition that can be compiled, those that packages alone decide marked. Definitions of class inventory are
   * evaluated, as each is listed.
   */
  #findTests(): (TestEntry[] | undefined)[] {
    const used = this.#definitions.map((entry, at) =>
      entry.class === 'inventory' ? undefined : testsOf(entry, at),
    );
    for (const tests of used) for (const test of tests ?? []) test.uses += 1;
    const engine = this.#emptyEngine();
    const reader = new PackageTestReader(this.#variables, (id) => engine.test(id).result);
    for (const test of this.#tests) if (test.uses <= sharedBy) test.absent = reader.absentOf(test);
    return used;
  }

  /** Of a system on which nothing is found. */
  #emptyEngine(): OvalEngine {
    const { tests, objects, states } = this.#entries;
    return new OvalEngine({
      collect: () => nothing,
      document: {
        schemaVersion: this.#info.schemaVersion,
        definition: () => undefined,
        test(id) {
          const { type, check, existence, stateOperator, object: of, states: by = [] } = tests.get(id) ?? {};
          return type === undefined || check === undefined
            ? undefined
            : {
                type,
                version: '1',
                check,
                ...(existence ? { existence } : {}),
                ...(stateOperator ? { stateOperator } : {}),
                ...(of ? { object: of.id } : {}),
                ...(by.length > 0 ? { states: by.map((state) => state.id) } : {}),
              };
        },
        object: (id) => objects.get(id)?.object,
        state: (id) => states.get(id)?.state,
        variable: (id) => this.#variables.get(id),
        definitionIds: () => [],
      },
    });
  }

  /** Tests with their objects and states; what these refer to is found as everything else. */
  #common(ids: readonly string[]): CompiledDocument['common'] {
    const common: CompiledDocument['common'] = {};
    for (const id of ids) {
      const { object, states } = this.#entries.test(id);
      const test = this.#forAll.get(id);
      if (test) common[elementKey(this.#at, 'tests', id)] = test;
      if (object?.object) common[elementKey(this.#at, 'objects', object.id)] = object.object;
      for (const state of states)
        if (state.state) common[elementKey(this.#at, 'states', state.id)] = state.state;
    }
    return common;
  }

  #packages(index: PackageIndex, type: 'rpm' | 'deb'): Place {
    const names: string[] = [];
    const places: string[] = [];
    for (const tests of index.packages(type)) {
      names.push(tests.name);
      places.push(widePlace(this.#lines.add(JSON.stringify(tests))));
    }
    return this.#add({ names: names.join(' '), places: places.join('') });
  }

  #buckets(): Pick<CompiledDocument, 'buckets' | 'bucketCount'> {
    const count = Math.max(1, Math.ceil(this.#ids.length / perBucket));
    const written = this.#written;
    const starts = new Uint32Array(count + 1);
    const own = new Uint32Array(this.#ids.length);
    for (let nth = 0; nth < own.length; nth++) {
      own[nth] = written.hash(nth) % count;
      starts[own[nth]! + 1]! += 1;
    }
    for (let bucket = 0; bucket < count; bucket++) starts[bucket + 1]! += starts[bucket]!;
    const next = starts.slice();
    const nths = new Uint32Array(own.length);
    for (let nth = 0; nth < own.length; nth++) nths[next[own[nth]!]!++] = nth;
    const places: string[] = [];
    for (let bucket = 0; bucket < count; bucket++) {
      const keys: string[] = [];
      let inside = '';
      for (let at = starts[bucket]!; at < starts[bucket + 1]!; at++) {
        const nth = nths[at]!;
        keys.push(elementKey(this.#at, written.section(nth), this.#ids[nth]!));
        const place = written.place(nth);
        inside = inside === '' ? place : `${inside} ${place}`;
      }
      places.push(widePlace(this.#add({ keys, places: inside })));
    }
    return { buckets: this.#add({ places: places.join('') }), bucketCount: count };
  }
}

/** Sections, hashes and places of elements, in memory that no garbage collection looks through. */
class Written {
  #numbers = new Float64Array(4 * 1024);
  #length = 0;

  add(section: OvalSection, hash: number, [at, length]: Place): void {
    if (this.#length === this.#numbers.length) {
      const larger = new Float64Array(2 * this.#length);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    const numbers = this.#numbers;
    numbers[this.#length++] = sections.indexOf(section);
    numbers[this.#length++] = hash;
    numbers[this.#length++] = at;
    numbers[this.#length++] = length;
  }

  section(nth: number): OvalSection {
    return sections[this.#numbers[4 * nth]!]!;
  }

  hash(nth: number): number {
    return this.#numbers[4 * nth + 1]!;
  }

  place(nth: number): string {
    return placeText(this.#numbers[4 * nth + 2]!, this.#numbers[4 * nth + 3]!);
  }
}

const sections: readonly OvalSection[] = ['definitions', 'tests', 'objects', 'states', 'variables'];

function copyOf<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

function isPackageType(type: string): boolean {
  return type === 'linux/rpminfo' || type === 'linux/dpkginfo';
}

/** Tests that packages alone do not decide, numbered as they are met. */
class Others {
  readonly ids: string[] = [];

  readonly numberOf = (test: TestEntry): number => {
    if (test.number === -1) test.number = this.ids.push(test.id) - 1;
    return test.number;
  };
}

/** Definitions of one class whose result is the same by the same tests. */
class Groups {
  readonly #groups = new Map<
    string,
    { number: number; class: DefinitionClass; logic: Logic; places: string[] }
  >();

  /** Returns the place of the definition, with the number of its group. */
  add({ class: kind, place }: DefinitionEntry, logic: Logic): string {
    const key = `${kind} ${typeof logic === 'string' ? logic : JSON.stringify(logic)}`;
    let group = this.#groups.get(key);
    if (!group) {
      group = { number: this.#groups.size, class: kind, logic, places: [] };
      this.#groups.set(key, group);
    }
    const text = definitionPlace(place!, group.number);
    group.places.push(text);
    return text;
  }

  compiled(add: (members: Members) => Place): CompiledDocument['groups'] {
    return [...this.#groups.values()].map(({ class: kind, logic, places }) => ({
      class: kind,
      logic,
      count: places.length,
      members: add({ definitions: places.join(' ') }),
    }));
  }
}
