import {
  type ComplianceResult,
  type ComplianceRule,
  complianceDoubt,
  escapeXmlLines,
  type InventoryNote,
} from '../../model/index.ts';
import { platformCase } from '../junit-platform.ts';
import { signatureCase } from '../junit-signatures.ts';
import { noteText } from '../note-text.ts';
import { line } from '../printable.ts';
import { xml, xmlHead } from '../xml-text.ts';

/** Formats JUnit XML with a test case for each evaluated rule, and one for the content's own platform check. */
export function junitReport(result: ComplianceResult): string {
  const suite = complianceSuite(result, result.profile?.title ?? result.benchmark.title);
  return `${xmlHead}${xml('testsuites', { name: 'scapfeed comply' }, suite)}\n`;
}

/** The suite of one image. `prefix` precedes its classes, and so distinguishes its tests from those of other images. */
export function complianceSuite(result: ComplianceResult, name: string, prefix = ''): string {
  const rules = result.rules.filter((rule) => rule.result !== 'notselected');
  const doubt = complianceDoubt(result);
  const signatures = signatureCase(result, prefix);
  const waived = rules.filter((rule) => rule.waived !== undefined).length;
  const count = (...kinds: string[]) =>
    rules.filter((rule) => rule.waived === undefined && kinds.includes(rule.result)).length;
  return xml(
    'testsuite',
    {
      name,
      tests: String(rules.length + (signatures ? 2 : 1)),
      failures: String(count('fail') + (signatures?.kind === 'failure' ? 1 : 0)),
      errors: String(
        count('error', 'unknown') + (doubt === undefined ? 0 : 1) + (signatures?.kind === 'error' ? 1 : 0),
      ),
      skipped: String(count('notapplicable', 'notchecked', 'informational') + waived),
      timestamp: result.time.replace(/\.\d+Z$|Z$/, ''),
      hostname: result.image.reference,
    },
    platformCase(`${prefix}${result.benchmark.id}`, doubt),
    ...(signatures ? [signatures.text] : []),
    ...rules.map((rule) => testCase(rule, prefix)),
    result.notes ? xml('system-out', {}, escapeXmlLines(result.notes.map(imageNote).join(''))) : '',
    result.unfinished === undefined ? '' : xml('system-err', {}, escapeXmlLines(result.unfinished)),
  );
}

function imageNote(note: InventoryNote): string {
  return line(noteText(note));
}

function testCase(rule: ComplianceRule, prefix: string): string {
  return xml('testcase', { classname: `${prefix}${rule.id}`, name: rule.title }, outcome(rule));
}

function outcome(rule: ComplianceRule): string {
  if (rule.waived) return xml('skipped', { message: rule.message ?? rule.waived.reason });
  const attributes = { message: rule.message ?? rule.result, type: rule.severity };
  switch (rule.result) {
    case 'fail':
      return xml('failure', attributes, escapeXmlLines(evidenceText(rule)));
    case 'error':
    case 'unknown':
      return xml('error', attributes, escapeXmlLines(evidenceText(rule)));
    case 'pass':
    case 'fixed':
      return '';
    default:
      return xml('skipped', { message: rule.message ?? rule.result });
  }
}

function evidenceText({ evidence }: ComplianceRule): string {
  return evidence
    .flatMap(({ comment, test, result, found }) => [
      `${result}: ${comment ?? test}`,
      ...found.map(({ place, line, value }) =>
        `  ${place}${line === undefined ? '' : `:${line}`} ${value ?? ''}`.trimEnd(),
      ),
    ])
    .join('\n');
}
