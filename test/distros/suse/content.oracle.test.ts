import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { rpmDatabaseMaker } from '../../prove/compare.ts';
import type { RpmPackage } from '../../prove/trial.ts';
import { scapfeed } from '../../support/cli.ts';
import { dataPath, hasData } from '../../support/data.ts';
import { hasOracle } from '../../support/oracles.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { rpm, suseRoot } from './system.ts';
import { writeSuseMirror } from './world.ts';

const guide = '/usr/share/xml/scap/ssg/content';
const able =
  existsSync(join(guide, 'ssg-sle15-ds.xml')) &&
  existsSync(rpmDatabaseMaker) &&
  hasOracle('python3', 'rpm') &&
  hasData('rpm-lists');

describe.skipIf(!able)("the SCAP Security Guide's content for SUSE", () => {
  const folder = temporaryFolder('feed');
  const out = join(folder, 'out');

  beforeAll(() => {
    const list = join(folder, 'content.json');
    const entry = { id: 'ssg', folder: guide, licence: 'BSD-3-Clause', products: ['sle15', 'slmicro5'] };
    writeFileSync(list, JSON.stringify({ content: [entry] }));
    const builds = [
      'SUSE Linux Enterprise Server 15 SP5:bash-4.4-150400.27.1',
      'SUSE Linux Enterprise Server 16.0:bash-5.2-160000.3.1',
      'SUSE Linux Enterprise Micro 5.5:bash-4.4-150400.27.1',
    ] as const;
    const archive = [{ id: 'CVE-2026-1000', status: { recommended: builds } }];
    const built = scapfeed([
      ...['build', '--source', 'suse', '--mirror', writeSuseMirror({ archive }), '--unsigned-mirror'],
      ...['--snapshots', join(folder, 'snapshots'), '--out', out, '--content', list, '--no-oval'],
    ]);
    expect(built, built.err).toMatchObject({ code: 0 });
  }, 240_000);

  it('is bound to the service packs and to SLE Micro, and to no other release', () => {
    const { content } = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'));
    expect(content).toMatchObject([
      { product: 'sle15', platforms: ['sles-15.5'] },
      { product: 'slmicro5', platforms: ['sle-micro-5.5'] },
    ]);
  });

  it('judges a real base image by the feed', () => {
    const text = readFileSync(dataPath('rpm-lists/SLE15WithNDB.json'), 'utf8');
    const { packages } = JSON.parse(text) as { packages: RpmPackage[] };
    const real = packages
      .filter(({ name }) => name !== 'gpg-pubkey' && name !== 'sles-release')
      .map(({ name, version, release, arch }) => rpm(`${name}-${version}-${release}.${arch}`));
    const root = suseRoot('sles', '15.5', real);
    const run = scapfeed(['comply', `dir:${root}`, '--feed', out, '--profile', 'standard', '-o', 'json']);
    expect(run.out, run.err).not.toBe('');
    const { applicable, counts } = JSON.parse(run.out);
    expect(applicable).toBe(true);
    expect(counts.pass, JSON.stringify(counts)).toBeGreaterThan(10);
  }, 240_000);
});
