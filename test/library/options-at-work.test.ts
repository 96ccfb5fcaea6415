import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateKey } from 'openpgp';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  comply,
  exportFeed,
  judge,
  openFeed,
  openImage,
  publish,
  readInventory,
  verifyFiles,
  writeReport,
} from '../../src/library/index.ts';
import { command, passphrase, workshop } from './support/workshop.ts';

const now = new Date('2026-11-01');
let folder: string;
const at = (path: string) => join(folder, path);
const run = (args: readonly string[], codes: readonly number[] = [0, 1, 4]) => command(folder, args, codes);

beforeAll(() => {
  folder = workshop();
  writeFileSync(at('policy.yaml'), policy);
}, 120_000);

const policy = `ignore:
  - vulnerability: CVE-2023-5363
    reason: not reached
verify:
  allow:
    - path: /usr/lib/libssl.so.3
      reason: ours
comply:
  waivers:
    - rule: setting2
      reason: set elsewhere
`;

describe('policyFile is --policy', () => {
  it('of judge', async () => {
    const [feed, image] = [openFeed(at('feed')), await openImage(`dir:${at('image')}`)];
    const how = { image, date: now, failOn: ['any'] as const, showIgnored: true };
    const scan = await judge(readInventory(image), feed, { ...how, policyFile: at('policy.yaml') });
    const asked = ['--fail-on', 'any', '--policy', at('policy.yaml'), '--show-ignored', '--max-age', '0'];
    const theirs = run(['scan', `dir:${at('image')}`, '--feed', at('feed'), ...asked, '-o', 'json']);
    expect(await writeReport(scan, 'json')).toBe(theirs);
    expect(scan.result.verdicts.filter(({ ignored }) => ignored !== undefined)).not.toEqual([]);
    image.close();
    feed.close();
  });

  it('of comply', async () => {
    const content = { file: at('benchmark.xml') };
    const how = { content, profile: 'standard', policyFile: at('policy.yaml'), now };
    const compliance = await comply(`dir:${at('image')}`, how);
    const asked = ['--content', content.file, '--profile', 'standard', '--policy', at('policy.yaml')];
    expect(await writeReport(compliance, 'json')).toBe(
      run(['comply', `dir:${at('image')}`, ...asked, '-o', 'json']),
    );
    expect(compliance.result.rules.filter(({ waived }) => waived !== undefined)).toHaveLength(1);
  });

  it('of verifyFiles', async () => {
    const verified = await verifyFiles(`dir:${at('image')}`, { policyFile: at('policy.yaml'), now });
    expect(await writeReport(verified, 'json')).toBe(
      run(['verify', `dir:${at('image')}`, '--policy', at('policy.yaml'), '-o', 'json']),
    );
    expect(verified.result.accepted).not.toEqual([]);
  });
});

describe('openPgpKey is --openpgp-key', () => {
  beforeAll(async () => {
    const userIDs = [{ name: 'exports', email: 'exports@example.test' }];
    const date = new Date('2020-01-01');
    const { privateKey } = await generateKey({ userIDs, passphrase, date, format: 'armored' });
    writeFileSync(at('key.asc'), privateKey, { mode: 0o600 });
  });

  it('every byte of a signed export', async () => {
    const feed = openFeed(at('feed'));
    const openPgpKey = { file: at('key.asc'), passphrase };
    await exportFeed(feed, { out: at('our-exports'), targets: ['csaf', 'notus'], openPgpKey });
    feed.close();
    const asked = ['--to', 'csaf,notus', '--openpgp-key', 'key.asc', '--out', 'their-exports'];
    run(['export', '--feed', 'feed', ...asked], [0]);
    execFileSync('diff', ['-r', at('our-exports'), at('their-exports')]);
    const signatures = execFileSync('find', [at('our-exports'), '-name', '*.asc'], { encoding: 'utf8' });
    expect(signatures.split('\n').length).toBeGreaterThan(3);
  });

  it.each([
    [{ file: 'key.asc', passphrase: 'wrong' }, 'KEY_PASSPHRASE_WRONG'],
    [{ file: 'none.asc', passphrase }, 'KEY_MISSING'],
  ])('%j is refused before a part is written, and the last export stays', async ({ file, ...key }, code) => {
    const feed = openFeed(at('feed'));
    for (const target of ['csaf', 'notus']) {
      const steps: unknown[] = [];
      const exporting = exportFeed(feed, {
        out: at('our-exports'),
        targets: [target, 'trivy'],
        openPgpKey: { ...key, file: at(file) },
        onProgress: (step) => steps.push(step),
      });
      await expect(exporting).rejects.toMatchObject({ code });
      expect(steps).toEqual([]);
    }
    expect(readFileSync(at('our-exports/csaf/provider-metadata.json'), 'utf8')).toContain('{');
    feed.close();
  });
});

it('official of publish: what is no folder of schemas is refused as --official refuses it', async () => {
  const how = { feeds: [at('feed')], to: at('checked'), keys: at('keys'), passphrase };
  const ours = await publish({ ...how, official: at('image') }).catch((error: unknown) => error);
  const asked = ['--feed', 'feed', '--to', 'checked', '--keys', 'keys', '--official', 'image'];
  expect(() => run(['publish', ...asked], [0])).toThrow((ours as { code: string }).code);
});
