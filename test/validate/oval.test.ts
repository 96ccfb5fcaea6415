import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readOval } from '../../src/comply/oval/read-oval.ts';
import { remedies, validateFile } from '../../src/validate/index.ts';
import { temporaryFolder } from '../support/temporary.ts';

const P = 'oval:org.example:';

interface Parts {
  version?: string;
  definitions?: string;
  tests?: string;
  objects?: string;
  states?: string;
  variables?: string;
}

const sound = {
  definitions: definition(1, '<criteria><criterion test_ref="oval:org.example:tst:1"/></criteria>'),
  tests: dpkgTest(1, '', `<state state_ref="${P}ste:1"/>`),
  objects: `<dpkginfo_object id="${P}obj:1" version="1"><name>libssl3</name></dpkginfo_object>`,
  states: state(1, evr('0:3.0.8-1')),
};

function definition(number: number, criteria: string): string {
  return `<definition id="${P}def:${number}" version="1" class="vulnerability"><metadata><title>t</title></metadata>${criteria}</definition>`;
}
function dpkgTest(number: number, attributes: string, state: string): string {
  return `<dpkginfo_test id="${P}tst:${number}" version="1" check="all" comment="c" ${attributes}><object object_ref="${P}obj:1"/>${state}</dpkginfo_test>`;
}
function state(number: number, entity: string): string {
  return `<dpkginfo_state id="${P}ste:${number}" version="1">${entity}</dpkginfo_state>`;
}
function evr(limit: string, operation = 'less than', datatype = 'debian_evr_string'): string {
  return `<evr datatype="${datatype}" operation="${operation}">${limit}</evr>`;
}

function document({ version = '5.11.1', ...parts }: Parts): string {
  const { definitions, tests, objects, states, variables } = { ...sound, ...parts };
  return [
    '<?xml version="1.0"?>',
    '<oval_definitions xmlns="http://oval.mitre.org/XMLSchema/oval-definitions-5">',
    `<generator><schema_version>${version}</schema_version></generator>`,
    `<definitions>${definitions}</definitions>`,
    `<tests>${tests}</tests>`,
    `<objects>${objects}</objects>`,
    `<states>${states}</states>`,
    variables === undefined ? '' : `<variables>${variables}</variables>`,
    '</oval_definitions>',
  ].join('\n');
}

async function judge(
  text: string,
): Promise<{ rules: string[]; report: Awaited<ReturnType<typeof validateFile>> }> {
  const path = join(temporaryFolder(), 'document.xml');
  writeFileSync(path, text);
  const report = await validateFile(path);
  return { rules: report.counts.map(({ rule, level }) => `${level} ${rule}`), report };
}

describe('an OVAL document', () => {
  test('that is sound has no problem', async () => {
    const { report } = await judge(document({}));

    expect(report).toMatchObject({ kind: 'oval-definitions', valid: true, problems: [], schemas: [] });
  });

  const cases: [string, string, Parts][] = [
    [
      'an id of another kind',
      'error id-syntax',
      { states: state(1, evr('0:1')).replace('ste:1', 'obj:9') + sound.states },
    ],
    [
      'an id without a number',
      'error id-syntax',
      { objects: sound.objects + sound.objects.replace('obj:1', 'obj:x') },
    ],
    ['two items of one id', 'error id-duplicate', { states: sound.states + sound.states }],
    [
      'a test that is not there',
      'error reference-unresolved',
      {
        definitions: definition(
          1,
          `<criteria><criterion test_ref="${P}tst:1"/><criterion test_ref="${P}tst:2"/></criteria>`,
        ),
      },
    ],
    ['an object that is not there', 'error reference-unresolved', { objects: '' }],
    ['a state that nobody uses', 'warning unused', { states: sound.states + state(2, evr('0:1')) }],
    [
      'a test with an object of another kind',
      'error reference-kind',
      { objects: sound.objects.replaceAll('dpkginfo', 'rpminfo') },
    ],
    [
      'definitions that extend each other',
      'error cycle',
      {
        definitions:
          definition(
            1,
            `<criteria><criterion test_ref="${P}tst:1"/><extend_definition definition_ref="${P}def:2"/></criteria>`,
          ) + definition(2, `<criteria><extend_definition definition_ref="${P}def:1"/></criteria>`),
      },
    ],
    [
      'a definition that extends itself',
      'error cycle',
      {
        definitions: definition(
          1,
          `<criteria><criterion test_ref="${P}tst:1"/><extend_definition definition_ref="${P}def:1"/></criteria>`,
        ),
      },
    ],
    [
      'no epoch (Canonical, USN files)',
      'error evr-epoch-missing',
      { states: state(1, evr('0.9.6-2ubuntu0.22.04.2')) },
    ],
    [
      'two epochs (Debian wheezy)',
      'error evr-epoch-doubled',
      { states: state(1, evr('0:1:4.14-1.1+deb7u1')) },
    ],
    ['white space in a version', 'error evr-malformed', { states: state(1, evr('\n  0:0.9.6-2')) }],
    ['prose for a version', 'error evr-malformed', { states: state(1, evr('0:&lt;unfixed&gt;')) }],
    ['nothing is below zero (Debian)', 'error never-true', { states: state(1, evr('0:0')) }],
    [
      'everything is above zero',
      'warning always-true',
      { states: state(1, evr('0:0', 'greater than or equal')) },
    ],
    [
      'rpm order for dpkg versions',
      'warning evr-order',
      { states: state(1, evr('0:1', 'less than', 'evr_string')) },
    ],
    [
      'a pattern over versions',
      'error datatype-operation',
      { states: state(1, evr('0:1', 'pattern match')) },
    ],
    [
      'a datatype of a later schema',
      'error datatype-version',
      { version: '5.10', states: state(1, evr('0:1')) },
    ],
    [
      'a number that is none',
      'error datatype-value',
      { objects: sound.objects.replace('<name>', '<x datatype="int">one</x><name>') },
    ],
    [
      'a value beside var_ref',
      'error variable-value',
      {
        objects: sound.objects.replace('<name>', `<name var_ref="${P}var:1">`),
        variables: constant('<value>a</value>'),
      },
    ],
    [
      'a variable without values',
      'error variable-unbound',
      {
        objects: sound.objects.replace('<name>libssl3', `<name var_ref="${P}var:1">`),
        variables: constant(''),
      },
    ],
    [
      'a variable of another datatype',
      'error variable-datatype',
      {
        objects: sound.objects.replace('<name>libssl3', `<name var_ref="${P}var:1">`),
        variables: constant('<value>1</value>').replace('string', 'int'),
      },
    ],
    [
      'a test and its negation',
      'error never-true',
      {
        definitions: definition(
          1,
          `<criteria><criterion test_ref="${P}tst:1"/><criterion negate="true" test_ref="${P}tst:1"/></criteria>`,
        ),
      },
    ],
    [
      'installed and not installed (Red Hat, unaffected)',
      'error never-true',
      {
        tests: sound.tests + dpkgTest(2, 'check_existence="none_exist"', ''),
        definitions: definition(
          1,
          `<criteria operator="AND"><criterion test_ref="${P}tst:1"/><criterion test_ref="${P}tst:2"/></criteria>`,
        ),
      },
    ],
    [
      'a test that no system fails',
      'error always-true',
      { tests: dpkgTest(1, 'check_existence="any_exist"', ''), states: '' },
    ],
    [
      'uname without a state (Debian)',
      'warning always-true',
      {
        tests: sound.tests + dpkgTest(2, '', '').replaceAll('dpkginfo', 'uname').replace('obj:1', 'obj:2'),
        objects: `${sound.objects}<uname_object id="${P}obj:2" version="1"/>`,
        definitions: definition(
          1,
          `<criteria><criterion test_ref="${P}tst:1"/><criterion test_ref="${P}tst:2"/></criteria>`,
        ),
      },
    ],
    [
      'a deprecated test',
      'warning deprecated',
      {
        tests: sound.tests.replaceAll('dpkginfo', 'filehash'),
        objects: sound.objects.replaceAll('dpkginfo', 'filehash'),
        states: sound.states.replaceAll('dpkginfo', 'filehash'),
      },
    ],
    ['a deprecated check', 'warning deprecated', { tests: sound.tests.replace('"all"', '"none exist"') }],
    [
      'objects named after the source package (Debian)',
      'warning source-name',
      {
        definitions: sound.definitions.replace(
          '<title>',
          '<affected family="unix"><product>libssl3</product></affected><title>',
        ),
      },
    ],
  ];

  test.each(cases)('%s: %s', async (_, rule, parts) => {
    const { rules, report } = await judge(document(parts));

    expect(rules).toContain(rule);
    const [level, name] = rule.split(' ');
    const problem = report.problems.find((item) => item.rule === name);
    expect(problem).toMatchObject({ level, remedy: remedies[name as keyof typeof remedies] });
    expect(problem!.line).toBeGreaterThan(3);
  });

  test('presence and absence in different branches of OR do not contradict', async () => {
    const criteria = `<criteria operator="OR"><criterion test_ref="${P}tst:1"/><criterion test_ref="${P}tst:2"/></criteria>`;
    const { rules } = await judge(
      document({
        tests: sound.tests + dpkgTest(2, 'check_existence="none_exist"', ''),
        definitions: definition(1, criteria),
      }),
    );

    expect(rules).toEqual([]);
  });
});

describe('the namespace of the format', () => {
  const declared = ' xmlns="http://oval.mitre.org/XMLSchema/oval-definitions-5"';

  test.each([
    ['none', '', 'no namespace'],
    ['another', ' xmlns="urn:other"', 'urn:other'],
  ])('%s is an error, as eval refuses the document', async (_, declaration, found) => {
    const text = document({}).replace(declared, declaration);
    const { rules, report } = await judge(text);

    expect(rules).toEqual(['error namespace']);
    expect(report.problems[0]!.message).toContain(`found <oval_definitions> of ${found}`);
    expect(() => readOval(text, 'x.xml')).toThrow(report.problems[0]!.message);
  });

  test('may have a prefix', async () => {
    const text = document({})
      .replace(declared, declared.replace('xmlns', 'xmlns:o'))
      .replaceAll('oval_definitions', 'o:oval_definitions');

    expect((await judge(text)).rules).toEqual([]);
  });

  test.each([
    ['Benchmark', '<Benchmark id="xccdf_x_benchmark_y"/>'],
    ['Tailoring', '<Tailoring id="xccdf_x_tailoring_y"/>'],
    ['oval_results', '<oval_results/>'],
    ['data-stream-collection', '<data-stream-collection id="scap_x_collection_y"/>'],
    [
      'oval_definitions',
      '<d:data-stream-collection xmlns:d="http://scap.nist.gov/schema/scap/source/1.2" id="scap_x_collection_y">' +
        '<d:component id="scap_x_comp_y"><oval_definitions/></d:component></d:data-stream-collection>',
    ],
  ])('is asked of <%s>', async (name, text) => {
    const { report } = await judge(text);

    expect(report.valid).toBe(false);
    expect(report.problems.find(({ rule }) => rule === 'namespace')?.message).toMatch(
      new RegExp(`^expected <${name}> of http.*, found <${name}> of no namespace$`),
    );
  });
});

describe('a document that is not one', () => {
  test.each([
    ['cut short', document({}).slice(0, 700), 'error not-well-formed'],
    ['another vocabulary', '<html><body/></html>', 'error kind-unknown'],
    ['entities', `<!DOCTYPE x [<!ENTITY a "b">]>${document({}).slice(21)}`, 'error document-type'],
    ['plain text', 'not found', 'error kind-unknown'],
    [
      'nested without end',
      `${document({}).slice(0, document({}).indexOf('<generator>'))}${'<a>'.repeat(5000)}`,
      'error not-well-formed',
    ],
    ['empty', '', 'error not-well-formed'],
  ])('%s', async (_, text, rule) => {
    const { rules, report } = await judge(text);

    expect(rules).toEqual([rule]);
    expect(report.valid).toBe(false);
  });

  test('a file that is not there is wrong use', async () => {
    await expect(validateFile('/nonexistent.xml')).rejects.toMatchObject({
      code: 'USAGE',
      where: '/nonexistent.xml',
    });
  });

  test('of a rule the first hundred problems are kept, all are counted', async () => {
    const criteria = Array.from({ length: 250 }, (_, at) => `<criterion test_ref="${P}tst:${at + 2}"/>`).join(
      '',
    );
    const { report } = await judge(
      document({
        definitions: definition(1, `<criteria><criterion test_ref="${P}tst:1"/>${criteria}</criteria>`),
      }),
    );

    expect(report.counts).toEqual([{ rule: 'reference-unresolved', level: 'error', count: 250 }]);
    expect(report.problems).toHaveLength(100);
  });
});

function constant(values: string): string {
  return `<constant_variable id="${P}var:1" version="1" datatype="string" comment="c">${values}</constant_variable>`;
}
