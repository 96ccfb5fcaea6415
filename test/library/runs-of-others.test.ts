import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  addToFleet,
  bundleFeed,
  compileContent,
  exportFeed,
  fleetStatus,
  listFleet,
  openFeed,
  openFleet,
  publish,
  pull,
  rebuildFeed,
  runFleet,
  writeReport,
} from '../../src/library/index.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { passphrase, workshop } from './support/workshop.ts';

let folder: string;
const at = (path: string) => join(folder, path);

beforeAll(() => {
  folder = workshop();
}, 120_000);

/** Options of work that is cancelled at the first step that begins so. */
function cancelledAt(begin: string) {
  const control = new AbortController();
  return {
    signal: control.signal,
    onProgress: ({ step }: { step: string }) => {
      if (step.startsWith(begin)) control.abort();
    },
  };
}

const aborted = { name: 'AbortError' };

describe('what is cancelled leaves what was there', () => {
  it('compileContent: the old file', async () => {
    const out = join(temporaryFolder(), 'compiled.json');
    writeFileSync(out, 'old');
    for (const file of ['benchmark.xml', 'definitions.xml']) {
      const compiling = compileContent({ file: at(file) }, { out, ...cancelledAt('compiling') });
      await expect(compiling).rejects.toMatchObject(aborted);
      expect(readFileSync(out, 'utf8')).toBe('old');
      expect(readdirSync(join(out, '..'))).toEqual(['compiled.json']);
    }
  });

  it('bundleFeed: no bundle', async () => {
    const place = temporaryFolder();
    const bundling = bundleFeed({
      ...{ from: at('public'), out: join(place, 'feed.bundle') },
      ...cancelledAt('checking'),
    });
    await expect(bundling).rejects.toMatchObject(aborted);
    expect(readdirSync(place)).toEqual([]);
  });

  it('exportFeed: the last export', async () => {
    const out = join(temporaryFolder(), 'exports');
    const feed = openFeed(at('feed'));
    await exportFeed(feed, { out, targets: ['osv'] });
    const before = readdirSync(out, { recursive: true });
    const steps: string[] = [];
    await exportFeed(feed, { out, targets: ['osv'], onProgress: ({ step }) => steps.push(step) });
    const exporting = exportFeed(feed, { out, targets: ['trivy', 'osv'], ...cancelledAt(steps.at(-1)!) });
    await expect(exporting).rejects.toMatchObject(aborted);
    expect(readdirSync(out, { recursive: true })).toEqual(before);
    feed.close();
  });

  it('publish: the last publication, which the next pull gets', async () => {
    const to = join(temporaryFolder(), 'public');
    const options = { feeds: [at('feed')], to, keys: at('keys'), passphrase };
    const steps: string[] = [];
    await publish({ ...options, onProgress: ({ step }) => steps.push(step) });
    const timestamp = readFileSync(join(to, 'timestamp.json'), 'utf8');
    for (const step of new Set(steps)) {
      await expect(publish({ ...options, ...cancelledAt(step) })).rejects.toMatchObject(aborted);
      expect(readFileSync(join(to, 'timestamp.json'), 'utf8')).toBe(timestamp);
    }
    const out = join(temporaryFolder(), 'pulled');
    const trustRoot = readFileSync(at('root.json'));
    await pull({ from: to, out, trustRoot, platforms: ['debian-12'] });
    openFeed(out).close();
  });

  it('rebuildFeed: nothing', async () => {
    const rebuilding = rebuildFeed(at('feed'), { snapshots: at('snapshots'), ...cancelledAt('compiling') });
    await expect(rebuilding).rejects.toMatchObject(aborted);
  });

  it('runFleet: a fleet whose next run does what was left', async () => {
    const place = join(temporaryFolder(), 'fleet');
    const [fleet, feed] = [await openFleet(place), openFeed(at('feed'))];
    const images = ['oci:layout:1', 'dir:image', 'dir:newer-image'].map((name) =>
      name.replace(':', `:${folder}/`),
    );
    await addToFleet(fleet, { images });
    for (const step of ['reading images', 'judging packages']) {
      const running = runFleet(fleet, feed, cancelledAt(step));
      await expect(running).rejects.toMatchObject(aborted);
      expect((await fleetStatus(fleet)).result.run?.state).not.toBe('finished');
    }
    const { result } = await runFleet(fleet, feed);
    expect(result).toMatchObject({ names: 3, unread: 0, packages: 2 });
    expect((await fleetStatus(fleet)).result.run?.state).toBe('finished');
    await fleet.close();
    feed.close();
  }, 60_000);
});

it('two fleets at once have what one has', async () => {
  const feed = openFeed(at('feed'));
  const listed = async () => {
    const fleet = await openFleet(join(temporaryFolder(), 'fleet'));
    await addToFleet(fleet, { images: [`dir:${at('image')}`] });
    await runFleet(fleet, feed);
    const list = await listFleet(fleet, { now: new Date('2026-12-01') });
    const text = await writeReport(list, 'table');
    await fleet.close();
    return text;
  };
  const alone = await listed();
  expect(await Promise.all([listed(), listed()])).toEqual([alone, alone]);
  feed.close();
}, 60_000);

it('the functions for content, keys and fleets read nothing of the environment, and print nothing', () => {
  writeFileSync(
    at('quiet-others.mjs'),
    `const library = await import('scapfeed');
const read = new Set();
process.env = new Proxy({ HOME: '/nowhere' }, { get: (_, name) => void read.add(String(name)) });
for (const stream of [process.stdout, process.stderr]) stream.write = (text) => void read.add(text);
process.exit = () => void read.add('exit');
const { addToFleet, bundleFeed, compareResults, compileContent, contentGuide, describeFile, fixScript, fleetNews, listFleet, listKeys, listRules, makeKeys, openFeed, openFleet, readResults, rebuildFeed, runFleet, tailor, tailoringPage, writeReport } = library;
const content = { file: 'benchmark.xml' };
await compileContent(content, { out: 'quiet.json' });
await compileContent({ file: 'definitions.xml' }, { out: 'quiet.jsonl' });
await tailor(content, { profile: 'standard' });
await listRules(content);
await tailoringPage(content);
await contentGuide(content);
await fixScript({ content, profile: 'standard' });
const described = await describeFile('benchmark.xml');
for (const format of described.formats) await writeReport(described, format);
await bundleFeed({ from: 'public', out: 'quiet.bundle' });
await rebuildFeed('feed', { snapshots: 'snapshots' });
await makeKeys('quiet-keys', { passphrase: 'twelve words would be better than these' });
await listKeys('quiet-keys');
const feed = openFeed('feed');
await compareResults('dir:image', { feed, trivy: 'trivy.json' });
await readResults('no-such-file').catch(() => undefined);
const fleet = await openFleet('quiet-fleet');
await addToFleet(fleet, { images: ['dir:image'] });
const night = await runFleet(fleet, feed);
for (const format of night.formats) await writeReport(night, format);
await fleetNews(fleet);
await listFleet(fleet);
await fleet.close();
feed.close();
delete process.stdout.write;
process.stdout.write(JSON.stringify([...read]));
`,
  );
  const out = execFileSync(process.execPath, ['quiet-others.mjs'], { cwd: folder, encoding: 'utf8' });
  const ofNode = /^(NODE_|WATCH_REPORT_DEPENDENCIES$|TERM$|PG)/;
  expect((JSON.parse(out) as string[]).filter((name) => !ofNode.test(name))).toEqual([]);
  expect(existsSync(at('quiet.bundle'))).toBe(true);
}, 120_000);
