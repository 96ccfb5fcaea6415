import { describe, expect, it } from 'vitest';
import { OvalEngine } from '../../src/comply/oval/engine.ts';
import { lookupOf } from '../../src/comply/oval/lookup.ts';
import { readOval } from '../../src/comply/oval/read-oval.ts';
import { imageCollector } from '../../src/comply/probes/image-collector.ts';
import { evaluateYamlPath, YamlError } from '../../src/comply/probes/yaml-path.ts';
import { debianRelease, rootWith, stanza } from '../support/cli.ts';
import { hasOracle } from '../support/oracles.ts';
import { besideOscap, ovalDocument } from './support/beside-oscap.ts';
import { systemOf } from './support/roots.ts';

const passwd = [
  ...['root:x:0:0:root:/root:/bin/bash', '  a:x:0:0:::/bin/sh', 'b:x:0:0::/', 'c:x:0:0', 'toor::0:0'],
  ...[
    'd:x: 0:0:::/bin/sh',
    'e:x:0:0:g:/:/bin/sh:extra',
    '\tf:x:0:0::/:',
    '+g:x:0:0::/:/bin/sh',
    '# no:x:0:0',
  ],
];
const shadow = [
  ...['root:x:19000:0:99999:7:::', 'bob::19000:0:99999:', 'five::19000:0:99999', '  led::1:0:9:7:::'],
  ...['full::1:0:9:7:1:2:', 'minus::1::9:', 'none:::::::'],
];
const states = [
  ...['installed', 'unpacked', 'half-configured', 'triggers-awaited', 'triggers-pending'],
  ...['half-installed', 'config-files'],
];

const every = '<unix:username operation="pattern match">.*</unix:username>';
const all = (family: string, kind: string, id: string, inside: string) => ({
  test: `<${family}:${kind}_test id="oval:x:tst:${id}" version="1" check="all" check_existence="none_exist" comment="x"><${family}:object object_ref="oval:x:obj:${id}"/></${family}:${kind}_test>`,
  object: `<${family}:${kind}_object id="oval:x:obj:${id}" version="1">${inside}</${family}:${kind}_object>`,
});

function documentOf(asked: readonly { test: string; object: string }[]): string {
  return ovalDocument({
    tests: asked.map(({ test }) => test).join(''),
    objects: asked.map(({ object }) => object).join(''),
  });
}

describe.skipIf(!hasOracle('oscap'))('accounts and packages that hide', () => {
  const root = rootWith({
    'etc/os-release': debianRelease('12', 'bookworm'),
    'etc/passwd': `${passwd.join('\n')}\n`,
    'etc/shadow': `${shadow.join('\n')}\n`,
    'var/lib/dpkg/status': states
      .map((state) =>
        stanza(`p-${state}`, '1', { Status: `install ok ${state}`, Maintainer: 'x', Description: 'x' }),
      )
      .join(''),
  });
  const asked = [
    all('unix', 'password', '1', every),
    all('unix', 'shadow', '2', every),
    ...states.map((state, at) =>
      all('linux', 'dpkginfo', `${10 + at}`, `<linux:name>p-${state}</linux:name>`),
    ),
  ];
  const entities = [
    'username',
    'user_id',
    'group_id',
    'login_shell',
    'chg_lst',
    'chg_req',
    'exp_warn',
    'name',
  ];
  const { ours, oscap } = besideOscap(documentOf(asked), root, entities);

  it('lines of /etc/passwd with few fields, blanks before them or a plus are accounts', () => {
    expect(ours.objects['oval:x:obj:1']).toEqual(oscap.objects['oval:x:obj:1']);
  });

  it('lines of /etc/shadow in the old form are accounts', () => {
    const { items } = ours.objects['oval:x:obj:2'] ?? { items: [] };
    expect(items).toEqual(oscap.objects['oval:x:obj:2']?.items);
    expect(items.join()).toContain('bob');
  });

  it.each(states.slice(0, 5).map((state, at) => [state, at] as const))(
    'a package that is %s is there',
    (_, at) => {
      expect(ours.tests[`oval:x:tst:${10 + at}`]).toBe('false');
      expect(ours.tests[`oval:x:tst:${10 + at}`]).toBe(oscap.tests[`oval:x:tst:${10 + at}`]);
    },
  );
});

function resultOf(
  asked: { test: string; object: string },
  files: Record<string, string>,
  states = '',
  variables = '',
) {
  const document = ovalDocument({ tests: asked.test, objects: asked.object, states, variables });
  const engine = new OvalEngine({
    document: lookupOf(readOval(document, 'oval.xml')),
    collect: imageCollector(systemOf(rootWith(files))),
    now: 0,
  });
  return { test: engine.test('oval:x:tst:1').result, flag: engine.object('oval:x:obj:1').flag };
}

describe('a YAML file of many keys', () => {
  const keys = Array.from({ length: 40_000 }, (_, at) => `k${at}: 1\n`).join('');

  it('is judged though it has 40,000 of them', () => {
    const started = process.cpuUsage();
    expect(evaluateYamlPath(`${keys}bad: 1\n`, '.bad')).toHaveLength(1);
    const { user } = process.cpuUsage(started);
    expect(user / 1e6).toBeLessThan(4);
  });

  it('is none if it has one twice', () => {
    expect(() => evaluateYamlPath(`${keys}k7: 2\n`, '.k7')).toThrow(YamlError);
  });
});

describe('files that say less than they hold', () => {
  it('a line of /etc/passwd that is no account leaves the accounts incomplete', () => {
    const asked = all('unix', 'password', '1', '<unix:username>toor</unix:username>');
    const result = resultOf(asked, { 'etc/passwd': 'root:x:0:0:::\ntoor:x:zero:0:::\n' });
    expect(result).toEqual({ test: 'unknown', flag: 'incomplete' });
  });

  it('a NUL before PermitRootLogin leaves the file incomplete', () => {
    const asked = all(
      'ind',
      'textfilecontent54',
      '1',
      '<ind:filepath>/etc/ssh/sshd_config</ind:filepath><ind:pattern operation="pattern match">^PermitRootLogin yes</ind:pattern><ind:instance datatype="int">1</ind:instance>',
    );
    const files = (text: string) => ({ 'etc/ssh/sshd_config': text });
    expect(resultOf(asked, files('\0\nPermitRootLogin yes\n'))).toEqual({
      test: 'unknown',
      flag: 'incomplete',
    });
    expect(resultOf(asked, files('PermitRootLogin yes\n\0')).test).toBe('false');
    expect(resultOf(asked, files('PermitRootLogin no\n')).test).toBe('true');
  });
});

const oneLine = { 'etc/conf': 'a=1\nb=2\n' };
const lines = (path: string, filter = '') =>
  `<ind:filepath ${path}<ind:pattern operation="pattern match">^b=(.*)$</ind:pattern><ind:instance datatype="int">1</ind:instance>${filter}`;

describe('what an object leaves open', () => {
  const unknowns = [
    ['a variable without a value', '<ind:subexpression var_ref="oval:x:var:1"/>'],
    ['a pattern that is none', '<ind:subexpression operation="pattern match">(</ind:subexpression>'],
    ['a number that is none', '<ind:subexpression datatype="int">x</ind:subexpression>'],
  ] as const;

  it.each(
    unknowns.flatMap(([what, entity]) =>
      ['include', 'exclude'].flatMap((action) =>
        ['none_exist', 'at_least_one_exists'].map((existence) => [what, action, existence, entity] as const),
      ),
    ),
  )('a filter by %s, %s and %s, is no answer', (_, action, existence, entity) => {
    const filter = `<filter action="${action}">oval:x:ste:1</filter>`;
    const asked = all('ind', 'textfilecontent54', '1', lines('>/etc/conf</ind:filepath>', filter));
    const state = `<ind:textfilecontent54_state id="oval:x:ste:1" version="1">${entity}</ind:textfilecontent54_state>`;
    const variable =
      '<external_variable id="oval:x:var:1" version="1" datatype="string" comment="x"></external_variable>';
    const test = asked.test.replace('none_exist', existence);
    expect(resultOf({ ...asked, test }, oneLine, state, variable)).toEqual({
      test: 'unknown',
      flag: 'incomplete',
    });
  });

  it('an account that cannot be read leaves what is asked of all homes unknown', () => {
    const asked = all(
      'unix',
      'file',
      '1',
      '<unix:filepath var_ref="oval:x:var:1" var_check="at least one"/><filter action="exclude">oval:x:ste:1</filter>',
    );
    const homes = {
      test: asked.test,
      object: `${asked.object}<unix:password_object id="oval:x:obj:2" version="1">${every}</unix:password_object>`,
    };
    const state =
      '<unix:file_state id="oval:x:ste:1" version="1"><unix:oread datatype="boolean">false</unix:oread></unix:file_state>';
    const variable =
      '<local_variable id="oval:x:var:1" version="1" datatype="string" comment="x"><object_component object_ref="oval:x:obj:2" item_field="home_dir"/></local_variable>';
    const files = (passwd: string) => ({ 'etc/passwd': passwd, 'home/toor/x': '' });
    expect(resultOf(homes, files('root:x:0:0::/root:\n'), state, variable).test).toBe('true');
    expect(
      resultOf(homes, files('root:x:0:0::/root:\ntoor:x:0:0::/home/toor/x:\n'), state, variable).test,
    ).toBe('false');
    expect(
      resultOf(homes, files('root:x:0:0::/root:\ntoor:x:zero:0::/home/toor/x:\n'), state, variable),
    ).toEqual({ test: 'unknown', flag: 'incomplete' });
  });

  it.each(['constant', 'external'])('a %s variable of no values is an error', (kind) => {
    const asked = all(
      'ind',
      'textfilecontent54',
      '1',
      lines('var_ref="oval:x:var:1" var_check="at least one"/>'),
    );
    const variable = `<${kind}_variable id="oval:x:var:1" version="1" datatype="string" comment="x"></${kind}_variable>`;
    expect(resultOf(asked, oneLine, '', variable)).toEqual({ test: 'error', flag: 'error' });
  });
});
