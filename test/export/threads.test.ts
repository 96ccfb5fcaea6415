import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import type { ExportSettings } from '../../src/export/signer.ts';
import type { ExportTarget } from '../../src/export/target.ts';
import { exportTargets } from '../../src/export/targets.ts';
import { replaceExports } from '../../src/export/write-exports.ts';
import { openFeed } from '../../src/runtime/node.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

// With one core there is no second thread.
const severalCores = availableParallelism() > 1;

const statements = Array.from({ length: 48 }, (_, at) => ({
  vulnerability: `CVE-${2014 + (at % 12)}-${1000 + at}`,
  package: `package${at % 40}`,
  status: 'fixed' as const,
  fixed: `1:5.${at + 2}~rc1`,
}));
const jammy = {
  ...bookworm,
  id: 'ubuntu-22.04',
  name: 'Ubuntu 22.04',
  os: { id: 'ubuntu', version: '22.04', codename: 'jammy' },
};
const rhel = {
  ...bookworm,
  id: 'rhel-9',
  name: 'Red Hat Enterprise Linux 9',
  os: { id: 'rhel', version: '9' },
  packaging: 'rpm' as const,
};
const roster = new Map(
  Array.from({ length: 40 }, (_, at) => [
    `package${at}`,
    { version: '1:5.9', binaries: [{ name: `lib${at}`, version: '1:5.9' }] },
  ]),
);

function smallFeed(): string {
  return writeSmallFeed([
    { platform: bookworm, data: { roster }, statements },
    { platform: jammy, data: { roster }, statements: statements.slice(0, 30) },
    { platform: rhel, statements: statements.map((each) => ({ ...each, fixed: '0:5.1-9.el9' })) },
    { platform: { ...bookworm, id: 'plan9-4', os: { id: 'plan9', version: '4' } }, statements },
  ]);
}

const layouts: readonly ExportTarget[] = exportTargets.filter(({ name }) => !/^(oval|ds)$/.test(name));

interface Way {
  threadFrom: number;
  settings?: ExportSettings;
  targets?: readonly ExportTarget[];
  progress?: (step: string) => void;
}

async function write(
  feed: string,
  { progress = () => undefined, targets = layouts, ...way }: Way,
): Promise<string> {
  const out = join(temporaryFolder(), 'exports');
  const opened = openFeed(feed);
  try {
    await replaceExports(out, { feed: opened, targets, toolVersion: '0.0.0', progress, ...way });
  } finally {
    opened.close();
  }
  return out;
}

/** Every file with its digest. */
function digests(out: string): string[] {
  return readdirSync(out, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => `${relative(out, path)} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`)
    .sort();
}

test('the bytes do not depend on the number of threads', async () => {
  const feed = smallFeed();

  const [one, two] = [await write(feed, { threadFrom: Infinity }), await write(feed, { threadFrom: 0 })];

  expect(digests(two)).toEqual(digests(one));
  expect(digests(one).length).toBeGreaterThan(250);
});

test('what is signed is signed by the key that was opened once, whatever a second thread writes', async () => {
  const feed = smallFeed();
  let opened = 0;
  const settings: ExportSettings = {
    url: 'https://feeds.example/public',
    publisher: 'Example',
    signer: async (created) => {
      opened += 1;
      const sign = async (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
      return { fingerprint: 'AB', publicKey: created, sign };
    },
  };

  const one = await write(feed, { threadFrom: Infinity, settings });
  const two = await write(feed, { threadFrom: 0, settings });

  expect(digests(two)).toEqual(digests(one));
  expect(opened).toBe(2);
  const document = join(two, 'csaf/debian/2014/debian-cve-2014-1000.json');
  expect(readFileSync(`${document}.asc`, 'utf8')).toBe(
    createHash('sha256').update(readFileSync(document)).digest('hex'),
  );
});

test.skipIf(!severalCores)(
  'a feed that is replaced by another one meanwhile: told, and nothing is left',
  async () => {
    const feed = smallFeed();
    const out = join(temporaryFolder(), 'exports');
    const opened = openFeed(feed);
    const other = openFeed(feed);
    const manifest = JSON.parse(readFileSync(join(feed, 'manifest.json'), 'utf8')) as object;
    writeFileSync(
      join(feed, 'manifest.json'),
      JSON.stringify({ ...manifest, created: '2031-01-01T00:00:00Z' }),
    );

    const work = replaceExports(out, {
      feed: opened,
      targets: layouts,
      toolVersion: '0.0.0',
      threadFrom: 0,
      progress: () => undefined,
    });

    await expect(work).rejects.toMatchObject({ code: 'FEED_CORRUPT', remedy: 'export again' });
    expect(readdirSync(join(out, '..'))).toEqual([]);
    opened.close();
    other.close();
  },
);

test.skipIf(!severalCores)(
  'a thread that cannot read the feed: its error, with the last export in place',
  async () => {
    const feed = smallFeed();
    const out = join(temporaryFolder(), 'exports');
    mkdirSync(out);
    writeFileSync(join(out, 'manifest.json'), '{}');
    const opened = openFeed(feed);
    renameSync(feed, `${feed}-moved`);

    const work = replaceExports(out, {
      feed: opened,
      targets: layouts,
      toolVersion: '0.0.0',
      threadFrom: 0,
      progress: () => undefined,
    });

    await expect(work).rejects.toMatchObject({ name: 'ScapfeedError' });
    expect(readdirSync(out)).toEqual(['manifest.json']);
    expect(readdirSync(join(out, '..'))).toEqual(['exports']);
    opened.close();
  },
);
