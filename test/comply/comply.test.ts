import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openContentFile } from '../../src/comply/content/content-file.ts';
import { loadCompiled } from '../../src/comply/content/load.ts';
import { readContent } from '../../src/comply/content/read-content.ts';
import { compileContent, comply, type ImageSystem } from '../../src/comply/index.ts';
import { OvalEngine } from '../../src/comply/oval/engine.ts';
import { lookupOf } from '../../src/comply/oval/lookup.ts';
import { readOval } from '../../src/comply/oval/read-oval.ts';
import { imageCollector } from '../../src/comply/probes/image-collector.ts';
import { remediate } from '../../src/comply/result/remediation.ts';
import type { FileView } from '../../src/model/inventory/index.ts';
import { complianceTable } from '../../src/report/comply/table.ts';
import { memoryView } from '../support/memory-view.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { benchmark, lineCheck, rule, smallContent } from './support/small-content.ts';

const settings = {
  image: { reference: 'dir:/image' },
  time: '2026-01-01T00:00:00.000Z',
  now: 0,
  toolVersion: '0.0.0',
};
const sshd = lineCheck('/etc/ssh/sshd_config', '^[ \\t]*PermitRootLogin[ \\t]+no[ \\t]*$');

function systemOf(files: FileView): ImageSystem {
  return { files, env: [], packages: () => [] };
}

function evaluate(xccdf: string, document: string, files: FileView, profile?: string) {
  const content = smallContent(xccdf, document);
  return comply(content, systemOf(files), { ...settings, ...(profile === undefined ? {} : { profile }) })
    .result;
}

describe('comply', () => {
  const files = memoryView({ '/etc/ssh/sshd_config': '# ssh\nPort 22\n\nPermitRootLogin no\n' });

  it('passes a rule with the file and the line as evidence', () => {
    const result = evaluate(benchmark(rule('root')), sshd, files);
    expect(result.counts).toEqual({ pass: 1 });
    expect(result.scores).toEqual([{ system: 'urn:xccdf:scoring:default', score: 100, maximum: 100 }]);
    expect(result.rules[0]?.evidence).toEqual([
      {
        test: 'oval:x:tst:1',
        comment: 'the line',
        result: 'true',
        expected: ['something is found'],
        found: [{ place: '/etc/ssh/sshd_config', line: 4, value: 'text: PermitRootLogin no' }],
        count: 1,
      },
    ]);
  });

  it('follows links inside the image only', () => {
    const linked = memoryView({
      '/etc/ssh/sshd_config': { link: '/usr/etc/sshd' },
      '/usr/etc/sshd': 'PermitRootLogin no\n',
    });
    expect(evaluate(benchmark(rule('root')), sshd, linked).counts).toEqual({ pass: 1 });
  });

  it('is unknown where a file is there but its content was not kept', () => {
    const unkept: FileView = { ...files, open: () => undefined };
    const result = evaluate(benchmark(rule('root')), sshd, unkept);
    expect(result.counts).toEqual({ unknown: 1 });
    expect(result.rules[0]?.evidence[0]?.message).toBe(
      '/etc/ssh/sshd_config is too large to read, or its content was not kept',
    );
  });

  it('names profiles near to one that does not exist', () => {
    const profile = '<Profile id="xccdf_x_profile_cis_server"><title>CIS</title></Profile>';
    expect(() => evaluate(benchmark(profile + rule('root')), sshd, files, 'cis_workstation')).toThrow(
      'there is no profile cis_workstation; near ones are xccdf_x_profile_cis_server',
    );
    const two = `${profile}${profile.replace('server', 'desktop')}`;
    expect(() => evaluate(benchmark(two + rule('root')), sshd, files, 'cis_servre')).toThrow(
      /near ones are xccdf_x_profile_cis_server$/,
    );
  });

  it('refuses profiles that extend each other in a circle', () => {
    const profile = (id: string, base: string) =>
      `<Profile id="xccdf_x_profile_${id}" extends="xccdf_x_profile_${base}"><title>P</title></Profile>`;
    expect(() =>
      evaluate(benchmark(profile('a', 'b') + profile('b', 'a') + rule('root')), sshd, files, 'a'),
    ).toThrow(/profiles extend each other in a circle/);
  });

  it('says that nothing applies on another platform', () => {
    const platform = '<platform idref="cpe:/o:other:os:1"/>';
    const result = evaluate(benchmark(platform + rule('root')), sshd, files);
    expect([result.applicable, result.counts]).toEqual([false, { notapplicable: 1 }]);
  });

  it('fills in values, and leaves scripts of the content harmless', () => {
    const value = '<Value id="xccdf_x_value_v"><value>7</value><value selector="long">99</value></Value>';
    const profile =
      '<Profile id="xccdf_x_profile_p"><title>P</title><refine-value idref="xccdf_x_value_v" selector="long"/></Profile>';
    const prose =
      '<description>at most <sub idref="xccdf_x_value_v"/> <html:script>alert(1)</html:script><html:b onclick="x">days</html:b></description><fix system="urn:xccdf:fix:script:sh">set <sub idref="xccdf_x_value_v"/></fix>';
    const [found] = evaluate(benchmark(profile + value + rule('root', prose)), sshd, files, 'p').rules;
    expect([found?.description, found?.fixes[0]?.text]).toEqual(['at most 99 alert(1)<b>days</b>', 'set 99']);
  });
});

describe('a bounded evaluation', () => {
  const engineOf = (document: string, files: FileView, patience: number) =>
    new OvalEngine({
      document: lookupOf(readOval(document, 'oval.xml')),
      collect: imageCollector(systemOf(files)),
      patience,
    });

  it('ends a pattern that backtracks without end as an error, with the reason', () => {
    const engine = engineOf(
      lineCheck('/etc/x', '^(a+)+$'),
      memoryView({ '/etc/x': `${'a'.repeat(60)}b` }),
      100,
    );
    expect(engine.definition('oval:x:def:1')).toBe('error');
    expect(engine.test('oval:x:tst:1').collection.message).toMatch(/gave up after 100 ms/);
  });

  it('judges a file of a million lines', () => {
    const files = memoryView({ '/etc/x': `${'\n'.repeat(1_000_000)}PermitRootLogin no\n` });
    const engine = engineOf(lineCheck('/etc/x', '^[ \\t]*PermitRootLogin[ \\t]+no'), files, 10_000);
    expect(engine.definition('oval:x:def:1')).toBe('true');
  });

  it('collects matches up to its limit only, and does not call the object complete', () => {
    const engine = engineOf(
      lineCheck('/etc/x', '^x$', 'only_one_exists'),
      memoryView({ '/etc/x': 'x\n'.repeat(200_000) }),
      10_000,
    );
    expect(engine.test('oval:x:tst:1').collection.flag).toBe('incomplete');
    expect(engine.definition('oval:x:def:1')).toBe('false');
  });

  it('takes a variable that refers to itself for an error', () => {
    const oval = 'http://oval.mitre.org/XMLSchema/oval-definitions-5';
    const variable = (id: string, other: string) =>
      `<local_variable id="${id}" version="1" datatype="string" comment="x"><variable_component var_ref="${other}"/></local_variable>`;
    const document = readOval(
      `<oval_definitions xmlns="${oval}"><variables>${variable('oval:x:var:1', 'oval:x:var:2')}${variable('oval:x:var:2', 'oval:x:var:1')}</variables></oval_definitions>`,
      'oval.xml',
    );
    const engine = new OvalEngine({
      document: lookupOf(document),
      collect: imageCollector(systemOf(memoryView({}))),
    });
    expect(engine.variable('oval:x:var:1')).toMatchObject({
      flag: 'error',
      message: expect.stringMatching(/refers to itself/),
    });
  });
});

describe('a rule that a script checks (SCE)', () => {
  const script = (href: string) =>
    `<check system="http://open-scap.org/page/SCE"><check-content-ref href="${href}"/></check>`;
  const scripted = '<Rule id="xccdf_x_rule_s" severity="medium"><title>s</title>CHECKS</Rule>';
  const xccdf = benchmark(
    scripted.replace('CHECKS', script('checks/a.sh')) + rule('root', script('checks/b.sh')),
  );
  const files = memoryView({ '/etc/ssh/sshd_config': 'PermitRootLogin no\n' });

  it.each(['as XML', 'compiled'])(
    'is not checked, with the name of the script, unless it has OVAL: %s',
    (as) => {
      const path = join(temporaryFolder('compiled'), 'small.json');
      const bytes = Buffer.from(xccdf);
      const content = readContent(bytes, 'small.xml', { local: () => Buffer.from(sshd) });
      writeFileSync(path, compileContent(content, { source: { name: 'small.xml', bytes }, tool: 'test' }));
      const from = as === 'compiled' ? loadCompiled(openContentFile(path), path) : smallContent(xccdf, sshd);
      const { result } = comply(from, systemOf(files), settings);

      expect(result.rules.map((each) => [each.result, each.message])).toEqual([
        ['notchecked', 'scripts of content are not run: checks/a.sh'],
        ['pass', undefined],
      ]);
      expect(result.rules[0]?.check).toMatchObject({ href: 'checks/a.sh' });
      expect(complianceTable(result, { color: false, all: false })).toContain(
        '2 rules: 1 notchecked, 1 pass\n1 of them is checked by scripts alone, which are not run\n',
      );
    },
  );
});

describe('compileContent', () => {
  const value = '<Value id="xccdf_x_value_v"><value>7</value></Value>';
  const profiles = ['a', 'b'].map(
    (id) =>
      `<Profile id="xccdf_x_profile_${id}"><title>${id}</title><select idref="xccdf_x_rule_${id}" selected="true"/></Profile>`,
  );
  const rules = ['a', 'b'].map((id) => rule(id, '<rationale>because</rationale>', 'selected="false"'));
  const bytes = Buffer.from(benchmark(profiles.join('') + value + rules.join('')));
  const local = () => Buffer.from(sshd);
  const compiled = (options = {}) =>
    compileContent(readContent(bytes, 'small.xml', { local }), {
      source: { name: 'small.xml', bytes },
      tool: 'test',
      ...options,
    });
  const files = memoryView({ '/etc/ssh/sshd_config': 'PermitRootLogin yes\n' });

  it('gives the same bytes for the same input', () => {
    expect(compiled()).toBe(compiled());
  });

  it('gives the same result as the content itself', () => {
    const path = join(temporaryFolder('compiled'), 'small.json');
    writeFileSync(path, compiled());
    const content = loadCompiled(openContentFile(path), path);
    const run = (from: typeof content) => comply(from, systemOf(files), { ...settings, profile: 'a' }).result;
    const source = smallContent(bytes.toString(), sshd);
    expect({ ...run(content), content: 0 }).toEqual({ ...run(source), content: 0 });
    expect(run(content).rules.map(({ id, result, rationale }) => [id, result, rationale])).toEqual([
      ['xccdf_x_rule_a', 'fail', 'because'],
      ['xccdf_x_rule_b', 'notselected', undefined],
    ]);
  });

  it('keeps only the rules of chosen profiles, and the paths that they read', () => {
    const [head = ''] = compiled({ profiles: ['a'] }).split('\n');
    const { benchmark: kept, wanted } = JSON.parse(head) as {
      benchmark: { items: { id: string }[] };
      wanted: { paths: string[] };
    };
    expect(kept.items.map(({ id }) => id)).toEqual(['xccdf_x_rule_a']);
    expect(wanted.paths).toContain('/etc/ssh/sshd_config');
  });

  it.each([
    ['no JSON', '{nonsense\n'],
    ['a single line', '{"kind":"scapfeed-benchmark"}'],
    ['another format', '{"kind":"scapfeed-benchmark","format":99}\n'],
    ['a kind with a toString of its own', '{"kind":{"toString":1,"valueOf":1},"format":1}\n'],
    ['a format with one', '{"kind":"scapfeed-benchmark","format":{"toString":1,"valueOf":1}}\n'],
  ])('is refused when it is damaged: %s', (_, text) => {
    const path = join(temporaryFolder('compiled'), 'bad.json');
    writeFileSync(path, text);
    expect(() => loadCompiled(openContentFile(path), path)).toThrow(
      expect.objectContaining({ code: 'CONTENT_MALFORMED' }),
    );
  });
});

describe('remediate', () => {
  const fixable = [
    { id: 'r1', title: 'One', fixes: [{ system: 'urn:xccdf:fix:script:sh', text: '\ncat <<FIX\nFIX\n' }] },
    { id: 'r2', title: 'Two', fixes: [] },
  ];

  it('writes layers whose here-documents no script can end', () => {
    const { script, fixed, without } = remediate(fixable, 'containerfile');
    expect(script).toMatch(/RUN <<'FIXX'\ncat <<FIX\nFIX\nFIXX\n$/);
    expect([fixed, without]).toEqual([1, ['r2']]);
  });
});
