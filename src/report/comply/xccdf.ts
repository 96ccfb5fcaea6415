import type { ComplianceResult, ComplianceRule } from '../../model/compliance/index.ts';
import { escapeXmlLines } from '../../model/markup.ts';
import { noteLine } from '../note-text.ts';
import { xml, xmlHead } from '../xml-text.ts';

const ns = 'http://checklists.nist.gov/xccdf/1.2';

/** An XCCDF 1.2 TestResult document. */
export function xccdfResult(result: ComplianceResult): string {
  return `${xmlHead}${testResult(result)}\n`;
}

/** The TestResult element, which declares its namespace itself. */
export function testResult(result: ComplianceResult): string {
  const { image, benchmark, profile, time } = result;
  const values = result.values.flatMap(({ id, values: [first, ...more] }) =>
    first === undefined || more.length > 0
      ? []
      : [xml('set-value', { idref: xccdfId('value', id) }, escapeXmlLines(first))],
  );
  return xml(
    'TestResult',
    {
      xmlns: ns,
      id: testResultId(result),
      'start-time': time,
      'end-time': time,
      version: benchmark.version,
      'test-system': result.testSystem ?? `cpe:/a:scapfeed:scapfeed:${result.tool.version}`,
    },
    xml('benchmark', { href: result.content.name, id: xccdfId('benchmark', benchmark.id) }),
    xml('title', {}, escapeXmlLines(`scapfeed ${result.tool.version}`)),
    result.unfinished === undefined ? '' : xml('remark', {}, escapeXmlLines(result.unfinished)),
    ...(result.notes ?? []).map((note) => xml('remark', {}, escapeXmlLines(`image: ${noteLine(note)}`))),
    profile ? xml('profile', { idref: xccdfId('profile', profile.id) }) : '',
    xml('target', {}, escapeXmlLines(image.reference)),
    xml('target-facts', {}, ...facts(result)),
    ...result.platforms.map((platform) => xml('platform', { idref: platform })),
    ...values,
    ...result.rules.map((rule) => ruleResult(rule, result)),
    ...result.scores.map(({ system, score, maximum }) =>
      xml('score', { system, maximum: decimal(maximum) }, decimal(score)),
    ),
  );
}

/** Id of the test result, the same for the same profile. */
function testResultId({ profile }: ComplianceResult): string {
  const name = profile ? profile.id.replace(/^xccdf_[^_]+_profile_/, '') : 'default';
  return `xccdf_org.scapfeed_testresult_${name.replace(/[^\w.-]/g, '-')}`;
}

function facts({ image }: ComplianceResult): string[] {
  const fact = (name: string, value: string) => xml('fact', { name, type: 'string' }, escapeXmlLines(value));
  return [
    fact('urn:xccdf:fact:identifier', image.reference),
    ...(image.digest === undefined ? [] : [fact('urn:scapfeed:fact:image-digest', image.digest)]),
  ];
}

function ruleResult(rule: ComplianceRule, { time }: ComplianceResult): string {
  const { check } = rule;
  return xml(
    'rule-result',
    {
      idref: xccdfId('rule', rule.id),
      role: rule.role === 'full' ? undefined : rule.role,
      time,
      severity: rule.severity,
      weight: decimal(rule.weight),
    },
    xml('result', {}, rule.result),
    ...rule.idents.map(({ system, text }) => xml('ident', { system }, escapeXmlLines(text))),
    rule.message === undefined ? '' : xml('message', { severity: 'info' }, escapeXmlLines(rule.message)),
    check
      ? xml(
          'check',
          { system: check.system },
          ...check.exports.map(({ value, name }) =>
            xml('check-export', { 'export-name': name, 'value-id': xccdfId('value', value) }),
          ),
          check.href === '' ? '' : xml('check-content-ref', { href: check.href, name: check.name }),
        )
      : '',
  );
}

/** Converts ids of XCCDF 1.1 content to the form that 1.2 requires. */
export function xccdfId(kind: string, id: string): string {
  return new RegExp(`^xccdf_[^_]+_${kind}_.+$`).test(id) ? id : `xccdf_org.scapfeed_${kind}_${id}`;
}

function decimal(value: number): string {
  return value.toFixed(6);
}
