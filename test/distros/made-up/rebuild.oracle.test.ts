import './testel/record.ts';

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { builds } from '../../../src/distros/builds.ts';
import { rebuildSource } from '../../../src/distros/rebuild/source.ts';
import { rpmOrigin } from '../../../src/distros/shared/rule/origin.ts';
import { definitionId } from '../../../src/oval/document/document.ts';
import { flawKey, ovalNamespace } from '../../../src/oval/forms/rows.ts';
import { rpmDatabaseMaker } from '../../prove/compare.ts';
import { oscapVerdicts } from '../../prove/oscap.ts';
import { hasOracle } from '../../support/oracles.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { packagesOf, rpmRoot } from '../shared/rpm-system.ts';
import { command } from './command.ts';
import definition from './testel/definition.json' with { type: 'json' };
import { testel } from './testel/record.ts';

// A rebuild of RHEL that src has never heard of goes the whole way by its record and the definition of its data.
const home = temporaryFolder();
const env = {
  XDG_CONFIG_HOME: join(home, 'config'),
  XDG_DATA_HOME: join(home, 'data'),
  XDG_CACHE_HOME: join(home, 'cache'),
};
const out = join(home, 'out');
const exportsFolder = join(home, 'exports');

const scapfeed = (...argv: string[]) => command(argv, env);

beforeAll(async () => {
  builds.push({ source: rebuildSource(testel, definition) });
  const built = await scapfeed(
    ...['build', '--source', 'testel', '--mirror', join(import.meta.dirname, 'testel/mirror')],
    ...['--out', out, '--scap'],
  );
  expect(built, built.err).toMatchObject({ code: 0 });
});

const rpm = packagesOf({ vendor: 'Testel Project', keyid: '7e57e17e57e17e57' });
const installed = [
  rpm('bash-5.1.8-6.el9.x86_64'),
  rpm('zlib-1.2.11-39.el9.x86_64', { vendor: 'Red Hat, Inc.', keyid: '199e2f91fd431d51' }),
];

function testelRoot(): string {
  const files = {
    'etc/os-release': 'ID=testel\nVERSION_ID=9.6\nPRETTY_NAME="Testel Linux 9.6"\n',
    'etc/testel-release': 'Testel Linux release 9.6 (Test)\n',
  };
  const release = rpm('testel-release-9.6-1.el9.x86_64', { files: ['/etc/testel-release'] });
  return rpmRoot(files, [release, ...installed]);
}

interface Scanned {
  platform: { id: string; marks: string[] };
  verdicts: { vulnerability: string; package: { name: string }; fixedVersion?: string }[];
  uncovered: { name: string; reason: string; detail?: string }[];
  inventory: { os: object };
}

async function scan(root: string): Promise<Scanned> {
  const { out: text, err } = await scapfeed(
    ...['scan', `dir:${root}`, '--feed', out, '--max-age', '0', '-o', 'json'],
  );
  expect(text, err).not.toBe('');
  return JSON.parse(text) as Scanned;
}

describe('a made-up rebuild of RHEL', () => {
  it('is built with every record accounted for', () => {
    const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'));

    expect(manifest.platforms).toMatchObject([
      {
        id: 'testel-9',
        name: 'Testel Linux 9',
        aliases: ['testel9'],
        marks: ['fixes_only', 'no_package_list'],
        statements: 2,
        updated: '2026-09-22T14:13:20Z',
      },
    ]);
    // The id of another vendor's erratum does not have the form.
    expect(manifest.sources).toMatchObject([
      { id: 'testel', name: 'Testel Linux errata', licence: 'CC0-1.0', records: 4, used: 3, dropped: 1 },
    ]);
    expect(manifest.sources[0].findings).toContainEqual(
      expect.objectContaining({ reason: 'wrong_type', count: 1 }),
    );
    expect(JSON.stringify(manifest.sources)).not.toContain('oval_absent');
  });

  it('has a feed and documents that are valid, and can be built again', async () => {
    const documents = ['oval/testel-9.oval.xml', 'scap/testel-9.ds.xml'].map((name) => join(out, name));
    for (const path of [out, ...documents]) {
      const { code, out: text } = await scapfeed('validate', path);
      expect(code, text).toBe(0);
    }
    expect(await scapfeed('validate', '--rebuild', out)).toMatchObject({ code: 0, err: '' });
  });

  it('is a rebuild by its key and by its vendor where a user maps it to RHEL', () => {
    const rhel = { id: 'rhel', name: 'Red Hat' };

    expect(rpmOrigin({ keyId: '7e57e17e57e17e57' }, rhel, true).kind).toBe('own');
    expect(rpmOrigin({ vendor: 'Testel Linux' }, rhel, true).kind).toBe('own');
    expect(rpmOrigin({ keyId: '7e57e17e57e17e57' }, rhel, false)).toEqual({
      kind: 'foreign',
      who: 'key of Testel Linux 9',
    });
  });

  it('is exported as CSAF, and left out of the layouts that have no name for it, with a word', async () => {
    const exported = await scapfeed('export', '--feed', out, '--to', 'csaf', '--out', exportsFolder);
    expect(exported, exported.err).toMatchObject({ code: 0 });
    const folder = join(exportsFolder, 'csaf');
    expect(existsSync(folder)).toBe(true);

    const trivy = await scapfeed('export', '--feed', out, '--to', 'trivy', '--out', exportsFolder);
    expect(trivy.code).not.toBe(0);
    expect(trivy.err).toContain('testel-9: Trivy does not know testel');
    const grype = await scapfeed('export', '--feed', out, '--to', 'grype', '--out', exportsFolder);
    expect(grype.err).toContain('testel-9: Grype has no name for it');
  });
});

describe.skipIf(!existsSync(rpmDatabaseMaker) || !hasOracle('python3', 'rpm'))(
  'a system of a made-up rebuild',
  () => {
    it('is recognised by its release file where os-release is missing', async () => {
      const releaseFile = 'Testel Linux release 9.6 (Test)\n';
      const files = { 'etc/redhat-release': releaseFile, 'etc/testel-release': releaseFile };
      const { inventory, verdicts } = await scan(rpmRoot(files, installed));

      expect(inventory.os).toMatchObject({ id: 'testel', versionId: '9.6', found: '/etc/testel-release' });
      expect(verdicts).toHaveLength(1);
    });

    it("is judged by its errata, packages of other vendors not, and explained by the vendor's record", async () => {
      const root = testelRoot();
      const { platform, verdicts, uncovered } = await scan(root);

      expect(platform).toMatchObject({ id: 'testel-9', marks: ['fixes_only', 'no_package_list'] });
      expect(verdicts).toMatchObject([
        { vulnerability: 'CVE-2026-0001', package: { name: 'bash' }, fixedVersion: '0:5.1.8-9.el9' },
      ]);
      expect(uncovered).toMatchObject([{ name: 'zlib', detail: "not Testel Linux's: key of Red Hat" }]);

      const place = [`dir:${root}`, 'CVE-2026-0001', 'bash'];
      const { code, out: text } = await scapfeed('explain', ...place, '--feed', out, '--max-age', '0');
      expect(code, text).toBe(0);
      expect(text).toContain('TESA-2026:1');
      expect(text).toContain('https://errata.testel.example/9/errata.full.json#/data/0');
    });
  },
);

describe.skipIf(!existsSync(rpmDatabaseMaker) || !hasOracle('oscap', 'python3', 'rpm'))(
  'oscap on the OVAL of a made-up rebuild',
  () => {
    it('agrees with the scan', () => {
      const results = oscapVerdicts(join(out, 'oval/testel-9.oval.xml'), { root: testelRoot() });
      const of = (vulnerability: string, name: string) =>
        results.get(definitionId(ovalNamespace('testel-9'), flawKey('fixed', vulnerability, name)));

      expect([of('CVE-2026-0001', 'bash'), of('CVE-2026-0002', 'zlib')]).toEqual(['true', 'false']);
    });
  },
);
