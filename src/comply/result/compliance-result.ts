import {
  type ComplianceFix,
  type ComplianceResult,
  type ComplianceRule,
  isUnrunScript,
} from '../../model/compliance/index.ts';
import type { InventoryNote } from '../../model/inventory/index.ts';
import { escapeHtml } from '../../model/markup.ts';
import type { LoadedContent } from '../content/load.ts';
import { AllowanceError, defaultAllowance } from '../oval/allowance.ts';
import { DeadlineError } from '../pcre/index.ts';
import type { AppliedProfile } from '../xccdf/apply-profile.ts';
import type { Evaluation, RuleOutcome } from '../xccdf/evaluate.ts';
import { shortId } from '../xccdf/find-profile.ts';
import type { Benchmark, BenchmarkItem, Prose } from '../xccdf/model.ts';
import { subMark } from '../xccdf/rich-text.ts';
import { evidenceOf } from './evidence.ts';

export interface OutcomeSettings {
  image: { reference: string; digest?: string };
  /** ISO 8601 UTC. */
  time: string;
  toolVersion: string;
  /** Of the image. */
  notes?: readonly InventoryNote[];
}

/** An evaluation as plain data, with its texts. */
export function complianceResult(
  content: LoadedContent,
  evaluation: Evaluation,
  settings: OutcomeSettings,
): ComplianceResult {
  const { benchmark, applied, outcomes } = evaluation;
  const counts: Record<string, number> = {};
  for (const { result } of outcomes) counts[result] = (counts[result] ?? 0) + 1;
  const rules = rulesOf(content, evaluation);
  const unfinished = evaluation.allowance.exhausted;
  const { name, sha256 } = content.source;
  const notes = [
    ...(settings.notes ?? []),
    ...unknownRules(applied),
    ...unrunScripts(benchmark, applied, rules),
  ];
  return {
    tool: { name: 'scapfeed', version: settings.toolVersion },
    image: settings.image,
    content: { name, sha256, ...(content.stream ? { stream: content.stream } : {}) },
    benchmark: { id: benchmark.id, version: benchmark.version, title: benchmark.title },
    profile: applied.profile ? { id: applied.profile.id, title: applied.profile.title } : null,
    time: settings.time,
    applicable: evaluation.applicable !== false,
    platforms: benchmark.platforms.filter((platform) => evaluation.applicability.platform(platform)),
    scores: evaluation.scores,
    counts,
    values: [...applied.values].flatMap(([id, values]) => (values ? [{ id, values: [...values] }] : [])),
    ...(unfinished === undefined ? {} : { unfinished }),
    ...(notes.length > 0 ? { notes } : {}),
    rules,
  };
}

/** A rule that is selected and does not exist is not evaluated, and no result is about it. */
function unknownRules({ profile, unknown }: AppliedProfile): InventoryNote[] {
  if (!profile || unknown.length === 0) return [];
  const detail = `it selects what the content does not have: ${firstOf(unknown.map(shortId))}`;
  return [{ code: 'unknown_rules', where: profile.id, detail }];
}

/** Rules that only scripts check have no result: every format says of how many that holds. */
function unrunScripts(
  { id }: Benchmark,
  { profile }: AppliedProfile,
  rules: readonly ComplianceRule[],
): InventoryNote[] {
  const selected = rules.filter(({ result }) => result !== 'notselected').length;
  const scripts = rules.filter(isUnrunScript).map(({ check }) => check?.href ?? '');
  if (scripts.length === 0) return [];
  const verb = scripts.length === 1 ? 'is' : 'are';
  const detail = `${scripts.length} of ${selected} rules ${verb} checked by scripts alone: ${firstOf(scripts)}`;
  return [{ code: 'scripts_not_run', where: profile?.id ?? id, detail }];
}

function firstOf(names: readonly string[]): string {
  const more = names.length > 5 ? ` and ${names.length - 5} more` : '';
  return `${names.slice(0, 5).join(', ')}${more}`;
}

/** Titles of the groups that each rule is in, by the rule's id. */
function groupTitles(
  items: readonly BenchmarkItem[],
  above: readonly string[] = [],
  found: Map<string, string[]> = new Map(),
): Map<string, string[]> {
  for (const item of items) {
    if (item.kind === 'rule') found.set(item.id, [...above]);
    else groupTitles(item.children, [...above, item.prose.title ?? item.id], found);
  }
  return found;
}

/** Rules with their evidence, or without it if collecting it reaches the evaluation's limit. */
function rulesOf(content: LoadedContent, evaluation: Evaluation): ComplianceRule[] {
  const { outcomes, allowance } = evaluation;
  const groups = groupTitles(evaluation.benchmark.items);
  const described = (withEvidence: boolean) =>
    outcomes.map((outcome) => ({
      ...ruleOf(outcome, content, evaluation, withEvidence),
      ...(groups.get(outcome.rule.id)?.length ? { groups: groups.get(outcome.rule.id)! } : {}),
    }));
  try {
    return allowance.run(defaultAllowance, () => described(true));
  } catch (error) {
    if (error instanceof AllowanceError || error instanceof DeadlineError) return described(false);
    throw error;
  }
}

function ruleOf(
  outcome: RuleOutcome,
  content: LoadedContent,
  evaluation: Evaluation,
  withEvidence: boolean,
): ComplianceRule {
  const { rule, result, severity, weight, role, message, definition } = outcome;
  const base = { id: rule.id, title: rule.prose.title ?? rule.id, result, severity, weight, role };
  const empty = { idents: [], references: [], warnings: [], fixes: [], evidence: [] };
  // Reports do not describe rules that did not run.
  if (result === 'notselected') return { ...base, ...empty };
  const prose = content.prose(rule.id);
  const isExplained = withEvidence && result !== 'notapplicable' && definition !== undefined;
  return {
    ...base,
    ...(rule.version === undefined ? {} : { version: rule.version }),
    ...(message === undefined ? {} : { message }),
    ...proseFields(prose, evaluation.applied),
    ...checkOf(outcome),
    ...(isExplained ? evidenceOf(definition.engine, definition.id) : { evidence: [] }),
  };
}

/** The texts of a rule with the values filled in. */
export function proseFields(
  prose: Prose,
  applied: Pick<AppliedProfile, 'values'>,
): Pick<ComplianceRule, 'idents' | 'references' | 'warnings' | 'fixes'> {
  const html = (text: string) => substitute(text, applied, escapeHtml);
  const { description, rationale } = prose;
  return {
    idents: prose.idents ?? [],
    references: prose.references ?? [],
    ...(description === undefined ? {} : { description: html(description) }),
    ...(rationale === undefined ? {} : { rationale: html(rationale) }),
    warnings: (prose.warnings ?? []).map(html),
    fixes: fixesOf(prose, applied),
  };
}

/** Fixes with the values of the profile filled in. */
export function fixesOf(prose: Prose, applied: Pick<AppliedProfile, 'values'>): ComplianceFix[] {
  return (prose.fixes ?? []).map(({ platform: _platform, system = '', ...fix }) => ({
    ...fix,
    system,
    text: substitute(fix.text, applied, (text) => text),
  }));
}

const marked = new RegExp(`${subMark}([^${subMark}]*)${subMark}`, 'g');

/** Fills in the values of `sub` elements; an unknown id is shown itself. */
function substitute(
  text: string,
  applied: Pick<AppliedProfile, 'values'>,
  encode: (text: string) => string,
): string {
  return text.replace(marked, (_, id: string) => encode(applied.values.get(id)?.join(' ') ?? id));
}

function checkOf({ check, definition }: RuleOutcome): Pick<ComplianceRule, 'check'> {
  if (!check) return {};
  const [content] = check.contents;
  const name = definition?.id ?? content?.name;
  return {
    check: {
      system: check.system,
      href: definition?.href ?? content?.href ?? '',
      ...(name === undefined ? {} : { name }),
      exports: check.exports ?? [],
    },
  };
}
