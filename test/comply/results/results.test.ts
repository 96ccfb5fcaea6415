import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ComplianceResult } from '../../../src/model/compliance/index.ts';
import { debianRelease, rootWith, scapfeed, stanza } from '../../support/cli.ts';
import { smallStream } from '../../support/small-stream.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { vendorOval } from '../support/vendor-oval.ts';

const folder = temporaryFolder('results');
const at = (name: string) => join(folder, name);
const text = (name: string) => readFileSync(at(name), 'utf8');

beforeAll(() => {
  writeFileSync(at('ds.xml'), smallStream());
  const root = rootWith({
    'etc/os-release': debianRelease('12', 'bookworm'),
    'etc/small.conf': 'setting1 = yes\nsetting2 = no\n',
  });
  const forms = ['json', 'xccdf', 'arf', 'oval'].flatMap((form) => ['-o', `${form}=${at(form)}`]);
  const run = scapfeed(['comply', `dir:${root}`, '--content', at('ds.xml'), '--profile', 'base', ...forms]);
  expect(run, run.err).toMatchObject({ code: 0 });
});

const convert = (file: string, form: string) => scapfeed(['report', at(file), '-o', form]);

describe('report in the other formats', () => {
  it.each(['json', 'xccdf', 'arf'])('makes of %s the XCCDF that comply wrote, byte for byte', (form) => {
    expect(convert(form, 'xccdf')).toEqual({ code: 0, out: text('xccdf'), err: '' });
  });

  it('makes JSON of XCCDF with all that XCCDF says', () => {
    const whole = JSON.parse(text('json')) as ComplianceResult;
    const made = JSON.parse(convert('xccdf', 'json').out) as ComplianceResult;
    const { tool, image, time, counts, values, platforms, applicable } = whole;
    expect(made).toMatchObject({ tool, image, time, counts, values, platforms, applicable });
    // XCCDF has six decimals.
    expect(made.scores[0]?.score).toBeCloseTo(whole.scores[0]?.score ?? 0, 5);
    const said = ({ id, result, severity, weight, role, check }: ComplianceResult['rules'][number]) => ({
      ...{ id, result, severity, weight, role },
      check,
    });
    expect(made.rules.map(said)).toEqual(whole.rules.map(said));
  });

  it('reads the part of comply in what check writes, as report and fix do', () => {
    writeFileSync(at('check.json'), JSON.stringify({ scan: {}, comply: JSON.parse(text('json')) }));
    expect(convert('check.json', 'xccdf').out).toBe(text('xccdf'));
    const same = (command: string, ...before: string[]) =>
      expect(scapfeed([command, ...before, at('check.json')])).toEqual(
        scapfeed([command, ...before, at('json')]),
      );
    same('report');
    same('fix', '--type', 'bash', '--results');
    expect(scapfeed(['fix', at('arf.xml')]).err).toContain(
      'expected (--results RESULT.json | --content FILE)',
    );
  });

  it('reads compressed files, and refuses OVAL results alone', () => {
    writeFileSync(at('arf.gz'), gzipSync(text('arf')));
    expect(convert('arf.gz', 'xccdf').out).toBe(text('xccdf'));
    expect(convert('oval', 'json')).toMatchObject({
      code: 3,
      err: expect.stringContaining('OVAL results alone'),
    });
  });
});

describe('report', () => {
  it.each(['json', 'xccdf', 'arf'])('makes a table and a page of %s', (form) => {
    const table = scapfeed(['report', at(form)]);
    expect(table.out).toContain('2 fail, 1 pass');
    const page = scapfeed(['report', at(form), '-o', 'html']).out;
    expect(page).toMatch(/^<!doctype html>[\s\S]*xccdf_x_rule_setting2/);
  });

  it('shows the evidence that an asset report collection has, as the evaluation itself told it', () => {
    const told = (JSON.parse(text('json')) as ComplianceResult).rules;
    const read = (JSON.parse(convert('arf', 'json').out) as ComplianceResult).rules;
    const brief = (rules: ComplianceResult['rules']) =>
      rules.map(({ id, evidence }) => [
        id,
        evidence.map(({ test, result, count, found }) => [
          test,
          result,
          count,
          found.map(({ place, value }) => [place, value]),
        ]),
      ]);

    expect(told.flatMap(({ evidence }) => evidence.flatMap(({ found }) => found)).length).toBeGreaterThan(1);
    expect(brief(read)).toEqual(brief(told));
    expect(scapfeed(['report', at('arf'), '-o', 'html']).out).toContain('/etc/small.conf');
  });

  it('makes a page of OVAL results, with the titles of definitions', () => {
    const page = scapfeed(['report', at('oval'), '-o', 'html']).out;
    expect(page).toMatch(/oval:x:def:2[\s\S]*false|false[\s\S]*oval:x:def:2/);
  });
});

describe('guide', () => {
  it('has what the profile selects with its values, why, checks and fixes, and no script', () => {
    const { out, code } = scapfeed(['guide', at('ds.xml'), '--profile', 'base']);
    expect(code).toBe(0);
    const rules = [...out.matchAll(/<article id="([^"]+)"/g)].map(([, id]) => id);
    expect(rules).toEqual(['xccdf_x_rule_setting1', 'xccdf_x_rule_setting2', 'xccdf_x_rule_setting3']);
    for (const part of [
      'What base wants',
      'Less is safer',
      'setting 2 <code>/etc/small.conf</code>',
      'how much of <var>yes</var>',
    ])
      expect(out).toContain(part);
    expect(out).not.toMatch(/<script|\u0001/);
    expect(scapfeed(['guide', at('ds.xml'), '--profile', 'none'])).toMatchObject({ code: 3 });
    expect(scapfeed(['guide', at('ds.xml')])).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringMatching(/no rule is selected[\s\S]*--profile: base, strict/),
    });
  });
});

describe('info', () => {
  it.each([
    ['ds.xml', /^SCAP source data stream[\s\S]*cpe:\/o:debian:debian_linux:12[\s\S]*strict +4 /],
    ['xccdf', /^XCCDF results[\s\S]*xccdf_x_profile_base[\s\S]*fail +2/],
    ['arf', /^ARF: results of a benchmark[\s\S]*dir:/],
    ['oval', /^OVAL results[\s\S]*compliance: false +2/],
  ])('says what %s is', (name, says) => {
    expect(scapfeed(['info', at(name)])).toEqual({ code: 0, out: expect.stringMatching(says), err: '' });
  });

  it.each<[string, object | string, string, string]>([
    [
      'a manifest',
      {
        format: 5,
        tool: { name: 'x', version: '1' },
        platforms: [{ id: 'debian-12' }],
        inputs: [],
        outputs: [],
      },
      'manifest of a feed',
      'feeds',
    ],
    ['a scan', { format: 'scapfeed/scan-result/1', verdicts: [] }, 'result of a scan', 'scan -o'],
    ['a check', { scan: {}, comply: {} }, 'scan and comply', 'report'],
    [
      'definitions',
      { applies: 'yes', counts: {}, definitions: [], content: {} },
      'OVAL definitions',
      'report',
    ],
    [
      'an SBOM',
      { bomFormat: 'CycloneDX', specVersion: '1.6', components: [] },
      'SBOM in CycloneDX',
      'scan sbom:FILE',
    ],
    ['VEX of CycloneDX', { bomFormat: 'CycloneDX', vulnerabilities: [] }, 'VEX statements', '--vex'],
    ['SPDX', { spdxVersion: 'SPDX-2.3', packages: [] }, 'SBOM in SPDX', 'scan'],
    ['OpenVEX', { '@context': 'https://openvex.dev/ns/v0.2.0', statements: [] }, 'OpenVEX', '--vex'],
    ['CSAF', { document: { csaf_version: '2.0', category: 'csaf_vex' } }, 'CSAF', '--vex'],
    ['SARIF', { version: '2.1.0', runs: [] }, 'SARIF', 'writes it'],
    ['Trivy', { SchemaVersion: 2, ArtifactName: 'x' }, 'result of Trivy', 'compare IMAGE --trivy'],
    ['a list of content', { content: [] }, 'list of SCAP content', 'build --content'],
    [
      'an inventory',
      { os: {}, databases: [], packages: [], notes: [] },
      'inventory of an image',
      'sbom:FILE',
    ],
    ['scans', { format: 'scapfeed/scan-results/1', targets: [] }, 'results for several images', 'jq'],
    ['evaluations', { format: 'scapfeed/results/1', command: 'eval', targets: [] }, 'several images', 'jq'],
    ['an inventory as a manifest', '#platform debian-12 12.2\nbash\t0:5.2-1\n', 'as a manifest', 'sbom:FILE'],
    ['a tar', `${'x'.padEnd(257, '\0')}ustar${'\0'.repeat(800)}`, 'tar archive', 'scapfeed scan FILE'],
    ['a policy', 'ignore:\n  - vulnerability: CVE-2020-1\n', 'policy', 'policy check'],
  ])('says of %s what it is and which command takes it', (name, document, kind, command) => {
    const file = name.replaceAll(' ', '-');
    writeFileSync(at(file), typeof document === 'string' ? document : JSON.stringify(document));
    const { code, out } = scapfeed(['info', at(file)]);
    expect(code).toBe(0);
    expect(out.split('\n')[0]).toContain(kind);
    expect(/taken by +(.*)/.exec(out)?.[1]).toContain(command);
  });

  it.each([
    ['<a/>', 'expected a document of SCAP, found <a>'],
    ['<oval_definitions xmlns="urn:x"/>', 'found <oval_definitions> of urn:x'],
    ['{"a": 1}', 'JSON of another kind'],
    ['[1]', 'no object'],
    ['{"a": ', 'damaged'],
    ['{"a": 1}\n{"b": 2}\n', 'lines of JSON'],
    ['a: 1\n', 'expected XML, JSON, a policy or an archive'],
    ['\x1b[31m\x00binary', 'expected XML, JSON, a policy or an archive'],
    ['', 'the file is empty'],
  ])('refuses %j by name', (text, says) => {
    writeFileSync(at('other'), text);
    expect(scapfeed(['info', at('other')])).toMatchObject({ code: 3, err: expect.stringContaining(says) });
  });

  it('says what a compiled benchmark and a tailoring are, with digests', () => {
    scapfeed(['compile', at('ds.xml'), '-o', at('compiled')]);
    const compiled = JSON.parse(scapfeed(['info', at('compiled'), '-o', 'json']).out);
    expect(compiled).toMatchObject({
      kind: 'benchmark compiled by scapfeed',
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      profiles: [
        { id: 'xccdf_x_profile_base', rules: 3 },
        { id: 'xccdf_x_profile_strict', rules: 4 },
      ],
    });
    const definitions = /<oval_definitions[\s\S]*?<\/oval_definitions>/.exec(smallStream())![0];
    writeFileSync(at('oval.xml'), definitions);
    expect(scapfeed(['compile', at('oval.xml'), '-o', at('oval.jsonl')]).code).toBe(0);
    const counted = /^OVAL definitions[\s\S]*definitions of class compliance +4/;
    for (const file of ['oval.xml', 'oval.jsonl']) expect(scapfeed(['info', at(file)]).out).toMatch(counted);
    scapfeed(['tailor', at('t.xml'), '--content', at('ds.xml'), '--profile', 'base', '--select', 'setting4']);
    expect(scapfeed(['info', at('t.xml')]).out).toMatch(
      /^XCCDF tailoring[\s\S]*extends xccdf_x_profile_base, 1 change/,
    );
  });
});

describe('OVAL results of eval', () => {
  const tableOf = (out: string) => /^RESULT[\s\S]*an action$/m.exec(out)?.[0];

  it('say what the definitions say, those without criteria too, so that report shows what eval showed', () => {
    const flaws = [
      { number: 1001, package: 'a', below: '0:2-1', severity: 'Important' },
      { number: 1002, package: 'a', below: '0:1-1', vulnerabilities: [1002, 1003] },
    ];
    const empty = (number: number, more: string) =>
      `<definition id="oval:com.acme:def:${number}" version="1" class="vulnerability" ${more}><metadata><title>Empty</title><description/></metadata></definition>`;
    writeFileSync(
      at('vendor.xml'),
      vendorOval(flaws, { type: 'deb' }).replace(
        '</definitions>',
        `${empty(1, '')}${empty(2, 'deprecated="true"')}</definitions>`,
      ),
    );
    scapfeed(['compile', at('vendor.xml'), '-o', at('vendor.jsonl')]);
    const root = rootWith({
      'etc/os-release': debianRelease('12', 'bookworm'),
      'var/lib/dpkg/status': stanza('a', '1-1') + stanza('acme-release', '9.1-1'),
    });
    for (const content of ['vendor.xml', 'vendor.jsonl']) {
      const eval_ = ['eval', `dir:${root}`, '--content', at(content)];
      const shown = scapfeed([...eval_, '-o', 'table', '-o', `oval=${at('vendor.results')}`]).out;
      expect(tableOf(shown)).toMatch(/true +vulnerability +high +CVE-2026-1001 +[\s\S]*not evaluated/);
      const report = scapfeed(['report', at('vendor.results')]).out;
      expect(tableOf(report)).toBe(tableOf(shown));
      expect(report).toContain('Acme Errata 2, OVAL 5.11.1, of 2026-01-02');
      // Facts that results do not have are not made up.
      expect(report).not.toMatch(/package|does not check/);
      expect(report).toContain('unknown whether the content applies');
      const all = (command: string[]) => tableOf(scapfeed([...command, '--all']).out);
      expect(all(['report', at('vendor.results')])).toBe(all(eval_));
      expect(text('vendor.results')).toContain('<reference source="CVE" ref_id="CVE-2026-1003"/>');
    }
  });
});

it('a page of definitions for another system has no good news', () => {
  writeFileSync(
    at('other.oval.xml'),
    vendorOval([{ number: 1001, package: 'a', below: '0:2-1' }], { type: 'deb' }),
  );
  const page = (...packages: string[]) => {
    const root = rootWith({
      'etc/os-release': debianRelease('12', 'bookworm'),
      'var/lib/dpkg/status': packages.map((name) => stanza(name, '9-1')).join(''),
    });
    return scapfeed(['eval', `dir:${root}`, '--content', at('other.oval.xml'), '-o', 'html']).out;
  };
  expect(page('a', 'acme-release')).toContain('<li class="pass"><b>1</b> vulnerability false</li>');
  expect(page('a')).toContain('<li class="none"><b>1</b> vulnerability false</li>');
});

describe('bad results', () => {
  const bombs = {
    'cut.xml': () => text('arf').slice(0, -900),
    'empty.xml': () => '',
    'page.html': () => '<!doctype html><html></html>',
    'entities.xml': () => '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><TestResult/>',
    'deep.xml': () => '<TestResult>'.repeat(5000),
    'bare.xml': () => '<Benchmark xmlns="http://checklists.nist.gov/xccdf/1.2"/>',
    'word.xml': () => text('xccdf').replace('<result>fail', '<result>fine'),
    'word.json': () => text('json').replace(/"result": ?"fail"/, '"result": "fine"'),
    'score.xml': () => text('xccdf').replace(/(<score[^>]*>)[^<]+/, '$1NaN'),
    'weight.xml': () => text('xccdf').replace(/weight="[\d.]+"/, 'weight="heavy"'),
    'other.json': () => '{"rules": 1}',
    'other.xml': () => '<plist/>',
  };
  it.each(Object.entries(bombs))('%s: a named error, exit 3', (name, make) => {
    writeFileSync(at(name), make());
    for (const command of ['report']) {
      expect(scapfeed([command, at(name)])).toMatchObject({
        code: 3,
        out: '',
        err: expect.stringMatching(/\[(?:CONTENT_MALFORMED|SOURCE_MALFORMED)\]/),
      });
    }
  });

  it.each([
    ['xccdf', 'xccdf/1.2', 'TestResult'],
    ['oval', 'oval-results-5', 'oval_results'],
    ['arf', 'asset-reporting-format/1.1', 'asset-report-collection'],
    ['arf', 'xccdf/1.2', 'TestResult'],
  ])('%s in a namespace other than %s', (form, namespace, element) => {
    writeFileSync(at('foreign.xml'), text(form).replaceAll(namespace, `${namespace}0`));
    for (const command of ['report', 'info'])
      expect(scapfeed([command, at('foreign.xml')])).toMatchObject({
        code: 3,
        out: '',
        err: expect.stringMatching(new RegExp(`found <${element}> of http.*${namespace}0`)),
      });
  });

  it('of JSON that is not of comply, it says what it is and what takes it', () => {
    writeFileSync(at('eval.json'), '{"applies":"yes","counts":{},"definitions":[],"content":{}}');
    for (const command of ['report'])
      expect(scapfeed([command, at('eval.json')])).toMatchObject({
        code: 3,
        err: expect.stringMatching(/found results of OVAL definitions, by scapfeed eval[\s\S]*-o oval=FILE/),
      });
  });

  it('a file that is not there', () => {
    for (const command of ['report', 'info', 'guide'])
      expect(scapfeed([command, at('none')])).toMatchObject({
        code: 3,
        err: expect.stringContaining('[CONTENT_MISSING]'),
      });
    expect(scapfeed(['report', at('none')]).err).toContain('next: check the path');
  });
});
