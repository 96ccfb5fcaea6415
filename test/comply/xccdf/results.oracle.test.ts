import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ComplianceSettings, comply } from '../../../src/comply/comply.ts';
import { openContent } from '../../../src/comply/content/open-content.ts';
import { childElements, childText, readXmlTree } from '../../../src/comply/xml/read-xml.ts';
import { rootWith } from '../../support/cli.ts';
import { hasOracle } from '../../support/oracles.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { systemOf } from '../support/roots.ts';

const oval = 'http://oval.mitre.org/XMLSchema/oval-definitions-5';

const definition = (id: number, test: string, kind = 'compliance') =>
  `<definition id="oval:x:def:${id}" version="1" class="${kind}"><metadata><title>x</title><description>x</description></metadata><criteria><criterion test_ref="oval:x:tst:${test}"/></criteria></definition>`;
const files = (id: string, path: string, existence: string) => ({
  test: `<unix:file_test id="oval:x:tst:${id}" version="1" check="all" check_existence="${existence}" comment="x"><unix:object object_ref="oval:x:obj:${id}"/></unix:file_test>`,
  object: `<unix:file_object id="oval:x:obj:${id}" version="1"><unix:filepath ${path}</unix:file_object>`,
});
const tests = [
  files('1', '>/etc/there</unix:filepath>', 'all_exist'),
  files('2', '>/etc/gone</unix:filepath>', 'all_exist'),
  files('4', 'var_ref="oval:x:var:1"/>', 'none_exist'),
];
// Definitions: 1 is true, 2 false, 3 unknown, and 4 true unless the value is /etc/there.
const document = `<oval_definitions xmlns="${oval}" xmlns:unix="${oval}#unix" xmlns:ind="${oval}#independent" xmlns:oval="http://oval.mitre.org/XMLSchema/oval-common-5">
<generator><oval:schema_version>5.11</oval:schema_version><oval:timestamp>2026-01-01T00:00:00</oval:timestamp></generator>
<definitions>${definition(1, '1')}${definition(2, '2')}${definition(3, '3')}${definition(4, '4')}</definitions>
<tests><ind:unknown_test id="oval:x:tst:3" version="1" check="all" comment="x"/>${tests.map(({ test }) => test).join('')}</tests>
<objects>${tests.map(({ object }) => object).join('')}</objects>
<variables><external_variable id="oval:x:var:1" version="1" datatype="string" comment="x"/></variables>
</oval_definitions>`;
const two = `<oval_definitions xmlns="${oval}" xmlns:unix="${oval}#unix" xmlns:oval="http://oval.mitre.org/XMLSchema/oval-common-5">
<generator><oval:schema_version>5.11</oval:schema_version><oval:timestamp>2026-01-01T00:00:00</oval:timestamp></generator>
<definitions>${definition(1, '1')}${definition(2, '2')}</definitions><tests>${tests[0]!.test}${tests[1]!.test}</tests><objects>${tests[0]!.object}${tests[1]!.object}</objects></oval_definitions>`;

const check = (id: number, inside = '') =>
  `<check system="${oval}">${inside}<check-content-ref href="oval.xml" name="oval:x:def:${id}"/></check>`;
const both = (inside: string) => `<complex-check operator="AND">${inside}</complex-check>`;
const rule = (id: string, inside: string, attributes = 'selected="true"') =>
  `<Rule id="xccdf_x_rule_${id}" ${attributes}><title>x</title>${inside}</Rule>`;
const from = (id: string) => `extends="xccdf_x_rule_${id}"`;
const group = (id: string, inside: string, attributes = '') =>
  `<Group id="xccdf_x_group_${id}" ${attributes}><title>x</title>${inside}</Group>`;
const exported = '<check-export value-id="xccdf_x_value_v" export-name="oval:x:var:1"/>';
const value = (inside: string) =>
  `<Value id="xccdf_x_value_v" type="string"><title>x</title>${inside}</Value>`;
const dictionary = (name: string, id: number) =>
  `<cpe-list xmlns="http://cpe.mitre.org/dictionary/2.0"><cpe-item name="${name}"><title xml:lang="en">x</title><check system="${oval}" href="oval.xml">oval:x:def:${id}</check></cpe-item></cpe-list>`;
const platform = (name: string) => `<platform idref="${name}"/>`;

interface Case {
  name: string;
  benchmark: string;
  cpe?: string;
  /** Results in document order. */
  ours: string;
  /** Absent: as ours. */
  oscap?: string;
}

const cases: Case[] = [
  {
    name: 'a rule selects itself though the one that it extends is not selected',
    benchmark: rule('a', check(1), 'selected="false"') + rule('b', check(2), `selected="true" ${from('a')}`),
    ours: 'notselected fail',
  },
  {
    name: 'a rule has its own role, weight and severity where they are the default ones',
    benchmark:
      rule('a', check(1), 'selected="true" role="unchecked"') +
      rule('b', check(2), `selected="true" role="full" ${from('a')}`),
    ours: 'notchecked fail',
  },
  {
    name: "a rule's own check stands for an inherited complex-check",
    benchmark: rule('a', both(check(1))) + rule('b', check(2), from('a')),
    ours: 'pass fail',
  },
  {
    name: 'a rule that extends another in a group that extends another',
    benchmark:
      group('g', rule('a', check(2))) +
      group('h', rule('b', '', `selected="true" ${from('a')}`), 'extends="xccdf_x_group_g"'),
    ours: 'fail fail fail',
    oscap: 'fail fail',
  },
  {
    name: 'a multi-check in a complex-check has one result for all definitions',
    benchmark: rule(
      'a',
      both(`<check system="${oval}" multi-check="true"><check-content-ref href="two.xml"/></check>`),
    ),
    ours: 'fail',
  },
  {
    name: 'the first choice of a value is the default, whatever its selector',
    benchmark:
      value('<value selector="s">/etc/there</value><value selector="1">/etc/gone</value>') +
      rule('a', check(4, exported)),
    ours: 'fail',
  },
  {
    name: 'an empty list is no value',
    benchmark: value('<complex-value></complex-value>') + rule('a', check(4, exported)),
    ours: 'unknown',
  },
  {
    name: 'a value without choices is none',
    benchmark: value('') + rule('a', check(4, exported)),
    ours: 'unknown',
  },
  {
    name: 'a platform is its narrower ones too',
    benchmark: rule('a', platform('cpe:/o:x:y') + check(2)),
    cpe: dictionary('cpe:/o:x:y:9', 1),
    ours: 'fail',
  },
  {
    name: 'a platform is not a wider one',
    benchmark: rule('a', platform('cpe:/o:x:y:9') + check(2)),
    cpe: dictionary('cpe:/o:x:y', 1),
    ours: 'notapplicable',
  },
  {
    name: 'a rule is unknown if its platform is',
    benchmark: rule('a', platform('cpe:/o:x:y') + check(2)),
    cpe: dictionary('cpe:/o:x:y', 3),
    ours: 'unknown',
    oscap: 'notapplicable',
  },
];

describe.skipIf(!hasOracle('oscap'))('results of rules beside oscap', () => {
  const root = rootWith({ 'etc/there': 'x' });

  it.each(cases)('$name', ({ benchmark, cpe, ours, oscap = ours }) => {
    const folder = temporaryFolder();
    // oscap passes over an element that follows an empty one without a line feed.
    const write = (name: string, text: string) =>
      writeFileSync(join(folder, name), text.replaceAll('><', '>\n<'));
    const content = join(folder, 'benchmark.xml');
    write(
      'benchmark.xml',
      `<Benchmark xmlns="http://checklists.nist.gov/xccdf/1.2" id="xccdf_x_benchmark_b"><title>b</title><version>1</version>${benchmark}</Benchmark>`,
    );
    write('oval.xml', document);
    write('two.xml', two);
    if (cpe !== undefined) write('cpe.xml', cpe);
    const dictionaries = cpe === undefined ? [] : [join(folder, 'cpe.xml')];
    const settings: ComplianceSettings = {
      image: { reference: 'dir:/' },
      time: '2026-01-01T00:00:00.000Z',
      now: 0,
      toolVersion: '0',
    };
    const { result } = comply(openContent(content, { dictionaries }), systemOf(root), settings);
    expect(result.rules.map((each) => each.result).join(' ')).toBe(ours);
    expect(oscapSays(content, root, dictionaries)).toBe(oscap);
  });
});

function oscapSays(content: string, root: string, dictionaries: readonly string[]): string {
  const results = join(temporaryFolder(), 'results.xml');
  const cpe = dictionaries.flatMap((each) => ['--cpe', each]);
  const args = ['xccdf', 'eval', '--skip-validation', ...cpe, '--results', results, content];
  const env = { ...process.env, OSCAP_PROBE_ROOT: root };
  const run = spawnSync('oscap', args, { encoding: 'utf8', env, timeout: 60_000 });
  if (run.status !== 0 && run.status !== 2) throw new Error(`oscap ended with ${run.status}: ${run.stderr}`);
  const [testResult] = childElements(readXmlTree(readFileSync(results), results), 'TestResult');
  return childElements(testResult!, 'rule-result')
    .map((each) => childText(each, 'result'))
    .join(' ');
}
