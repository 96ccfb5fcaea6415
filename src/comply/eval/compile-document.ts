import type { DefinitionClass, OvalDocumentInfo } from '../../model/compliance/index.ts';
import { elementKey } from '../content/compiled.ts';
import { OvalEngine } from '../oval/engine.ts';
import { nothing } from '../oval/items.ts';
import type { OvalObject, OvalState, OvalTest, OvalVariable } from '../oval/model.ts';
import type { KnownDocument } from '../probes/known-object.ts';
import { malformed } from '../xml/read-xml.ts';
import type { BucketLines } from './buckets.ts';
import type { CheckedLines, LinePlace } from './checked-lines.ts';
import {
  type DefinitionEntry,
  DocumentEntries,
  deciderOf,
  type TestEntry,
  testsOf,
  withoutPackages,
} from './compile-index.ts';
import { platformOf } from './compile-platforms.ts';
import {
  type Buckets,
  type CompiledDocument,
  type DefinitionIds,
  definitionPlace,
  type IndexMembers,
  widePlace,
} from './compiled-form.ts';
import type { Logic } from './logic.ts';
import { NameLines, type PackageNames } from './package-names.ts';
import { PackageIndex, PackageTestReader } from './package-tests.ts';
import { PackedReader } from './packed-elements.ts';
import type { PlatformExpression } from './platform-check.ts';
import type { ScannedInfo, WrittenElements } from './write-elements.ts';

/** A test of more definitions than this is evaluated in every run: otherwise all of these were reached by one package. */
const sharedBy = 50;

/** Tests that are kept with the head; more of them are found as others are. */
const mostCommon = 16;

export interface CompiledOfDocument {
  info: OvalDocumentInfo;
  document: CompiledDocument;
}

/** Gathers what finds the elements of one document, and writes it in the end. */
export class DocumentCompiler {
  readonly #at: number;
  readonly #where: string;
  /** Of what is written in the end. */
  #lines!: CheckedLines;
  readonly #entries = new DocumentEntries();
  /** Those that the document has, in its order. */
  readonly #definitions: DefinitionEntry[] = [];
  /** Tests of each of these that can be compiled. */
  readonly #used: (TestEntry[] | undefined)[] = [];
  readonly #tests: TestEntry[] = [];
  /** The first tests that every run may need. */
  readonly #forAll = new Map<string, OvalTest>();
  readonly #variables = new Map<string, OvalVariable>();
  /** Objects that may read files, and variables, which may say which. */
  readonly known: KnownDocument = {
    objects: Object.create(null) as KnownDocument['objects'],
    variables: Object.create(null) as KnownDocument['variables'],
  };
  readonly #platforms = new Set<string>();
  #info: ScannedInfo = { schemaVersion: '5.11' };

  constructor(at: number, where: string) {
    this.#at = at;
    this.#where = where;
  }

  add({ at, elements, platforms }: WrittenElements): void {
    for (const platform of platforms) this.#platforms.add(platform);
    const { section } = elements;
    const reader = new PackedReader(elements);
    let place = at;
    while (!reader.isAtEnd) {
      const length = reader.number();
      const id = reader.id();
      if (section === 'definitions') this.#definition(id, reader, [place, length]);
      else if (section === 'tests') this.#test(id, reader.test());
      else this.#element(section, id, reader.value());
      place += length;
    }
  }

  #definition(id: string, reader: PackedReader, place: LinePlace): void {
    const entry = this.#entries.definition(id);
    if (entry.place) throw this.#twice(id);
    entry.place = place;
    entry.class = reader.word() as DefinitionClass;
    this.#entries.extendsUnread = false;
    if (reader.number() === 1) entry.criteria = reader.criteria(this.#entries);
    entry.isWhole = !this.#entries.extendsUnread;
    this.#definitions.push(entry);
    this.#used.push(undefined);
    // While the document is read, the thread that makes the index has time.
    if (entry.isWhole) this.#use(entry, this.#used.length - 1);
  }

  /** Definitions of class inventory are evaluated, as each is listed. */
  #use(entry: DefinitionEntry, at: number): void {
    if (entry.class === 'inventory') return;
    const tests = testsOf(entry, at);
    this.#used[at] = tests;
    for (const test of tests ?? []) test.uses += 1;
  }

  #test(id: string, test: OvalTest): void {
    const entry = this.#entries.testOf(id);
    if (entry.type !== undefined) throw this.#twice(id);
    const { type, check, existence, stateOperator, object, states } = test;
    entry.type = type;
    entry.check = check;
    entry.existence = existence;
    entry.stateOperator = stateOperator;
    if (object !== undefined) entry.object = this.#entries.object(object);
    if (states?.length === 1) entry.states = this.#entries.state(states[0]!).alone;
    else if (states) entry.states = states.map((state) => this.#entries.state(state));
    const isForAll = entry.references > sharedBy || !isPackageType(type);
    if (isForAll && this.#forAll.size <= mostCommon) this.#forAll.set(entry.id, test);
    this.#tests.push(entry);
  }

  #element(section: 'objects' | 'states' | 'variables', id: string, value: unknown): void {
    if (section === 'objects') {
      const entry = this.#entries.object(id);
      if (entry.object) throw this.#twice(id);
      entry.object = value as OvalObject;
      if (!isPackageType(entry.object.type)) this.known.objects[id] = entry.object;
    } else if (section === 'states') {
      const entry = this.#entries.state(id);
      if (entry.state) throw this.#twice(id);
      entry.state = value as OvalState;
    } else {
      if (this.#variables.has(id)) throw this.#twice(id);
      this.#variables.set(id, value as OvalVariable);
      this.known.variables[id] = value as OvalVariable;
    }
  }

  end(info: ScannedInfo): void {
    this.#info = info;
  }

  #twice(id: string): Error {
    return malformed(this.#where, `ids are unique, found ${id} twice`);
  }

  /** Writes what finds the elements; asks for the buckets when all before them is written. */
  *compiled(lines: CheckedLines): Generator<number, CompiledOfDocument, BucketLines | undefined> {
    this.#lines = lines;
    this.#findTests();
    const groups = new Groups();
    const others = new Others();
    const uncompiled: CompiledDocument['uncompiled'] = [];
    const platforms = new Map<string, CompiledDocument['platforms'][number]>();
    let last: PlatformExpression | undefined;
    let lastKind: DefinitionClass | undefined;
    for (const [at, entry] of this.#definitions.entries()) {
      const { class: kind, id } = entry;
      const tests = this.#used[at];
      if (tests) {
        const logic = withoutPackages(entry, others.numberOf);
        const decider = deciderOf(entry);
        const place = groups.add(entry, logic, decider && withoutPackages(entry, others.numberOf, decider));
        for (const test of tests) {
          if (test.absent === undefined) others.numberOf(test);
          else test.definitions = test.definitions === '' ? place : `${test.definitions},${place}`;
        }
      } else uncompiled.push([id, kind]);
      if (kind === 'inventory' || kind === 'miscellaneous') continue;
      const expression = platformOf(entry);
      if (last === expression && lastKind === kind) continue;
      [last, lastKind] = [expression, kind];
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
      groups: groups.compiled((members) => this.#line(members)),
      tests: others.ids,
      common: others.ids.length > mostCommon ? {} : this.#common(others.ids),
      absent,
      packages: { deb: this.#packages(index, 'deb'), rpm: this.#packages(index, 'rpm') },
      forms: index.forms,
      definitions: this.#line({ ids: this.#definitions.map(({ id }) => id) }),
      ...(yield* this.#buckets()),
    };
    return { info: { ...this.#info, platforms: [...this.#platforms].sort() }, document };
  }

  #line(line: IndexMembers | PackageNames | Buckets | DefinitionIds): LinePlace {
    return this.#lines.add(JSON.stringify(line));
  }

  /** Finds the tests of definitions whose parts came later, and marks those tests that packages alone decide. */
  #findTests(): void {
    for (const [at, entry] of this.#definitions.entries()) if (!entry.isWhole) this.#use(entry, at);
    const engine = this.#emptyEngine();
    const reader = new PackageTestReader(this.#variables, (id) => engine.test(id).result);
    for (const test of this.#tests) if (test.uses <= sharedBy) test.absent = reader.absentOf(test);
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
      const { object, states } = this.#entries.testOf(id);
      const test = this.#forAll.get(id);
      if (test) common[elementKey(this.#at, 'tests', id)] = test;
      if (object?.object) common[elementKey(this.#at, 'objects', object.id)] = object.object;
      for (const state of states)
        if (state.state) common[elementKey(this.#at, 'states', state.id)] = state.state;
    }
    return common;
  }

  #packages(index: PackageIndex, type: 'rpm' | 'deb'): LinePlace {
    const names = new NameLines();
    for (const tests of index.packages(type))
      names.add(tests.name, this.#lines.add(JSON.stringify(tests)), index.boundOf(tests));
    return this.#line(names.write(this.#lines));
  }

  /** Asks for portions of them until there are no more. */
  *#buckets(): Generator<number, Pick<CompiledDocument, 'buckets' | 'bucketCount'>, BucketLines | undefined> {
    const places: string[] = [];
    for (let portion = yield this.#at; portion; portion = yield this.#at) {
      const { lines, lengths } = portion;
      let at = this.#lines.append(lines, lengths, portion.at);
      for (const length of lengths) {
        places.push(widePlace([at, length]));
        at += length;
      }
    }
    return { buckets: this.#line({ places: places.join('') }), bucketCount: places.length };
  }
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

/** Whether they are plainly the same: of others, the key decides. */
function isSame(one: Logic | undefined, other: Logic | undefined): boolean {
  if (one === other) return true;
  if (!Array.isArray(one) || !Array.isArray(other) || one.length !== other.length) return false;
  return one.every((part, nth) => part === other[nth]);
}

interface Group {
  number: number;
  class: DefinitionClass;
  logic: Logic;
  reached: Logic | undefined;
  places: string[];
}

/** Definitions of one class whose results are the same by the same tests. */
class Groups {
  readonly #groups = new Map<string, Group>();
  /** Most definitions are of the group of the one before. */
  #last: Group | undefined;

  /** Returns the place of the definition, with the number of its group. */
  add({ class: kind, place }: DefinitionEntry, logic: Logic, reached: Logic | undefined): string {
    const last = this.#last;
    const isOfLast = last?.class === kind && isSame(last.logic, logic) && isSame(last.reached, reached);
    const group = isOfLast ? last : this.#groupOf(kind, logic, reached);
    this.#last = group;
    const text = definitionPlace(place!, group.number);
    group.places.push(text);
    return text;
  }

  #groupOf(kind: DefinitionClass, logic: Logic, reached: Logic | undefined): Group {
    const key = `${kind} ${JSON.stringify([logic, reached])}`;
    let group = this.#groups.get(key);
    if (!group) {
      group = { number: this.#groups.size, class: kind, logic, reached, places: [] };
      this.#groups.set(key, group);
    }
    return group;
  }

  compiled(add: (members: IndexMembers) => LinePlace): CompiledDocument['groups'] {
    return [...this.#groups.values()].map(({ class: kind, logic, reached, places }) => ({
      class: kind,
      logic,
      ...(reached === undefined ? {} : { reached }),
      count: places.length,
      members: add({ definitions: places.join(' ') }),
    }));
  }
}
