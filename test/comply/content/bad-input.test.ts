import { describe, expect, it } from 'vitest';
import { comply, type ImageSystem } from '../../../src/comply/index.ts';
import { OvalEngine } from '../../../src/comply/oval/engine.ts';
import { lookupOf } from '../../../src/comply/oval/lookup.ts';
import { readOval } from '../../../src/comply/oval/read-oval.ts';
import { imageCollector } from '../../../src/comply/probes/image-collector.ts';
import { type MemoryLayer, memoryView } from '../../support/memory-view.ts';
import { benchmark, rule, smallContent } from '../support/small-content.ts';

const oval = 'http://oval.mitre.org/XMLSchema/oval-definitions-5';

/** Sections of an OVAL document whose definition 1 asks for test 1, which asks for object 1. */
function document(parts: {
  criteria?: string;
  tests?: string;
  objects?: string;
  states?: string;
  variables?: string;
}) {
  const criteria = parts.criteria ?? '<criterion test_ref="oval:x:tst:1"/>';
  const section = (name: string, text = '') => (text === '' ? '' : `<${name}>${text}</${name}>`);
  return `<oval_definitions xmlns="${oval}" xmlns:ind="${oval}#independent" xmlns:unix="${oval}#unix">
<definitions><definition id="oval:x:def:1" version="1" class="compliance"><criteria>${criteria}</criteria></definition></definitions>
${section('tests', parts.tests)}${section('objects', parts.objects)}${section('states', parts.states)}${section('variables', parts.variables)}
</oval_definitions>`;
}

function test(type: string, states = ''): string {
  return `<ind:${type}_test id="oval:x:tst:1" version="1" check="all" comment="x"><ind:object object_ref="oval:x:obj:1"/>${states}</ind:${type}_test>`;
}

const lines = (id: string, pattern: string) =>
  `<ind:textfilecontent54_object id="oval:x:obj:${id}" version="1"><ind:filepath>/etc/x</ind:filepath>${pattern}<ind:instance datatype="int">1</ind:instance></ind:textfilecontent54_object>`;
const pattern = (text: string) => `<ind:pattern operation="pattern match">${text}</ind:pattern>`;
const set = (id: string, of: string) =>
  `<ind:textfilecontent54_object id="oval:x:obj:${id}" version="1"><set><object_reference>oval:x:obj:${of}</object_reference></set></ind:textfilecontent54_object>`;

const settings = { image: { reference: 'x' }, time: '2026-01-01T00:00:00.000Z', now: 0, toolVersion: '0' };
const system: ImageSystem = { files: memoryView({}), env: [], packages: () => [] };

interface Judged {
  result: string;
  message: string | undefined;
}

function judge(text: string, files: MemoryLayer): Judged {
  const system: ImageSystem = { files: memoryView(files), env: [], packages: () => [] };
  const engine = new OvalEngine({
    document: lookupOf(readOval(text, 'oval.xml')),
    collect: imageCollector(system),
    patience: 200,
  });
  const result = engine.definition('oval:x:def:1');
  return { result, message: engine.test('oval:x:tst:1').collection.message };
}

const xmlFile = (xpath: string) =>
  document({
    tests: test('xmlfilecontent'),
    objects: `<ind:xmlfilecontent_object id="oval:x:obj:1" version="1"><ind:filepath>/etc/x</ind:filepath><ind:xpath>${xpath}</ind:xpath></ind:xmlfilecontent_object>`,
  });
const yamlFile = (path: string) =>
  document({
    tests: test('yamlfilecontent'),
    objects: `<ind:yamlfilecontent_object id="oval:x:obj:1" version="1"><ind:filepath>/etc/x</ind:filepath><ind:yamlpath>${path}</ind:yamlpath></ind:yamlfilecontent_object>`,
  });
const slow = `${'a'.repeat(60)}b`;

describe('content that no evaluation can follow gives a result with its reason', () => {
  it.each<[name: string, text: string, files: MemoryLayer, result: string, message: RegExp | undefined]>([
    [
      'a definition that extends itself',
      document({ criteria: '<extend_definition definition_ref="oval:x:def:1"/>' }),
      {},
      'not evaluated',
      undefined,
    ],
    [
      'a set of itself',
      document({ tests: test('textfilecontent54'), objects: set('1', '2') + set('2', '1') }),
      {},
      'error',
      undefined,
    ],
    [
      'an object that does not exist',
      document({ tests: test('textfilecontent54') }),
      {},
      'error',
      /the object oval:x:obj:1 is not in the document/,
    ],
    [
      'a variable that does not exist',
      document({
        tests: test('textfilecontent54'),
        objects: lines('1', '<ind:pattern operation="pattern match" var_ref="oval:x:var:1"/>'),
      }),
      { '/etc/x': 'x' },
      'error',
      /oval:x:var:1/,
    ],
    [
      'a pattern that is none',
      document({ tests: test('textfilecontent54'), objects: lines('1', pattern('(')) }),
      { '/etc/x': 'x' },
      'error',
      /\(/,
    ],
    [
      'a pattern of an object that backtracks without end',
      document({ tests: test('textfilecontent54'), objects: lines('1', pattern('^(a+)+$')) }),
      { '/etc/x': slow },
      'error',
      /gave up after 200 ms/,
    ],
    [
      'a pattern of a state that does',
      document({
        tests: test('textfilecontent54', '<ind:state state_ref="oval:x:ste:1"/>'),
        objects: lines('1', pattern('^.*$')),
        states: `<ind:textfilecontent54_state id="oval:x:ste:1" version="1"><ind:text operation="pattern match">^(a+)+$</ind:text></ind:textfilecontent54_state>`,
      }),
      { '/etc/x': slow },
      'error',
      /gave up after 200 ms/,
    ],
    [
      'an XPath beyond XPath 1.0',
      xmlFile('document(/zone)'),
      { '/etc/x': '<zone/>' },
      'error',
      /XPath 1\.0 has no function document/,
    ],
    [
      'a YAML path beyond what is evaluated',
      yamlFile('.items[?(@.name)]'),
      { '/etc/x': 'items: [1]' },
      'error',
      /the path \.items\[\?\(@\.name\)\] is not supported/,
    ],
  ])('%s', (_, text, files, result, message) => {
    const judged = judge(text, files);
    expect(judged.result).toBe(result);
    if (message) expect(judged.message).toMatch(message);
  });
});

describe('an evaluation that was interrupted', () => {
  it('leaves nothing behind: what it had begun is judged when it is asked for again', () => {
    const slowVariable =
      '<local_variable id="oval:x:var:1" version="1" datatype="string" comment="x"><object_component object_ref="oval:x:obj:2" item_field="text"/></local_variable>';
    const text = document({
      tests: test('textfilecontent54'),
      objects:
        lines('1', '<ind:pattern operation="pattern match" var_ref="oval:x:var:1"/>') +
        lines('2', pattern('^(a+)+$')),
      variables: slowVariable,
    });
    const engine = new OvalEngine({
      document: lookupOf(readOval(text, 'oval.xml')),
      collect: imageCollector({ files: memoryView({ '/etc/x': slow }), env: [], packages: () => [] }),
      patience: 200,
    });
    expect(engine.test('oval:x:tst:1').collection.message).toMatch(/gave up/);
    expect(engine.object('oval:x:obj:2').message).toMatch(/gave up/);
  });
});

describe('files of the image that are made to mislead', () => {
  it.each([
    ['an entity bomb', '<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><x>&b;</x>'],
    ['an external entity', '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'],
    ['no XML', 'PermitRootLogin no'],
  ])('%s is unknown, with the reason', (_, text) => {
    const { result, message } = judge(xmlFile('/x'), { '/etc/x': text });
    expect(result).toBe('unknown');
    expect(message).toMatch(/^\/etc\/x: /);
  });

  it('a YAML file that is none is an error', () => {
    expect(judge(yamlFile('.a'), { '/etc/x': 'a: [1' })).toMatchObject({ result: 'error' });
  });
});

describe('rules whose check is not there', () => {
  const check = (href: string, name: string) =>
    `<Rule id="xccdf_x_rule_r"><title>R</title><check system="${oval}"><check-content-ref href="${href}" name="${name}"/></check></Rule>`;

  it.each([
    ['a document that is missing', check('gone.xml', 'oval:x:def:1'), 'notchecked', /gone\.xml/],
    ['a definition that is missing', check('oval.xml', 'oval:x:def:9'), 'notchecked', /oval:x:def:9/],
  ])('%s', (_, xccdf, result, message) => {
    const content = smallContent(benchmark(xccdf), document({}));
    const [found] = comply(content, system, settings).result.rules;
    expect(found?.result).toBe(result);
    expect(found?.message).toMatch(message);
  });

  it('definitions in a circle are not evaluated, wherever evaluation begins', () => {
    const extended = (...ids: number[]) =>
      ids.map((id) => `<extend_definition definition_ref="oval:x:def:${id}"/>`).join('');
    const there = '<criterion test_ref="oval:x:tst:1"/>';
    // 1, 2 and 3 are in two circles, 4 in one of its own; 5 is in none.
    const inside = [
      extended(2, 3),
      extended(1) + there,
      extended(2) + there,
      extended(4),
      extended(1, 4) + there,
    ];
    const definitions = inside.map(
      (criteria, at) =>
        `<definition id="oval:x:def:${at + 1}" version="1" class="compliance"><criteria operator="OR">${criteria}</criteria></definition>`,
    );
    const text = document({
      tests: test('textfilecontent54'),
      objects: lines('1', pattern('^x$')),
    }).replace(/<definition .*<\/definition>/, definitions.join(''));
    const lookup = lookupOf(readOval(text, 'oval.xml'));
    const system: ImageSystem = { files: memoryView({ '/etc/x': 'x' }), env: [], packages: () => [] };
    const ids = [1, 2, 3, 4, 5];
    for (const [at] of ids.entries()) {
      const engine = new OvalEngine({ document: lookup, collect: imageCollector(system) });
      const order = [...ids.slice(at), ...ids.slice(0, at)];
      const results = new Map(order.map((id) => [id, engine.definition(`oval:x:def:${id}`)]));

      expect(ids.map((id) => results.get(id))).toEqual([...Array(4).fill('not evaluated'), 'true']);
      expect(engine.reasonOf('oval:x:def:4')).toBe('it is in a circle of definitions that extend each other');
    }
  });

  it('a rule that requires itself does not run without end', () => {
    const content = smallContent(
      benchmark(rule('root', '<requires idref="xccdf_x_rule_root"/>')),
      document({ tests: test('family'), objects: '<ind:family_object id="oval:x:obj:1" version="1"/>' }),
    );
    expect(comply(content, system, settings).result.rules).toHaveLength(1);
  });
});

describe('XCCDF that says what XCCDF does not have', () => {
  const text = document({
    tests: test('family'),
    objects: '<ind:family_object id="oval:x:obj:1" version="1"/>',
  });
  const profile = (inside: string) => `<Profile id="xccdf_x_profile_p"><title>p</title>${inside}</Profile>`;
  const refined = (how: string) => profile(`<refine-rule idref="xccdf_x_rule_a" ${how}/>`) + rule('a');

  it.each([
    [
      'a severity',
      rule('a').replace('"medium"', '"critical"'),
      /severity of <Rule xccdf_x_rule_a> is one of/,
    ],
    [
      "a profile's severity",
      refined('severity="High"'),
      /severity of <refine-rule xccdf_x_rule_a> is one of/,
    ],
    ['a role', refined('role="none"'), /role of <refine-rule/],
    ['a selection', rule('a', '', 'selected="yes"'), /selected of <Rule xccdf_x_rule_a> is one of true/],
    ['a negation', rule('a').replace('<check ', '<check negate="True" '), /negate of <check> is one of/],
    [
      'an operator',
      rule('a', '<complex-check operator="or"></complex-check>'),
      /operator of <complex-check>/,
    ],
    ['two rules of one id', rule('a') + rule('a'), /ids are unique, found xccdf_x_rule_a twice/],
    ['two profiles of one id', profile('') + profile('') + rule('a'), /found xccdf_x_profile_p twice/],
  ])('%s is refused', (_, inside, message) => {
    expect(() => smallContent(benchmark(inside), text)).toThrow(message);
  });

  it('elements of another namespace are not read as its own', () => {
    const other = 'xmlns:z="urn:z"';
    const inside =
      profile(`<z:select ${other} idref="xccdf_x_rule_a" selected="false"/>`) +
      rule('a', `<z:platform ${other} idref="cpe:/o:x:y"/>`) +
      rule('b')
        .replaceAll(/<(\/?)Rule/g, '<$1z:Rule')
        .replace('<z:Rule', `<z:Rule ${other}`);
    const options = { ...settings, profile: 'xccdf_x_profile_p' };
    const { rules } = comply(smallContent(benchmark(inside), text), system, options).result;
    expect(rules.map(({ id, result }) => [id, result])).toEqual([['xccdf_x_rule_a', 'pass']]);
  });
});
