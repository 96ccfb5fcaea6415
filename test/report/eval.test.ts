import { describe, expect, it } from 'vitest';
import type { EvaluatedDefinition, OvalEvaluation } from '../../src/model/compliance/index.ts';
import { evaluationHtml } from '../../src/report/eval/html.ts';
import { evaluationSubject, evaluationSuite } from '../../src/report/eval/subject.ts';
import { evaluationTable } from '../../src/report/eval/table.ts';
import { junitReport } from '../../src/report/formats/junit.ts';
import { sarifLog } from '../../src/report/formats/sarif.ts';

function definition(over: Partial<EvaluatedDefinition>): EvaluatedDefinition {
  return {
    id: 'oval:x:def:1',
    version: '1',
    class: 'vulnerability',
    title: 'a flaw',
    result: 'true',
    severity: 'high',
    vulnerabilities: [],
    references: [],
    evidence: [],
    ...over,
  };
}

function evaluation(over: Partial<OvalEvaluation>): OvalEvaluation {
  return {
    tool: { name: 'scapfeed', version: '1' },
    image: { reference: 'dir:/a b' },
    content: { name: 'x.xml', sha256: '0'.repeat(64), documents: [{ schemaVersion: '5.11', platforms: [] }] },
    time: '2026-01-01T00:00:00.000Z',
    packages: 3,
    applies: 'yes',
    inventory: [],
    counts: { vulnerability: { true: 1 } },
    definitions: [definition({})],
    ...over,
  };
}

const hostile = 'x\u001b[2J\n::error::<script>alert(1)</script>&"\'';

describe('reports of evaluated definitions', () => {
  it('put the most urgent first', () => {
    const rows = [
      definition({ id: 'oval:x:def:1', result: 'unknown', severity: 'critical', title: 'third' }),
      definition({ id: 'oval:x:def:2', severity: 'low', title: 'second' }),
      definition({ id: 'oval:x:def:3', severity: 'critical', title: 'first' }),
    ];
    const table = evaluationTable(evaluation({ definitions: rows }), { color: false });

    expect(table.indexOf('first')).toBeLessThan(table.indexOf('second'));
    expect(table.indexOf('second')).toBeLessThan(table.indexOf('third'));
  });

  it('take no orders from the content', () => {
    const result = evaluation({ definitions: [definition({ title: hostile, advisory: hostile })] });

    expect(evaluationTable(result, { color: false })).not.toMatch(/\u001b|^::/m);
    expect(evaluationHtml(result)).not.toContain('<script>alert');
    expect([...junitReport(evaluationSuite({ evaluation: result }))].join('')).not.toContain('<script>alert');
    expect(
      evaluationHtml(
        evaluation({
          definitions: [definition({ references: [{ source: 'x', id: 'x', url: 'javascript:alert(1)' }] })],
        }),
      ),
    ).not.toContain('href="javascript');
  });

  it('say in each form that nothing applies', () => {
    const result = evaluation({ applies: 'no', reason: 'another release', definitions: [] });

    expect(evaluationTable(result, { color: false })).toContain('nothing applies: another release');
    expect(evaluationHtml(result)).toContain('Nothing applies: another release.');
    expect([...junitReport(evaluationSuite({ evaluation: result }))].join('')).toContain(
      '<error message="nothing applies: another release"/>',
    );
    expect(
      JSON.parse([...sarifLog(evaluationSubject({ evaluation: result }))].join('')).runs[0].invocations[0],
    ).toMatchObject({
      executionSuccessful: false,
      toolExecutionNotifications: [{ descriptor: { id: 'not-applicable' } }],
    });
  });

  it('in SARIF an open result has no level, and a failure has that of its severity', () => {
    const rows = [definition({}), definition({ id: 'oval:x:def:2', result: 'unknown' })];
    const [run] = JSON.parse(
      [...sarifLog(evaluationSubject({ evaluation: evaluation({ definitions: rows }) }))].join(''),
    ).runs;

    expect(run.invocations).toMatchObject([{ executionSuccessful: true }]);
    expect(run.results).toMatchObject([
      { kind: 'fail', level: 'error', ruleId: 'oval:x:def:1' },
      { kind: 'open', level: 'none', ruleId: 'oval:x:def:2' },
    ]);
  });
});
