import './testoval/record.ts';

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { builds } from '../../../src/distros/builds.ts';
import { rebuildSource } from '../../../src/distros/rebuild/source.ts';
import { definitionId } from '../../../src/oval/document/document.ts';
import { flawKey, ovalNamespace } from '../../../src/oval/forms/rows.ts';
import { rpmDatabaseMaker } from '../../prove/compare.ts';
import { oscapVerdicts } from '../../prove/oscap.ts';
import { hasOracle } from '../../support/oracles.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { flawOval } from '../rebuild/azurelinux/world.ts';
import { packagesOf, rpmRoot } from '../shared/rpm-system.ts';
import { command } from './command.ts';
import { definition, testoval } from './testoval/record.ts';

// A distribution whose data is OVAL goes the whole way, from its document to verdicts, by one file of forty lines at most.
const home = temporaryFolder();
const env = {
  XDG_CONFIG_HOME: join(home, 'config'),
  XDG_DATA_HOME: join(home, 'data'),
  XDG_CACHE_HOME: join(home, 'cache'),
};
const out = join(home, 'out');
const scapfeed = (...argv: string[]) => command(argv, env);

beforeAll(async () => {
  builds.push({ source: rebuildSource(testoval, definition) });
  const folder = join(home, 'mirror/oval.testoval.example');
  mkdirSync(folder, { recursive: true });
  const date = '2026-09-20T22:02:46Z';
  const flaws = [
    { id: 1, cve: 'CVE-2026-0001', name: 'bash', builds: ['< 0:5.2-3.to2'], date },
    { id: 2, cve: 'CVE-2026-0002', name: 'zlib', builds: ['<= 0:1.3-1.to2'], severity: 'Low' },
    { id: 3, cve: 'CVE-2026-0003', name: 'zlib', builds: ['< a list'] },
  ];
  writeFileSync(join(folder, 'testoval-2.xml'), flawOval(flaws));
  const built = await scapfeed(
    ...['build', '--source', 'testoval', '--mirror', join(home, 'mirror'), '--out', out, '--scap'],
  );
  expect(built, built.err).toMatchObject({ code: 0 });
});

const rpm = packagesOf({ vendor: 'Testoval Project', keyid: '7e570a17e570a17e' });

function system(): string {
  const files = { 'etc/os-release': 'ID=testoval\nVERSION_ID=2.1\nPRETTY_NAME="Testoval Linux 2.1"\n' };
  return rpmRoot(files, [
    rpm('testoval-release-2.1-1.to2.x86_64'),
    rpm('bash-5.2-2.to2.x86_64'),
    rpm('libz-1.3-2.to2.x86_64', { sourcerpm: 'zlib-1.3-2.to2.src.rpm' }),
    rpm('curl-8.0-1.to2.x86_64', { keyid: '199e2f91fd431d51', vendor: 'Red Hat, Inc.' }),
  ]);
}

describe('a made-up distribution whose data is OVAL', () => {
  it('is one file of forty lines at most', () => {
    const file = readFileSync(join(import.meta.dirname, 'testoval/record.ts'), 'utf8');
    expect(file.trimEnd().split('\n').length).toBeLessThanOrEqual(40);
  });

  it('is built with every record accounted for, into documents that are valid', async () => {
    const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'));
    expect(manifest.platforms).toMatchObject([
      { id: 'testoval-2', name: 'Testoval Linux 2', marks: ['no_package_list'], statements: 2 },
    ]);
    expect(manifest.sources).toMatchObject([{ id: 'testoval', records: 3, used: 2, dropped: 1 }]);
    for (const path of [out, join(out, 'oval/testoval-2.oval.xml'), join(out, 'scap/testoval-2.ds.xml')]) {
      const { code, out: text } = await scapfeed('validate', path);
      expect(code, text).toBe(0);
    }
    expect(await scapfeed('validate', '--rebuild', out)).toMatchObject({ code: 0, err: '' });
  });

  it('is exported for scanners that the record has names of', async () => {
    const folder = join(home, 'exports');
    const exported = await scapfeed('export', '--feed', out, '--to', 'trivy,csaf', '--out', folder);
    expect(exported, exported.err).toMatchObject({ code: 0 });
    const grype = await scapfeed('export', '--feed', out, '--to', 'grype', '--out', folder);
    expect(grype.err).toContain('testoval-2: Grype has no name for it');
  });
});

describe.skipIf(!existsSync(rpmDatabaseMaker) || !hasOracle('oscap', 'python3', 'rpm'))(
  'a system of a made-up distribution whose data is OVAL',
  () => {
    it('is judged by it, and explained by the definition; what was not understood leaves its source unknown', async () => {
      const root = system();
      const scanned = await scapfeed('scan', `dir:${root}`, '--feed', out, '--max-age', '0', '-o', 'json');
      const { verdicts, uncovered } = JSON.parse(scanned.out) as {
        verdicts: { vulnerability: string; package: { name: string }; fixedVersion?: string }[];
        uncovered: { name: string; reason: string }[];
      };
      expect(scanned.code).toBe(4);
      expect(
        verdicts.map(({ vulnerability, package: { name }, fixedVersion }) =>
          [vulnerability, name, fixedVersion].join(' ').trim(),
        ),
      ).toEqual(['CVE-2026-0001 bash 0:5.2-3.to2', 'CVE-2026-0002 libz']);
      expect(uncovered.map(({ name }) => name).sort()).toEqual(['curl', 'libz']);

      const place = [`dir:${root}`, 'CVE-2026-0001', 'bash'];
      const { code, out: text } = await scapfeed('explain', ...place, '--feed', out, '--max-age', '0');
      expect(code, text).toBe(0);
      expect(text).toContain('<title>CVE-2026-0001 affecting package bash</title>');
    });

    it('is judged alike by oscap on its OVAL', () => {
      const results = oscapVerdicts(join(out, 'oval/testoval-2.oval.xml'), { root: system() });
      const key = flawKey('fixed', 'CVE-2026-0001', 'bash');
      expect(results.get(definitionId(ovalNamespace('testoval-2'), key))).toBe('true');
    });
  },
);
