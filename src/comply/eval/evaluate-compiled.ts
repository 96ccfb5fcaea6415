import type {
  DefinitionClass,
  EvaluatedDefinition,
  OvalResultsData,
  ShownEvidence,
} from '../../model/compliance/index.ts';
import type { InstalledPackage } from '../../model/inventory/index.ts';
import { sortedByText } from '../../model/order.ts';
import type { Steps } from '../../model/progress.ts';
import { elementKey } from '../content/compiled.ts';
import { EvaluationAllowance } from '../oval/allowance.ts';
import { byCheck, byOperator, negated } from '../oval/combine-results.ts';
import { type ObjectCollector, OvalEngine } from '../oval/engine.ts';
import type { OvalItem } from '../oval/items.ts';
import type { OvalCriteria, OvalDefinition, OvalState } from '../oval/model.ts';
import { judgeItem } from '../oval/states.ts';
import { evrOfPackage, packagesOf } from '../probes/packages.ts';
import type { ImageSystem } from '../probes/probe.ts';
import type { OvalDescription } from '../result/oval-data.ts';
import { type OrderedEvr, orderedEvr } from '../values/evr-order.ts';
import type { OvalResult } from '../values/result.ts';
import { ContentApplicability } from './applicability.ts';
import type { Cut, LinePlace } from './checked-lines.ts';
import {
  type CompiledDefinition,
  type CompiledDocument,
  type DefinitionGroup,
  type IndexMembers,
  type PackageTests,
  readDefinitionPlace,
  type TestForm,
  type TestWords,
  walkTests,
} from './compiled-form.ts';
import { metadataWith, referencesOf } from './compiled-metadata.ts';
import { lineShape } from './compiled-shape.ts';
import type { OvalContentDocument } from './content.ts';
import type { Evaluated, EvaluationSettings, Findings } from './evaluate.ts';
import type { CompiledOval } from './load-compiled.ts';
import { resultOf } from './logic.ts';
import { unseenPackages } from './own-coverage.ts';
import { type PackageNames, placesOf } from './package-names.ts';
import { isReported } from './reported.ts';
import { Tally } from './tally.ts';

/** Parts of an evaluation besides the content; passed in, because a run that only prints a table needs few of them. */
export interface EvaluationParts {
  collector(system: ImageSystem): ObjectCollector;
  /** The tests behind a definition's result. Undefined: nothing shows them, nor references. */
  evidenceOf?(engine: OvalEngine, definition: string): ShownEvidence;
  ovalData(href: string, engine: OvalEngine, described: OvalDescription): OvalResultsData;
}

/**
 * Evaluates compiled OVAL: what the image's packages and files can change is evaluated, all else is known from compiling.
 * The results are those of evaluating every definition. It pauses before each group of them.
 */
export function* evaluateCompiled(
  content: CompiledOval,
  system: ImageSystem,
  settings: EvaluationSettings,
  parts: EvaluationParts,
): Steps<Evaluated> {
  const collect = parts.collector(system);
  const allowance = new EvaluationAllowance();
  const { external = new Map(), now } = settings;
  const findings: Findings = {
    tally: new Tally(),
    applicability: new ContentApplicability(system.packages()),
    inventory: [],
    definitions: [],
  };
  const engines = content.documents.map(
    ({ lookup }) => new OvalEngine({ document: lookup, collect, external, now, allowance }),
  );
  for (const [at, engine] of engines.entries())
    yield* new DocumentRun({ content, at, engine, system, settings, findings, parts }).run();
  const { exhausted } = allowance;
  return {
    packages: system.packages().length,
    ...findings.applicability.verdict(),
    inventory: sortedByText(findings.inventory, ({ id }) => id),
    counts: findings.tally.counts(),
    ...(exhausted === undefined ? {} : { unfinished: exhausted }),
    definitions: sortedByText(findings.definitions, ({ id }) => id),
    oval: () =>
      content.documents.map((document) => {
        const { info, lookup } = document;
        const engine = new OvalEngine({ document: lookup, collect, external, now });
        for (const id of lookup.definitionIds())
          if (!settings.classes || isOfClass(lookup.definition(id), settings.classes)) engine.definition(id);
        return parts.ovalData(info.component ?? content.info.name, engine, document);
      }),
  };
}

function isOfClass(definition: OvalDefinition | undefined, classes: readonly DefinitionClass[]): boolean {
  return definition !== undefined && classes.includes(definition.class);
}

interface RunOptions {
  content: CompiledOval;
  at: number;
  engine: OvalEngine;
  system: ImageSystem;
  settings: EvaluationSettings;
  findings: Findings;
  parts: EvaluationParts;
}

/** A line of a definition. */
interface DefinitionLine {
  key: string;
  value: CompiledDefinition;
}

/** An installed package whose tests are needed. */
interface TestedPackage {
  name: string;
  found: readonly InstalledPackage[];
  /** The version that decides all its tests. */
  version: OrderedEvr | undefined;
}

/** A definition that an installed package reaches. */
interface Reached {
  place: LinePlace;
  group: number;
  /** A test of a package in it is true. */
  isTrue: boolean;
}

/** The result of a definition's criteria may be known without them. */
const withoutCriteria: Cut = { before: ',"criteria":', end: '}}' };

class DocumentRun {
  readonly #content: CompiledOval;
  readonly #document: CompiledDocument;
  readonly #opened: OvalContentDocument;
  readonly #engine: OvalEngine;
  readonly #system: ImageSystem;
  readonly #settings: EvaluationSettings;
  readonly #findings: Findings;
  readonly #parts: EvaluationParts;
  readonly #keyLength: number;
  /** Ids of tests that packages alone do not decide. */
  readonly #others: ReadonlySet<string>;
  /** Results of tests on this image, where they are not those of an image without the package. */
  readonly #changed = new Map<string, OvalResult>();
  /** Definitions with such a test, by where they begin. */
  readonly #reached = new Map<string, Reached>();
  /** Results of tests of packages that are not installed, where they are not false. */
  readonly #absent: ReadonlyMap<string, OvalResult>;
  readonly #extended = new Map<string, OvalResult>();

  constructor({ content, at, engine, system, settings, findings, parts }: RunOptions) {
    this.#content = content;
    this.#document = content.head.documents[at]!;
    this.#opened = content.documents[at]!;
    this.#engine = engine;
    this.#system = system;
    this.#settings = settings;
    this.#findings = findings;
    this.#parts = parts;
    this.#keyLength = elementKey(at, 'definitions', '').length;
    this.#others = new Set(this.#document.tests);
    this.#absent = new Map(this.#document.absent);
  }

  *run(): Steps<void> {
    const { groups, uncompiled } = this.#document;
    this.#askPlatforms();
    this.#testPackages();
    const counts = groups.map(({ count }) => count);
    const asked: LinePlace[] = [];
    const known = new Map<number, LinePlace[]>();
    for (const { place, group, isTrue } of this.#reached.values()) {
      const left = counts[group];
      if (!left) throw this.#content.damaged('a package reaches more definitions than there are');
      counts[group] = left - 1;
      if (!this.#isAsked(groups[group]!.class)) continue;
      if (!isTrue || groups[group]!.reached === undefined) asked.push(place);
      else if (known.has(group)) known.get(group)!.push(place);
      else known.set(group, [place]);
    }
    for (const [group, places] of known) yield* this.#report(groups[group]!, places);
    for (const line of this.#content.lines<DefinitionLine>(ascending(asked), lineShape.definitions)) {
      yield;
      this.#judge(line);
    }
    for (const [at, group] of groups.entries()) {
      yield;
      if (counts[at]! > 0 && this.#isAsked(group.class)) this.#countGroup(group, counts[at]!);
    }
    for (const [id, kind] of uncompiled) {
      yield;
      if (this.#isAsked(kind)) this.#evaluate(id);
    }
  }

  /** Definitions whose result is that of their group, since a test of a package is true in each. */
  *#report({ class: kind, reached }: DefinitionGroup, places: LinePlace[]): Steps<void> {
    const result = resultOf(reached!, this.#resultOfTest);
    this.#findings.tally.add(kind, result, places.length);
    if (!this.#isListed(kind, result)) return;
    const lines = this.#content.lines<DefinitionLine>(
      ascending(places),
      lineShape.definitions,
      withoutCriteria,
    );
    for (const { key, value } of lines) {
      yield;
      this.#list(key.slice(this.#keyLength), value, result);
    }
  }

  readonly #resultOfTest = (number: number): OvalResult =>
    this.#engine.test(this.#document.tests[number] ?? '').result;

  #isAsked(kind: DefinitionClass): boolean {
    const { classes } = this.#settings;
    return !classes || classes.includes(kind);
  }

  #askPlatforms(): void {
    const { applicability } = this.#findings;
    const { info, lookup, testTypes } = this.#opened;
    const results = {
      test: (id: string) => this.#engine.test(id).result,
      definition: (id: string) => this.#engine.definition(id),
    };
    applicability.tests(testTypes);
    applicability.cannotSee(unseenPackages({ info, lookup }, this.#engine));
    for (const [kind, expression] of this.#document.platforms)
      if (this.#isAsked(kind) && !applicability.isSettled) applicability.add(expression, lookup, results);
  }

  /** Runs the tests of installed packages. */
  #testPackages(): void {
    for (const type of ['deb', 'rpm'] as const) {
      const packages = packagesOf(this.#system, type);
      if (packages.isEmpty) continue;
      const names = this.#content.line<PackageNames>(this.#document.packages[type], lineShape.packageNames);
      const tested: TestedPackage[] = [];
      const places: LinePlace[] = [];
      for (const { name, place, bound } of placesOf(packages.names, names, (each) =>
        this.#content.lines(each, lineShape.nameLine),
      )) {
        const found = packages.named(name);
        const version = bound && decisiveVersion(found, this.#formOf(name, bound.form));
        // Most packages have every fix.
        if (version && bound && version.compareText(bound.highest) >= 0) continue;
        tested.push({ name, found, version });
        places.push(place);
      }
      let nth = 0;
      for (const tests of this.#content.lines<PackageTests>(places, lineShape.packageTests))
        this.#testPackage(tests, tested[nth++]!, packages.itemOf);
    }
  }

  #testPackage(
    { name, forms, others }: PackageTests,
    tested: TestedPackage,
    itemOf: (each: InstalledPackage) => OvalItem,
  ): void {
    if (name !== tested.name)
      throw this.#content.damaged(`in the place of the tests of ${tested.name} is another line`);
    const { found } = tested;
    for (const [number, tests] of forms) {
      const form = this.#formOf(name, number);
      const version = tested.version ?? (form.isOrdered ? decisiveVersion(found, form) : undefined);
      if (version === undefined) this.#testValues(found.map(itemOf), form, tests);
      else
        this.#walk(tests, (value, id, definitions) => {
          if (version.compareText(value) >= 0) return false;
          this.#change(id, 'true', definitions);
          return true;
        });
    }
    for (const [id, absent, definitions] of others) {
      const { result } = this.#engine.test(id);
      if (result !== absent) this.#change(id, result, definitions);
    }
  }

  /** Each value by itself. */
  #testValues(items: readonly OvalItem[], form: TestForm, tests: string): void {
    const known = new Map<string, OvalResult>();
    this.#walk(tests, (value, id, definitions) => {
      let result = known.get(value);
      if (result === undefined) {
        result = byCheck(
          form.check,
          items.map((item) => judgeItem(item, stateOf(form, value), noVariable)),
        );
        known.set(value, result);
      }
      if (result !== form.absent) this.#change(id, result, definitions);
      return true;
    });
  }

  #formOf(name: string, number: number): TestForm {
    const form = this.#document.forms[number];
    if (form) return form;
    throw this.#content.damaged(`the tests of ${name} have a form that is not there`);
  }

  #walk(tests: string, isMore: (...words: TestWords) => boolean): void {
    if (!walkTests(tests, isMore)) throw this.#content.damaged('the list of tests of a package is cut');
  }

  #change(id: string, result: OvalResult, definitions: string): void {
    this.#changed.set(id, result);
    if (definitions === '') return;
    const isTrue = result === 'true';
    // Most tests are of one definition.
    if (definitions.includes(',')) for (const each of definitions.split(',')) this.#reach(each, isTrue);
    else this.#reach(definitions, isTrue);
  }

  #reach(definition: string, isTrue: boolean): void {
    const known = this.#reached.get(definition);
    if (known) known.isTrue ||= isTrue;
    else {
      const { place, group } = readDefinitionPlace(definition);
      this.#reached.set(definition, { place, group, isTrue });
    }
  }

  #testResult(id: string): OvalResult {
    return (
      this.#changed.get(id) ??
      (this.#others.has(id) ? this.#engine.test(id).result : (this.#absent.get(id) ?? 'false'))
    );
  }

  /** As the engine has it. */
  #criteriaResult({ operator = 'AND', negate, children }: OvalCriteria): OvalResult {
    const results = children.map((child) => {
      if (child.criteria) return this.#criteriaResult(child.criteria);
      const inside =
        child.test === undefined ? this.#extendedResult(child.extend ?? '') : this.#testResult(child.test);
      return child.negate ? negated(inside) : inside;
    });
    const result = byOperator(operator, results);
    return negate ? negated(result) : result;
  }

  /** A definition that others extend; those that end in themselves are not compiled. */
  #extendedResult(id: string): OvalResult {
    let result = this.#extended.get(id);
    if (result === undefined) {
      const definition = this.#opened.lookup.definition(id);
      result = definition ? this.#definitionResult(definition) : 'unknown';
      this.#extended.set(id, result);
    }
    return result;
  }

  #definitionResult({ criteria }: OvalDefinition): OvalResult {
    return criteria ? this.#criteriaResult(criteria) : 'not evaluated';
  }

  #judge({ key, value }: DefinitionLine): void {
    const result = this.#definitionResult(value);
    this.#findings.tally.add(value.class, result);
    if (this.#isListed(value.class, result)) this.#list(key.slice(this.#keyLength), value, result);
  }

  /** Definitions that no package has reached. */
  #countGroup({ class: kind, logic, members }: DefinitionGroup, count: number): void {
    const result = resultOf(logic, this.#resultOfTest);
    this.#findings.tally.add(kind, result, count);
    if (!this.#isListed(kind, result)) return;
    const others = this.#content
      .line<IndexMembers>(members, lineShape.members)
      .definitions.split(' ')
      .filter((text) => !this.#reached.has(text))
      .map((text) => readDefinitionPlace(text).place);
    for (const { key, value } of this.#content.lines<DefinitionLine>(others, lineShape.definitions))
      this.#list(key.slice(this.#keyLength), value, result);
  }

  /** Of a deprecated definition, that is known when it is read. */
  #isListed(kind: DefinitionClass, result: OvalResult): boolean {
    return this.#settings.all === true || isReported({ class: kind, result });
  }

  #list(id: string, definition: CompiledDefinition, result: OvalResult, message?: string): void {
    const { version, class: kind, title, deprecated, metadata } = definition;
    const isShown = isReported({ class: kind, result, deprecated });
    if (!isShown && this.#settings.all !== true) return;
    const { evidenceOf } = this.#parts;
    const engine = this.#engine;
    const listed: EvaluatedDefinition = {
      id,
      version,
      class: kind,
      title: title || id,
      result,
      ...(deprecated && { deprecated }),
      ...metadataWith(metadata, evidenceOf ? referencesOf(metadata) : notAsked),
      ...(message !== undefined && { message }),
      evidence: notAsked,
    };
    this.#findings.definitions.push(listed);
    if (!evidenceOf) return;
    // Reports that do not show evidence do not wait for it. V8 keeps an object with a getter of its own as a hash table.
    let shown: ShownEvidence | undefined;
    const collected = () => {
      shown ??= isShown ? evidenceOf(engine, id) : { evidence: [] };
      return shown;
    };
    Object.defineProperties(listed, {
      evidence: { get: () => collected().evidence },
      omittedTests: { enumerable: true, get: () => collected().omittedTests },
    });
  }

  /** A definition that could not be compiled. */
  #evaluate(id: string): void {
    const definition = this.#opened.lookup.definition(id) as CompiledDefinition | undefined;
    if (!definition) throw this.#content.damaged(`the definition ${id} is not there`);
    const { class: kind } = definition;
    const result = this.#engine.definition(id);
    this.#findings.tally.add(kind, result);
    if (kind === 'inventory') this.#findings.inventory.push({ id, title: definition.title || id, result });
    if (this.#isListed(kind, result)) this.#list(id, definition, result, this.#engine.reasonOf(id));
  }
}

function ascending(places: LinePlace[]): LinePlace[] {
  return places.sort((one, other) => one[0] - other[0]);
}

/** The installed version that decides an ordered form. Undefined: a version of the image has no order. */
function decisiveVersion(
  packages: readonly InstalledPackage[],
  { check, datatype }: TestForm,
): OrderedEvr | undefined {
  let decisive: OrderedEvr | undefined;
  for (const each of packages) {
    const version = orderedEvr(datatype, evrOfPackage(each));
    if (!version) return undefined;
    const order = decisive === undefined ? 0 : version.compare(decisive);
    if (decisive === undefined || (check === 'all' ? order > 0 : order < 0)) decisive = version;
  }
  return decisive;
}

/** Stands for what nothing shows: to read it is an error. */
const notAsked: never[] = new Proxy([], {
  get() {
    throw new Error('the report shows what was not asked for');
  },
});

function stateOf({ entity, operation, datatype }: TestForm, value: string): OvalState {
  return { type: '', version: '1', entities: [{ name: entity, operation, datatype, value }] };
}

function noVariable(): never {
  throw new Error('a compiled test has no variable');
}
