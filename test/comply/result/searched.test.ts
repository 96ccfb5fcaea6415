import { expect, it } from 'vitest';
import { EvaluationAllowance } from '../../../src/comply/oval/allowance.ts';
import { imageCollector } from '../../../src/comply/probes/image-collector.ts';
import { complianceResult } from '../../../src/comply/result/compliance-result.ts';
import { evaluateBenchmark } from '../../../src/comply/xccdf/evaluate.ts';
import { htmlReport } from '../../../src/report/comply/html.ts';
import { complianceSuite } from '../../../src/report/comply/subject.ts';
import { complianceTable } from '../../../src/report/comply/table.ts';
import { wholeJson } from '../../../src/report/formats/json.ts';
import { junitReport } from '../../../src/report/formats/junit.ts';
import { memoryView } from '../../support/memory-view.ts';
import { benchmark, lineCheck, rule, smallContent } from '../support/small-content.ts';

const single = lineCheck('/etc/none.conf', '^a=1$');
/** Its object is a set of two others, of which one is a set too. */
const ofSet = lineCheck('/etc/unused', 'x').replace(/<objects>.*<\/objects>/s, (objects) => {
  const object = (id: number, inside: string) =>
    `<ind:textfilecontent54_object id="oval:x:obj:${id}" version="1">${inside}</ind:textfilecontent54_object>`;
  const lines = (file: string) =>
    /<ind:filepath>.*<\/ind:instance>/s.exec(objects)![0].replace('/etc/unused', file);
  const set = (...ids: number[]) =>
    `<set set_operator="UNION">${ids.map((id) => `<object_reference>oval:x:obj:${id}</object_reference>`).join('')}</set>`;
  return `<objects>${object(1, set(2, 3))}${object(2, lines('/etc/first'))}${object(3, set(4))}${object(4, lines('/etc/second'))}</objects>`;
});

function resultOf(document: string) {
  const content = smallContent(benchmark(rule('one', '', 'selected="true"')), document);
  const evaluation = evaluateBenchmark(content, {
    collect: imageCollector({ files: memoryView({}), env: [], packages: () => [] }),
    now: 0,
    allowance: new EvaluationAllowance(),
    patience: 1_000,
  });
  const settings = { image: { reference: 'x' }, time: '2026-01-01T00:00:00.000Z', toolVersion: '0' };
  return complianceResult(content, evaluation, settings);
}

it.each([
  ['an object', single, ['/etc/none.conf', '^a=1$']],
  ['a set of objects', ofSet, ['/etc/first', '/etc/second']],
])('of %s that found nothing, reports say what was searched', async (_, document, words) => {
  const result = resultOf(document);
  expect(result.rules[0]).toMatchObject({ result: 'fail', evidence: [{ count: 0 }] });
  const reports = [
    complianceTable(result, { color: false, all: false }),
    junitReport(complianceSuite({ result })),
    wholeJson(result),
    htmlReport(result),
  ].map((report) => [...report].join(''));
  for (const report of reports) for (const word of words) expect(report).toContain(word);
});
