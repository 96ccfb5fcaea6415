import { expect, it } from 'vitest';
import { listNames } from '../../../src/fleet/store/list.ts';
import { names, removeNames } from '../../../src/fleet/store/watches.ts';
import type { Platform } from '../../../src/model/feed/index.ts';
import { namesCsv } from '../../../src/report/fleet/fleet-csv.ts';
import { fleetTable } from '../../../src/report/fleet/list-table.ts';
import { debianRelease, rootWith, stanza } from '../../support/cli.ts';
import { runHere } from '../../support/command.ts';
import { addImages, fleetCommands, heldStore } from '../../support/fleet.ts';
import { bookworm, bullseye, writeSmallFeed } from '../../support/small-feed.ts';

const trixie: Platform = {
  ...bookworm,
  ...{ id: 'debian-13', name: 'Debian GNU/Linux 13 (trixie)', aliases: ['trixie'], life: [] },
  os: { id: 'debian', version: '13', codename: 'trixie' },
};

const statements = [
  { vulnerability: 'CVE-2024-0001', package: 'a', status: 'affected', fixState: 'none_yet' },
] as const;
const feed = writeSmallFeed([
  { platform: bookworm, statements },
  { platform: bullseye, statements },
  { platform: trixie, statements, data: { marks: ['unread_records'] } },
]);

const known = stanza('a', '1');
const clean = stanza('b', '1');
/** Another release built it. */
const foreign = (name: string) => stanza(name, '1+deb10u1');
const half = stanza('c', '1').replace('ok installed', 'ok half-installed');

const image = (status: string | undefined, release: readonly [string, string] = ['12', 'bookworm']) =>
  `dir:${rootWith({
    'etc/os-release': debianRelease(...release),
    ...(status !== undefined && { 'var/lib/dpkg/status': status }),
  })}`;

/** `flaws`: whether the list has a number. */
const kinds = [
  { what: 'flawed', reference: image(known), state: 'judged', flaws: true },
  { what: 'clean', reference: image(clean), state: 'judged', flaws: true },
  {
    what: 'with a package without data',
    reference: image(known + foreign('d')),
    state: 'partly',
    flaws: true,
  },
  { what: 'half installed', reference: image(known + half), state: 'partly', flaws: true },
  { what: 'past its end', reference: image(clean, ['11', 'bullseye']), state: 'partly', flaws: true },
  {
    ...{ what: 'past its end, and a package without data', state: 'partly', flaws: true },
    reference: image(clean + stanza('d', '1+deb12u1'), ['11', 'bullseye']),
  },
  { what: 'cut off', reference: image((known + clean).slice(0, -1)), state: 'partly', flaws: true },
  { what: 'with records unread', reference: image(known, ['13', 'trixie']), state: 'partly', flaws: true },
  { what: 'of no platform', reference: image(known, ['14', 'forky']), state: 'uncovered', flaws: false },
  { what: 'without a database', reference: image(undefined), state: 'unread', flaws: false },
  {
    ...{ what: 'without data of any package', reference: image(foreign('d') + foreign('e')) },
    ...{ state: 'uncovered', flaws: false },
  },
];

it('a fleet ends with 4 for what a scan ends with 4 for, and no list has a zero for what is not known', {
  timeout: 240_000,
}, async () => {
  await using store = await heldStore();
  const fleet = fleetCommands(store);
  const judging = ['--feed', feed, '--max-age', '0'];
  const run = (...args: string[]) => fleet('run', ...judging, ...args);
  for (const { what, reference, state, flaws } of kinds) {
    await addImages(store, [reference]);
    const scan = await runHere(['scan', reference, ...judging]);
    const strict = await run('--fail-on-uncovered');
    expect(strict.code, `${what}: ${strict.out}${strict.err}`).toBe(scan.code);
    const accepted = await runHere(['scan', reference, ...judging, '--allow-uncovered']);
    const usual = await run();
    // Of nothing in it anything is known: that is no image with a package too many.
    expect(usual.code, what).toBe(state === 'uncovered' ? 4 : accepted.code);
    const evidence = await fleet('evidence', 'CVE-2099-0001');
    expect([what, evidence.code]).toEqual([what, usual.code]);
    expect([what, evidence.out.includes(`\n${reference}: `)]).toEqual([what, state !== 'judged']);
    // Nothing was judged before: the news do not say that something ended.
    if (what === 'of no platform') expect(strict.out).toMatch(/^Not judged +debian-14 /m);

    const now = new Date();
    const rows = await listNames(store, new Date());
    const listed = await names(store);
    await removeNames(
      store,
      listed.map(({ id }) => id),
      now,
    );
    expect([what, rows.map((row) => row.state)]).toEqual([what, [state]]);
    const table = fleetTable(rows, '').split('\n')[1]!;
    expect(/ \d+ +\d+ +\d+ /.test(table), table).toBe(flaws);
    expect(/ judged$/.test(table), table).toBe(state === 'judged');
    const [head, csv] = namesCsv(rows)
      .split('\r\n')
      .map((line) => line.split(','));
    expect(csv![head!.indexOf('critical')] !== '', what).toBe(flaws);
    // Messages in columns before it have commas.
    expect(csv!.at(head!.indexOf('state') - head!.length), what).toBe(state);
  }
});

it('data of the future is too old for a fleet as for a scan, and no output calls it new', {
  timeout: 120_000,
}, async () => {
  const ahead = writeSmallFeed([
    { platform: bookworm, statements, data: { updated: '9999-01-01T00:00:00Z' } },
  ]);
  await using store = await heldStore();
  const fleet = fleetCommands(store);
  const reference = image(stanza('a', '1'));
  await addImages(store, [reference]);
  const judging = ['--feed', ahead, '--max-age'];
  expect(await runHere(['scan', reference, ...judging, '7d'])).toMatchObject({
    code: 3,
    err: expect.stringContaining('its age is unknown'),
  });
  const late = await fleet('run', ...judging, '7d');
  expect(late.out).toContain("debian-12: its data is dated ahead of this machine's clock");
  expect(late.code).toBe(3);
  const scan = await runHere(['scan', reference, ...judging, '0']);
  expect(scan.out).toContain("of 9999-01-01 (dated ahead of this machine's clock)");
  expect((await runHere(['feeds', '--feed', ahead])).out).toMatch(/debian-12 .* not known /);
});
