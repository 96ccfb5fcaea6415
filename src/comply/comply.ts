import { readContentPart } from '../io/read-at-most.ts';
import type { ComplianceResult, OvalResultsData } from '../model/compliance/index.ts';
import { type Steps, whole } from '../model/progress.ts';
import type { LoadedContent } from './content/load.ts';
import { imageCollector } from './probes/image-collector.ts';
import type { ImageSystem } from './probes/probe.ts';
import { complianceResult, type OutcomeSettings } from './result/compliance-result.ts';
import { ovalData } from './result/oval-data.ts';
import { evaluateInSteps, type RuleAnswer } from './xccdf/evaluate.ts';
import { findProfile, profilesOf } from './xccdf/find-profile.ts';
import type { Tailoring } from './xccdf/model.ts';
import { readTailoring } from './xccdf/read-profiles.ts';

export interface ComplianceSettings extends OutcomeSettings {
  profile?: string;
  tailoring?: string;
  /** Seconds since the epoch. */
  now: number;
  /** For rules that are `notchecked` otherwise, by id. */
  answers?: ReadonlyMap<string, RuleAnswer>;
}

/** Results of an evaluation: the rules, and on demand the data of OVAL results. */
export interface Compliance {
  result: ComplianceResult;
  oval(): OvalResultsData[];
}

/** Evaluates a profile on an image. */
export function comply(content: LoadedContent, system: ImageSystem, options: ComplianceSettings): Compliance {
  return whole(complyInSteps(content, system, options));
}

/** The same with a pause before each rule. */
export function* complyInSteps(
  content: LoadedContent,
  system: ImageSystem,
  options: ComplianceSettings,
): Steps<Compliance> {
  const tailorings: Tailoring[] = [...content.tailorings];
  if (options.tailoring !== undefined) {
    tailorings.unshift(readTailoring(readContentPart(options.tailoring), options.tailoring));
  }
  const profiles = profilesOf(content.benchmark, tailorings);
  const evaluation = yield* evaluateInSteps(content, {
    ...(options.profile === undefined ? {} : { profile: findProfile(options.profile, profiles) }),
    profiles,
    collect: imageCollector(system),
    now: options.now,
    ...(options.answers && { answers: options.answers }),
  });
  return {
    result: complianceResult(content, evaluation, options),
    oval: () => evaluation.engines.map(({ href, engine }) => ovalData(href, engine)),
  };
}
