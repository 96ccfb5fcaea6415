import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lineCheck } from '../comply/support/small-content.ts';
import { type VendorFlaw, vendorOval } from '../comply/support/vendor-oval.ts';
import { debianRelease, rootWith, scapfeed, stanza } from '../support/cli.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

const flaws: VendorFlaw[] = [
  { number: 1001, package: 'bash', below: '0:5.2-3', severity: 'Important' },
  { number: 1002, package: 'bash', below: '0:5.2-1', severity: 'Moderate' },
  { number: 1003, package: 'zlib', below: '1:1.3-1', class: 'patch' },
  { number: 1004, package: 'not-there', below: '0:9-1', severity: 'Low' },
];
const folder = temporaryFolder('eval-sbom');

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

interface Row {
  id: string;
  result: string;
}

function evaluate(reference: string, content: string, ...args: string[]) {
  const { code, out, err } = scapfeed(['eval', reference, '--content', content, '-o', 'json', ...args]);
  const json = out === '' ? undefined : (JSON.parse(out) as { definitions: Row[]; notes?: unknown[] });
  return { code, err, json, rows: json?.definitions.map(({ id, result }) => `${id} ${result}`) };
}

function compiled(content: string): string {
  const path = `${content}.jsonl`;
  expect(scapfeed(['compile', content, '-o', path]).code).toBe(0);
  return path;
}

describe('an SBOM in place of an image', () => {
  const root = rootWith({
    'var/lib/dpkg/status':
      stanza('acme-release', '9.1-1') + stanza('bash', '5.2-2') + stanza('zlib', '1:1.2-9'),
    'etc/os-release': 'ID=debian\nVERSION_ID=12\n',
    'etc/x': 'PermitRootLogin yes\n',
  });
  const vendor = file('vendor.xml', vendorOval(flaws, { type: 'deb' }));

  it.each(['cyclonedx', 'cyclonedx-1.7', 'spdx', 'json'])('has the results of the image: %s', (format) => {
    const sbom = join(folder, `bom.${format}`);
    expect(scapfeed(['inventory', `dir:${root}`, '-o', `${format}=${sbom}`]).code).toBe(0);
    for (const content of [vendor, compiled(vendor)]) {
      const of = (reference: string) => evaluate(reference, content, '--all').rows;
      expect(of(`sbom:${sbom}`)).toEqual(of(`dir:${root}`));
    }
    expect(evaluate(`sbom:${sbom}`, vendor, '--fail-on', 'high').code).toBe(1);
    expect(JSON.stringify(evaluate(`sbom:${sbom}`, vendor).json?.notes)).toContain('3 packages');
  });

  it('--fail-on of a severity does not pass where the content rates less than half of what it found', () => {
    const unrated: VendorFlaw[] = [2001, 2002].map((number) => ({
      number,
      package: 'bash',
      below: '0:5.2-3',
    }));
    const content = file(
      'unrated.xml',
      vendorOval([...unrated, { ...flaws[0]!, severity: 'Low' }], { type: 'deb' }),
    );
    for (const form of [content, compiled(content)]) {
      const { code, err } = evaluate(`dir:${root}`, form, '--fail-on', 'high');
      expect(err).toContain(
        'not judged: the gate cannot see 2 of 3 definitions: the content does not rate them; --allow-unrated accepts that\n',
      );
      expect(code).toBe(4);
      expect(evaluate(`dir:${root}`, form, '--fail-on', 'high', '--allow-unrated').code).toBe(0);
      expect(evaluate(`dir:${root}`, form, '--fail-on', 'any').code).toBe(1);
    }
  });

  it('leaves unknown what files decide, which does not pass a gate', () => {
    const sbom = join(folder, 'bom.cdx.json');
    scapfeed(['inventory', `dir:${root}`, '-o', `cyclonedx=${sbom}`]);
    for (const existence of ['at_least_one_exists', 'none_exist']) {
      const content = file(`${existence}.xml`, lineCheck('/etc/x', '^PermitRootLogin no$', existence));
      for (const form of [content, compiled(content)]) {
        const { rows, code } = evaluate(`sbom:${sbom}`, form, '--fail-on', 'any');
        expect(rows, existence).toEqual(['oval:x:def:1 unknown']);
        expect(code).toBe(4);
      }
    }
  });

  it('from the standard input', () => {
    const input = scapfeed(['inventory', `dir:${root}`, '-o', 'cyclonedx']).out;
    const { code, out } = scapfeed(['eval', 'sbom:-', '--content', vendor], {}, folder, input);
    expect(code).toBe(0);
    expect(out).toContain('vulnerability: 1 true, 2 false');
  });

  it.each([
    ['without a name or a version', 'pkg:deb/acme/zlib'],
    ['with a broken package URL', 'pkg:deb/'],
  ])('that has a package %s is incomplete', (why, purl) => {
    const sbom = file('incomplete.cdx.json', bom(['pkg:deb/acme/acme-release@9.1-1', purl]));
    const { code, err } = evaluate(`sbom:${sbom}`, vendor);
    expect(code).toBe(4);
    expect(err).toContain(`packages may be missing from the SBOM: 1 ${why}`);
  });

  it.each([
    ['no package of a distribution', '{"bomFormat":"CycloneDX","specVersion":"1.6","components":[]}', 4],
    ['only packages of languages', bom(['pkg:npm/left-pad@1.0.0']), 4],
    ['packages of another kind than the content tests', bom(['pkg:apk/alpine/bash@5.2-r0?arch=x86_64']), 4],
    ['no SBOM at all', '{"some":"JSON"}', 2],
  ])('%s is not clean', (name, text, code) => {
    const sbom = file(`${name.replaceAll(' ', '-')}.json`, text);
    expect(evaluate(`sbom:${sbom}`, vendor).code).toBe(code);
  });
});

/** The same content, with a check of the release by a file. */
function checkedByFile(oval: string): string {
  const independent = 'http://oval.mitre.org/XMLSchema/oval-definitions-5#independent';
  const test =
    `<textfilecontent54_test xmlns="${independent}" id="oval:com.acme:tst:1" version="1" check="all" ` +
    'comment="Acme Linux 9 is installed"><object object_ref="oval:com.acme:obj:1"/></textfilecontent54_test>';
  const object =
    `<textfilecontent54_object xmlns="${independent}" id="oval:com.acme:obj:1" version="1">` +
    '<filepath>/etc/acme-release</filepath><pattern operation="pattern match">^9</pattern>' +
    '<instance datatype="int">1</instance></textfilecontent54_object>';
  return oval
    .replace(/<linux:dpkginfo_test id="oval:com.acme:tst:1"[\s\S]*?<\/linux:dpkginfo_test>/, test)
    .replace(/<linux:dpkginfo_object id="oval:com.acme:obj:1"[\s\S]*?<\/linux:dpkginfo_object>/, object);
}

describe('content that checks the release by a file, on an SBOM without a flaw', () => {
  const vendor = file('by-file.xml', checkedByFile(vendorOval(flaws, { type: 'deb' })));
  const forms = [vendor, compiled(vendor)];

  it('is not known to apply, which does not pass a gate', () => {
    const sbom = file('fixed.cdx.json', bom(['pkg:deb/acme/bash@5.2-9?arch=amd64']));
    for (const form of forms) {
      const gated = evaluate(`sbom:${sbom}`, form, '--all', '--fail-on', 'any');
      expect(gated.json).toMatchObject({
        applies: 'unknown',
        reason: expect.stringContaining('"Acme Linux 9 is installed"'),
        counts: { vulnerability: { false: 3 }, patch: { false: 1 } },
      });
      expect(gated.code).toBe(4);
      expect(gated.err).toContain('unknown whether the content applies');
      expect(evaluate(`sbom:${sbom}`, form, '--fail-on', 'any', '--allow-unjudged').code).toBe(0);
    }
    expect(scapfeed(['eval', `sbom:${sbom}`, '--content', vendor]).out).toContain(
      'unknown whether the content applies',
    );
  });

  it('does not apply to packages of another kind', () => {
    const sbom = file('other-kind.cdx.json', bom(['pkg:rpm/acme/bash@5.2-9?arch=x86_64']));
    for (const form of forms) {
      const { code, err } = evaluate(`sbom:${sbom}`, form);
      expect(code).toBe(4);
      expect(err).toContain('the content tests deb packages, and the image has none');
    }
  });

  it.each([
    ['has', '9.1\n', 'yes', 0],
    ['is of another release', '8.1\n', 'no', 4],
  ])('is about an image that %s it', (_, release, applies, code) => {
    const root = rootWith({
      'var/lib/dpkg/status': stanza('bash', '5.2-9'),
      'etc/acme-release': release,
    });
    for (const form of forms) {
      const found = evaluate(`dir:${root}`, form, '--fail-on', 'any');
      expect(found.json).toMatchObject({ applies });
      expect(found.code).toBe(code);
    }
  });
});

describe('compare --content', () => {
  it.each(['FILE', '-'])('has the findings of the image: sbom:%s', (place) => {
    const root = rootWith({
      'var/lib/dpkg/status': stanza('acme-release', '9.1-1') + stanza('bash', '5.2-2', { Source: 'bash' }),
      'etc/os-release': debianRelease('12', 'bookworm'),
    });
    const statement = {
      vulnerability: 'CVE-2026-1001',
      package: 'bash',
      status: 'affected',
      severity: 'high',
    } as const;
    const feed = writeSmallFeed([{ platform: bookworm, statements: [statement] }]);
    const content = file('compared.xml', vendorOval(flaws, { type: 'deb' }));
    const sbom = join(folder, 'compared.cdx.json');
    expect(scapfeed(['inventory', `dir:${root}`, '-o', `cyclonedx=${sbom}`]).code).toBe(0);
    const compare = (reference: string, input = '') => {
      const args = [
        'compare',
        reference,
        '--content',
        content,
        '--feed',
        feed,
        '--max-age',
        '0',
        '-o',
        'json',
      ];
      const { code, out, err } = scapfeed(args, {}, folder, input);
      expect({ code, err }).toMatchObject({ code: 0 });
      return { ...(JSON.parse(out) as { differences: unknown[] }), image: '' };
    };
    const found = place === '-' ? compare('sbom:-', readFileSync(sbom, 'utf8')) : compare(`sbom:${sbom}`);

    expect(found.differences.length).toBeGreaterThan(0);
    expect(found).toEqual(compare(`dir:${root}`));
  });
});

describe('an SBOM of rpm packages that states neither architecture nor signature', () => {
  const sbom = file(
    'rpm.cdx.json',
    bom(['pkg:rpm/acme/acme-release@9.1-1', 'pkg:rpm/acme/bash@5.2-2?epoch=1']),
  );
  const content = vendorOval([{ number: 1001, package: 'bash', below: '1:5.2-3' }]);
  const asking = (entity: string) =>
    content.replace(
      /<linux:evr [^>]*>[^<]*<\/linux:evr>/,
      `<linux:${entity} operation="pattern match">^.*$</linux:${entity}>`,
    );

  it('is evaluated by versions, with their epoch', () => {
    expect(evaluate(`sbom:${sbom}`, file('evr.xml', content)).rows).toEqual(['oval:com.acme:def:1001 true']);
    const fixed = file('fixed.xml', content.replaceAll('1:5.2-3', '1:5.2-2'));
    expect(evaluate(`sbom:${sbom}`, fixed, '--all').rows).toEqual(['oval:com.acme:def:1001 false']);
  });

  it.each(['arch', 'signature_keyid', 'extended_name'])('leaves unknown what its %s decides', (entity) => {
    const asked = file(`${entity}.xml`, asking(entity));
    expect(readFileSync(asked, 'utf8')).toContain(`<linux:${entity} `);
    for (const form of [asked, compiled(asked)])
      expect(evaluate(`sbom:${sbom}`, form, '--all').rows).toEqual(['oval:com.acme:def:1001 unknown']);
  });

  it('uses what it states', () => {
    const stating = file(
      'arch.cdx.json',
      bom(['pkg:rpm/acme/acme-release@9.1-1?arch=noarch', 'pkg:rpm/acme/bash@5.2-2?arch=x86_64']),
    );
    const asked = file('stated.xml', asking('arch'));
    expect(evaluate(`sbom:${stating}`, asked).rows).toEqual(['oval:com.acme:def:1001 true']);
  });
});

function bom(purls: readonly string[]): string {
  const components = purls.map((purl) => {
    const [, name = '', version = ''] = /([^/@]+)@([^?]+)/.exec(purl) ?? [];
    return { type: 'library', 'bom-ref': purl, name, version, purl };
  });
  return JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, components });
}
