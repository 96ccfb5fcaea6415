import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  check,
  checkPolicy,
  checkSignatures,
  listProfiles,
  openFeed,
  writeReport,
} from '../../src/library/index.ts';
import { SignedImage } from '../signatures/support/signed-image.ts';
import {
  ecKeys,
  newInstance,
  publicPem,
  signByKey,
  statementOf,
  usualIdentity,
  usualIssuer,
} from '../signatures/support/sigstore-instance.ts';
import { feedWithContent } from '../support/content-feed.ts';
import { command, workshop } from './support/workshop.ts';

const now = new Date('2026-11-01');
let folder: string;
/** A feed with SCAP content, and files that say whom to trust. */
let feed: string;
const at = (path: string) => join(folder, path);
const run = (...args: string[]) => command(folder, args, [0, 1, 4]);

beforeAll(() => {
  folder = workshop();
  feed = feedWithContent();
  writeFileSync(at('policy.yaml'), policy);
}, 120_000);

const policy = `ignore:
  - vulnerability: CVE-2023-5363
    reason: not reached
    until: 2026-10-01
scan:
  fail-on: [high, kev]
  only-fixed: true
verify:
  fail-on: unowned,changed
  allow:
    - path: /usr/lib/libssl.so.3
      reason: ours
comply:
  waivers:
    - rule: setting2
      reason: set elsewhere
`;

describe('check is check', () => {
  const asked = () => ['--feed', feed, '--max-age', '0'];

  it.each(['dir:image', 'oci:layout:1'])("%s, by the feed's content", async (reference) => {
    const place = reference.replace(':', `:${folder}/`);
    const open = openFeed(feed);
    const checked = await check(place, open, { profile: 'base', failOn: ['any'], date: now });
    const how = [...asked(), '--profile', 'base', '--fail-on', 'any'];
    for (const format of checked.formats)
      expect(await writeReport(checked, format)).toBe(run('check', place, ...how, '-o', format));
    const { scan, comply } = checked.result;
    expect(scan.verdicts.length).toBeGreaterThan(0);
    expect(comply.counts).toMatchObject({ pass: 1, fail: 2 });
    expect(checked.policy.exitCode).toBe(1);
    open.close();
  });

  it('by a file, with what a policy accepts', async () => {
    const place = `dir:${at('image')}`;
    const open = openFeed(at('feed'));
    const content = { file: at('benchmark.xml') };
    const how = { content, profile: 'standard', policyFile: at('policy.yaml'), showIgnored: true };
    const checked = await check(place, open, { ...how, date: now, judgedAs: 'debian-12' });
    const options = ['--content', content.file, '--profile', 'standard', '--policy', at('policy.yaml')];
    const theirs = ['--feed', at('feed'), '--max-age', '0', '--show-ignored', '--platform', 'debian-12'];
    expect(await writeReport(checked, 'json')).toBe(run('check', place, ...options, ...theirs, '-o', 'json'));
    expect(checked.result.comply.rules.some(({ waived }) => waived)).toBe(true);
    open.close();
  });

  it('refuses what cannot be done, before the image is read', async () => {
    const open = openFeed(at('feed'));
    const none = 'dir:/nowhere';
    const content = { file: at('benchmark.xml') };
    for (const [options, code] of [
      [{ content, tailoring: at('benchmark.xml') }, 'USAGE'],
      [{ content, failOn: ['epss=0.1'] as const }, 'FEED_LACKS_SOURCE'],
      [{ content, policyFile: at('none.yaml') }, 'POLICY_INVALID'],
      [{}, 'CONTENT_MISSING'],
      [{ content }, 'IMAGE_NOT_FOUND'],
    ] as const)
      await expect(check(none, open, options)).rejects.toMatchObject({ code });
    const signal = AbortSignal.abort();
    await expect(check(none, open, { signal })).rejects.toMatchObject({ name: 'AbortError' });
    open.close();
  });
});

describe('checkPolicy is policy check', () => {
  it('with all that the file says', async () => {
    const checked = await checkPolicy(at('policy.yaml'), { now });
    expect(checked.result.entries.map(({ where, expired }) => [where, expired])).toEqual([
      ['/ignore/0', true],
      ['/verify/allow/0', false],
      ['/comply/waivers/0', false],
    ]);
    for (const format of checked.formats)
      expect(await writeReport(checked, format)).toBe(
        run('policy', 'check', at('policy.yaml'), '-o', format),
      );
  });

  it.each([
    ['scan: { fail-on: hihg }', 'USAGE'],
    ['scan: { faill-on: high }', 'POLICY_INVALID'],
    ['verify: { fail-on: [unowned, x] }', 'USAGE'],
    ['- a', 'POLICY_INVALID'],
  ])('%s: %s', async (text, code) => {
    writeFileSync(at('wrong.yaml'), text);
    const error = await checkPolicy(at('wrong.yaml')).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code });
    expect(() => command(folder, ['policy', 'check', at('wrong.yaml')])).toThrow((error as Error).message);
  });

  it.each(['none.yaml', '.', '/dev/zero'])('%s cannot be read', async (file) => {
    const path = file.startsWith('/') ? file : at(file);
    await expect(checkPolicy(path)).rejects.toMatchObject({ code: 'POLICY_INVALID', where: path });
  });
});

describe('listProfiles is profiles', () => {
  it('of a feed and of a file', async () => {
    const open = openFeed(feed);
    for (const platform of [undefined, 'debian-12', 'bookworm']) {
      const listed = await listProfiles(open, platform === undefined ? { now } : { platform, now });
      expect(listed.result.content[0]?.profiles.length).toBeGreaterThan(0);
      const asked = ['profiles', ...(platform === undefined ? [] : [platform]), '--feed', feed];
      expect(await writeReport(listed, 'json')).toBe(run(...asked, '-o', 'json'));
    }
    const listed = await listProfiles({ file: at('benchmark.xml') });
    for (const format of listed.formats)
      expect(await writeReport(listed, format)).toBe(
        run('profiles', '--content', at('benchmark.xml'), '-o', format),
      );
    open.close();
  });

  it('says what there is not', async () => {
    const [open, without] = [openFeed(feed), openFeed(at('feed'))];
    for (const platform of ['debian-13', 'none', '__proto__'])
      await expect(listProfiles(open, { platform })).rejects.toMatchObject({ code: 'PLATFORM_NOT_COVERED' });
    await expect(listProfiles(without)).rejects.toMatchObject({ code: 'CONTENT_MISSING' });
    await expect(listProfiles({ file: at('none.xml') })).rejects.toMatchObject({ code: 'CONTENT_MISSING' });
    await expect(listProfiles({ file: at('sbom.json') })).rejects.toMatchObject({ code: /^CONTENT_/ });
    open.close();
    without.close();
  });
});

describe('checkSignatures takes keys and roots of a feed', () => {
  const { publicKey, privateKey } = ecKeys();
  let image: string;

  beforeAll(async () => {
    const instance = await newInstance();
    mkdirSync(join(feed, 'trust'));
    writeFileSync(join(feed, 'trust/acme.pub'), publicPem(publicKey));
    writeFileSync(join(feed, 'trust/trusted_root.json'), instance.trustedRoot);
    const signed = new SignedImage('trusted', { 'etc/name': 'x' });
    const { digest } = signed.manifest;
    signed.attachBundle(digest, signByKey(statementOf(digest), privateKey));
    signed.attachBundle(digest, await instance.signStatement(statementOf(digest)));
    image = `oci:${signed.layout()}:1`;
    writeFileSync(at('signed.yaml'), 'signed:\n  - images: "*"\n    by: [{ key: "feed:acme.pub" }]\n');
  });

  it.each([
    ['a key', { keys: ['feed:acme.pub'] }, ['--key', 'feed:acme.pub']],
    [
      'a root that it has',
      { identities: [{ name: usualIdentity, issuer: usualIssuer }] },
      ['--identity', usualIdentity, '--issuer', usualIssuer],
    ],
    ['a policy', 'signed.yaml', ['--policy', 'signed.yaml']],
  ])('%s', async (_, how, asked) => {
    const open = openFeed(feed);
    const signers = typeof how === 'string' ? { policy: join(folder, how) } : how;
    const given = asked.map((word) => (word === 'signed.yaml' ? at(word) : word));
    const report = await checkSignatures(image, { ...signers, feed: open });
    expect(report.result.verdict).toBe('signed');
    for (const format of report.formats)
      expect(await writeReport(report, format)).toBe(
        run('signed', image, ...given, '--feed', feed, '-o', format),
      );
    open.close();
  });

  it('only if a feed is given that has them', async () => {
    const open = openFeed(feed);
    const strange = { keys: ['feed:../manifest.json'], feed: open };
    await expect(checkSignatures(image, strange)).rejects.toMatchObject({ code: 'TRUST_ROOT_MISSING' });
    const identities = [{ name: usualIdentity, issuer: usualIssuer }];
    for (const signers of [
      { keys: ['feed:acme.pub'] },
      { identities },
      { identities, feed: open, thresholds: { timestamps: 0 } },
    ])
      await expect(checkSignatures(image, signers)).rejects.toMatchObject({ code: 'USAGE' });
    open.close();
  });
});
