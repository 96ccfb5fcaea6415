import type { ComplianceResult, ComplianceRule } from '../../model/compliance/index.ts';
import type { InventoryNote } from '../../model/inventory/index.ts';
import { proseFields } from '../result/compliance-result.ts';
import { applyProfile } from '../xccdf/apply-profile.ts';
import type { Benchmark, Rule } from '../xccdf/model.ts';
import { allItems } from '../xccdf/read-benchmark.ts';
import { isRuleResult } from '../xccdf/rule-result.ts';
import { childElements, childText, firstChild, malformed, textOf, type XmlElement } from '../xml/read-xml.ts';
import type { ResultEvidence } from './oval-evidence.ts';

/** Our own name as the system that tested. */
const ownSystem = /^cpe:\/a:scapfeed:scapfeed:(.+)$/;

/** A TestResult as plain data, with the texts of its benchmark where that stands beside it. */
export function complianceOf(
  element: XmlElement,
  benchmarks: readonly Benchmark[],
  { where, toolVersion, evidence }: { where: string; toolVersion: string; evidence: ResultEvidence },
): ComplianceResult {
  const { attrs } = element;
  const named = firstChild(element, 'benchmark')?.attrs ?? {};
  const benchmark =
    benchmarks.find(({ id }) => id === named['id']) ?? (benchmarks.length === 1 ? benchmarks[0] : undefined);
  const profileId = firstChild(element, 'profile')?.attrs['idref'];
  const profile = benchmark?.profiles.find(({ id }) => id === profileId);
  const values = valuesOf(element);
  const rules = rulesOf(element, benchmark, profile?.id, values, { where, evidence });
  const counts: Record<string, number> = {};
  for (const { result } of rules) counts[result] = (counts[result] ?? 0) + 1;
  const system = attrs['test-system'];
  const own = ownSystem.exec(system ?? '')?.[1];
  const remarks = childElements(element, 'remark').map((remark) => textOf(remark));
  const notes = remarks.flatMap(noteOf);
  const unfinished = remarks.find((remark) => noteOf(remark).length === 0);
  return {
    tool: { name: 'scapfeed', version: own ?? toolVersion },
    ...(own !== undefined || system === undefined ? {} : { testSystem: system }),
    image: imageOf(element),
    content: { name: named['href'] || named['id'] || where },
    benchmark: {
      id: benchmark?.id ?? named['id'] ?? attrs['id'] ?? '',
      version: attrs['version'] ?? benchmark?.version ?? '',
      title: benchmark?.title ?? named['id'] ?? '',
    },
    profile: profileId === undefined ? null : { id: profileId, title: profile?.title ?? profileId },
    time: timeOf(attrs['end-time'], where),
    applicable: rules.some(({ result }) => result !== 'notapplicable' && result !== 'notselected'),
    platforms: childElements(element, 'platform').map((platform) => platform.attrs['idref'] ?? ''),
    scores: childElements(element, 'score').map((score) => scoreOf(score, where)),
    counts,
    values,
    ...(unfinished === undefined ? {} : { unfinished }),
    ...(notes.length > 0 ? { notes } : {}),
    rules,
  };
}

function timeOf(text: string | undefined, where: string): string {
  const time = Date.parse(text ?? '');
  if (Number.isNaN(time)) throw malformed(where, `expected a date in end-time, found ${text ?? 'none'}`);
  return new Date(time).toISOString();
}

/** A remark that `comply` made of a note on the image. */
function noteOf(remark: string): InventoryNote[] {
  const [, code, place, detail] = /^image: (.+?) at (\S+?)(?:: (.*))?$/s.exec(remark) ?? [];
  if (code === undefined || place === undefined) return [];
  return [{ code: code.replaceAll(' ', '_'), where: place, ...(detail === undefined ? {} : { detail }) }];
}

function imageOf(element: XmlElement): ComplianceResult['image'] {
  const facts = firstChild(element, 'target-facts');
  const fact = (name: string) => {
    const found = facts && childElements(facts, 'fact').find((each) => each.attrs['name'] === name);
    return found && textOf(found);
  };
  const digest = fact('urn:scapfeed:fact:image-digest');
  return {
    reference: childText(element, 'target') ?? fact('urn:xccdf:fact:identifier') ?? '',
    ...(digest === undefined ? {} : { digest }),
  };
}

function valuesOf(element: XmlElement): ComplianceResult['values'] {
  return childElements(element, 'set-value').map((value) => ({
    id: value.attrs['idref'] ?? '',
    values: [textOf(value)],
  }));
}

function scoreOf(score: XmlElement, where: string): ComplianceResult['scores'][number] {
  const { system = 'urn:xccdf:scoring:default', maximum = '100' } = score.attrs;
  return {
    system,
    score: numberOf(textOf(score), 'score', where),
    maximum: numberOf(maximum, 'maximum of a score', where),
  };
}

function numberOf(text: string, name: string, where: string): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number))
    throw malformed(where, `expected a number as ${name}, found ${text || 'none'}`);
  return number;
}

/** Where a document is, and the evidence in it. */
interface Source {
  where: string;
  evidence: ResultEvidence;
}

function rulesOf(
  element: XmlElement,
  benchmark: Benchmark | undefined,
  profileId: string | undefined,
  values: ComplianceResult['values'],
  source: Source,
): ComplianceRule[] {
  const known = new Map<string, Rule>();
  for (const item of benchmark ? allItems(benchmark.items) : [])
    if (item.kind === 'rule') known.set(item.id, item);
  const profile = benchmark?.profiles.find(({ id }) => id === profileId);
  const chosen = new Map<string, readonly string[] | undefined>(
    benchmark ? applyProfile(benchmark, profile).values : [],
  );
  for (const { id, values: texts } of values) chosen.set(id, texts);
  return childElements(element, 'rule-result').map((result) => ruleOf(result, known, chosen, source));
}

function ruleOf(
  element: XmlElement,
  known: ReadonlyMap<string, Rule>,
  values: ReadonlyMap<string, readonly string[] | undefined>,
  { where, evidence }: Source,
): ComplianceRule {
  const { idref: id = '', severity = 'unknown', weight = '1', role = 'full', version } = element.attrs;
  const result = childText(element, 'result') ?? 'unknown';
  // A word that no report knows would be in none of their counts.
  if (!isRuleResult(result)) throw malformed(where, `expected a result of XCCDF for ${id}, found ${result}`);
  const rule = known.get(id);
  const message = childText(element, 'message');
  const check = checkOf(element);
  const prose = rule && result !== 'notselected' ? proseFields(rule.prose, { values }) : undefined;
  return {
    id,
    title: rule?.prose.title ?? id,
    result,
    severity,
    weight: numberOf(weight, `weight of ${id}`, where),
    role,
    ...(version === undefined ? {} : { version }),
    ...(message === undefined ? {} : { message }),
    references: [],
    warnings: [],
    fixes: [],
    ...prose,
    idents: childElements(element, 'ident').map((ident) => ({
      system: ident.attrs['system'] ?? '',
      text: textOf(ident),
    })),
    ...check,
    ...(check.check?.name === undefined ? { evidence: [] } : evidence.of(check.check.name)),
  };
}

function checkOf(element: XmlElement): Pick<ComplianceRule, 'check'> {
  const check = firstChild(element, 'check');
  if (!check) return {};
  const { href = '', name } = firstChild(check, 'check-content-ref')?.attrs ?? {};
  const exports = childElements(check, 'check-export').map(({ attrs }) => ({
    value: attrs['value-id'] ?? '',
    name: attrs['export-name'] ?? '',
  }));
  return {
    check: { system: check.attrs['system'] ?? '', href, ...(name === undefined ? {} : { name }), exports },
  };
}
