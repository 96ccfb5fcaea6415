import { compareCodeUnits } from '../../model/index.ts';
import { Allowance } from '../oval/allowance.ts';
import { byCheck } from '../oval/combine-results.ts';
import { OvalEngine } from '../oval/engine.ts';
import type { OvalState } from '../oval/model.ts';
import { judgeItem } from '../oval/states.ts';
import { imageCollector } from '../probes/image-collector.ts';
import { packagesNamed } from '../probes/packages.ts';
import type { ImageSystem } from '../probes/system.ts';
import { evidenceOf } from '../result/evidence.ts';
import { ovalData } from '../result/oval-data.ts';
import type { OvalResult } from '../values/result.ts';
import { Applicability } from './applicability.ts';
import type { CompiledDocument, DefinitionRecord, PackageTests, Place, TestForm } from './compiled-form.ts';
import { described, type Evaluated, type EvaluationSettings, type Findings, isTold } from './evaluate.ts';
import type { CompiledOval } from './load-compiled.ts';
import { type Logic, resultOf } from './logic.ts';
import { unseenPackages } from './own-coverage.ts';
import { Tally } from './tally.ts';

/**
 * Evaluates compiled OVAL: what the image's packages and files can change is evaluated, all else is known from compiling.
 * The results are those of evaluating every definition.
 */
export function evaluateCompiled(
  content: CompiledOval,
  system: ImageSystem,
  settings: EvaluationSettings,
): Evaluated {
  const collect = imageCollector(system);
  const allowance = new Allowance();
  const { external = new Map(), now } = settings;
  const findings: Findings = {
    tally: new Tally(),
    applicability: new Applicability(system.packages()),
    inventory: [],
    definitions: [],
  };
  const engines = content.documents.map(
    ({ lookup }) => new OvalEngine({ document: lookup, collect, external, now, allowance }),
  );
  for (const [at, engine] of engines.entries())
    new DocumentRun(content, at, engine, system, settings, findings).run();
  const { exhausted } = allowance;
  return {
    packages: system.packages().length,
    ...findings.applicability.verdict(),
    inventory: findings.inventory.sort((a, b) => compareCodeUnits(a.id, b.id)),
    counts: findings.tally.counts(),
    ...(exhausted === undefined ? {} : { unfinished: exhausted }),
    definitions: findings.definitions.sort((a, b) => compareCodeUnits(a.id, b.id)),
    oval: () =>
      content.documents.map(({ info, lookup }) => {
        const engine = new OvalEngine({ document: lookup, collect, external, now });
        for (const id of lookup.definitionIds()) engine.definition(id);
        return ovalData(info.component ?? content.info.name, engine);
      }),
  };
}

class DocumentRun {
  readonly #content: CompiledOval;
  readonly #document: CompiledDocument;
  readonly #at: number;
  readonly #engine: OvalEngine;
  readonly #system: ImageSystem;
  readonly #settings: EvaluationSettings;
  readonly #findings: Findings;
  /** Ids of tests that packages do not decide, by number. */
  readonly #others: ReadonlyMap<number, string>;
  /** Results of tests on this image, where they are not those of an image without the package. */
  readonly #changed = new Map<number, OvalResult>();
  /** Definitions with such a test, by the places of their records. */
  readonly #reached = new Map<number, Place>();
  /** Results of tests of packages that are not installed, where they are not false. */
  readonly #absent = new Map<number, OvalResult>();
  readonly #groupResults: OvalResult[];

  constructor(
    content: CompiledOval,
    at: number,
    engine: OvalEngine,
    system: ImageSystem,
    settings: EvaluationSettings,
    findings: Findings,
  ) {
    this.#content = content;
    this.#document = content.head.documents[at]!;
    this.#at = at;
    this.#engine = engine;
    this.#system = system;
    this.#settings = settings;
    this.#findings = findings;
    this.#others = new Map(this.#document.tests);
    for (const [number, result] of this.#document.absent) this.#absent.set(number, result);
    this.#groupResults = this.#document.groups.map(({ logic }) => this.#resultOf(logic));
  }

  run(): void {
    const { groups, uncompiled } = this.#document;
    this.#askPlatforms();
    this.#testPackages();
    const counts = groups.map(({ count }) => count);
    for (const place of this.#reached.values()) {
      const record = this.#content.line<DefinitionRecord>(place);
      counts[record.group]! -= 1;
      this.#count(record, this.#resultOf(record.logic));
    }
    for (const [at, group] of groups.entries()) {
      if (counts[at]! === 0 || !this.#isAsked(group.class)) continue;
      const result = this.#groupResults[at]!;
      this.#findings.tally.add(group.class, result, counts[at]);
      if (!this.#settings.all && !isTold({ class: group.class, result })) continue;
      for (const place of this.#content.line<Place[]>(group.members))
        if (!this.#reached.has(place[0])) this.#list(this.#content.line<DefinitionRecord>(place), result);
    }
    for (const [id, kind] of uncompiled) if (this.#isAsked(kind)) this.#evaluate(id);
  }

  #isAsked(kind: DefinitionRecord['class']): boolean {
    const { classes } = this.#settings;
    return !classes || classes.includes(kind);
  }

  #askPlatforms(): void {
    const { applicability } = this.#findings;
    const { info, lookup, testTypes } = this.#content.documents[this.#at]!;
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
    const installed = { deb: new Set<string>(), rpm: new Set<string>() };
    for (const { type, name } of this.#system.packages())
      if (type === 'deb' || type === 'rpm') installed[type].add(name);
    for (const type of ['deb', 'rpm'] as const) {
      const { at, names, lengths } = this.#document.packages[type];
      let place = at;
      for (const [nth, name] of names === '' ? [] : names.split(' ').entries()) {
        const length = lengths[nth]!;
        if (installed[type].has(name))
          this.#testPackage(type, name, this.#content.line<PackageTests>([place, length]));
        place += length;
      }
    }
  }

  #testPackage(type: 'deb' | 'rpm', name: string, tests: PackageTests): void {
    const object = {
      type: type === 'rpm' ? 'linux/rpminfo' : 'linux/dpkginfo',
      version: '1',
      entities: [{ name: 'name', value: name }],
    };
    const items = packagesNamed(object, { system: this.#system })?.items ?? [];
    const known = new Map<string, OvalResult>();
    for (const [number, formOrId, value, definitions] of tests) {
      if (this.#changed.has(number)) continue;
      const isPlain = typeof formOrId === 'number';
      const form = isPlain ? this.#document.forms[formOrId]! : undefined;
      const absent = form?.absent ?? (value as OvalResult);
      let result: OvalResult;
      if (form) {
        const key = `${formOrId} ${value}`;
        result =
          known.get(key) ??
          byCheck(
            form.check,
            items.map((item) => judgeItem(item, stateOf(form, value), noVariable)),
          );
        known.set(key, result);
      } else result = this.#engine.test(formOrId as string).result;
      if (result === absent) continue;
      this.#changed.set(number, result);
      for (const place of definitions) this.#reached.set(place[0], place);
    }
  }

  #resultOf(logic: Logic): OvalResult {
    return resultOf(logic, (number) => {
      const changed = this.#changed.get(number);
      if (changed !== undefined) return changed;
      const other = this.#others.get(number);
      return other === undefined ? (this.#absent.get(number) ?? 'false') : this.#engine.test(other).result;
    });
  }

  #count(record: DefinitionRecord, result: OvalResult): void {
    if (!this.#isAsked(record.class)) return;
    this.#findings.tally.add(record.class, result);
    if (this.#settings.all || isTold({ class: record.class, result })) this.#list(record, result);
  }

  #list(
    { id, version, class: kind, title, deprecated, metadata }: DefinitionRecord,
    result: OvalResult,
  ): void {
    const engine = this.#engine;
    const row = {
      id,
      version,
      class: kind,
      title,
      result,
      ...(deprecated ? { deprecated } : {}),
      ...metadata,
      evidence: [],
    };
    if (!isTold(row)) {
      this.#findings.definitions.push(row);
      return;
    }
    // Reports that do not show evidence do not wait for it.
    let evidence: ReturnType<typeof evidenceOf> | undefined;
    this.#findings.definitions.push(
      Object.defineProperty(row, 'evidence', {
        enumerable: true,
        get: () => {
          evidence ??= evidenceOf(engine, id);
          return evidence;
        },
      }),
    );
  }

  /** A definition that could not be compiled. */
  #evaluate(id: string): void {
    const document = this.#content.documents[this.#at]!;
    const definition = document.lookup.definition(id);
    if (!definition) return;
    const { class: kind } = definition;
    const result = this.#engine.definition(id);
    this.#findings.tally.add(kind, result);
    if (kind === 'inventory') this.#findings.inventory.push({ id, title: definition.title || id, result });
    if (this.#settings.all || isTold({ class: kind, result }))
      this.#findings.definitions.push(described({ document, engine: this.#engine }, id, definition, result));
  }
}

function stateOf({ entity, operation, datatype }: TestForm, value: string): OvalState {
  return { type: '', version: '1', entities: [{ name: entity, operation, datatype, value }] };
}

function noVariable(): never {
  throw new Error('a compiled test has no variable');
}
