import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { fileDigest } from '../../src/io/digest.ts';
import type { Manifest } from '../../src/model/feed/index.ts';
import type { GateName } from '../../src/publish/gates/gates.ts';
import { defaultLimits } from '../../src/publish/gates/gates.ts';
import { gateText } from '../../src/publish/gates/report.ts';
import type { FeedPublishOptions } from '../../src/publish/publish.ts';
import type { SiteState } from '../../src/publish/site/state.ts';
import { invalidPlatforms } from '../../src/tasks/publish/validate-parts.ts';
import { checkFeed } from '../../src/validate/feed-files.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { ovalText, streamText } from './support/documents.ts';
import { addOutput, changeManifest } from './support/feed-files.ts';
import {
  daysLater,
  makePublisher,
  type Night,
  type Publisher,
  pullInto,
  writeNight,
} from './support/publisher.ts';

const name = (at: number) => `package-${String(at).padStart(4, '0')}`;
const many = (count: number): Night =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [name(at), '9.0-1']));
const names = (count: number) => Array.from({ length: count }, (_, at) => name(at));
/** A package as large as kernels are. */
const kernel = { kernel: 60 };

let publisher: Publisher;
let published: string;

beforeAll(async () => {
  publisher = await makePublisher();
  const limits = { ...defaultLimits, findings: 0.3 };
  await publisher.publish([withFindings(writeNight(300, {}, [], kernel), 1000, 200)], { limits });
  published = publisher.site;
});

function copy(): string {
  const site = join(temporaryFolder(), 'site');
  cpSync(published, site, { recursive: true });
  return site;
}

function night(feed: string, options: Partial<FeedPublishOptions> = {}) {
  return publisher.publish([feed], { date: daysLater(1), ...options });
}

async function pulledManifest(site: string, now = daysLater(1)): Promise<Manifest> {
  const out = join(temporaryFolder(), 'feed');
  await pullInto(out, site, { pinned: publisher.root, platforms: ['debian-12'], now });
  await checkFeed(out);
  return JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as Manifest;
}

/** Data that the vendor lost or broke that night; the rest of the feed is unchanged. */
interface BadNight {
  gate: GateName;
  what: string;
  feed(): string | Promise<string>;
  /** Nights before it. */
  before?: (site: string) => Promise<void>;
  options?: Partial<FeedPublishOptions>;
  /** Default: debian-12. */
  holds?: readonly string[];
  says: RegExp;
}

const both = ['debian-12', 'debian-13'];

const validate: FeedPublishOptions['validate'] = (directory, known) =>
  invalidPlatforms(directory, { known, oval: true, content: true });

const badNights: BadNight[] = [
  {
    gate: 'missing',
    what: 'a source failed and its platform is not in the feed',
    feed: () =>
      changeManifest(writeNight(300, {}, [], kernel), (manifest) => {
        manifest.platforms = manifest.platforms.filter(({ id }) => id !== 'debian-12');
      }),
    says: /no feed has it now/,
  },
  {
    gate: 'shrink',
    what: 'a tenth of the statements is gone',
    feed: () => writeNight(300, {}, names(30), kernel),
    says: /9\.1 % of the statements are gone: 660 before, 600 now; allowed are 5\.0 %/,
  },
  {
    gate: 'shrink',
    what: 'a package index that makes no statement lost most of its bytes',
    before: (site) => night(sized(writeNight(300, {}, [], kernel), 400_000), { to: site }).then(() => {}),
    feed: () => sized(writeNight(300, {}, [], kernel), 150_000),
    options: { date: daysLater(2) },
    holds: both,
    says: /test-input has 150,000 bytes, 400,000 before; allowed is a loss of 50\.0 %/,
  },
  {
    gate: 'shrink',
    what: 'a source lost most of its records, on other platforms',
    feed: () => withFindings(writeNight(300, {}, [], kernel), 400, 80),
    holds: both,
    says: /test has 400 records, 1,000 before; allowed is a loss of 50\.0 %/,
  },
  {
    gate: 'flip',
    what: 'a tenth of the statements turned to fixed at once',
    feed: () => writeNight(300, many(60), [], kernel),
    says: /60 of 660 statements changed their status at once \(9\.1 %\)/,
  },
  {
    gate: 'vanished-year',
    what: 'a third of the newest year is gone',
    feed: () => writeNight(300, {}, names(100), kernel),
    says: /of the year 2026 300 vulnerabilities were known, now 200/,
  },
  {
    gate: 'vanished-package',
    what: 'the kernel is gone, too few statements of all for another gate to see',
    feed: () => writeNight(300),
    options: { limits: { ...looseLimits(), packageIds: 50 } },
    says: /the package kernel with 60 vulnerabilities vanished/,
  },
  {
    gate: 'late-input',
    what: 'an input keeps no longer to its rhythm of a day',
    feed: () => dated(writeNight(300, {}, [], kernel), '2026-11-22T00:00:00Z'),
    before: rhythmOfADay,
    options: { date: daysLater(7) },
    holds: both,
    says: /test-input is of 2026-11-22T00:00:00Z, 6\.0 days old; by its rhythm 3\.0 days are allowed/,
  },
  {
    gate: 'late-input',
    what: 'an input without a date of its own has had the same bytes for days',
    feed: () => undated(writeNight(300, {}, [], kernel), '3'),
    before: rhythmOfBytes,
    options: { date: daysLater(7) },
    holds: both,
    says: /test-input is of 2026-11-24T00:00:00Z, 4\.0 days old; by its rhythm 3\.0 days are allowed/,
  },
  {
    gate: 'frozen',
    what: 'a source that could be read has had nothing new for longer than usual',
    feed: () =>
      changeManifest(withFindings(writeNight(300, {}, [], kernel), 1000, 200), ({ sources }) => {
        sources[0]!.usualDays = 7;
      }),
    options: { date: daysLater(7) },
    holds: both,
    says: /test answers, and its newest data is still of 2026-11-20T00:00:00Z; usually there is newer within 7 days/,
  },
  {
    gate: 'findings',
    what: 'a third of the records of a source cannot be read, a fifth is usual',
    feed: () => withFindings(writeNight(300, {}, [], kernel), 1000, 340),
    holds: both,
    says: /of 1000 records of test 340 could not be read \(34\.0 %\); allowed are 30\.0 %/,
  },
  {
    gate: 'validity',
    what: 'a line of the index breaks its JSON Schema',
    feed: () =>
      addOutput(writeNight(300, {}, [], kernel), 'index/debian-12.jsonl', (text) =>
        text.replace('"status":"affected"', '"status":"harmless"'),
      ),
    says: /breaks schemas\/shard-line\.schema\.json: .*\(index\/debian-12\.jsonl line \d+\)/,
  },
  {
    gate: 'validity',
    what: 'OVAL breaks its XSD',
    feed: async () =>
      addOutput(writeNight(300, {}, [], kernel), 'oval/debian-12.oval.xml', await ovalText(' colour="red"')),
    says: /colour.*\(oval\/debian-12\.oval\.xml line \d+; see `scapfeed validate`\)/,
  },
  {
    gate: 'validity',
    what: 'XCCDF in a data stream breaks its XSD',
    feed: async () =>
      addOutput(
        writeNight(300, {}, [], kernel),
        'scap/debian-12.ds.xml',
        await streamText((text) => text.replace('<Rule ', '<Rule colour="red" ')),
      ),
    says: /colour.*\(scap\/debian-12\.ds\.xml line \d+; see `scapfeed validate`\)/,
  },
  {
    gate: 'validity',
    what: 'OVAL is cut off',
    feed: async () =>
      addOutput(
        writeNight(300, {}, [], kernel),
        'oval/debian-12.oval.xml',
        (await ovalText('')).slice(0, 2000),
      ),
    says: /\(oval\/debian-12\.oval\.xml line \d+; see `scapfeed validate`\)/,
  },
  {
    gate: 'sentinel',
    what: 'a row that must hold has another status',
    feed: () => writeNight(300, { [name(7)]: '2.0-1' }, [], kernel),
    options: { sentinels: [row({ status: 'affected' })] },
    says: /CVE-2026-1007 in package-0007: expected affected, found fixed 2\.0-1/,
  },
  {
    gate: 'sentinel',
    what: 'a row that must hold has another fixed version',
    feed: () => writeNight(300, { [name(7)]: '2.0-1' }, [], kernel),
    options: { sentinels: [row({ status: 'fixed', fixed: '1.9-1' })] },
    says: /expected fixed 1\.9-1, found fixed 2\.0-1/,
  },
  {
    gate: 'sentinel',
    what: 'a row that must hold is gone',
    feed: () => writeNight(300, {}, [name(7)], kernel),
    options: { sentinels: [row({ status: 'affected' })] },
    says: /expected affected, found nothing/,
  },
  {
    gate: 'sentinel',
    what: 'a row that must not be there is',
    feed: () => writeNight(300, {}, [], kernel),
    options: { sentinels: [row({ status: 'absent' })] },
    says: /expected absent, found affected/,
  },
];

const firstOfEach = badNights.filter(
  ({ gate }, at) => badNights.findIndex((other) => other.gate === gate) === at,
);

describe('each gate holds one platform back; it stays as it was, marked with its age', () => {
  it.each(badNights)('$gate: $what', async ({ gate, feed, before, options, says, holds = ['debian-12'] }) => {
    const site = copy();
    await before?.(site);
    const { report } = await night(await feed(), { to: site, validate, ...options });
    expect(report.held['debian-12']!.map((finding) => finding.gate)).toContain(gate);
    const found = report.held['debian-12']!.filter((finding) => finding.gate === gate);
    expect(found.map(({ message }) => message).join('\n')).toMatch(says);
    expect(Object.keys(report.held)).toEqual(holds);
    // A reason is said once, whatever the number of its platforms.
    const told = gateText(report).split('\n');
    expect(told.filter((text) => says.test(text))).toHaveLength(1);
    const now = options?.date ?? daysLater(1);
    const manifest = await pulledManifest(site, now);
    const day = now.toISOString().slice(0, 10);
    expect(manifest.platforms[0]).toMatchObject({ statements: 660, marks: [`held_back_since_${day}`] });
    const gates = [...new Set(report.held['debian-12']!.map((finding) => finding.gate))];
    expect(manifest.platforms[0]!.held).toEqual(
      gates.map((name) => ({
        gate: name,
        found: report.held['debian-12']!.find((each) => each.gate === name)!.message,
      })),
    );
    expect(readFileSync(join(site, 'changes.html'), 'utf8')).toContain(`held back by gate ${gate}`);
  });

  it.each(firstOfEach.filter(({ gate }) => gate !== 'validity' && gate !== 'missing'))(
    '--accept $gate: $what; it goes out, and the manifest says why',
    async ({ gate, feed, before, options }) => {
      const site = copy();
      await before?.(site);
      const limits = { ...looseLimits(), ...(gate in only ? only[gate as keyof typeof only] : {}) };
      const reason = 'the vendor withdrew them, DSA-9999-1';
      const accepted = [{ gate, reason }];
      const { report } = await night(await feed(), { to: site, validate, accepted, limits, ...options });
      expect(report.held).toEqual({});
      const now = options?.date ?? daysLater(1);
      const manifest = await pulledManifest(site, now);
      expect(manifest.accepted!.length).toBeGreaterThan(0);
      for (const entry of manifest.accepted!)
        expect(entry).toMatchObject({ gate, platform: 'debian-12', reason, found: expect.any(String) });
      expect(manifest.platforms[0]!.marks).toBeUndefined();
    },
  );

  it('what breaks its schema stays held back, accepted or not', async () => {
    const accepted = [{ gate: 'validity' as const, reason: 'never mind' }];
    const broken = badNights.find(({ what }) => what === 'OVAL breaks its XSD')!;
    const { report } = await night(await broken.feed(), { to: copy(), accepted, validate });
    expect(report.held['debian-12']).toHaveLength(1);
    expect(report.accepted).toEqual([]);
  });
});

describe('a good night', () => {
  it('passes all gates: a few flips, a few new packages, OVAL and a data stream', async () => {
    const feed = writeNight(303, { [name(7)]: '2.0-1' }, [], kernel);
    addOutput(feed, 'oval/debian-12.oval.xml', await ovalText(''));
    addOutput(feed, 'scap/debian-12.ds.xml', await streamText((text) => text));
    const { report } = await night(withFindings(feed, 1000, 290), {
      to: copy(),
      validate,
      sentinels: [row({ status: 'fixed', fixed: '2.0-1' })],
    });
    expect(report).toMatchObject({ held: {}, accepted: [] });
  });

  it.each([
    ['wrong_type', 100, 0],
    ['wrong_type', 101, 2],
    // Records that are not compiled, as most of Ubuntu's and SUSE's.
    ['release_not_compiled', 890, 0],
    ['row_of_no_release', 890, 0],
    ['not_shipped', 890, 0],
    ['rejected', 890, 0],
    ['other_product', 890, 0],
    ['rhel_5_not_compiled', 890, 0],
  ])(
    'of a source that was never published before: %s of %i of 1000 records holds %i back',
    async (reason, dropped, held) => {
      const feed = withFindings(writeNight(60), 1000, dropped, reason);
      const first = night(feed, { to: join(temporaryFolder(), 'site') });
      if (held === 0) expect((await first).report.held).toEqual({});
      else await expect(first).rejects.toMatchObject({ code: 'PUBLISH_HELD', where: both.join(', ') });
    },
  );

  it('left-out records do not hide those that cannot be read: their share is of what should have been read', async () => {
    const feed = withFindings(writeNight(60), 1000, 890, 'release_not_compiled');
    changeManifest(feed, ({ sources: [source] }) => {
      source!.findings.push({ source: 'test', reason: 'wrong_type', dropped: true, count: 20, examples: [] });
      source!.findings[0]!.count -= 20;
    });
    await expect(night(feed, { to: join(temporaryFolder(), 'site') })).rejects.toMatchObject({
      code: 'PUBLISH_HELD',
      message: expect.stringMatching(
        /: of 130 records of test 20 could not be read \(15\.4 %\); allowed are 10\.0 %$/,
      ),
    });
  });

  it('keeps the exports of the last publication, which have no mark for a platform', async () => {
    const site = copy();
    const publishWith = async (feed: string, text: string, options: Partial<FeedPublishOptions> = {}) => {
      const directory = temporaryFolder();
      const path = 'debsecan/list';
      mkdirSync(join(directory, 'debsecan'));
      writeFileSync(join(directory, path), text);
      const output = { path, ...(await fileDigest(join(directory, path))) };
      const exports = { directory, created: '', targets: ['debsecan'], outputs: [output] };
      return night(feed, { to: site, exports, ...options });
    };
    const signed = () => {
      const [file] = readdirSync(join(site, 'targets/feed/exports/debsecan')).slice(-1);
      const { version } = JSON.parse(readFileSync(join(site, 'metadata/timestamp.json'), 'utf8')).signed.meta[
        'snapshot.json'
      ];
      const { exports = {} } = JSON.parse(
        readFileSync(join(site, `state/${version}.json`), 'utf8'),
      ) as SiteState;
      return [
        file !== undefined,
        Object.values(exports).map(({ length }) => length),
        readFileSync(join(site, 'exports/debsecan/list'), 'utf8'),
      ];
    };
    const good = writeNight(300, {}, [], kernel);
    expect((await publishWith(good, 'good')).exportsHeldBy).toBeUndefined();
    expect(signed()).toEqual([true, [4], 'good']);
    const held = await publishWith(writeNight(300, {}, names(30), kernel), 'shrunk', { date: daysLater(2) });
    expect(held.exportsHeldBy).toEqual(['debian-12']);
    expect(signed()).toEqual([true, [4], 'good']);
    await publishWith(good, 'as new', { date: daysLater(3) });
    expect(signed()).toEqual([true, [6], 'as new']);
  });

  it('after bad ones takes the mark away, which had kept the first day', async () => {
    const site = copy();
    const bad = writeNight(300, {}, names(30), kernel);
    await night(bad, { to: site });
    await night(bad, { to: site, date: daysLater(2) });
    const { platforms } = await pulledManifest(site, daysLater(2));
    expect(platforms[0]!.marks).toEqual(['held_back_since_2026-11-22']);
    await night(writeNight(300, {}, [], kernel), { to: site, date: daysLater(3) });
    const [platform] = (await pulledManifest(site, daysLater(3))).platforms;
    expect([platform!.marks, platform!.held]).toEqual([undefined, undefined]);
  });
});

describe('a first publication', () => {
  const quiet = () =>
    changeManifest(withFindings(writeNight(300, {}, [], kernel), 1000, 10), ({ sources }) => {
      sources[0]!.usualDays = 7;
    });
  const first = (days: number, options: Partial<FeedPublishOptions> = {}) =>
    night(quiet(), { to: join(temporaryFolder(), 'site'), date: daysLater(days), ...options });

  it('takes a source that is within its usual days', async () => {
    expect((await first(1)).report.held).toEqual({});
  });

  it('holds back what its source has had nothing newer for', async () => {
    const accepted = [{ gate: 'frozen' as const, platform: 'debian-13', reason: 'the vendor is on holiday' }];
    const { report, changes } = await first(7, { accepted });
    expect(Object.values(report.held).flat()).toMatchObject([{ gate: 'frozen', platform: 'debian-12' }]);
    expect(changes.platforms.map(({ platform }) => platform)).toEqual(['debian-13']);
  });

  it('of which everything is held back is refused with the gates, and nothing is written', async () => {
    const place = temporaryFolder();
    await expect(first(7, { to: join(place, 'site') })).rejects.toMatchObject({
      code: 'PUBLISH_HELD',
      exitCode: 3,
      message: expect.stringMatching(
        /gate frozen \(debian-12, debian-13\): .*usually there is newer within 7 days$/,
      ),
      where: 'debian-12, debian-13',
      remedy: expect.stringContaining('--accept GATE'),
    });
    expect(readdirSync(place)).toEqual([]);
    await first(1, { to: join(place, 'site') });
    const { report } = await first(9, { to: join(place, 'site') });
    expect(Object.keys(report.held)).toEqual(both);
  });

  it('takes it where that is accepted, with the reason', async () => {
    const accepted = [{ gate: 'frozen' as const, reason: 'the vendor is on holiday' }];
    const { report } = await first(7, { accepted });
    expect(report.held).toEqual({});
    expect(report.accepted.map(({ gate, platform }) => [platform, gate])).toEqual(
      both.map((id) => [id, 'frozen']),
    );
  });
});

describe('documents of which a newer version was refused', () => {
  it('go out in their last good version, marked, and the report names each once', async () => {
    const site = copy();
    const { report } = await night(refused(writeNight(300, {}, [], kernel)), { to: site });
    expect(report).toMatchObject({ held: {}, accepted: [] });
    const date = '2026-11-20T00:00:00Z';
    expect(report.kept).toEqual([{ id: 'test-input', refused: 'SOURCE_NOT_JSON', date, platforms: both }]);
    const says = `test-input: the newest version was refused (SOURCE_NOT_JSON), the last good one of ${date} is in debian-12, debian-13`;
    expect(gateText(report)).toContain(`kept: ${says}\n`);
    expect(readFileSync(join(site, 'changes.html'), 'utf8')).toContain(says);
    const { inputs, platforms } = await pulledManifest(site);
    expect(inputs).toMatchObject([{ refused: 'SOURCE_NOT_JSON' }]);
    expect(platforms[0]!.marks).toEqual(['last_good_input']);
  });

  it('hold their platforms back once they are older than their rhythm allows', async () => {
    const site = copy();
    await rhythmOfADay(site);
    const stuck = () => refused(dated(writeNight(300, {}, [], kernel), daysLater(1).toISOString()));
    for (const at of [3, 4])
      expect((await night(stuck(), { to: site, date: daysLater(at) })).report.held).toEqual({});
    const { report } = await night(stuck(), { to: site, date: daysLater(5) });
    const gates = Object.entries(report.held).map(([platform, [found]]) => [platform, found!.gate]);
    expect(gates).toEqual(both.map((platform) => [platform, 'late-input']));
    expect(report.kept).toHaveLength(1);
  });
});

describe('a platform that is held back', () => {
  const withOval = async (drop: readonly string[] = []) =>
    addOutput(writeNight(300, {}, drop, kernel), 'oval/debian-12.oval.xml', await ovalText(''));

  it.each<[string, Partial<FeedPublishOptions>, Partial<FeedPublishOptions>, string[]]>([
    ['in an encoding more', { encodings: ['br'] }, { encodings: ['br', 'gz'] }, ['br', 'gz']],
    ['in another encoding', { encodings: ['br'] }, { encodings: ['gz'] }, ['gz']],
    ['and OVAL is no longer asked for', { oval: true }, { oval: false }, ['br', 'gz']],
    ['and OVAL is asked for now', { oval: false }, { oval: true }, []],
  ])('%s: all that it had is still there', async (_, before, after, ovalIn) => {
    const site = copy();
    await night(await withOval(), { to: site, ...before });
    const { report } = await night(await withOval(names(30)), { to: site, date: daysLater(2), ...after });
    expect(Object.keys(report.held)).toEqual(['debian-12']);
    const out = join(temporaryFolder(), 'feed');
    await pullInto(out, site, { pinned: publisher.root, oval: true, now: daysLater(2) });
    await checkFeed(out);
    const { outputs } = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as Manifest;
    const oval = outputs.some(({ path }) => path === 'oval/debian-12.oval.xml');
    expect(oval).toBe(ovalIn.length > 0);
    const role = JSON.parse(readFileSync(newestRole(site, 'debian-12'), 'utf8'));
    const targets = Object.keys(role.signed.targets).filter((target) => target.includes('.oval.xml.'));
    expect(targets).toEqual(ovalIn.map((encoding) => `debian-12/oval/debian-12.oval.xml.${encoding}`));
  });
});

/** No gate but the one that a row is about. */
function looseLimits() {
  return {
    shrink: 1,
    flip: 1,
    year: 1,
    packageIds: 1000,
    findings: 1,
    lateFactor: 3,
    lateLeast: 2 * 86_400_000,
  };
}

const only = {
  shrink: { shrink: 0.05 },
  flip: { flip: 0.05 },
  'vanished-year': { year: 0.2, packageIds: 50 },
  findings: { findings: 0.1 },
} as const;

function row(says: { status: 'affected' | 'fixed' | 'absent'; fixed?: string }) {
  return { platform: 'debian-12', package: name(7), vulnerability: 'CVE-2026-1007', ...says };
}

function dated(feed: string, day: string): string {
  return changeManifest(feed, ({ inputs }) => {
    inputs[0]!.date = day;
  });
}

function sized(feed: string, bytes: number): string {
  return changeManifest(feed, ({ inputs }) => {
    inputs[0]!.size = bytes;
  });
}

/** Builds from a broken input of which the last good version is kept. */
function refused(feed: string): string {
  return changeManifest(feed, ({ inputs, platforms }) => {
    inputs[0]!.refused = 'SOURCE_NOT_JSON';
    for (const platform of platforms) platform.marks = ['last_good_input'];
  });
}

function undated(feed: string, bytes: string): string {
  return changeManifest(feed, ({ inputs }) => {
    delete inputs[0]!.date;
    inputs[0]!.sha256 = bytes.repeat(64);
  });
}

async function rhythmOfBytes(site: string): Promise<void> {
  for (const at of [1, 2, 3]) {
    await night(undated(writeNight(300, {}, [], kernel), String(at)), { to: site, date: daysLater(at) });
  }
}

async function rhythmOfADay(site: string): Promise<void> {
  for (const at of [1, 2]) {
    const feed = dated(writeNight(300, {}, [], kernel), daysLater(at - 1).toISOString());
    await night(feed, { to: site, date: daysLater(at) });
  }
}

function withFindings(feed: string, records: number, dropped: number, reason = 'wrong_type'): string {
  const used = records - dropped;
  return changeManifest(feed, (manifest) => {
    manifest.sources = [
      {
        id: 'test',
        name: 'Test',
        licence: 'none',
        attribution: 'none',
        records,
        used,
        dropped,
        findings: [{ source: 'test', reason, dropped: true, count: dropped, examples: [] }],
      },
    ];
  });
}

function newestRole(site: string, role: string): string {
  const { snapshot } = currentVersions(site);
  const { signed } = JSON.parse(readFileSync(join(site, `metadata/${snapshot}.snapshot.json`), 'utf8'));
  return join(site, `metadata/${signed.meta[`${role}.json`].version}.${role}.json`);
}

function currentVersions(site: string): { snapshot: number } {
  const { signed } = JSON.parse(readFileSync(join(site, 'metadata/timestamp.json'), 'utf8'));
  return { snapshot: signed.meta['snapshot.json'].version };
}
