import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { lineCheck, yamlCheck } from '../comply/support/small-content.ts';
import { type VendorFlaw, vendorOval } from '../comply/support/vendor-oval.ts';
import { rootWith, scapfeed, stanza } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary.ts';

const flaws: VendorFlaw[] = [
  { number: 1001, package: 'bash', below: '0:5.2-3', severity: 'Important' },
  { number: 1002, package: 'bash', below: '0:5.2-1', severity: 'Moderate' },
  { number: 1003, package: 'zlib', below: '0:1.3-1', class: 'patch' },
];
const folder = temporaryFolder();
const root = rootWith({
  'var/lib/dpkg/status': stanza('acme-release', '9.1-1') + stanza('bash', '5.2-2') + stanza('zlib', '1.2-9'),
  'etc/os-release': 'ID=acme\nVERSION_ID=9\n',
  'etc/x': 'PermitRootLogin yes\n',
  'etc/x.yaml': 'base: &base {port: 22}\nservers: [*base]\n',
});

function content(name: string, bytes: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

const vendor = content('vendor.xml', vendorOval(flaws, { type: 'deb' }));

const rowsOf = (out: string) => out.split('\n').filter((row) => /^(unknown|error) /.test(row));

function evaluate(file: string, ...args: string[]) {
  return scapfeed(['eval', `dir:${root}`, '--content', file, ...args]);
}

describe('scapfeed eval', () => {
  it('lists what is true of flaws and patches and counts the rest', () => {
    const { code, out } = evaluate(vendor);

    expect(code).toBe(0);
    expect(out).toMatch(/^true +vulnerability +high +CVE-2026-1001 +CVE-2026-1001: bash flaw$/m);
    expect(out).toMatch(/^true +patch +unknown/m);
    expect(out).not.toContain('CVE-2026-1002');
    expect(out).toContain('this content is for: Acme Linux 9');
    expect(out).toContain('vulnerability: 1 true, 1 false');
  });

  it.each([
    ['bz2', (text: string) => spawnSync('bzip2', ['-c'], { input: text }).stdout],
    ['gz', (text: string) => gzipSync(text)],
    ['xz', (text: string) => spawnSync('xz', ['-c'], { input: text }).stdout],
    ['zst', (text: string) => zstdCompressSync(text)],
  ])('reads %s', (ending, compress) => {
    const packed = content(`vendor.xml.${ending}`, compress(readFileSync(vendor, 'utf8')));

    expect(evaluate(packed).out).toContain('vulnerability: 1 true, 1 false');
  });

  it('lists every definition with --all, and chooses by id and class', () => {
    expect(evaluate(vendor, '--all').out).toContain('CVE-2026-1002');
    expect(evaluate(vendor, '--class', 'patch').out).toContain('1 definition evaluated, 1 need an action');
    const wrong = evaluate(vendor, '--definition', 'oval:com.acme:def:101');
    expect(wrong.code).toBe(2);
    expect(wrong.err).toContain('did you mean oval:com.acme:def:1001?');
  });

  it.each([
    ['critical', 0],
    ['high', 1],
    ['any', 1],
  ])('--fail-on %s exits %i', (severity, code) => {
    expect(evaluate(vendor, '--fail-on', severity).code).toBe(code);
  });

  it('content for another platform ends with 4 and never reads as clean', () => {
    const foreign = content('foreign.xml', vendorOval(flaws, { type: 'deb', major: '8' }));
    const { code, out, err } = evaluate(foreign);

    expect(code).toBe(4);
    expect(err).toContain('nothing applies');
    expect(out).toContain('nothing applies');
  });

  it('without a definition nothing is evaluated, which is not clean: of a class, and of all', () => {
    const [before, after] = readFileSync(vendor, 'utf8').split(/<definitions>[\s\S]*<\/definitions>/);
    const none = content('none.xml', `${before}<definitions/>${after}`);
    for (const [file, ...args] of [[none], [vendor, '--class', 'compliance,inventory']] as const) {
      const compiled = `${file}.jsonl`;
      expect(scapfeed(['compile', file, '-o', compiled]).code).toBe(0);
      for (const each of [file, compiled]) {
        const { code, out, err } = evaluate(each, ...args);
        expect(code).toBe(4);
        expect(out).toContain('0 definitions evaluated');
        expect(err).toContain('nothing applies: the content has no definition');
      }
    }
  });

  it.each([
    ['.servers[:].port', 'none_exist', 'false'],
    ['.servers[:].host', 'at_least_one_exists', 'false'],
    ['.servers[', 'at_least_one_exists', 'error'],
  ])('reads YAML, from XML and compiled: %s, %s', (path, existence, result) => {
    const check = content('yaml.xml', yamlCheck('/etc/x.yaml', path, existence));
    const compiled = join(folder, 'yaml.jsonl');
    expect(scapfeed(['compile', check, '-o', compiled]).code).toBe(0);
    for (const each of [check, compiled])
      expect(evaluate(each).out).toMatch(new RegExp(`^${result} +compliance`, 'm'));
  });

  it('lists what is false of compliance, and takes values of external variables', () => {
    const check = lineCheck('/etc/x', '^PermitRootLogin yes$', 'none_exist');
    expect(evaluate(content('check.xml', check)).out).toMatch(/^false +compliance/m);

    const variable = '<external_variable id="oval:x:var:1" version="1" datatype="string" comment="x"/>';
    const open = check
      .replace(/<ind:pattern [^>]*>[^<]*/, '<ind:pattern operation="pattern match" var_ref="oval:x:var:1">')
      .replace('</oval_definitions>', `<variables>${variable}</variables></oval_definitions>`);
    const file = content('open.xml', open);
    const values = content(
      'values.xml',
      '<oval_variables xmlns="http://oval.mitre.org/XMLSchema/oval-variables-5"><variables><variable id="oval:x:var:1" datatype="string" comment="x"><value>^Port 22$</value></variable></variables></oval_variables>',
    );
    expect(evaluate(file).out).toMatch(/^error +compliance/m);
    expect(evaluate(file, '--fail-on', 'high').code).toBe(4);
    expect(evaluate(file, '--variables', values).out).toContain('compliance: 1 true');
  });

  it('writes JSON, HTML, SARIF, JUnit and OVAL results', () => {
    const out = (name: string) => join(folder, name);
    const args = ['json', 'html', 'sarif', 'junit', 'oval'].flatMap((format) => [
      '-o',
      `${format}=${out(format)}`,
    ]);
    expect(evaluate(vendor, ...args).code).toBe(0);

    const text = (name: string) => readFileSync(out(name), 'utf8');
    expect(JSON.parse(text('json'))).toMatchObject({ applies: 'yes', counts: { patch: { true: 1 } } });
    expect(text('html')).toContain('CVE-2026-1001: bash flaw');
    const [run] = JSON.parse(text('sarif')).runs;
    expect(run.results.map((result: { level: string }) => result.level)).toEqual(['error', 'note']);
    expect(text('junit')).toContain('tests="3" failures="2" errors="0"');
    expect(text('oval')).toContain('<definition definition_id="oval:com.acme:def:1001"');
  });
});

describe('scapfeed compile of OVAL definitions', () => {
  it('makes a file by which eval gives the same result', () => {
    const packed = content('whole.xml.gz', gzipSync(readFileSync(vendor)));
    const compiled = join(folder, 'vendor.jsonl');
    expect(scapfeed(['compile', packed, '-o', compiled]).code).toBe(0);

    const env = { SOURCE_DATE_EPOCH: '1700000000' };
    const result = (file: string) => {
      const args = ['eval', `dir:${root}`, '--content', file, '--all', '-o', 'json'];
      return JSON.parse(scapfeed(args, env).out) as { content: object };
    };
    const { content: _, ...fromXml } = result(vendor);
    const { content: __, ...fromIndex } = result(compiled);
    expect(fromIndex).toEqual(fromXml);
  });

  it('says why a definition has no result, as from the document', () => {
    const compiled = join(folder, 'reasons.jsonl');
    const flaw: VendorFlaw = { number: 1004, package: 'bash', below: '1.17.13-2,1.18.8-2' };
    const odd = content('odd.xml', vendorOval([flaw], { type: 'deb' }));
    expect(scapfeed(['compile', odd, '-o', compiled]).code).toBe(0);
    const [fromXml, fromCompiled] = [evaluate(odd), evaluate(compiled)];
    expect(fromCompiled.code).toBe(fromXml.code);
    expect(fromCompiled.out).toMatch(
      /^error +vulnerability .*bash flaw \(what is found cannot be compared: evr less than "1\.17\.13-2,1\.18\.8-2"\)$/m,
    );
    expect(rowsOf(fromCompiled.out)).toEqual(rowsOf(fromXml.out));
  });

  it('names the external variable of a state that has no value', () => {
    const variable = '<external_variable id="oval:x:var:1" version="1" datatype="string" comment="x"/>';
    const open = vendorOval([{ number: 1004, package: 'bash', below: '1-1' }], { type: 'deb' })
      .replace('operation="less than">1-1<', 'operation="less than" var_ref="oval:x:var:1"><')
      .replace('</oval_definitions>', `<variables>${variable}</variables></oval_definitions>`);

    expect(evaluate(content('state.xml', open)).out).toMatch(
      /^error +vulnerability .*\(no value is given for the external variable oval:x:var:1\)$/m,
    );
  });

  it('leaves nothing behind for a document that is cut', () => {
    const target = join(folder, 'cut.jsonl');
    const cut = content('cut.xml', readFileSync(vendor, 'utf8').slice(0, 2000));

    expect(scapfeed(['compile', cut, '-o', target]).code).toBe(3);
    expect(() => readFileSync(target)).toThrow();
  });
});

describe('content that is not as it should be', () => {
  const whole = readFileSync(vendor, 'utf8');
  const bomb = `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "${'&a;'.repeat(1000)}">]>`;

  it.each([
    ['a document cut in the middle', whole.slice(0, whole.length / 2), 'CONTENT_MALFORMED'],
    ['an entity bomb', whole.replace('<oval_definitions', `${bomb}<oval_definitions`), 'CONTENT_MALFORMED'],
    ['another namespace', whole.replaceAll('oval-definitions-5', 'oval-definitions-4'), 'CONTENT_MALFORMED'],
    ['no XML', 'invalid', 'CONTENT_MALFORMED'],
    ['nothing', '', 'CONTENT_MALFORMED'],
    ['a broken bzip2 file', Buffer.from('BZh9invalid'), 'SOURCE_MALFORMED'],
    ['an id that is there twice', whole.replaceAll('def:1002', 'def:1001'), 'CONTENT_MALFORMED'],
  ])('%s: a named error, exit 3 and nothing written', (_, bytes, code) => {
    const target = join(folder, 'never.json');
    const result = evaluate(content('bad.xml', bytes), '-o', `json=${target}`);

    expect(result.err).toContain(`[${code}]`);
    expect(result.code).toBe(3);
    expect(() => readFileSync(target)).toThrow();
  });

  it('a file that is not there', () => {
    const { code, err } = evaluate(join(folder, 'absent.xml'));

    expect(code).toBe(3);
    expect(err).toContain('CONTENT_MISSING');
  });

  it('definitions that extend each other in a circle are not evaluated, and the gate is closed', () => {
    const cycle = whole
      .replace(
        '<criterion test_ref="oval:com.acme:tst:1001"',
        '<extend_definition definition_ref="oval:com.acme:def:1002"',
      )
      .replace(
        '<criterion test_ref="oval:com.acme:tst:1002"',
        '<extend_definition definition_ref="oval:com.acme:def:1001"',
      );
    const { code, out } = evaluate(content('cycle.xml', cycle), '--fail-on', 'any');

    expect(code).toBe(4);
    expect(out).toContain('vulnerability: 2 not evaluated');
    expect(out).toContain('(it is in a circle of definitions that extend each other)');
  });

  it('a definition that extends one without criteria is listed, and the gate is closed', () => {
    const text = whole.replace(
      /<definition id="oval:com.acme:def:1001"[\s\S]*?<\/definition>/,
      (definition) =>
        definition.replace(
          '<criterion ',
          '<extend_definition definition_ref="oval:com.acme:def:9"/><criterion ',
        ) +
        '<definition id="oval:com.acme:def:9" version="1" class="patch" deprecated="true"><metadata><title>t</title></metadata></definition>',
    );
    const file = content('no-criteria.xml', text);
    const compiled = join(folder, 'no-criteria.jsonl');
    expect(scapfeed(['compile', file, '-o', compiled]).code).toBe(0);
    for (const of of [file, compiled]) {
      const { code, out, err } = evaluate(of, '--definition', 'oval:com.acme:def:1001', '--fail-on', 'any');

      expect(code).toBe(4);
      expect(out).toMatch(/^not evaluated +vulnerability/m);
      expect(err).toContain('not judged: 1 definition could not be evaluated');
      expect(evaluate(of, '--definition', 'oval:com.acme:def:9', '--fail-on', 'any').code).toBe(0);
    }
  });

  it('comply points from OVAL definitions to eval', () => {
    const { code, err } = scapfeed(['comply', `dir:${root}`, '--content', vendor]);

    expect(code).toBe(3);
    expect(err).toContain('scapfeed eval');
  });
});
