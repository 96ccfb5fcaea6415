import type {
  DefinitionClass,
  EvaluatedDefinition,
  OvalEvaluation,
  OvalResultsData,
} from '../../model/compliance/index.ts';
import { compareCodeUnits } from '../../model/order.ts';
import { type Steps, whole } from '../../model/progress.ts';
import { EvaluationAllowance } from '../oval/allowance.ts';
import { OvalEngine } from '../oval/engine.ts';
import type { ExternalVariables, OvalDefinition } from '../oval/model.ts';
import { imageCollector } from '../probes/image-collector.ts';
import type { ImageSystem } from '../probes/probe.ts';
import { evidenceOf } from '../result/evidence.ts';
import { ovalData } from '../result/oval-data.ts';
import type { OvalResult } from '../values/result.ts';
import { ContentApplicability } from './applicability.ts';
import type { OvalContent, OvalContentDocument } from './content.ts';
import { unseenPackages } from './own-coverage.ts';
import { PlatformExpressions } from './platform-check.ts';
import { isReported } from './reported.ts';
import { Tally } from './tally.ts';

export interface EvaluationSettings {
  /** Ids of the definitions to evaluate; all by default. */
  definitions?: readonly string[] | undefined;
  /** Classes of the definitions to evaluate; all by default. */
  classes?: readonly DefinitionClass[] | undefined;
  /** Values of external variables. */
  external?: ExternalVariables | undefined;
  /** List every definition, not only those that need an action or could not be evaluated. */
  all?: boolean;
  /** Seconds since the epoch. */
  now: number;
}

/** Result of an evaluation: counts and listed definitions, and on demand the data of OVAL results. */
export interface Evaluated
  extends Pick<
    OvalEvaluation,
    'packages' | 'applies' | 'reason' | 'inventory' | 'counts' | 'unfinished' | 'definitions'
  > {
  oval(): OvalResultsData[];
}

/** Evaluates every definition on an image. */
export function evaluateAll(
  content: OvalContent,
  system: ImageSystem,
  settings: EvaluationSettings,
): Evaluated {
  return whole(evaluateAllInSteps(content, system, settings));
}

/** The same with a pause before each definition. */
export function* evaluateAllInSteps(
  content: OvalContent,
  system: ImageSystem,
  settings: EvaluationSettings,
): Steps<Evaluated> {
  const collect = imageCollector(system);
  const allowance = new EvaluationAllowance();
  const { external = new Map(), now } = settings;
  const parts = content.documents.map((document) => ({
    document,
    engine: new OvalEngine({ document: document.lookup, collect, external, now, allowance }),
  }));
  const findings: Findings = {
    tally: new Tally(),
    applicability: new ContentApplicability(system.packages()),
    inventory: [],
    definitions: [],
  };
  for (const part of parts) yield* evaluateDocument(part, settings, findings);
  const { exhausted } = allowance;
  return {
    packages: system.packages().length,
    ...findings.applicability.verdict(),
    inventory: findings.inventory.sort((a, b) => compareCodeUnits(a.id, b.id)),
    counts: findings.tally.counts(),
    ...(exhausted === undefined ? {} : { unfinished: exhausted }),
    definitions: findings.definitions.sort((a, b) => compareCodeUnits(a.id, b.id)),
    oval: () =>
      parts.map(({ document, engine }) =>
        ovalData(document.info.component ?? content.info.name, engine, document),
      ),
  };
}

interface Part {
  document: OvalContentDocument;
  engine: OvalEngine;
}

/** Results gathered over all documents. */
export interface Findings extends Pick<OvalEvaluation, 'inventory' | 'definitions'> {
  tally: Tally;
  applicability: ContentApplicability;
}

function* evaluateDocument(part: Part, settings: EvaluationSettings, findings: Findings): Steps<void> {
  const { document, engine } = part;
  const { lookup } = document;
  const { definitions, classes, all = false } = settings;
  const platforms = new PlatformExpressions(lookup);
  const results = {
    test: (id: string) => engine.test(id).result,
    definition: (id: string) => engine.definition(id),
  };
  findings.applicability.tests(document.testTypes);
  findings.applicability.cannotSee(unseenPackages(document, engine));
  for (const id of definitions ?? lookup.definitionIds()) {
    yield;
    const definition = lookup.definition(id);
    if (!definition || (classes && !classes.includes(definition.class))) continue;
    const { class: kind } = definition;
    const result = engine.definition(id);
    findings.tally.add(kind, result);
    if (kind === 'inventory') findings.inventory.push({ id, title: definition.title || id, result });
    else if (kind !== 'miscellaneous' && !findings.applicability.isSettled)
      findings.applicability.add(platforms.of(definition), lookup, results);
    if (all || isReported({ class: kind, result, deprecated: definition.deprecated }))
      findings.definitions.push(described(part, id, definition, result));
  }
}

/** A definition with its metadata and the tests behind its result. */
export function described(
  { document, engine }: Part,
  id: string,
  definition: OvalDefinition,
  result: OvalResult,
): EvaluatedDefinition {
  const message = engine.reasonOf(id);
  return {
    id,
    version: definition.version,
    class: definition.class,
    title: definition.title || id,
    result,
    ...(definition.deprecated ? { deprecated: true as const } : {}),
    ...document.metadata(id),
    ...(message === undefined ? {} : { message }),
    ...(isReported({ class: definition.class, result, deprecated: definition.deprecated })
      ? evidenceOf(engine, id)
      : { evidence: [] }),
  };
}
