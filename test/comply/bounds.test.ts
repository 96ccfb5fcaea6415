import { describe, expect, it } from 'vitest';
import { readContent } from '../../src/comply/content/read-content.ts';
import { PathPatterns } from '../../src/comply/files/path-patterns.ts';
import { wantedPredicate } from '../../src/comply/files/wanted-files.ts';
import { compileContent, type ImageSystem } from '../../src/comply/index.ts';
import { EvaluationAllowance } from '../../src/comply/oval/allowance.ts';
import { imageCollector } from '../../src/comply/probes/image-collector.ts';
import { evaluateYamlPath } from '../../src/comply/probes/yaml-path.ts';
import { complianceResult } from '../../src/comply/result/compliance-result.ts';
import { ovalData } from '../../src/comply/result/oval-data.ts';
import { Applicability } from '../../src/comply/xccdf/applicability.ts';
import { evaluateBenchmark } from '../../src/comply/xccdf/evaluate.ts';
import { arfReport } from '../../src/report/comply/arf.ts';
import { htmlReport } from '../../src/report/comply/html.ts';
import { ovalResults } from '../../src/report/comply/oval-results.ts';
import { complianceSuite } from '../../src/report/comply/subject.ts';
import { complianceTable } from '../../src/report/comply/table.ts';
import { xccdfResult } from '../../src/report/comply/xccdf.ts';
import { wholeJson } from '../../src/report/formats/json.ts';
import { junitReport } from '../../src/report/formats/junit.ts';
import { type MemoryLayer, memoryView } from '../support/memory-view.ts';
import { benchmark, lineCheck, rule, smallContent } from './support/small-content.ts';

const oval = 'http://oval.mitre.org/XMLSchema/oval-definitions-5';
const settings = { image: { reference: 'x' }, time: '2026-01-01T00:00:00.000Z', toolVersion: '0' };

/** A rule on a definition of `oval.xml`. */
const ruleOn = (definition: number) =>
  `<Rule id="xccdf_x_rule_r${definition}"><title>R</title><check system="${oval}"><check-content-ref href="oval.xml" name="oval:x:def:${definition}"/></check></Rule>`;

function evaluate(
  xccdf: string,
  document: string,
  layer: MemoryLayer,
  allowance = new EvaluationAllowance(),
) {
  const content = smallContent(xccdf, document);
  const system: ImageSystem = { files: memoryView(layer), env: [], packages: () => [] };
  const evaluation = evaluateBenchmark(content, {
    collect: imageCollector(system),
    now: 0,
    allowance,
    patience: 1_000,
  });
  return { evaluation, result: complianceResult(content, evaluation, settings) };
}

const count = 30_000;
const numbers = Array.from({ length: count }, (_, at) => at + 1);

function document(parts: {
  definitions?: string;
  tests?: string;
  objects?: string;
  variables?: string;
}): string {
  const section = (name: string, text = '') => (text === '' ? '' : `<${name}>${text}</${name}>`);
  return `<oval_definitions xmlns="${oval}" xmlns:ind="${oval}#independent">${section('definitions', parts.definitions)}${section('tests', parts.tests)}${section('objects', parts.objects)}${section('variables', parts.variables)}</oval_definitions>`;
}

const definition = (id: number, inside: string) =>
  `<definition id="oval:x:def:${id}" version="1" class="compliance"><criteria>${inside}</criteria></definition>`;
const test = (id: number, type: string, object: string) =>
  `<ind:${type}_test id="oval:x:tst:${id}" version="1" check="all" comment="x"><ind:object object_ref="oval:x:obj:${object}"/></ind:${type}_test>`;
const family = '<ind:family_object id="oval:x:obj:9" version="1"/>';
/** Definition 90000 is true. */
const sound = {
  definition: definition(90_000, '<criterion test_ref="oval:x:tst:9"/>'),
  test: test(9, 'family', '9'),
};

/** A rule of hostile content beside a sound one. */
const twoRules = benchmark(ruleOn(1) + ruleOn(90_000));

describe('a rule whose content refers further than any evaluation follows', () => {
  const variable = (id: number, inside: string) =>
    `<local_variable id="oval:x:var:${id}" version="1" datatype="string" comment="x">${inside}</local_variable>`;
  const onVariable = {
    definitions: definition(1, '<criterion test_ref="oval:x:tst:1"/>') + sound.definition,
    tests: test(1, 'variable', '1') + sound.test,
    objects: `<ind:variable_object id="oval:x:obj:1" version="1"><ind:var_ref>oval:x:var:1</ind:var_ref></ind:variable_object>${family}`,
  };
  const literal = '<literal_component>x</literal_component>';

  it.each<[string, string]>([
    [
      'a chain of extended definitions',
      document({
        definitions:
          numbers
            .map((id) => definition(id, `<extend_definition definition_ref="oval:x:def:${id + 1}"/>`))
            .join('') +
          definition(count + 1, '<criterion test_ref="oval:x:tst:9"/>') +
          sound.definition,
        tests: sound.test,
        objects: family,
      }),
    ],
    [
      'a chain of variables',
      document({
        ...onVariable,
        variables:
          numbers.map((id) => variable(id, `<variable_component var_ref="oval:x:var:${id + 1}"/>`)).join('') +
          variable(count + 1, literal),
      }),
    ],
    [
      'a chain of sets',
      document({
        definitions: onVariable.definitions,
        tests: onVariable.tests
          .replace('variable_test', 'family_test')
          .replace('variable_test', 'family_test'),
        objects:
          numbers
            .filter((id) => id !== 9)
            .map(
              (id) =>
                `<ind:family_object id="oval:x:obj:${id}" version="1"><set><object_reference>oval:x:obj:${id === 8 ? 10 : id + 1}</object_reference></set></ind:family_object>`,
            )
            .join('') + family,
      }),
    ],
  ])('%s', (_, text) => {
    const { result } = evaluate(twoRules, text, {});
    expect(result.rules.map((each) => each.result)).toEqual(['error', 'pass']);
    const [first] = result.rules;
    expect(first?.message ?? first?.evidence[0]?.message).toMatch(/more than 300 levels deep/);
    // Compiling follows the same references.
    const xccdf = Buffer.from(twoRules);
    const content = readContent(xccdf, 'x.xml', { local: () => Buffer.from(text) });
    expect(() => compileContent(content, { source: { name: 'x', bytes: xccdf }, tool: 'x' })).not.toThrow();
  });

  it('a variable whose values grow without end', () => {
    const doubled = (id: number) =>
      variable(
        id,
        `<concat><variable_component var_ref="oval:x:var:${id + 1}"/><variable_component var_ref="oval:x:var:${id + 1}"/></concat>`,
      );
    const text = document({
      ...onVariable,
      variables: Array.from({ length: 60 }, (_, at) => doubled(at + 1)).join('') + variable(61, literal),
    });
    const { result } = evaluate(twoRules, text, {});
    expect(result.rules.map((each) => each.result)).toEqual(['error', 'pass']);
  });
});

describe('platforms that refer to each other without end', () => {
  it('are an error of the content', () => {
    const platformTests = Object.fromEntries(
      numbers.map((at) => [`p${at}`, { operator: 'AND' as const, facts: [`#p${at + 1}`] }]),
    );
    const applicability = new Applicability({ cpeItems: {}, platformTests }, () => true);
    expect(() => applicability.platform('#p1')).toThrow(
      /platforms refer to each other more than 300 levels deep/,
    );
  });
});

describe('a rule that reads what is nested too deeply', () => {
  const onFile = (type: string, how: string) =>
    document({
      definitions: definition(1, '<criterion test_ref="oval:x:tst:1"/>') + sound.definition,
      tests: test(1, type, '1') + sound.test,
      objects: `<ind:${type}_object id="oval:x:obj:1" version="1"><ind:filepath>/etc/x</ind:filepath>${how}</ind:${type}_object>${family}`,
    });
  const yaml = onFile('yamlfilecontent', '<ind:yamlpath>.a</ind:yamlpath>');
  const xml = (path: string) => onFile('xmlfilecontent', `<ind:xpath>${path}</ind:xpath>`);
  const line = (pattern: string) =>
    onFile(
      'textfilecontent54',
      `<ind:pattern operation="pattern match">${pattern}</ind:pattern><ind:instance datatype="int">1</ind:instance>`,
    );

  it.each([
    ['YAML in brackets', yaml, `a: ${'['.repeat(200_000)}`],
    ['YAML in braces', yaml, `a: ${'{a: '.repeat(100_000)}`],
    ['YAML in lists', yaml, `a: ${'- '.repeat(100_000)}x`],
    ['YAML in lines', yaml, Array.from({ length: 1_500 }, (_, at) => `${' '.repeat(at)}a:`).join('\n')],
    ['XPath predicates', xml(`/a${'[a'.repeat(30_000)}${']'.repeat(30_000)}`), '<a/>'],
    ['XPath parentheses', xml(`${'('.repeat(30_000)}/a${')'.repeat(30_000)}`), '<a/>'],
    ['XPath steps', xml(`${'//a'.repeat(30_000)}`), '<a/>'],
    ['groups of a pattern', line(`${'('.repeat(30_000)}a${')'.repeat(30_000)}`), 'a'],
    ['counted repeats of a pattern', line(`a${'{2}'.repeat(10_000)}`), 'a'],
    [
      'calls of groups that call groups',
      line(Array.from({ length: 30 }, (_, at) => `(a(?${at + 2})(?${at + 2}))`).join('') + '(a)'),
      'a',
    ],
    ['a stack of choices', line('^(?:a|b)*c'), 'ab'.repeat(8_000_000)],
    ['a large counted repeat', line('((a{1,1000}){1,1000}){1,1000}b'), 'a'.repeat(100)],
  ])('%s', (_, text, content) => {
    const { result } = evaluate(twoRules, text, { '/etc/x': content });
    expect(result.rules.map((each) => each.result)).toEqual([
      expect.stringMatching(/^(?:error|unknown|fail)$/),
      'pass',
    ]);
  });
});

it('YAML is refused for its nesting before it is composed, and not by an exhausted stack', () => {
  const nested = (levels: number) => `a: ${'['.repeat(levels)}1${']'.repeat(levels)}`;
  expect(evaluateYamlPath(nested(300), '.b')).toEqual([]);
  for (const text of [nested(500), `a: ${'{a: '.repeat(100_000)}`, `${'? '.repeat(100_000)}x`])
    expect(() => evaluateYamlPath(text, '.b')).toThrow('the document is nested too deeply');
});

describe('an evaluation that takes more than it may', () => {
  const rules = Array.from({ length: 8 }, (_, at) => rule(`r${at}`));
  const slow = lineCheck('/etc/x', '^(a+)+$');
  const { evaluation, result } = evaluate(
    benchmark(rules.join('')),
    slow,
    { '/etc/x': `${'a'.repeat(60)}b` },
    new EvaluationAllowance(200),
  );
  const reason = /the evaluation took more than 200 ms of processor time; the remaining results are unknown/;

  it('leaves its rules unknown', () => {
    expect(result.counts).toEqual({ unknown: 8 });
  });

  const oval = () => evaluation.engines.map(({ href, engine }) => ovalData(href, engine));
  it.each<[string, () => string]>([
    ['table', () => complianceTable(result, { color: false, all: false })],
    ['json', () => wholeJson(result)],
    ['xccdf', () => xccdfResult(result)],
    ['oval', () => ovalResults(result, oval()[0]!)],
    ['arf', () => arfReport(result, oval())],
    ['junit', () => [...junitReport(complianceSuite({ result }))].join('')],
    ['html', () => htmlReport(result)],
  ])('says so as %s', (_, report) => {
    expect(report()).toMatch(reason);
  });
});

describe('patterns of paths while the layers go by', () => {
  const hostile = `/${'a/'.repeat(15)}${'a'.repeat(2_000)}!`;
  const families: [string, string][] = [
    ['nested repeats', '^(/(a+)+)+$'],
    ['a repeat of an optional', '^(/?a?)*$'],
    ['equal alternatives', '^(/|a|a)*$'],
    ['many optional parts', `^/${'a?/?'.repeat(80)}${'a'.repeat(40)}$`],
    ['many parts of which a loop may match nothing', `^/${'(?:a|b*)'.repeat(160)}${'c'.repeat(40)}$`],
    ['many places that match no text', `^/${'(?:\\b|\\B)'.repeat(40)}${'a'.repeat(40)}$`],
    ['several loops over the same', '^/.*a.*a.*a.*a.*a.*b$'],
    ['loops without a start', 'a*a*a*a*a*a*b'],
    ['a back reference', '^(.*)(.*)\\1\\2b$'],
    ['a counted repeat of a repeat', '^(/(a{1,50}){1,50}){1,50}$'],
  ];

  it.each(families)('%s ends', (_, pattern) => {
    const started = process.cpuUsage();
    const wanted = wantedPredicate({ paths: ['/etc/x'], sets: [{ pathPatterns: [pattern] }] });
    for (let at = 0; at < 40; at += 1) wanted(`${hostile}${at}`);
    const { user, system } = process.cpuUsage(started);
    expect((user + system) / 1_000).toBeLessThan(4_000);
    expect(wanted('/etc/x')).toBe(true);
  });

  it('compiling counts, too', () => {
    // A class of some 650 ranges, 120 times, takes more than a millisecond on any machine.
    const patterns = new PathPatterns(1);
    patterns.any([`^${'\\pL'.repeat(120)}$`]);
    expect(patterns.any(['x'])('x')).toBe(false);
    expect(new PathPatterns().any(['x'])('x')).toBe(true);
  });
});
