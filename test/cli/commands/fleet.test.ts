import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openDatabase } from '../../../src/fleet/store/open-database.ts';
import { prune } from '../../../src/fleet/store/prune.ts';
import type { Assessment, Severity } from '../../../src/model/feed/index.ts';
import { imageLayout, writeFiles } from '../../image/support/make-image.ts';
import { file } from '../../image/support/make-tar.ts';
import { SignedImage } from '../../signatures/support/signed-image.ts';
import { ecKeys, publicPem, signByKey, statementOf } from '../../signatures/support/sigstore-instance.ts';
import { debianRelease, project, rootWith, scapfeed, stanza } from '../../support/cli.ts';
import { addImages, fleetCommands, type HeldStore, heldStore, newEmbedded } from '../../support/fleet.ts';
import { isRoot } from '../../support/oracles.ts';
import { bookworm, bullseye, writeSmallFeed } from '../../support/small-feed.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const root = () =>
  rootWith({
    'etc/os-release': debianRelease('12', 'bookworm'),
    'var/lib/dpkg/status': stanza('a', '1'),
  });

const feed = writeSmallFeed([
  {
    platform: bookworm,
    statements: [
      {
        vulnerability: 'CVE-2024-0001',
        package: 'a',
        status: 'affected',
        fixState: 'none_yet',
        severity: 'high',
      },
    ],
  },
]);

const judging = ['--feed', feed, '--max-age', '0'];

/** The built command on a new store. */
async function newFleet() {
  const database = await newEmbedded();
  return (name: string, ...args: string[]) => scapfeed(['fleet', name, '--database', database, ...args]);
}

/**
 * The same commands on a store that stays open. That the built command does what they do is proved by the tests with `newFleet`, and by
 * the pages of the documentation.
 */
async function newFleetHere(held?: HeldStore) {
  const store = held ?? (await heldStore());
  onTestFinished(() => store.close());
  return fleetCommands(store);
}

describe('the commands of a fleet, on a machine without a server', { timeout: 240_000 }, () => {
  it('an image that is judged only in part is counted, and ends a run with 4 where that is asked', async () => {
    const fleet = await newFleetHere();
    const partly = rootWith({
      'etc/os-release': debianRelease('12', 'bookworm'),
      'var/lib/dpkg/status': stanza('a', '1') + stanza('b', '1').replace('ok installed', 'ok half-installed'),
    });
    await fleet('add', partly);
    const run = await fleet('run', ...judging);
    expect(run, run.err).toMatchObject({ code: 0 });
    expect(run.out).toContain('1 image judged only in part: ');
    expect((await fleet('status')).out).toContain('1 image judged only in part: ');
    expect(await fleet('run', ...judging, '--fail-on-uncovered')).toMatchObject({ code: 4 });
  });

  it('an image with a name that no store keeps is one that cannot be read: the others are judged', async () => {
    const fleet = await newFleetHere();
    const long = Array.from({ length: 3_000 }, (_, at) => (at ** 3).toString(36)).join('');
    const hostile = rootWith({
      'etc/os-release': debianRelease('12', 'bookworm'),
      'var/lib/dpkg/status': stanza('a', '1') + stanza(`b${long}`, '1'),
    });
    const image = root();
    await fleet('add', hostile, image);
    const run = await fleet('run', ...judging);
    expect(run, run.err).toMatchObject({ code: 4 });
    const listed = JSON.parse((await fleet('list', '-o', 'json')).out) as {
      unread: { code: string } | null;
      platform: string | null;
    }[];
    expect(listed.map(({ unread, platform }) => unread?.code ?? platform).sort()).toEqual([
      'IMAGE_LIMIT_EXCEEDED',
      'debian-12',
    ]);
    expect((await fleet('list')).out).toContain('the name of a package has ');
  });

  it('a run without an image is not clean: it says what is missing, and ends with 4', async () => {
    const fleet = await newFleetHere();
    const missing = 'nothing was judged, because the fleet has no image: add some with `scapfeed fleet add`';
    const run = await fleet('run', ...judging, '--fail-on-new', 'low', '--allow-unrated');
    expect(run, run.err).toMatchObject({ code: 4, out: expect.stringContaining(`: ${missing}\n`) });
    expect((await fleet('news', '-o', 'markdown')).out).toContain(missing);
    for (const asked of [
      ['news', '--fail-on-new', 'low'],
      ['evidence', 'CVE-2023-44487'],
    ])
      expect(await fleet(asked[0]!, ...asked.slice(1)), asked[0]).toMatchObject({
        code: 4,
        err: expect.stringMatching(/not (judged|known): .*the fleet ha[sd] no image/),
      });
    expect(await fleet('evidence', 'hello')).toMatchObject({
      code: 2,
      err: expect.stringContaining('expected the id of a vulnerability, found hello'),
    });
    const status = await fleet('status');
    expect([status.code, status.out]).toEqual([4, expect.stringContaining('the fleet is empty: add images')]);
    const accepted = await fleet('run', ...judging, '--allow-uncovered', '-o', 'json');
    expect(accepted).toMatchObject({ code: 0 });
    expect(JSON.parse(accepted.out)).toMatchObject({
      names: 0,
      news: { runs: [{ isEmpty: true, items: [] }] },
    });
  });

  it('an image is removed by the path by which it was added, and a waiver that is not there is an error', async () => {
    const fleet = await newFleetHere();
    const image = root();
    const relativePath = `dir:${relative(process.cwd(), image)}`;
    await fleet('add', relativePath);
    expect(await fleet('remove', relativePath)).toMatchObject({ code: 0, out: `removed dir:${image}\n` });
    const { code, err } = await fleet('unwaive', '7');
    expect(code).toBe(2);
    expect(err).toContain('the fleet has no waiver 7 that is in effect [NOT_FOUND]');
    expect(err).toContain('next: see `scapfeed fleet waivers --all`');
  });

  it('tokens, names and waivers are listed for people, programs and spreadsheets', async () => {
    const fleet = await newFleetHere();
    expect((await fleet('token', 'list')).out).toContain('there is no token');
    expect((await fleet('token', 'list', '-o', 'json')).out).toBe('[]\n');
    expect((await fleet('token', 'add', '=1+1', '--expires', '90d')).code).toBe(0);
    expect((await fleet('token', 'add', 'ops', '--role', 'admin')).code).toBe(0);
    expect((await fleet('token', 'add', 'web1', '--role', 'send', '--names', 'web-*')).code).toBe(0);
    const team = ['token', 'add', 'zoe', '--role', 'team', '--owner', 'pay'] as const;
    for (const [word, ...mistyped] of [
      team,
      ['news', '--owner', 'pay'],
      ['waivers', '--owner', 'pay'],
    ] as const)
      expect(await fleet(word, ...mistyped)).toMatchObject({
        code: 2,
        err: expect.stringContaining('no rule of the fleet names the owner pay'),
      });
    const policy = join(temporaryFolder(), 'owners.yaml');
    writeFileSync(policy, 'owners:\n  - owner: pay\n    names: "pay/**"\n');
    expect((await fleet('owners', '--policy', policy)).code).toBe(0);
    expect((await fleet(...team)).code).toBe(0);
    expect((await fleet('audit', '-o', 'csv')).out).toContain('fleet token add zoe --role team of pay');
    for (const wrong of [
      ['--role', 'send'],
      ['--role', 'team'],
      ['--owner', 'pay'],
      ['--names', 'web-*'],
      ['--role', 'admin', '--names', 'web-*'],
    ])
      expect(await fleet('token', 'add', 'web2', ...wrong)).toMatchObject({
        code: 2,
        err: expect.stringContaining('write it as --role send --names GLOB'),
      });
    expect(JSON.parse((await fleet('token', 'list', '-o', 'json')).out)).toMatchObject([
      { name: '=1+1', role: 'read', names: null, expires: expect.any(String), used: null },
      { name: 'ops', role: 'admin', names: null, expires: null, used: null },
      { name: 'web1', role: 'send', names: 'web-*', expires: null, used: null },
      { name: 'zoe', role: 'team', names: null, owner: 'pay' },
    ]);
    expect((await fleet('token', 'list')).out).toMatch(/^web1 +send web-\* /m);
    const [head, first, second, third, fourth] = (await fleet('token', 'list', '-o', 'csv')).out.split(
      '\r\n',
    );
    expect([head, second]).toEqual([
      'name,role,created,expires,used,names,owner',
      expect.stringMatching(/^ops,admin,20.*Z,,,,$/),
    ]);
    expect(third).toMatch(/^web1,send,20.*Z,,,web-\*,$/);
    expect(fourth).toMatch(/^zoe,team,20.*Z,,,,pay$/);
    expect(first).toMatch(/^'=1\+1,read,/);
    await fleet('add', root());
    await fleet('waive', 'CVE-2024-0001', '--reason', 'a, b');
    expect((await fleet('waivers', '-o', 'csv')).out).toMatch(
      /\r\n1,CVE-2024-0001,,,,unused,.*,"a, b",\r\n$/,
    );
    const names = (await fleet('list', '-o', 'csv')).out.split('\r\n');
    expect(names[0]).toMatch(/^image,digest,kind,platform,system,packages,critical,/);
    expect(names[1]).toMatch(/^dir:.*,,image,,,,,,,,,,,,,,,,,,waiting,,,$/);
  });

  it('a gate of news over a fleet that was never judged ends with 4', async () => {
    const fleet = await newFleetHere();
    expect(await fleet('news', '--fail-on-new', 'low')).toMatchObject({
      code: 4,
      err: expect.stringContaining('not judged: --fail-on-new: no run ended'),
    });
  });

  it('a list says why it has no image', async () => {
    const fleet = await newFleetHere();
    expect((await fleet('list', '--owner', 'nix')).out).toContain('the fleet is empty');
    await fleet('add', 'registry.example/app:1');
    expect((await fleet('list', '--owner', 'nix')).out).toContain('no image of the fleet has the owner nix');
    expect(await fleet('list', '--overdue')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--overdue: the fleet keeps no SLA'),
    });
  });

  it('what only reads makes no store, and a wrong place is an error', () => {
    const folder = join(temporaryFolder(), 'typo');
    for (const command of [['list'], ['status'], ['news'], ['evidence', 'CVE-2023-44487'], ['token', 'list']])
      expect(scapfeed(['fleet', ...command, '--database', folder]), command[0]).toMatchObject({
        code: 2,
        err: expect.stringMatching(/there is no fleet here.*typo.*begin one with `scapfeed fleet add`/s),
      });
    expect(existsSync(folder)).toBe(false);
  });

  it('lists images by their owner, their labels, when they were first read, and how long a fix can be installed', async () => {
    const store = await heldStore();
    const fleet = await newFleetHere(store);
    const labelled = (labels: Record<string, string>) => {
      const layer = [
        file('etc/os-release', debianRelease('12', 'bookworm')),
        file('var/lib/dpkg/status', stanza('a', '1')),
      ];
      return `oci:${writeFiles(temporaryFolder(), imageLayout({ layers: [layer], labels }))}:latest`;
    };
    const vendor = labelled({ 'org.opencontainers.image.vendor': 'Payments/Team A', tier: 'gold' });
    const authors = labelled({ 'org.opencontainers.image.authors': 'ops@example.test', tier: 'silver' });
    // One that cannot be read has neither an owner nor an age.
    await addImages(store, [vendor, authors, 'dir:/nowhere']);
    const fixable = writeSmallFeed([
      {
        platform: bookworm,
        statements: [
          { vulnerability: 'CVE-2024-0001', package: 'a', status: 'fixed', fixed: '2', severity: 'high' },
        ],
      },
    ]);
    await fleet('run', '--feed', fixable, '--max-age', '0');
    const listed = async (...options: string[]) => {
      const { code, out } = await fleet('list', ...options, '-o', 'json');
      expect(code).toBe(0);
      return (JSON.parse(out) as { reference: string }[]).map(({ reference }) => reference);
    };
    expect(await listed()).toHaveLength(3);
    expect(await listed('--owner', 'Payments/**')).toEqual([vendor]);
    expect(await listed('--owner', 'ops@*')).toEqual([authors]);
    expect(await listed('--label', 'tier=*')).toEqual([vendor, authors].sort());
    expect(await listed('--label', 'tier=gold', '--owner', 'ops@*')).toEqual([]);
    expect(await listed('--label', 'constructor=*')).toEqual([]);
    expect((await fleet('list', '--label', 'tier=lead')).out).toBe('no image of the fleet is like that\n');
    expect((await fleet('list', '--label', 'tier')).code).toBe(2);

    expect(await listed('--older-than', '1h')).toEqual([]);
    expect(await listed('--fixed-before', '1h')).toEqual([]);
    await store.query(`UPDATE fleet.runs SET started = started - interval '3 hours'`);
    await store.query(
      `UPDATE fleet.images SET read = read - interval '3 hours' WHERE labels->>'tier' = 'gold'`,
    );
    expect(await listed('--older-than', '2h')).toEqual([vendor]);
    // Both have the package; a waived flaw does not count, but only where it is waived.
    expect(await listed('--fixed-before', '2h')).toEqual([vendor, authors].sort());
    expect(await listed('--fixed-before', '4h')).toEqual([]);
    await fleet('waive', 'CVE-2024-0001', '--image', vendor, '--reason', 'not built');
    expect(await listed('--fixed-before', '2h')).toEqual([authors]);
  });

  it('add, run, list, news, status and remove', async () => {
    const fleet = await newFleet();
    const image = root();

    expect(fleet('status')).toMatchObject({ code: 3 });
    expect(fleet('add', image)).toMatchObject({ code: 0, out: 'added 1 image\n' });
    const run = fleet('run', ...judging, '--quiet');
    expect(run).toMatchObject({ code: 0, err: '' });
    expect(run.out).toContain('1 of 1 package judged');
    expect(fleet('list').out).toMatch(/debian-12 +0 +1 +0 .* judged\n1 image\n$/);
    expect(fleet('news', '-o', 'markdown').out).toContain('**New in the fleet** (1)');
    expect(fleet('status')).toMatchObject({ code: 0 });
    expect(fleet('remove', `dir:${image}`, 'dir:/nowhere')).toMatchObject({
      code: 2,
      out: `removed dir:${image}\n`,
      err: expect.stringContaining('the fleet has no dir:/nowhere [NOT_FOUND]'),
    });
    const late = fleet('news', '--since', 'run:99');
    expect(late).toMatchObject({ code: 0, err: expect.stringContaining('the newest is run 1') });
    expect(fleet('list').out).toContain('the fleet is empty');
  });

  it('an image that is new in the fleet fails --fail-on-new by its worst flaw, once, and the news count its flaws', async () => {
    const fleet = await newFleetHere();
    const known = (id: string): Assessment => ({ id, ratings: [], exploited: { added: '2024-02-01' } });
    const flaw = (vulnerability: string, severity: Severity, name = 'a') =>
      ({ vulnerability, package: name, status: 'affected', fixState: 'none_yet', severity }) as const;
    const statements = [
      flaw('CVE-2024-0001', 'high'),
      flaw('CVE-2024-0002', 'high'),
      flaw('CVE-2024-0003', 'critical'),
      flaw('CVE-2024-0004', 'critical', 'c'),
      flaw('CVE-2024-0005', 'unknown'),
    ];
    const assessments = ['CVE-2024-0002', 'CVE-2024-0004'].map(known);
    const data = writeSmallFeed([{ platform: bookworm, statements }], undefined, assessments);
    const imageOf = (...names: string[]) =>
      rootWith({
        'etc/os-release': debianRelease('12', 'bookworm'),
        'var/lib/dpkg/status': names.map((name) => stanza(name, '1')).join(''),
      });
    const gate = (threshold: string, ...args: string[]) =>
      fleet('run', '--feed', data, '--max-age', '0', '--fail-on-new', threshold, ...args);
    await fleet('waive', 'CVE-2024-0004', '--reason', 'not reachable');

    await fleet('add', imageOf('b'));
    const clean = await gate('low');
    expect(clean, clean.err).toMatchObject({ code: 0 });
    expect(clean.out).toMatch(/^New in the fleet +- +no open flaw +dir:/m);

    const cut = rootWith({
      'etc/os-release': debianRelease('12', 'bookworm'),
      'var/lib/dpkg/status': stanza('b', '1').slice(0, -1),
    });
    await fleet('add', cut);
    const partly = await gate('low', '--allow-uncovered');
    expect(partly.out).toMatch(
      /^New in the fleet +- +no open flaw in what is known; incomplete package database +dir:/m,
    );
    await fleet('remove', `dir:${cut}`);

    const release = imageOf('a', 'c');
    await fleet('add', release);
    const first = await gate('critical');
    expect(first, first.err).toMatchObject({ code: 1 });
    expect(first.err).toContain('policy: 1 change at or above --fail-on-new critical');
    const counts = '1 critical, 2 high, 1 unknown, 1 known exploited; the worst is CVE-2024-0002 in a';
    expect(first.out).toMatch(new RegExp(`^New in the fleet +- +${counts} +dir:`, 'm'));
    expect(await fleet('news', '--fail-on-new', 'critical')).toMatchObject({ code: 1 });
    expect(await fleet('news', '--fail-on-new', 'critical', '--allow-new-images')).toMatchObject({ code: 0 });
    const [item] = JSON.parse((await fleet('news', '-o', 'json')).out).runs[0].items;
    expect(item).toMatchObject({ kind: 'added', severity: 'critical', exploited: true });
    expect(await gate('low')).toMatchObject({ code: 0 });

    await fleet('add', imageOf('a', 'c', 'd'));
    expect(await gate('low', '--allow-new-images')).toMatchObject({ code: 0 });
    const foreign = rootWith({
      'etc/os-release': debianRelease('13', 'trixie'),
      'var/lib/dpkg/status': stanza('a', '1'),
    });
    await fleet('add', foreign);
    expect((await gate('low')).out).toMatch(/^New in the fleet +- +nothing is known of its flaws +dir:/m);
  });

  it('an image whose release the feed has now fails --fail-on-new by its worst flaw, once, built again or not', async () => {
    const fleet = await newFleetHere();
    const statements = [
      {
        ...({ vulnerability: 'CVE-2024-0001', package: 'a', status: 'affected' } as const),
        ...({ fixState: 'none_yet', severity: 'critical' } as const),
      },
    ];
    const assessments = [{ id: 'CVE-2024-0001', ratings: [], exploited: { added: '2024-02-01' } }];
    const before = writeSmallFeed([{ platform: bookworm, statements }], undefined, assessments);
    const both = [bookworm, bullseye].map((platform) => ({ platform, statements }));
    const after = writeSmallFeed(both, undefined, assessments);
    const built = (version: string) => ({
      'etc/os-release': Buffer.from(debianRelease('11', 'bullseye')),
      'var/lib/dpkg/status': Buffer.from(stanza('a', version)),
    });
    const [kept, moved] = [rootWith(built('1')), rootWith(built('1'))];
    const run = (feed: string, ...args: string[]) =>
      fleet('run', '--feed', feed, '--max-age', '0', '--allow-uncovered', '--fail-on-new', 'high', ...args);
    await fleet('add', kept, moved);
    expect(await run(before)).toMatchObject({ code: 0 });
    writeFiles(moved, built('2'));
    const judged = await run(after, '--allow-new-images');
    expect(judged, judged.err).toMatchObject({ code: 1 });
    const words = '1 critical, 1 known exploited; the worst is CVE-2024-0001 in a; end of life';
    expect(
      judged.out.match(new RegExp(`^Judged for the first time +debian-11 +${words} +dir:`, 'gm')),
    ).toHaveLength(2);
    expect(await run(after)).toMatchObject({ code: 0, out: expect.not.stringContaining('Judged for') });
  });

  it('an image that is not signed as required is listed as such, and the run does not end with 0', async () => {
    const fleet = await newFleetHere();
    const folder = temporaryFolder('signed');
    const { publicKey, privateKey } = ecKeys();
    writeFileSync(join(folder, 'key.pub'), publicPem(publicKey));
    const files = {
      'etc/os-release': debianRelease('12', 'bookworm'),
      'var/lib/dpkg/status': stanza('a', '1'),
    };
    const signed = new SignedImage('signed', files);
    signed.attachBundle(signed.manifest.digest, signByKey(statementOf(signed.manifest.digest), privateKey));
    const [good, bad] = [`oci:${signed.layout()}:1`, `oci:${new SignedImage('unsigned', files).layout()}:1`];
    const asked = ['--signed-by', join(folder, 'key.pub')];

    await fleet('add', good);
    const fine = await fleet('run', ...judging, ...asked);
    expect(fine, fine.err).toMatchObject({ code: 0 });
    await fleet('add', bad);
    const run = await fleet('run', ...judging, ...asked);
    expect(run, run.err).toMatchObject({ code: 4 });
    expect(run.out + run.err).toMatch(/1 image .*sign/);
    const list = (await fleet('list')).out.split('\n');
    expect(list.find((line) => line.startsWith(bad))).toMatch(/ not signed$/);
    expect(list.find((line) => line.startsWith(good))).toMatch(/ judged$/);
  });

  it('prune forgets what has ended, and nothing that holds', async () => {
    const store = await heldStore();
    const fleet = await newFleetHere(store);
    const [kept, gone] = [root(), root()];
    writeFileSync(join(gone, 'var/lib/dpkg/status'), stanza('a', '0.9'));
    await fleet('add', kept, gone);
    expect(await fleet('run', ...judging)).toMatchObject({ code: 0 });
    expect(await fleet('remove', `dir:${gone}`)).toMatchObject({ code: 0 });
    // The run that notices it tells of it; what a kept run tells is kept.
    for (const _ of ['second', 'third']) expect(await fleet('run', ...judging)).toMatchObject({ code: 0 });
    expect((await fleet('prune')).out).toMatch(/^forgot 0 images, 0 packages, 0 verdicts/);

    const inAYear = new Date(Date.now() + 366 * 86_400_000);
    expect(await prune(store, { before: inAYear, runs: 1 })).toMatchObject({ images: 1, packages: 1 });
    expect((await fleet('list')).out).toMatch(/debian-12 +0 +1 +0 .* judged\n1 image\n$/);
    expect((await fleet('run', ...judging)).out).toContain('0 images read');
  });

  it('waive, waivers and unwaive: what is waived fails no run, and is told', async () => {
    const fleet = await newFleetHere();
    await fleet('add', root());
    const reason = ['--reason', 'not \x1b[2Jreachable', '--by', 'ann'];
    expect(await fleet('waive', 'CVE-2024-0001', '--until', '2999-12-31', ...reason)).toMatchObject({
      code: 0,
      out: 'waiver 1 of CVE-2024-0001: 0 flaws in 0 images\n',
    });
    expect(await fleet('run', ...judging, '--fail-on-new', 'low', '--allow-unrated')).toMatchObject({
      code: 0,
    });
    expect((await fleet('list')).out).toMatch(/debian-12 +0 +0 +0 .* 1 waived\n1 image\n$/);
    expect((await fleet('status')).out).toContain('1 flaw waived; waivers: 1 used, 0 unused, 0 expired');
    expect((await fleet('waivers')).out).toMatch(
      /1 +CVE-2024-0001 +all +used +1 +1 +2999-12-31 +ann [-\d]+ +not \\u001b\[2Jreachable\n1 waiver\n$/,
    );
    expect(await fleet('unwaive', '--by', 'bob', '1', '7')).toMatchObject({
      code: 2,
      out: 'ended waiver 1\n',
    });
    expect((await fleet('list')).out).toMatch(/debian-12 +0 +1 +0 .* judged\n1 image\n$/);
    expect((await fleet('waivers')).out).toBe('nothing is waived\n');
    expect((await fleet('waivers', '--all')).out).toContain('ended by bob');
    expect(await fleet('waive', 'CVE-2024-0001')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--reason'),
    });
    expect(await fleet('waive', 'CVE-2024-0001', '--until', 'tomorrow', ...reason)).toMatchObject({
      code: 2,
    });
  });

  it('status says why it does not end with 0', async () => {
    const fleet = await newFleetHere();
    await fleet(
      'add',
      `dir:${rootWith({ 'etc/os-release': debianRelease('11', 'bullseye'), 'var/lib/dpkg/status': stanza('a', '1') })}`,
    );
    expect(await fleet('run', ...judging)).toMatchObject({ code: 4 });
    expect(await fleet('status')).toMatchObject({
      code: 4,
      out: expect.stringContaining('1 system without a platform in the feed: nothing is known of its images'),
    });
  });

  it('a copy of its folder is a backup', async () => {
    const place = await newEmbedded();
    const copy = join(temporaryFolder(), 'copy');
    const fleet = (database: string, name: string, ...args: string[]) =>
      scapfeed(['fleet', name, '--database', database, ...args]);
    fleet(place, 'add', root());
    expect(fleet(place, 'run', ...judging)).toMatchObject({ code: 0 });
    cpSync(place, copy, { recursive: true });
    for (const name of ['list', 'news']) expect(fleet(copy, name).out).toBe(fleet(place, name).out);
    expect(fleet(copy, 'run', ...judging).out).toContain('0 of 1 package judged');
  });

  it('a folder with other files does not become a database', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'letter.txt'), 'x');
    const refused = scapfeed(['fleet', 'list', '--database', folder]);
    expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('other files') });
    expect(readdirSync(folder)).toEqual(['letter.txt']);
  });

  it('a database that is damaged, or is another user’s, is refused, and the message says so', async () => {
    const [damaged, foreign] = [await newEmbedded(), await newEmbedded()];
    truncateSync(join(damaged, 'global/pg_control'));
    const list = (place: string) => scapfeed(['fleet', 'list', '--database', place]);
    expect(list(damaged)).toMatchObject({
      code: 2,
      err: expect.stringContaining('one of its files is damaged, missing or of another version'),
    });
    if (!isRoot()) return;
    chownSync(join(foreign, 'PG_VERSION'), 12_345, 12_345);
    expect(list(foreign)).toMatchObject({
      code: 2,
      err: expect.stringContaining('belongs to another user (number 12345; this is 0)'),
    });
  });

  it('a folder that exists is closed to others before a file is made in it, whatever the umask', () => {
    const folder = join(temporaryFolder(), 'db');
    mkdirSync(folder, { mode: 0o777 });
    chmodSync(folder, 0o777);
    const add = `umask 0; exec "${process.execPath}" "${join(project, 'dist/cli.cjs')}" fleet add registry.example/app:1 --database "${folder}"`;
    expect(spawnSync('/bin/sh', ['-c', add], { encoding: 'utf8', timeout: 120_000 }).status).toBe(0);
    expect(readdirSync(folder)).toContain('PG_VERSION');
    expect((statSync(folder).mode & 0o777).toString(8)).toBe('700');
    if (!isRoot()) return;
    const ofOther = join(temporaryFolder(), 'other');
    mkdirSync(ofOther);
    chownSync(ofOther, 12_345, 12_345);
    expect(scapfeed(['fleet', 'add', 'registry.example/app:1', '--database', ofOther])).toMatchObject({
      code: 2,
      err: expect.stringContaining(
        'the folder of the database belongs to another user (number 12345; this is 0)',
      ),
    });
    expect(readdirSync(ofOther)).toEqual([]);
  });

  it('a folder that is a link is one database with the folder, and has one lock', async () => {
    const place = await newEmbedded();
    const link = join(temporaryFolder(), 'link');
    symlinkSync(place, link);
    const list = (database: string) => scapfeed(['fleet', 'list', '--database', database]);
    expect(list(link)).toMatchObject({ code: 0, out: expect.stringContaining('the fleet is empty') });
    const held = await openDatabase(link, new Date());
    try {
      expect(held.place).toBe(realpathSync(place));
      for (const database of [link, place])
        expect(list(database)).toMatchObject({ code: 3, err: expect.stringContaining('FEED_LOCKED') });
      expect(readdirSync(dirname(link))).toEqual(['link']);
    } finally {
      await held.close();
    }
    symlinkSync(join(link, 'nowhere'), `${link}2`);
    const dangling = list(`${link}2`);
    expect(dangling).toMatchObject({ code: 2 });
    expect(dangling.err).not.toContain('[object');
  });

  it('help knows commands of two words', () => {
    expect(scapfeed(['help', 'fleet', 'add']).out).toContain('scapfeed fleet add');
    expect(scapfeed(['help', 'fleet', 'ad'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('fleet add'),
    });
  });

  it('a file without an end is refused', () => {
    const refused = scapfeed(['fleet', 'import', '--database', join(temporaryFolder(), 'new'), '/dev/zero']);
    expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('more than 256 MB') });
  });

  it('inventories come in from elsewhere, go out, and come back the same', async () => {
    const [first, second] = [await newFleetHere(), await newFleetHere()];
    const file = join(temporaryFolder(), 'web1.json');
    const inventory = scapfeed(['inventory', root(), '-o', `json=${file}`]);
    expect(inventory.code).toBe(0);

    expect((await first('import', '--name', 'web1', file)).out).toBe(
      '1 inventory read, 1 of them new or changed\n',
    );
    expect((await first('import', '--name', 'web1', file)).out).toBe(
      '1 inventory read, 0 of them new or changed\n',
    );
    const exported = (await first('export')).out;
    writeFileSync(file, exported);
    expect(await second('import', file)).toMatchObject({ code: 0 });
    expect((await second('export')).out).toBe(exported);
    expect(await second('run', ...judging, '-o', 'json')).toMatchObject({ code: 0 });
    expect((await second('list')).out).toMatch(/^web1 +debian-12 +0 +1 /m);
  });

  it('what is no inventory is refused with its place', async () => {
    const fleet = await newFleetHere();
    const file = join(temporaryFolder(), 'broken.json');
    writeFileSync(file, '{"packages": []}');
    const { code, err } = await fleet('import', file);
    expect(code).toBe(2);
    expect(err).toContain(`${file}#/`);
  });
});

describe('a fleet by a feed in which nobody rates', { timeout: 240_000 }, () => {
  it('has no gate by severity, unless that is accepted', async () => {
    const fleet = await newFleetHere();
    await fleet('add', root());
    const refused = await fleet('run', ...judging, '--fail-on-new', 'high');
    expect(refused.err).toContain('--fail-on-new high needs ratings: debian rates few flaws or none');
    // It takes neither `any` nor `kev`.
    expect(refused.err).toContain(
      'next: build the feed with nvd and cve-records; or accept with --allow-unrated',
    );
    expect(refused.code).toBe(3);
    expect(await fleet('run', ...judging, '--fail-on-new', 'high', '--allow-unrated')).not.toMatchObject({
      code: 3,
    });
  });

  it('of which others rate none of the new flaws: a gate by severity ends with 4, in fleet run and in fleet news', async () => {
    const statements = ['CVE-2025-0001', 'CVE-2025-0002'].map(
      (vulnerability) => ({ vulnerability, package: 'a', status: 'affected', fixState: 'none_yet' }) as const,
    );
    const rated = writeSmallFeed([{ platform: bookworm, statements }], undefined, [
      { id: 'CVE-2000-0001', ratings: [] },
    ]);
    const gate = ['--fail-on-new', 'high'];
    const unseen =
      'not judged: --fail-on-new cannot see 1 of 1 change: nobody has rated the flaws; --allow-unrated accepts that';
    for (const [accepted, code] of [
      [[], 4],
      [['--allow-unrated'], 0],
      [['--allow-new-images'], 0],
    ] as const) {
      const fleet = await newFleetHere();
      await fleet('add', root());
      const runs = [
        await fleet('run', '--feed', rated, '--max-age', '0', ...gate, ...accepted),
        await fleet('news', ...gate, ...accepted),
      ];
      for (const { code: ended, err } of runs) {
        expect(ended, `${accepted} ${err}`).toBe(code);
        if (code === 4) expect(err).toContain(unseen);
        else expect(err).not.toContain('cannot see');
      }
      expect(await fleet('news')).toMatchObject({ code: 0 });
    }
  });
});
