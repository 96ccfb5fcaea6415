import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../../src/model/feed/index.ts';
import { sha256 } from '../../src/publish/feed/lines.ts';
import { fileInfo } from '../../src/publish/site/sign-site.ts';
import { targetPath } from '../../src/published/names.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { changeManifest } from './support/feed-files.ts';
import {
  type Answer,
  daysLater,
  makePublisher,
  pullInto,
  resign,
  send,
  writeNight,
} from './support/publisher.ts';
import {
  closeServers,
  copyPublisher,
  lying,
  makeTwoNights,
  metadata,
  pulledClient,
  refused,
  roleFile,
  signChain,
  type TwoNights,
  target,
} from './support/two-nights.ts';

/** States that a client may meet after its first pull: each has a code of its own, and the feed in use stays. */
let { publisher, older, newer } = {} as TwoNights;
const client = (site = older) => pulledClient(publisher, site);

beforeAll(async () => {
  ({ publisher, older, newer } = await makeTwoNights());
});
closeServers();

interface Bad {
  site?: string;
  answers?: Record<string, Answer>;
  now?: Date;
}

/** The list of the issue, in its words and order. */
const badInput: [what: string, make: () => Bad | Promise<Bad>, code: string][] = [
  ['expired', () => ({ site: older, now: daysLater(9) }), 'TRUST_EXPIRED'],
  [
    'unsigned',
    () => one('timestamp.json', (text) => JSON.stringify({ ...JSON.parse(text), signatures: [] })),
    'TRUST_UNSIGNED',
  ],
  [
    'wrongly signed',
    () => one('timestamp.json', (text) => text.replace('"version":2', '"version":3')),
    'TRUST_SIGNATURE_WRONG',
  ],
  ['truncated', () => one('timestamp.json', (text) => text.slice(0, 200)), 'TRUST_TRUNCATED'],
  [
    'swapped',
    () => one('2.snapshot.json', (text) => text.replace('debian-12', 'debian-21')),
    'TRUST_SWAPPED',
  ],
  [
    'older',
    () =>
      signed('timestamp.json', (part) => {
        part['version'] = 1;
      }),
    'TRUST_ROLLBACK',
  ],
  [
    'from the future',
    () =>
      signed('timestamp.json', (part) => {
        part['signed'] = '2031-01-01T00:00:00Z';
        part['version'] = 9;
      }),
    'TRUST_FROM_FUTURE',
  ],
  ['for another format version', () => published({ format: 1 }), 'FEED_FORMAT_UNSUPPORTED'],
  [
    'a root that skips a version',
    () => ({ answers: { 'metadata/2.root.json': send(skippedRoot()) } }),
    'TRUST_ROOT_SKIPPED',
  ],
  [
    'a server that answers 200 with HTML',
    () => one('2.root.json', () => '<!DOCTYPE html><html><title>registry</title></html>'),
    'TRUST_NOT_METADATA',
  ],
];

/** The same faults in other places. */
const more: typeof badInput = [
  ['a truncated snapshot', () => one('2.snapshot.json', (text) => text.slice(0, 200)), 'TRUST_TRUNCATED'],
  [
    'a role in the place of another',
    () => one('timestamp.json', () => metadata(newer, '2.snapshot.json')),
    'TRUST_SWAPPED',
  ],
  [
    'metadata of another version of TUF',
    () =>
      signed(
        'timestamp.json',
        (part) => {
          part['version'] = 9;
        },
        (text) => text.replace('"spec_version":"1.0.31"', '"spec_version":"2.0.0"'),
      ),
    'FEED_FORMAT_UNSUPPORTED',
  ],
  [
    'for a format that is an object with a toString of its own',
    () => published({ format: { toString: 1, valueOf: 1 } }),
    'FEED_FORMAT_UNSUPPORTED',
  ],
  ['data from the future', () => published({ created: '2030-01-01T00:00:00Z' }), 'TRUST_FROM_FUTURE'],
  [
    'a target that is HTML',
    () => {
      const { path, bytes } = target(newer);
      return { answers: { [path]: send('<!DOCTYPE html>'.padEnd(bytes.length, ' ')) } };
    },
    'TRUST_NOT_METADATA',
  ],
  [
    'another publisher at the old address',
    async () => {
      const other = await makePublisher();
      await other.publish([writeNight(60)], { date: daysLater(1) });
      return { site: other.site };
    },
    'TRUST_UNSIGNED',
  ],
];

describe('bad input', () => {
  it('has a code of its own for each kind', () => {
    const codes = badInput.map(([, , code]) => code);
    expect(new Set(codes).size).toBe(codes.length);
  });

  it.each([...badInput, ...more])('%s', async (what, make, code) => {
    const { site = newer, answers = {}, now = daysLater(1) } = await make();
    const out = await pulledClient(publisher, what === 'older' ? newer : older);
    await refused(out, await lying(site, answers), code, now);
  });

  it('nothing to trust: a first pull without a root', async () => {
    const out = join(temporaryFolder(), 'feed');
    await expect(pullInto(out, newer)).rejects.toMatchObject({ code: 'TRUST_ROOT_MISSING', exitCode: 3 });
  });
});

describe('a manifest that was rightly signed and names what is not its own', () => {
  it.each([
    ['a path that climbs', '../debian-12.jsonl'],
    ['a path that climbs from within', 'index/../../debian-12.jsonl'],
    ['an absolute path', '/tmp/debian-12.jsonl'],
    ['a hidden file', 'index/.debian-12.jsonl'],
    ['a deeper folder', 'index/more/debian-12.jsonl'],
    ['a path of another system', 'index\\..\\debian-12.jsonl'],
    ['a name with an end of its own', 'index/debian-12.jsonl\0.txt'],
    ['the shard of another platform', 'index/debian-13.jsonl'],
    ["another source's table", 'index/redhat-repositories.jsonl'],
    ['what a pull itself keeps', 'pulled/debian-12.manifest.json'],
    ['the manifest', 'manifest.json'],
    ['a file that the role does not list', 'index/debian-12.extra.jsonl'],
    ['a table that the role does not list', 'index/test-table.jsonl'],
  ])('%s is refused', async (_, path) => {
    const site = await withManifest((manifest) => ({
      ...manifest,
      outputs: [...manifest.outputs, { path, sha256: '0'.repeat(64), size: 1 }],
    }));
    const error = await refused(await client(), site, 'TRUST_FOREIGN_CONTENT');
    expect(error.message).toContain(path);
  });

  it.each([
    ['no JSON', () => 'manifest'],
    ['no object', () => null],
    ['no list of files', ({ outputs: _, ...rest }: Manifest) => rest],
  ])('%s is refused', async (_, change) => {
    await refused(await client(), await withManifest(change), 'FEED_CORRUPT');
  });

  it('the manifest of another platform is refused', async () => {
    const site = await withManifest(({ platforms, ...rest }) => ({
      ...rest,
      platforms: platforms.map((platform) => ({ ...platform, id: 'debian-13' })),
    }));
    await refused(await client(), site, 'TRUST_FOREIGN_CONTENT');
  });
});

/** The newer site with another manifest of debian-12 that all keys have signed. */
async function withManifest(change: (manifest: Manifest) => unknown): Promise<string> {
  const { site, store } = copyPublisher(publisher, newer);
  const role = JSON.parse(metadata(site, roleFile(site, 'debian-12'))).signed;
  const name = 'debian-12/manifest.json.gz';
  const made = change(publishedManifest(site));
  const text = typeof made === 'string' ? made : JSON.stringify(made);
  const bytes = gzipSync(text);
  const info = { ...fileInfo(bytes), custom: { sha256: sha256(text), size: text.length } };
  writeFileSync(join(site, targetPath(name, info.hashes.sha256)), bytes);
  const { 'debian-12/manifest.json.br': _, ...targets } = role.targets;
  const signed = resign(metadata(site, roleFile(site, 'debian-12')), store, (part) => {
    part['targets'] = { ...targets, [name]: info };
  });
  await signChain(site, store, { 'debian-12': signed });
  return site;
}

function publishedManifest(site: string): Manifest {
  const folder = join(site, 'targets/debian-12');
  const { sha256: digest } = JSON.parse(metadata(site, roleFile(site, 'debian-12'))).signed.targets[
    'debian-12/manifest.json.gz'
  ].hashes;
  return JSON.parse(gunzipSync(readFileSync(join(folder, `${digest}.manifest.json.gz`))).toString());
}

function one(name: string, change: (text: string) => string): Bad {
  const before = name === '2.root.json' ? '' : metadata(newer, name);
  return { answers: { [`metadata/${name}`]: send(change(before)) } };
}

function signed(
  name: string,
  change: (part: Record<string, unknown>) => void,
  edit: (text: string) => string = (text) => text,
): Bad {
  const text = edit(resign(metadata(newer, name), publisher.store, change));
  return { answers: { [`metadata/${name}`]: send(text) } };
}

/** The site after a third night whose manifest says something else. */
async function published(said: object): Promise<Bad> {
  const { site, store } = copyPublisher(publisher, newer);
  const feed = changeManifest(writeNight(60), (manifest) => Object.assign(manifest, said));
  await publisher.publish([feed], { to: site, store, date: daysLater(1) });
  return { site };
}

function skippedRoot(): string {
  return resign(publisher.store.rootChain()[0]!, publisher.store, (part) => {
    part['version'] = 3;
  });
}
