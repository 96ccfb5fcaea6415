import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundleFeed, compileContent, exportFeed, openFeed, rebuildFeed } from '../../src/library/index.ts';
import { putStores } from '../support/fleet.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { workshop } from './support/workshop.ts';

let folder: string;
const at = (path: string) => join(folder, path);

beforeAll(async () => {
  folder = workshop();
  await putStores(at('quiet-fleet'));
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

  it('rebuildFeed: nothing', async () => {
    const rebuilding = rebuildFeed(at('feed'), { snapshots: at('snapshots'), ...cancelledAt('compiling') });
    await expect(rebuilding).rejects.toMatchObject(aborted);
  });
});

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
await contentGuide(content, { profile: 'standard' });
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
  // Names that Node, pg (USER is its default) and undici ask for while they are loaded.
  const ofOthers = /^(NODE_|USER$|WATCH_REPORT_DEPENDENCIES$|TERM$|PG|UNDICI_NO_FG$|JEST_WORKER_ID$)/;
  expect((JSON.parse(out) as string[]).filter((name) => !ofOthers.test(name))).toEqual([]);
  expect(existsSync(at('quiet.bundle'))).toBe(true);
}, 120_000);
