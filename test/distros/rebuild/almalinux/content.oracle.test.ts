import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { rpmDatabaseMaker } from '../../../prove/compare.ts';
import { scapfeed } from '../../../support/cli.ts';
import { hasData } from '../../../support/data.ts';
import { hasOracle } from '../../../support/oracles.ts';
import { temporaryFolder } from '../../../support/temporary.ts';
import { almaRoot, keys, realPackages, rpm } from './system.ts';
import { writeAlmaMirror } from './world.ts';

const guide = '/usr/share/xml/scap/ssg/content';
const able =
  existsSync(join(guide, 'ssg-almalinux9-ds.xml')) &&
  existsSync(rpmDatabaseMaker) &&
  hasOracle('python3', 'rpm') &&
  hasData('rpm-lists');

describe.skipIf(!able)("the SCAP Security Guide's content for AlmaLinux", () => {
  const folder = temporaryFolder('feed');
  const out = join(folder, 'out');

  beforeAll(() => {
    const list = join(folder, 'content.json');
    const entry = { id: 'ssg', folder: guide, licence: 'BSD-3-Clause', products: ['almalinux9'] };
    writeFileSync(list, JSON.stringify({ content: [entry] }));
    const erratum = { id: 'ALSA-2024:1', cves: ['CVE-2024-1000'], packages: ['bash-5.1.8-9.el9.x86_64'] };
    const built = scapfeed([
      ...['build', '--source', 'almalinux', '--mirror', writeAlmaMirror({ errata: { 9: [erratum] } })],
      ...['--snapshots', join(folder, 'snapshots'), '--out', out, '--content', list, '--no-oval'],
    ]);
    expect(built, built.err).toMatchObject({ code: 0 });
  }, 120_000);

  it('is bound to its release, and judges a system of it by the feed', () => {
    const { content } = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'));
    expect(content).toMatchObject([{ product: 'almalinux9', platforms: ['almalinux-9'] }]);
    const root = almaRoot('9.3', realPackages('Rockylinux9WithSQLite3', keys.alma9));
    const args = ['comply', `dir:${root}`, '--feed', out, '--profile', 'cis', '-o', 'json'];
    const { out: text, err } = scapfeed(args);
    const { counts } = JSON.parse(text || '{}');
    expect(text, err).not.toBe('');
    expect(counts?.fail, JSON.stringify(counts)).toBeGreaterThan(5);
    expect(counts.pass).toBeGreaterThan(5);
  }, 120_000);

  it('verify finds a changed file of a package in its database', () => {
    const digest = '5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03';
    const file = { path: '/usr/bin/tool', mode: 0o100644, size: 6, digest };
    const tool = { ...rpm('tool-1-1.el9.x86_64'), files: [file] as unknown as string[] };
    const verify = (text: string) =>
      scapfeed(['verify', `dir:${almaRoot('9.3', [tool], { 'usr/bin/tool': text })}`, '-o', 'json']);
    const told = (text: string) => JSON.stringify(JSON.parse(verify(text).out)).includes('/usr/bin/tool');
    expect(told('hello\n')).toBe(false);
    expect(told('hullo\n')).toBe(true);
  });
});
