import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { DefinitionClass } from '../../model/index.ts';
import { elementKey } from '../content/compiled.ts';
import { isBriefEntity, isBriefObject } from '../oval/brief.ts';
import { OvalEngine } from '../oval/engine.ts';
import { nothing } from '../oval/items.ts';
import { lookupOf } from '../oval/lookup.ts';
import { type OvalDefinition, type OvalDocument, type OvalTest, ovalSectionNames } from '../oval/model.ts';
import { wantedFiles } from '../probes/wanted.ts';
import type { OvalResult } from '../values/result.ts';
import { malformed } from '../xml/read-xml.ts';
import {
  type CompiledDefinition,
  type CompiledDocument,
  type CompiledOvalHead,
  checksumLine,
  compiledOvalFormat,
  compiledOvalKind,
  type DefinitionGroup,
  type DefinitionRecord,
  type PackageTests,
  type Place,
  type TestForm,
} from './compiled-form.ts';
import { type Logic, LogicReader, reduced, testsOf } from './logic.ts';
import { PlatformExpressions } from './platform-check.ts';
import { type ReadDocument, readDocuments } from './read-document.ts';

/**
 * Compiles OVAL definitions: parts of the file's text, the same for the same input.
 * @throws CONTENT_MALFORMED, before the first part
 */
export function compileOval(
  source: Uint8Array,
  { name, where, tool }: { name: string; where: string; tool: string },
): Iterable<string> {
  const sha256 = createHash('sha256').update(source).digest('hex');
  const documents = readDocuments(source, where, { metadataAtOnce: true });
  if (documents.length === 0) throw malformed(where, 'the data stream has no OVAL component');
  const lines = new Lines();
  const compiled = documents.map((document) => compileDocument(document, lines));
  const head: CompiledOvalHead = {
    format: compiledOvalFormat,
    kind: compiledOvalKind,
    tool,
    info: { name, sha256, documents: documents.map(({ info }) => info) },
    wanted: wantedFiles(
      documents.map(({ document }) => document),
      new Map(),
    ),
    documents: compiled.map(({ document }) => document),
    elements: lines.end,
  };
  return withChecksum(partsOf(head, lines, documents, compiled));
}

function* withChecksum(parts: Iterable<string>): Generator<string> {
  let sum = 0;
  for (const part of parts) {
    sum = crc32(part, sum);
    yield part;
  }
  yield checksumLine(sum);
}

function* partsOf(
  head: CompiledOvalHead,
  lines: Lines,
  documents: readonly ReadDocument[],
  compiled: readonly { records: ReadonlyMap<string, Place> }[],
): Generator<string> {
  yield `${JSON.stringify(head)}\n`;
  yield* lines.parts();
  // Keys begin with the document's number, in order of their characters.
  for (const at of [...documents.keys()].map(String).sort())
    yield* elementLines(Number(at), documents[Number(at)]!, compiled[Number(at)]!.records);
}

/** Lines whose places are known when they are added. */
class Lines {
  readonly #parts: string[] = [];
  end = 0;

  add(value: unknown): Place {
    const line = `${JSON.stringify(value)}\n`;
    const length = Buffer.byteLength(line);
    const place: Place = [this.end, length];
    this.#parts.push(line);
    this.end += length;
    return place;
  }

  *parts(): Generator<string> {
    yield* this.#parts;
  }
}

/** Which package a test depends on alone, and how. */
interface PackageTest {
  type: 'rpm' | 'deb';
  names: readonly string[];
  absent: OvalResult;
  form?: number;
  value?: string;
  id: string;
  definitions: Place[];
}

function compileDocument(
  { document, metadata }: ReadDocument,
  lines: Lines,
): { document: CompiledDocument; records: ReadonlyMap<string, Place> } {
  const lookup = lookupOf(document);
  const compiler = new TestCompiler(document);
  const logics = new LogicReader(lookup, (id) => compiler.numberOf(id));
  const platforms = new PlatformExpressions(lookup);
  const asked = new Map<string, CompiledDocument['platforms'][number]>();
  const groups = new Map<string, Group>();
  const uncompiled: CompiledDocument['uncompiled'] = [];
  const inventory: CompiledDocument['inventory'] = [];
  const records = new Map<string, Place>();
  const logicOf = new Map<string, Logic>();
  for (const [id, definition] of Object.entries(document.definitions)) {
    const logic = definition.class === 'inventory' ? undefined : logics.of(id);
    if (logic !== undefined) logicOf.set(id, logic);
  }
  compiler.setShared(logicOf.values());
  for (const [id, definition] of Object.entries(document.definitions)) {
    const kind: DefinitionClass = definition.class;
    const title = definition.title || id;
    if (kind === 'inventory') inventory.push([id, title]);
    else if (kind !== 'miscellaneous') {
      const expression = platforms.of(definition);
      asked.set(`${kind} ${JSON.stringify(expression)}`, [kind, expression]);
    }
    const logic = logicOf.get(id);
    if (logic === undefined) {
      uncompiled.push([id, kind]);
      continue;
    }
    const group = groupOf(
      groups,
      kind,
      reduced(logic, (number) => compiler.absent(number)),
    );
    const record: DefinitionRecord = {
      id,
      version: definition.version,
      class: kind,
      title,
      ...(definition.deprecated ? { deprecated: true as const } : {}),
      metadata: metadata(id),
      group: group.number,
      logic,
    };
    const place = lines.add(record);
    records.set(id, place);
    group.members.push(place);
    for (const number of testsOf(logic)) compiler.usedBy(number, place);
  }
  const result: CompiledDocument = {
    schemaVersion: document.schemaVersion,
    testTypes: [...new Set(Object.values(document.tests).map(({ type }) => type))].sort(),
    inventory,
    uncompiled,
    platforms: [...asked.values()],
    groups: [...groups.values()].map(
      ({ class: kind, logic, members }): DefinitionGroup => ({
        class: kind,
        logic,
        count: members.length,
        members: lines.add(members),
      }),
    ),
    tests: compiler.otherTests(),
    absent: compiler.absentResults(),
    forms: compiler.forms,
    packages: { deb: packageLines(compiler, 'deb', lines), rpm: packageLines(compiler, 'rpm', lines) },
  };
  return { document: result, records };
}

interface Group {
  number: number;
  class: DefinitionClass;
  logic: Logic;
  members: Place[];
}

function groupOf(groups: Map<string, Group>, kind: DefinitionClass, logic: Logic): Group {
  const key = `${kind} ${JSON.stringify(logic)}`;
  let group = groups.get(key);
  if (!group) {
    group = { number: groups.size, class: kind, logic, members: [] };
    groups.set(key, group);
  }
  return group;
}

function packageLines(
  compiler: TestCompiler,
  type: 'rpm' | 'deb',
  lines: Lines,
): CompiledDocument['packages']['rpm'] {
  const tests = compiler.byPackage(type);
  const names = [...tests.keys()].sort();
  const at = lines.end;
  const lengths = names.map((name) => lines.add(tests.get(name))[1]);
  return { at, names: names.join(' '), lengths };
}

/** A test of more definitions than this is evaluated in every run. */
const sharedBy = 50;

/** Numbers the tests of a document, and finds what each depends on. */
class TestCompiler {
  readonly forms: TestForm[] = [];
  readonly #document: OvalDocument;
  readonly #engine: OvalEngine;
  readonly #numbers = new Map<string, number>();
  readonly #ids: string[] = [];
  readonly #packages = new Map<number, PackageTest>();
  readonly #formNumbers = new Map<string, number>();

  constructor(document: OvalDocument) {
    this.#document = document;
    // Of a system without packages, these tests find nothing.
    this.#engine = new OvalEngine({ document: lookupOf(document), collect: () => nothing });
  }

  numberOf(id: string): number {
    const known = this.#numbers.get(id);
    if (known !== undefined) return known;
    const number = this.#ids.push(id) - 1;
    this.#numbers.set(id, number);
    const test = Object.hasOwn(this.#document.tests, id) ? this.#document.tests[id] : undefined;
    const found = test && this.#packageTest(id, test);
    if (found) this.#packages.set(number, found);
    return number;
  }

  /**
   * Tests of many definitions, of the release above all, are evaluated in every run: otherwise all of these definitions were
   * reached by one package.
   */
  setShared(logics: Iterable<Logic>): void {
    const uses = new Map<number, number>();
    for (const logic of logics)
      for (const number of testsOf(logic)) uses.set(number, (uses.get(number) ?? 0) + 1);
    for (const [number, count] of uses) if (count > sharedBy) this.#packages.delete(number);
  }

  /** The result on an image without the package; undefined: something else decides it. */
  absent(number: number): OvalResult | undefined {
    return this.#packages.get(number)?.absent;
  }

  usedBy(number: number, definition: Place): void {
    this.#packages.get(number)?.definitions.push(definition);
  }

  /** Tests that depend on something else than packages. */
  otherTests(): CompiledDocument['tests'] {
    return this.#ids.flatMap((id, number): CompiledDocument['tests'] =>
      this.#packages.has(number) ? [] : [[number, id]],
    );
  }

  absentResults(): CompiledDocument['absent'] {
    return [...this.#packages].flatMap(([number, { absent }]): CompiledDocument['absent'] =>
      absent === 'false' ? [] : [[number, absent]],
    );
  }

  byPackage(type: 'rpm' | 'deb'): Map<string, PackageTests> {
    const tests = new Map<string, PackageTests>();
    for (const [number, test] of this.#packages) {
      if (test.type !== type) continue;
      const { form, value = '', id, absent, definitions } = test;
      for (const name of test.names) {
        const list = tests.get(name) ?? [];
        list.push(
          form === undefined ? [number, id, absent, definitions] : [number, form, value, definitions],
        );
        tests.set(name, list);
      }
    }
    return tests;
  }

  #packageTest(id: string, test: OvalTest): PackageTest | undefined {
    const names = this.#namesOf(test);
    if (!names) return undefined;
    const absent = this.#engine.test(id).result;
    const type = test.type === 'linux/rpminfo' ? 'rpm' : 'deb';
    return { type, names, absent, id, definitions: [], ...this.#formOf(test, names, absent) };
  }

  /** Names of the packages that a test looks for; undefined where these are not known, or not all that it looks for. */
  #namesOf({ type, object: id }: OvalTest): readonly string[] | undefined {
    const { objects, variables } = this.#document;
    const object = id !== undefined && Object.hasOwn(objects, id) ? objects[id] : undefined;
    if (object?.type !== type || (type !== 'linux/rpminfo' && type !== 'linux/dpkginfo')) return undefined;
    const [entity] = object.entities;
    // Names with blanks would end the list of names.
    const usable = (names: readonly string[]) =>
      names.some((name) => !/^[!-~]+$/.test(name)) ? undefined : names;
    if (isBriefObject(object)) return usable([entity?.value ?? '']);
    if (object.set || object.filters || object.entities.length !== 1 || entity?.name !== 'name')
      return undefined;
    const { operation, datatype, nil, variable, variableCheck } = entity;
    if (operation !== undefined || datatype !== undefined || nil || variableCheck !== 'at least one')
      return undefined;
    const known =
      variable !== undefined && Object.hasOwn(variables, variable) ? variables[variable] : undefined;
    const values = known?.kind === 'constant' ? (known.values ?? []) : [];
    return values.length === 0 ? undefined : usable([...new Set(values)]);
  }

  /** A test of one package that compares one of its values with one other. */
  #formOf(
    { check, existence, states = [] }: OvalTest,
    names: readonly string[],
    absent: OvalResult,
  ): { form: number; value: string } | undefined {
    const [only] = states;
    const state =
      only !== undefined && Object.hasOwn(this.#document.states, only)
        ? this.#document.states[only]
        : undefined;
    const [entity] = state?.entities ?? [];
    const isPlain =
      entity &&
      existence === undefined &&
      check !== 'none exist' &&
      states.length === 1 &&
      names.length === 1 &&
      state?.entities.length === 1 &&
      isBriefEntity(entity) &&
      Object.keys(entity).every((key) => ['name', 'operation', 'datatype', 'value'].includes(key));
    if (!isPlain) return undefined;
    const { name, operation = 'equals', datatype = 'string', value = '' } = entity;
    const form: TestForm = { check, entity: name, operation, datatype, absent };
    const key = JSON.stringify(form);
    let number = this.#formNumbers.get(key);
    if (number === undefined) {
      number = this.forms.push(form) - 1;
      this.#formNumbers.set(key, number);
    }
    return { form: number, value };
  }
}

/** Elements in order of their keys. Definitions without a record have what it would say of them. */
function* elementLines(
  at: number,
  { document, metadata }: ReadDocument,
  records: ReadonlyMap<string, Place>,
): Generator<string> {
  for (const section of ovalSectionNames) {
    const ids = Object.keys(document[section]).sort(byBytes);
    for (const id of ids) {
      const key = elementKey(at, section, id);
      const own = document[section][id];
      const value =
        section === 'definitions' ? withRecord(document.definitions[id]!, id, metadata, records) : own;
      yield `${JSON.stringify({ key, value })}\n`;
    }
  }
}

function withRecord(
  definition: OvalDefinition,
  id: string,
  metadata: ReadDocument['metadata'],
  records: ReadonlyMap<string, Place>,
): CompiledDefinition {
  const { version, class: kind, deprecated, criteria } = definition;
  const record = records.get(id);
  return {
    version,
    class: kind,
    ...(deprecated ? { deprecated } : {}),
    ...(criteria ? { criteria } : {}),
    ...(record ? { record } : { title: definition.title || id, metadata: metadata(id) }),
  };
}

function byBytes(a: string, b: string): number {
  if (isAscii(a) && isAscii(b)) return a < b ? -1 : 1;
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function isAscii(text: string): boolean {
  return !/[^\0-\x7f]/.test(text);
}
