import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { definitionId } from '../../../src/oval/document/document.ts';
import { coverageKey, flawKey, inventoryKey, ovalNamespace } from '../../../src/oval/forms/rows.ts';
import { xsdErrors } from '../../oval/support/roots.ts';
import { apkVersion } from '../../packaging/apk/arbitrary.ts';
import { apkRecord } from '../../packaging/apk/record.ts';
import { oscapVerdicts } from '../../prove/oscap.ts';
import { rootWith, scapfeed } from '../../support/cli.ts';
import { hasOfficialSchemas, hasOracle, officialSchemas } from '../../support/oracles.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { writeAlpineMirror } from './world.ts';

const secfixes = {
  openssl: { '3.3.1-r1': ['CVE-2024-5535'], '3.3.2-r0': ['CVE-2024-6119'] },
  busybox: { '1.36.1-r29': ['CVE-2023-42366'], '0': ['CVE-2022-28391'] },
  curl: { '8.9.0_rc2-r0': ['CVE-2024-7264'] },
};
const ships = [
  'libssl3 3.3.1-r0 openssl',
  'busybox 1.36.1-r28',
  'musl 1.2.5-r0',
  'curl 8.9.0-r0',
  'libcurl 8.9.0-r0 curl',
];
const out = join(temporaryFolder('feed'), 'out');

beforeAll(() => {
  const mirror = writeAlpineMirror({
    'v3.20/main': { secfixes, ships },
    'v3.20/community': { secfixes: { jq: { '1.7.1-r0': ['CVE-2023-50246'] } }, ships: ['jq 1.7-r0'] },
    'edge/main': { secfixes: generated.secfixes, ships: generated.ships },
    'edge/community': { secfixes: {}, ships: [] },
  });
  const built = scapfeed([
    'build',
    '--source',
    'alpine',
    '--mirror',
    mirror,
    '--snapshots',
    join(out, '../snapshots'),
    '--out',
    out,
  ]);
  expect(built, built.err).toMatchObject({ code: 0 });
});

/** Sources with limits of every form, and installed versions near them. */
const generated = (() => {
  const [limits] = fc.sample(fc.array(apkVersion, { minLength: 150, maxLength: 150 }), {
    seed: 23,
    numRuns: 1,
  });
  const [versions] = fc.sample(fc.array(apkVersion, { minLength: 150, maxLength: 150 }), {
    seed: 7,
    numRuns: 1,
  });
  const name = (at: number) => `source-${at}`;
  return {
    secfixes: Object.fromEntries(
      limits!.map((limit, at) => [name(at), { [limit]: [`CVE-2026-${1000 + at}`] }]),
    ),
    ships: limits!.map((_, at) => `${name(at)} 1-r0`),
    installed: versions!.map((version, at) => apkRecord(`binary-${at}`, version, { o: name(at) })).join(''),
    name,
  };
})();

const release = (versionId: string) => `NAME="Alpine Linux"\nID=alpine\nVERSION_ID=${versionId}\n`;
const rootOf = (versionId: string, installed: string, files: Record<string, string> = {}) =>
  rootWith({ 'etc/os-release': release(versionId), 'lib/apk/db/installed': installed, ...files });

const installed = [
  apkRecord('musl', '1.2.5-r0'),
  apkRecord('busybox', '1.36.1-r28'),
  apkRecord('libssl3', '3.3.1-r1', { o: 'openssl' }),
  apkRecord('libcurl', '8.9.0_rc1-r3', { o: 'curl' }),
].join('');

interface Scan {
  platform: { id: string; marks: string[] };
  verdicts: {
    vulnerability: string;
    package: { name: string; purl?: string };
    fixedVersion: string;
    marks: string[];
  }[];
  uncovered: { name: string; reason: string }[];
}

function scan(root: string, ...more: string[]): Scan & { code: number | null } {
  const {
    code,
    out: text,
    err,
  } = scapfeed(['scan', `dir:${root}`, '--feed', out, '-o', 'json', '--max-age', '0', ...more]);
  expect(text, err).not.toBe('');
  return { ...(JSON.parse(text) as Scan), code };
}

const rows = ({ verdicts }: Scan) =>
  verdicts
    .map(({ vulnerability, package: { name }, fixedVersion }) => `${vulnerability} ${name} ${fixedVersion}`)
    .sort();

describe('an image of Alpine', () => {
  it('is judged by its release, each package by its origin', () => {
    const result = scan(rootOf('3.20.2', installed));
    expect(result.platform).toMatchObject({ id: 'alpine-3.20', marks: ['fixes_only'] });
    expect(rows(result)).toEqual([
      'CVE-2023-42366 busybox 1.36.1-r29',
      'CVE-2024-6119 libssl3 3.3.2-r0',
      'CVE-2024-7264 libcurl 8.9.0_rc2-r0',
    ]);
    expect(result.uncovered).toEqual([]);
  });

  it('an image of edge is judged by edge', () => {
    expect(scan(rootOf('3.22.0_alpha20250108', generated.installed)).platform.id).toBe('alpine-edge');
  });

  it('a release that the feed does not have is not judged by another', () => {
    const { code, err } = scapfeed([
      'scan',
      `dir:${rootOf('3.9.6', installed)}`,
      '--feed',
      out,
      '--max-age',
      '0',
    ]);
    expect([code, err]).toEqual([4, expect.stringContaining('PLATFORM_NOT_COVERED')]);
  });

  it('a package that no repository ships is not covered', () => {
    const result = scan(rootOf('3.20.2', installed + apkRecord('stranger', '1-r0')));
    expect(result.code).toBe(4);
    expect(result.uncovered).toMatchObject([{ name: 'stranger', reason: 'not_covered' }]);
  });

  it('edge beside its release marks every verdict, and a foreign repository is noted', () => {
    const repositories =
      'https://dl-cdn.alpinelinux.org/alpine/v3.20/main\n@edge https://dl-cdn.alpinelinux.org/alpine/edge/main\n' +
      'https://packages.example/alpine\n#https://dl-cdn.alpinelinux.org/alpine/edge/testing\n';
    const result = scan(rootOf('3.20.2', installed, { 'etc/apk/repositories': repositories }));
    expect(result.verdicts.map(({ marks }) => marks)).toEqual(Array(3).fill(['mixed_branches']));
    expect(JSON.stringify(result)).toContain(
      'packages from https://packages.example/alpine have no statements',
    );
  });

  it('an installed version that is none is not judged', () => {
    const result = scan(rootOf('3.20.2', apkRecord('libssl3', '3.3.1bc', { o: 'openssl' })));
    expect(result.uncovered).toMatchObject([{ reason: 'unparsable_version' }]);
  });

  it('has package URLs', () => {
    const { out: bom } = scapfeed(['inventory', `dir:${rootOf('3.20.2', installed)}`, '-o', 'cyclonedx']);
    expect(bom).toContain(
      'pkg:apk/alpine/libssl3@3.3.1-r1?arch=x86_64&distro=alpine-3.20.2&upstream=openssl',
    );
  });

  it('explain tells the limit and the record', () => {
    const place = [`dir:${rootOf('3.20.2', installed)}`, 'CVE-2024-6119', 'openssl'];
    const { code, out: text, err } = scapfeed(['explain', ...place, '--feed', out, '--max-age', '0']);
    expect([code, err]).toEqual([
      4,
      expect.stringMatching(/^not covered: Alpine Linux 3\.20 is past its end of life: /m),
    ]);
    expect(text).toContain('3.3.1-r1 is older than 3.3.2-r0 (apk order)');
  });

  it('the table says that flaws without a fix are not known', () => {
    const { out: text } = scapfeed([
      'scan',
      `dir:${rootOf('3.20.2', installed)}`,
      '--feed',
      out,
      '--max-age',
      '0',
    ]);
    expect(text).toContain('no flaw means no known fix');
  });
});

describe.skipIf(!hasOracle('oscap', 'xmllint'))('oscap on the OVAL of Alpine', () => {
  const definitionOf = (platform: string, cve: string, source: string) =>
    definitionId(ovalNamespace(platform), flawKey('fixed', cve, source));

  it('makes a feed that is valid, as a publish checks it', () => {
    const documents = ['oval'].map((form) => join(out, `oval/alpine-edge.${form}.xml`));
    for (const path of [out, ...documents]) expect(scapfeed(['validate', path]).code, path).toBe(0);
  });

  it.skipIf(!hasOfficialSchemas())('is valid by the official schema', () => {
    const schema = join(officialSchemas, 'oval/5.11.1/oval-definitions-schema.xsd');
    expect(xsdErrors(join(out, 'oval/alpine-edge.oval.xml'), schema)).toBe('');
  });

  it('gives the same verdicts as the index, versions of every form', () => {
    const root = rootOf('3.22.0_alpha20250108', generated.installed);
    const results = oscapVerdicts(join(out, 'oval/alpine-edge.oval.xml'), { root });
    const affected = new Set(scan(root).verdicts.map(({ vulnerability }) => vulnerability));
    expect(affected.size).toBeGreaterThan(30);
    const differing = Object.keys(generated.secfixes).filter((source, at) => {
      const cve = `CVE-2026-${1000 + at}`;
      return results.get(definitionOf('alpine-edge', cve, source)) !== String(affected.has(cve));
    });
    expect(differing).toEqual([]);
  });

  it('holds for its release alone', () => {
    const document = join(out, 'oval/alpine-3.20.oval.xml');
    const of = (versionId: string) => oscapVerdicts(document, { root: rootOf(versionId, installed) });
    const keys = ['3.20.2', '3.20', '3.2.0', '3.21.0', '3.20.0_alpha20240101'].map((versionId) =>
      of(versionId).get(definitionId(ovalNamespace('alpine-3.20'), inventoryKey)),
    );
    expect(keys).toEqual(['true', 'true', 'false', 'false', 'false']);
    const none = oscapVerdicts(document, { root: rootWith({ 'etc/os-release': release('3.20.2') }) });
    expect(none.get(definitionId(ovalNamespace('alpine-3.20'), coverageKey))).toBe('false');
  });

  it('a package without an origin is its own', () => {
    const root = rootOf('3.20.2', 'P:busybox\nV:1.36.1-r28\n\nP:openssl-dev\nV:3.3.1-r0\no:other\n\n');
    const results = oscapVerdicts(join(out, 'oval/alpine-3.20.oval.xml'), { root });
    expect(results.get(definitionOf('alpine-3.20', 'CVE-2023-42366', 'busybox'))).toBe('true');
    expect(results.get(definitionOf('alpine-3.20', 'CVE-2024-6119', 'openssl'))).toBe('false');
  });
});
