import { scriptSystem } from '../../model/compliance/index.ts';
import { type Steps, whole } from '../../model/progress.ts';
import { EvaluationAllowance } from '../oval/allowance.ts';
import { byOperator } from '../oval/combine-results.ts';
import type { ObjectCollector, OvalEngine } from '../oval/engine.ts';
import type { OvalLookup } from '../oval/lookup.ts';
import { Applicability, allHold, type Holds } from './applicability.ts';
import { type AppliedProfile, applyProfile, type RefinedRule } from './apply-profile.ts';
import { Engines, type Exports } from './engines.ts';
import type {
  Benchmark,
  BenchmarkItem,
  Check,
  ComplexCheck,
  Group,
  Profile,
  Rule,
  RuleSeverity,
} from './model.ts';
import { ovalSystem } from './model.ts';
import { combineChecks, fromOval, negateRule, type RuleResult } from './rule-result.ts';
import { type BenchmarkScore, type ScoredRule, scoreOf } from './score.ts';

/** Input of an evaluation: a benchmark with its documents, read from XML or from a compiled file. */
export interface EvaluationContent {
  benchmark: Benchmark;
  documents: ReadonlyMap<string, OvalLookup>;
  /** Reasons why referenced documents are missing. */
  missing: ReadonlyMap<string, string>;
}

/** An external result for a rule that has no check for this engine. */
export interface RuleAnswer {
  result: RuleResult;
  /** The reason. */
  message: string;
}

interface EvaluationOptions {
  profile?: Profile;
  /** All profiles that `profile` may extend: the benchmark's and those of a tailoring. */
  profiles?: readonly Profile[];
  collect: ObjectCollector;
  /** Seconds since the epoch. */
  now: number;
  /** Longest time for one object in milliseconds. */
  patience?: number;
  /** Limits of the whole evaluation. */
  allowance?: EvaluationAllowance;
  /** For rules that are `notchecked` otherwise, by id. */
  answers?: ReadonlyMap<string, RuleAnswer>;
}

/** The result of one rule, or of one definition of a rule whose check is a multi-check. */
export interface RuleOutcome {
  rule: Rule;
  result: RuleResult;
  severity: RuleSeverity;
  weight: number;
  role: RefinedRule['role'];
  /** The reason of the result, if no test gives one. */
  message?: string;
  /** The check that decided. */
  check?: Check;
  /** The definition that decided, in the engine that judged it. */
  definition?: { href: string; id: string; engine: OvalEngine };
}

export interface Evaluation {
  benchmark: Benchmark;
  applied: AppliedProfile;
  outcomes: RuleOutcome[];
  scores: BenchmarkScore[];
  /** Whether the benchmark's own platforms hold; undefined: it names none. */
  applicable: boolean | undefined;
  /** Engines that judged, by document. */
  engines: readonly { href: string; engine: OvalEngine }[];
  applicability: Applicability;
  /** The rest of the limits, for making the reports. */
  allowance: EvaluationAllowance;
}

/** Evaluates a profile of a benchmark (XCCDF 1.2, 7.2.3). */
export function evaluateBenchmark(content: EvaluationContent, options: EvaluationOptions): Evaluation {
  return whole(evaluateInSteps(content, options));
}

/** The same with a pause before each rule. */
export function* evaluateInSteps(content: EvaluationContent, options: EvaluationOptions): Steps<Evaluation> {
  const { benchmark } = content;
  const allowance = options.allowance ?? new EvaluationAllowance();
  const applied = applyProfile(benchmark, options.profile, options.profiles ?? benchmark.profiles);
  const engines = new Engines(content.documents, { ...options, allowance }, exportsOf(benchmark, applied));
  const applicability = new Applicability(benchmark, ({ href, definition }) => {
    const result = engines.platform(href)?.definition(definition) ?? 'unknown';
    return result === 'error' || result === 'unknown' ? undefined : result === 'true';
  });
  const walker = new RuleWalker(content, applied, engines, applicability, options.answers);
  const applies = allHold(
    [benchmark.platforms, applied.profile?.platforms].map((each) => applicability.any(each)),
  );
  const outcomes = yield* walker.items(benchmark.items, applies);
  return {
    benchmark,
    applied,
    outcomes,
    scores: scoreOf(benchmark.models, benchmark.items, scoredRules(outcomes), applied.weightOf),
    applicable: benchmark.platforms.length > 0 ? applicability.any(benchmark.platforms) === true : undefined,
    engines: engines.used,
    applicability,
    allowance,
  };
}

function scoredRules(outcomes: readonly RuleOutcome[]): Map<string, ScoredRule[]> {
  const rules = new Map<string, ScoredRule[]>();
  for (const { rule, result, weight, role } of outcomes) {
    const scored = { result, weight, scored: role !== 'unscored' };
    const list = rules.get(rule.id);
    if (list) list.push(scored);
    else rules.set(rule.id, [scored]);
  }
  return rules;
}

/** Values that each selected rule exports to variables of its documents. */
function exportsOf(benchmark: Benchmark, applied: AppliedProfile): Exports[] {
  const found: Exports[] = [];
  const visitCheck = (check: Check | ComplexCheck): void => {
    if ('checks' in check) for (const each of check.checks) visitCheck(each);
    else for (const { href } of check.contents) found.push({ href, values: exportedValues(check, applied) });
  };
  const visit = (items: readonly BenchmarkItem[]): void => {
    for (const item of items) {
      if (!applied.selected.has(item.id)) continue;
      if (item.kind === 'group') visit(item.children);
      else if (item.complexCheck) visitCheck(item.complexCheck);
      else for (const check of item.checks) visitCheck(check);
    }
  };
  visit(benchmark.items);
  return found;
}

function exportedValues(check: Check, { values }: AppliedProfile): Map<string, readonly string[]> {
  return new Map((check.exports ?? []).map(({ value, name }) => [name, values.get(value) ?? []]));
}

/** One check's verdict. */
interface CheckVerdict {
  result: RuleResult;
  message?: string;
  check?: Check;
  definition?: NonNullable<RuleOutcome['definition']>;
}

class RuleWalker {
  readonly #content: EvaluationContent;
  readonly #applied: AppliedProfile;
  readonly #engines: Engines;
  readonly #applicability: Applicability;
  readonly #answers: ReadonlyMap<string, RuleAnswer> | undefined;

  constructor(
    content: EvaluationContent,
    applied: AppliedProfile,
    engines: Engines,
    applicability: Applicability,
    answers?: ReadonlyMap<string, RuleAnswer>,
  ) {
    this.#content = content;
    this.#applied = applied;
    this.#engines = engines;
    this.#applicability = applicability;
    this.#answers = answers;
  }

  /** Outcomes of the rules below, in document order. `applies`: the platforms above hold. */
  *items(items: readonly BenchmarkItem[], applies: Holds): Steps<RuleOutcome[]> {
    const outcomes: RuleOutcome[] = [];
    for (const item of items) {
      yield;
      const found = item.kind === 'group' ? yield* this.#group(item, applies) : this.#rule(item, applies);
      for (const outcome of found) outcomes.push(outcome);
    }
    return outcomes;
  }

  #group(group: Group, applies: Holds): Steps<RuleOutcome[]> {
    const runs = this.#applied.selected.has(group.id);
    return this.items(group.children, runs ? this.#within(applies, group.platforms) : applies);
  }

  /** Platforms of what does not apply anyway are not judged. */
  #within(applies: Holds, platforms: readonly string[] | undefined): Holds {
    return applies === false ? false : allHold([applies, this.#applicability.any(platforms)]);
  }

  #rule(rule: Rule, above: Holds): RuleOutcome[] {
    if (rule.abstract) return [];
    const refined = this.#applied.refine(rule);
    const { severity, weight, role } = refined;
    const base = { rule, severity, weight, role };
    if (!this.#applied.selected.has(rule.id)) return [{ ...base, result: 'notselected' }];
    if (role === 'unchecked')
      return [{ ...base, result: 'notchecked', message: 'the rule has the role unchecked' }];
    const applies = this.#within(above, rule.platforms);
    if (applies === false) return [{ ...base, result: 'notapplicable' }];
    if (applies === undefined)
      return [{ ...base, result: 'unknown', message: 'the platform that it is for could not be judged' }];
    return this.#verdicts(rule, refined).map((verdict) => {
      const known = verdict.result === 'notchecked' ? this.#answers?.get(rule.id) : undefined;
      const { result, ...reason } = { ...verdict, ...known };
      return { ...base, ...reason, result: scoredAs(role, result) };
    });
  }

  #verdicts(rule: Rule, refined: RefinedRule): CheckVerdict[] {
    if (rule.complexCheck) return [this.#complex(rule.complexCheck)];
    const check = chooseCheck(rule.checks, refined.selector);
    if (!check) return [{ result: 'notchecked', message: 'the rule has no check that can be run' }];
    return this.#check(check);
  }

  #complex({ operator, negate, checks }: ComplexCheck): CheckVerdict {
    const verdicts = checks.map((check) => ('checks' in check ? this.#complex(check) : this.#single(check)));
    const result = combineChecks(
      operator,
      verdicts.map((verdict) => verdict.result),
    );
    const deciding = verdicts.find((verdict) => verdict.result === result) ?? verdicts[0];
    const reasons = reasonsOf(operator, result, verdicts);
    const message = reasons.length > 0 ? { message: reasons.join('; ') } : {};
    return { ...deciding, ...message, result: negate ? negateRule(result) : result };
  }

  /** A check of a complex-check has one result, also as a multi-check (XCCDF 1.2, 6.4.4.4). */
  #single({ multi: _multi, ...check }: Check): CheckVerdict {
    return this.#check(check)[0] as CheckVerdict;
  }

  /** Contents are alternatives: the first that can be checked counts. Checks of other systems than OVAL are not run. */
  #check(check: Check): CheckVerdict[] {
    if (check.system !== ovalSystem) return [{ result: 'notchecked', message: unrunText(check), check }];
    for (const { value } of check.exports ?? []) {
      const chosen = this.#applied.values.get(value);
      if (chosen === undefined)
        return [{ result: 'unknown', message: `the value ${value} has no such choice`, check }];
      if (chosen.length === 0)
        return [{ result: 'unknown', message: `the value ${value} is an empty list`, check }];
    }
    let last: CheckVerdict[] = [{ result: 'notchecked', message: 'the check names no content', check }];
    for (const { href, name } of check.contents) {
      last = this.#contentVerdicts(check, href, name).map((verdict) => ({
        ...verdict,
        check,
        result: check.negate ? negateRule(verdict.result) : verdict.result,
      }));
      if (last.some(({ result }) => result !== 'notchecked')) return last;
    }
    return last;
  }

  #contentVerdicts(check: Check, href: string, name: string | undefined): CheckVerdict[] {
    const document = this.#content.documents.get(href);
    const engine = document && this.#engines.for(href, exportedValues(check, this.#applied));
    if (!document || !engine) {
      return [
        { result: 'notchecked', message: `${href}: ${this.#content.missing.get(href) ?? 'not there'}` },
      ];
    }
    if (name !== undefined) return [definitionVerdict(document, engine, href, name)];
    const ids = document.definitionIds();
    if (check.multi) {
      const verdicts = ids.map((id) => definitionVerdict(document, engine, href, id));
      return verdicts.length > 0 ? verdicts : [{ result: 'unknown', message: `${href} has no definitions` }];
    }
    return [wholeDocument(document, engine, ids)];
  }
}

/** Why the checks of a complex check end so, with what was not run of them and could have made it end otherwise. */
function reasonsOf(operator: 'AND' | 'OR', result: RuleResult, verdicts: readonly CheckVerdict[]): string[] {
  const isCertain = result === (operator === 'AND' ? 'fail' : 'pass');
  const telling = verdicts.filter(
    (verdict) => verdict.result === result || (verdict.result === 'notchecked' && !isCertain),
  );
  return [...new Set(telling.flatMap(({ message }) => message ?? []))];
}

/** Without a definition's name, all of them must hold. */
function wholeDocument(document: OvalLookup, engine: OvalEngine, ids: readonly string[]): CheckVerdict {
  if (ids.length === 0) return { result: 'error', message: 'the document has no definitions' };
  const classes = new Set(ids.map((id) => document.definition(id)?.class ?? 'miscellaneous'));
  const results = ids.map((id) => engine.definition(id));
  const flaws = [...classes].every((each) => each === 'vulnerability' || each === 'patch');
  if (flaws)
    return {
      result: combineChecks(
        'AND',
        results.map((result) => fromOval(result, 'vulnerability')),
      ),
    };
  return { result: fromOval(byOperator('AND', results), 'compliance') };
}

function definitionVerdict(document: OvalLookup, engine: OvalEngine, href: string, id: string): CheckVerdict {
  const definition = document.definition(id);
  if (!definition) return { result: 'notchecked', message: `${href} has no definition ${id}` };
  const result = fromOval(engine.definition(id), definition.class);
  const message = engine.reasonOf(id);
  return { result, ...(message === undefined ? {} : { message }), definition: { href, id, engine } };
}

/** Of the checks with the selector, else of those without, the last that is OVAL (as oscap chooses), else none. */
function chooseCheck(checks: readonly Check[], selector: string): Check | undefined {
  const selected = selector === '' ? [] : checks.filter((check) => check.selector === selector);
  const candidates = selected.length > 0 ? selected : checks.filter((check) => check.selector === undefined);
  const of = (wanted: string) => candidates.filter(({ system }) => system === wanted).at(-1);
  return of(ovalSystem) ?? of(scriptSystem);
}

/** Why a check of another system than OVAL has no result. */
function unrunText({ system, contents }: Check): string {
  if (system !== scriptSystem) return `checks of ${system} are not run`;
  const scripts = contents.map(({ href }) => href).join(', ');
  return `scripts of content are not run: ${scripts || 'the check names none'}`;
}

/** An unscored rule only informs. */
function scoredAs(role: RefinedRule['role'], result: RuleResult): RuleResult {
  return role === 'unscored' && (result === 'pass' || result === 'fail') ? 'informational' : result;
}
