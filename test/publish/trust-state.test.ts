import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../../src/publish/feed/lines.ts';
import { changeRoot } from '../../src/publish/keys/root.ts';
import { trustFolder } from '../../src/publish/pull/feed-switch.ts';
import { fetchTarget } from '../../src/publish/pull/fetch-target.ts';
import { keptPlaces } from '../../src/publish/pull/kept-places.ts';
import { openOrigin } from '../../src/publish/pull/open-origin.ts';
import { refreshTrust } from '../../src/publish/pull/trust.ts';
import { dataPath, hasData } from '../support/data.ts';
import { serve } from '../support/http-server.ts';
import { isRoot } from '../support/oracles.ts';
import { temporaryFolder } from '../support/temporary.ts';
import {
  daysLater,
  iso,
  makePublisher,
  type Publisher,
  passphrase,
  pullInto,
  resign,
  writeNight,
} from './support/publisher.ts';
import {
  copyPublisher,
  makeTwoNights,
  metadata,
  pulledClient,
  refused,
  roleFile,
  signChain,
  type TwoNights,
} from './support/two-nights.ts';

let { publisher, older, newer } = {} as TwoNights;
let other: Publisher;
beforeAll(async () => {
  ({ publisher, older, newer } = await makeTwoNights());
  other = await makePublisher();
  await other.publish([writeNight(60)], { date: daysLater(1) });
});

const client = (site = older) => pulledClient(publisher, site);

/** Names and contents below a folder. */
function contents(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => statSync(join(folder, path)).isFile())
      .map((path) => [path, readFileSync(join(folder, path), 'latin1')]),
  );
}

describe('roles that are paths', () => {
  it.each([
    '../../app/package',
    '..',
    'debian-12/../../x',
    '/etc/cron.d/x',
    'a\\b',
    'pinned',
    'asked',
    'Debian-12',
    '.hidden',
    '',
    'x'.repeat(200),
  ])('a signed delegation to %j is refused, and nothing is written', async (name) => {
    const { site, store } = copyPublisher(publisher, newer);
    const out = await client();
    const victim = join(dirname(out), 'app/package.json');
    mkdirSync(dirname(victim));
    writeFileSync(victim, '{}');
    const before = contents(dirname(out));
    const role = resign(metadata(site, roleFile(site, 'debian-13')), store, () => {});
    mkdirSync(dirname(join(site, `metadata/90.${name}.json`)), { recursive: true });
    const top = resign(metadata(site, roleFile(site, 'targets')), store, (part) => {
      const { roles } = part['delegations'] as { roles: { name: string }[] };
      roles.find((known) => known.name === 'debian-13')!.name = name;
    });
    // The attacker would serve the role, too: what is refused is its name.
    await signChain(
      site,
      store,
      name.length < 99 && !name.startsWith('/') ? { targets: top, [name]: role } : { targets: top },
    );
    const error = await refused(out, site, 'TRUST_FOREIGN_CONTENT');
    expect(error.message).toContain('cannot be the name of a platform');
    const after = contents(dirname(out));
    expect(after['app/package.json']).toBe('{}');
    expect(Object.keys(after).sort()).toEqual(Object.keys(before).sort());
  });

  it.each(['../x', 'pinned', 'asked', 'a/b'])('a feed with the platform %j is not published', async (id) => {
    const feed = writeNight(10);
    const manifest = readFileSync(join(feed, 'manifest.json'), 'utf8');
    writeFileSync(join(feed, 'manifest.json'), manifest.replaceAll('"id":"debian-13"', `"id":"${id}"`));
    await expect(publisher.publish([feed], { to: join(temporaryFolder(), 'site') })).rejects.toMatchObject({
      code: expect.stringMatching(/USAGE|FEED_CORRUPT/),
    });
  });
});

describe('another trust root', () => {
  it.each<[what: string, root: () => Buffer, from: () => string, code: string]>([
    ['that is garbage', () => Buffer.from('garbage'), () => older, 'TRUST_NOT_METADATA'],
    [
      'that is no root',
      () => readFileSync(join(older, 'metadata/timestamp.json')),
      () => older,
      'TRUST_SWAPPED',
    ],
    ['that signed nothing here', () => other.root, () => newer, 'TRUST_UNSIGNED'],
    ['of a server that is gone', () => other.root, () => join(older, 'gone'), 'FETCH_NOT_FOUND'],
  ])('%s: what was trusted stays', async (_, root, from, code) => {
    const out = await client();
    const before = contents(trustFolder(out));
    const pull = pullInto(out, from(), { pinned: root(), now: daysLater(1) });
    await expect(pull).rejects.toMatchObject({ code, where: expect.any(String), remedy: expect.any(String) });
    expect(contents(trustFolder(out))).toMatchObject(before);
    // The next pull goes on as if nothing had been: a rollback is still seen.
    await pullInto(out, newer, { now: daysLater(1) });
    await refused(out, older, 'TRUST_ROLLBACK');
  });

  it('that leads to a feed takes the place of the old one', async () => {
    const out = await client();
    await pullInto(out, other.site, { pinned: other.root, now: daysLater(1) });
    const kept = contents(trustFolder(out));
    expect(kept['pinned.json']).toBe(other.root.toString('latin1'));
    expect(Object.keys(kept).filter((name) => name.startsWith('candidate'))).toEqual([]);
    await pullInto(out, other.site, { now: daysLater(1) });
    await refused(out, newer, 'TRUST_UNSIGNED');
  });
});

describe('an expired root', () => {
  it('is called so, with its date and who can help', async () => {
    const { site, store } = copyPublisher(publisher, newer);
    await changeRoot(store, [store], { keys: store.keys(), expires: iso(daysLater(2)) }, passphrase);
    await publisher.publish([writeNight(60)], { to: site, store, date: daysLater(4) });
    const error = await refused(await client(), site, 'TRUST_EXPIRED', daysLater(4));
    expect(error.message).toBe(
      'the root expired 2026-11-23T00:00:00Z: the publisher has not signed a new one, or the mirror withholds it',
    );
    expect(error.remedy).toContain('keys rotate --role root');
  });
});

describe("folders beside the feed that are not the user's own", () => {
  const places = ['.feed.trust', '.feed.feeds'];

  it.each(places)('%s that others may write to is refused', async (name) => {
    const out = await client();
    chmodSync(join(dirname(out), name), 0o777);
    const error = await refused(out, newer, 'TRUST_NOT_PRIVATE');
    expect(error).toMatchObject({
      where: join(dirname(out), name),
      message: 'others may write to the folder: its mode is 0777',
      remedy: expect.stringContaining('chmod go-w'),
    });
  });

  it.each(places)('%s that is a link is refused', async (name) => {
    const out = await client();
    renameSync(join(dirname(out), name), join(dirname(out), 'elsewhere'));
    symlinkSync('elsewhere', join(dirname(out), name));
    await expect(pullInto(out, newer, { now: daysLater(1) })).rejects.toMatchObject({
      code: 'TRUST_NOT_PRIVATE',
      exitCode: 3,
    });
  });

  it.skipIf(!isRoot()).each(places)('%s that another user planted is refused', async (name) => {
    const planted = await pulledClient(other, other.site);
    const out = join(temporaryFolder(), 'feed');
    cpSync(join(dirname(planted), name), join(dirname(out), name), { recursive: true });
    chownSync(join(dirname(out), name), 4711, 4711);
    await expect(pullInto(out, other.site, { now: daysLater(1) })).rejects.toMatchObject({
      code: 'TRUST_NOT_PRIVATE',
      message: expect.stringContaining('belongs to user 4711'),
    });
  });

  it('every file by which a publisher is followed is refused if others may write to it or another user owns it', async () => {
    const out = await client();
    await pullInto(out, newer, { now: daysLater(1) });
    const files = Object.keys(contents(trustFolder(out))).filter((name) => name !== 'lock');
    expect(files).toEqual(
      expect.arrayContaining(['root.json', 'pinned.json', 'timestamp.json', 'snapshot.json', 'targets.json']),
    );
    for (const name of files) {
      const file = join(trustFolder(out), name);
      expect(statSync(file).mode & 0o777, name).toBe(0o600);
      // A pull asks for the place of the last one where none is given.
      const pull = async () =>
        pullInto(out, name === 'places' ? keptPlaces(out)![0]! : newer, { now: daysLater(1) });
      chmodSync(file, 0o666);
      await expect(pull(), name).rejects.toMatchObject({ code: 'TRUST_NOT_PRIVATE', where: file });
      chmodSync(file, 0o600);
      if (!isRoot()) continue;
      chownSync(file, 4711, 4711);
      await expect(pull(), name).rejects.toMatchObject({
        code: 'TRUST_NOT_PRIVATE',
        message: expect.stringContaining('belongs to user 4711'),
        where: file,
      });
      chownSync(file, 0, 0);
    }
    await pullInto(out, newer, { now: daysLater(1) });
  });

  it('are made so that others can read the feed and only their owner can write', async () => {
    const out = await client();
    const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
    for (const folder of [trustFolder(out), dirname(realpathSync(out)), realpathSync(out)])
      expect(mode(folder)).toBe((0o755 & ~process.umask()).toString(8));
  });
});

it('what a killed pull left in the trust folder goes with the next one', async () => {
  const out = await client();
  const left = join(trustFolder(out), 'timestamp.json.0123456789ab.tmp');
  writeFileSync(left, 'half');
  mkdirSync(join(trustFolder(out), 'oci'), { recursive: true });
  writeFileSync(join(trustFolder(out), 'oci/x.0123456789ab.tmp'), 'half');
  await pullInto(out, newer, { now: daysLater(1) });
  expect(execFileSync('find', [trustFolder(out), '-name', '*.tmp']).toString()).toBe('');
});

describe('metadata that is not accepted', () => {
  /** A timestamp of the same version that names a snapshot which is nowhere, signed by the publisher's own key. */
  const sameVersion = (site: string, store: Parameters<typeof resign>[1], change = {}) =>
    resign(metadata(site, 'timestamp.json'), store, (part) => {
      const meta = part['meta'] as { 'snapshot.json': { version: number } };
      meta['snapshot.json'].version += 7;
      Object.assign(part, change);
    });

  it('a timestamp of the kept version with other content is not kept, and locks nobody out', async () => {
    const { site, store } = copyPublisher(publisher, older);
    const out = await client();
    const kept = contents(trustFolder(out));
    writeFileSync(join(site, 'metadata/timestamp.json'), sameVersion(older, store));
    await pullInto(out, site, { now: daysLater(1) });
    // The feed in use is that of the place, which is remembered.
    expect(contents(trustFolder(out))).toEqual({ ...kept, places: `${JSON.stringify([site])}\n` });

    expect((await pullInto(out, older, { now: daysLater(1) })).platforms[0]!.how).toBe('unchanged');
    expect((await pullInto(out, newer, { now: daysLater(1) })).platforms[0]!.how).not.toBe('unchanged');
  });

  it.each([
    ['dated in the future', 'TRUST_FROM_FUTURE', { signed: iso(daysLater(30)), version: 90 }],
    ['that expired', 'TRUST_EXPIRED', { expires: iso(daysLater(-1)), version: 90 }],
  ])('a timestamp %s is refused, and not kept', async (_, code, change) => {
    const { site, store } = copyPublisher(publisher, newer);
    const out = await client();
    const kept = contents(trustFolder(out));
    writeFileSync(join(site, 'metadata/timestamp.json'), sameVersion(newer, store, change));
    await refused(out, site, code);
    expect(contents(trustFolder(out))).toEqual(kept);
    await pullInto(out, newer, { now: daysLater(1) });
  });

  it('targets that delegate to a strange role are refused, and not kept', async () => {
    const { site, store } = copyPublisher(publisher, newer);
    const out = await client();
    const targets = contents(trustFolder(out))['targets.json'];
    const top = resign(metadata(site, roleFile(site, 'targets')), store, (part) => {
      (part['delegations'] as { roles: { name: string }[] }).roles[0]!.name = '../x';
    });
    await signChain(site, store, { targets: top });
    await refused(out, site, 'TRUST_FOREIGN_CONTENT');
    expect(contents(trustFolder(out))['targets.json']).toBe(targets);
  });

  it('a client that is locked out comes back without its trust folder, by the root', async () => {
    const { site, store } = copyPublisher(publisher, newer);
    const raised = sameVersion(newer, store, {
      version: 90,
      meta: JSON.parse(metadata(newer, 'timestamp.json')).signed.meta,
    });
    writeFileSync(join(site, 'metadata/timestamp.json'), raised);
    const out = await client();
    await pullInto(out, site, { now: daysLater(1) });
    await refused(out, newer, 'TRUST_ROLLBACK');

    rmSync(trustFolder(out), { recursive: true });
    await pullInto(out, newer, { pinned: publisher.root, now: daysLater(1) });
    expect((await pullInto(out, newer, { now: daysLater(1) })).platforms[0]!.how).toBe('unchanged');
  });
});

/** Made by other software, with delegated targets: the command line that the suite asks of a client, as functions. */
describe.skipIf(!hasData('interchange2', 'tuf'))("the static repository of TUF's conformance tests", () => {
  const folder = dataPath('interchange2', 'tuf', 'static_data', 'tuf-on-ci-0.11');
  const read = (path: string) => readFileSync(join(folder, path));

  /** Init, refresh and download, over HTTP; `change` is what a server does to a document. */
  async function download(change: (path: string, bytes: Buffer) => Buffer = (_, bytes) => bytes) {
    const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
      statSync(join(folder, path)).isFile(),
    );
    await using server = await serve(
      Object.fromEntries(
        paths.map((path) => [`/${path}`, (_, response) => response.end(change(path, read(path)))]),
      ),
    );
    const kept = temporaryFolder();
    const origin = await openOrigin(server.origin, { http: { env: {} } }, kept);
    try {
      const pinned = read('initial_root.json');
      const now = new Date(read('faketime').toString().trim());
      const trusted = await refreshTrust({ folder: kept, origin, pinned, now });
      const target = read('targetpath').toString().trim();
      const targets = await trusted.targets(dirname(target));
      return { kept, roles: trusted.roles, bytes: await fetchTarget(origin, target, targets[target]!) };
    } finally {
      await origin.close();
    }
  }

  it('is followed from its first root to the bytes of its target', async () => {
    const { kept, roles, bytes } = await download();
    expect(roles).toEqual(['delegatedrole']);
    expect(sha256(bytes)).toBe('45f337ee451b4c098d121d09cc224bacc7794503ac58a47a78cfe7ebefb7fab3');
    for (const [role, file] of [
      ['root', '1.root'],
      ['timestamp', 'timestamp'],
      ['snapshot', '2.snapshot'],
      ['targets', '1.targets'],
      ['delegatedrole', '2.delegatedrole'],
    ])
      expect(readFileSync(join(kept, `${role}.json`)), role).toEqual(read(`metadata/${file}.json`));
  });

  it.each(['timestamp.json', '2.snapshot.json', '1.targets.json', '2.delegatedrole.json'])(
    'is refused with another date in %s',
    async (name) => {
      const changed = download((path, bytes) =>
        path.endsWith(name) ? Buffer.from(bytes.toString().replace('2044-', '2045-')) : bytes,
      );
      await expect(changed).rejects.toMatchObject({ code: 'TRUST_SIGNATURE_WRONG' });
    },
  );

  it('is refused with other bytes of its target', async () => {
    const changed = download((path, bytes) => (path.startsWith('targets/') ? Buffer.from('x') : bytes));
    await expect(changed).rejects.toMatchObject({ code: 'TRUST_SWAPPED' });
  });
});
