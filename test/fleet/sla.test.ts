import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { databaseOf, type Fleet } from '../../src/library/fleet-store.ts';
import { listFleet, openFeed, runFleet } from '../../src/library/index.ts';
import { readPolicyFile } from '../../src/policy/index.ts';
import { imageLayout, writeFiles } from '../image/support/make-image.ts';
import { file } from '../image/support/make-tar.ts';
import { debianRelease, stanza } from '../support/cli.ts';
import { addImages, fleetCommands, type HeldStore, heldStore, night } from '../support/fleet.ts';
import { openFleetServer } from '../support/fleet-server.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

const day = 24 * 60 * 60 * 1000;

const inDays = (count: number) => new Date(Date.now() + count * day).toISOString().slice(0, 10);

const feed = (isRated = true) =>
  writeSmallFeed([
    {
      platform: bookworm,
      statements: (
        [
          { vulnerability: 'CVE-2024-0001', package: 'a', status: 'fixed', fixed: '2', severity: 'high' },
          {
            vulnerability: 'CVE-2024-0002',
            package: 'a',
            status: 'affected',
            fixState: 'none_yet',
            severity: 'critical',
          },
          { vulnerability: 'CVE-2024-0003', package: 'b', status: 'fixed', fixed: '2', severity: 'low' },
        ] as const
      ).map(({ severity, ...each }) => ({ ...each, ...(isRated && { severity }) })),
    },
  ]);

async function fleetOfTwo() {
  const store = await heldStore();
  onTestFinished(() => store.close());
  const folder = temporaryFolder();
  const references = ['pay/app', 'shop/web'].map((name) => {
    const layer = [
      file('etc/os-release', debianRelease('12', 'bookworm')),
      file('var/lib/dpkg/status', stanza('a', '1') + stanza(name === 'pay/app' ? 'b' : 'c', '1')),
    ];
    return `oci:${writeFiles(join(folder, name), imageLayout({ layers: [layer] }))}:latest`;
  });
  await addImages(store, references);
  const run = fleetCommands(store);
  const policy = (text: string) => {
    const path = join(temporaryFolder(), 'scapfeed.yaml');
    writeFileSync(
      path,
      `owners:\n  - { owner: pay, names: "**/pay/*" }\n  - { owner: shop, names: "**/shop/*" }\n${text}`,
    );
    return path;
  };
  /** Moves what runs did into the past. */
  const wait = async (days: number) => {
    await store.query(`UPDATE fleet.runs SET started = started - interval '${days} days'`);
    const told = `jsonb_build_object('rules', value->'rules', 'day', to_char((value->>'day')::date - ${days}, 'YYYY-MM-DD'))`;
    await store.query(`UPDATE fleet.settings SET value = ${told} WHERE key = 'sla-told' AND value <> 'null'`);
  };
  return { store, references, run, policy, wait };
}

/** The library's fleet in an open store, which stays open. */
const heldFleet = (store: HeldStore): Fleet => ({
  ...{ place: store.place, [databaseOf]: store },
  close: async () => undefined,
});

const words = (text: string) => text.replaceAll(/ +/g, ' ');

describe('an SLA of a fleet', { timeout: 240_000 }, () => {
  it('counts days since a fix can be installed; lists, owners, news, pages and API say what is overdue', async () => {
    const { store, references, run, policy, wait } = await fleetOfTwo();
    const [pay, shop] = references as [string, string];
    const feedFolder = feed();
    await night(store, feedFolder);
    expect((await run('sla')).out).toBe(
      'no SLA is kept: write the section `sla` of a policy, and give it with --policy\n',
    );
    expect((await run('list')).out).not.toContain('OVERDUE');
    const rules = policy('sla:\n  days: { critical: 7, high: 10 }\n');
    await run('owners', '--policy', rules);
    expect((await run('sla', '--policy', rules)).out.replaceAll(/ +/g, ' ')).toBe(
      `OWNER IMAGES NOT IN FULL OVERDUE IMAGES OVERDUE FLAWS DUE\n` +
        `pay 1 0 0 0 ${inDays(10)}\nshop 1 0 0 0 ${inDays(10)}\n` +
        'critical 7 days, high 10 days, since the fix can be installed; unrated flaws have no limit\n',
    );
    // The last day itself is in time, and a run on it tells nothing.
    await wait(10);
    expect((await night(store, feedFolder)).news).toEqual([]);
    expect(JSON.parse((await run('list', '--overdue', '-o', 'json')).out)).toEqual([]);
    await wait(1);
    const late = JSON.parse((await run('list', '--overdue', '-o', 'json')).out) as object[];
    expect(late).toMatchObject([
      { reference: pay, overdue: 1, due: inDays(-1) },
      { reference: shop, overdue: 1, due: inDays(-1) },
    ]);
    expect(words((await run('list')).out)).toContain('OVERDUE DUE STATE');

    const { news } = await night(store, feedFolder);
    expect(news).toEqual([
      {
        ...{
          kind: 'overdue',
          cause: 'sla',
          vulnerability: 'CVE-2024-0001',
          package: 'a',
          platform: 'debian-12',
        },
        ...{ severity: 'high', exploited: false, after: 'affected, fixed in 2', detail: `due ${inDays(-1)}` },
        images: [pay, shop],
      },
    ]);
    expect((await run('news')).out).toContain('Overdue now');
    // It is told once.
    expect((await night(store, feedFolder)).news).toEqual([]);

    // Nobody has to mend what was accepted, where it was.
    await run('waive', 'CVE-2024-0001', '--owner', 'shop', '--reason', 'not built');
    expect((await run('sla', '-o', 'csv')).out).toBe(
      `owner,images,not_in_full,overdue_images,overdue,due\r\npay,1,0,1,1,${inDays(-1)}\r\nshop,1,0,0,0,\r\n`,
    );
    expect(
      (await run('list', '-o', 'csv')).out
        .split('\r\n')
        .slice(0, 3)
        .map((line) => line.split(',').slice(-3)),
    ).toEqual([
      ['owners', 'overdue', 'due'],
      ['pay', '1', inDays(-1)],
      ['shop', '0', ''],
    ]);
    const fleet = heldFleet(store);
    expect((await listFleet(fleet, { overdue: true })).result).toMatchObject([{ reference: pay }]);

    await using server = await openFleetServer(store);
    const token = await server.token('read');
    const json = async (path: string) =>
      (await (await server.ask(path, { token, headers: { accept: 'application/json' } })).json()) as never;
    const { items } = (await json('/api/v1/images?overdue=true')) as { items: { digest: string }[] };
    expect(items).toMatchObject([{ reference: pay, overdue: 1, due: inDays(-1) }]);
    const image = async (path: string) => ((await json(path)) as { rows: object[] }).rows;
    expect(await image('/images?overdue=yes')).toMatchObject([{ image: pay, overdue: 1 }]);
    expect(await image(`/images/${items[0]!.digest}?table=flaws`)).toMatchObject([
      { vulnerability: 'CVE-2024-0002', due: null, overdue: false },
      { vulnerability: 'CVE-2024-0001', due: inDays(-1), overdue: true },
      { vulnerability: 'CVE-2024-0003', due: null, overdue: false },
    ]);
    expect(await image('/vulnerabilities/CVE-2024-0001?table=images')).toMatchObject([
      { image: pay, due: inDays(-1), overdue: true },
      { image: shop, due: null, overdue: false },
    ]);
    const { verdicts } = (await json(`/api/v1/images/${items[0]!.digest}/verdicts`)) as {
      verdicts: object[];
    };
    expect(verdicts).toMatchObject([
      { vulnerability: 'CVE-2024-0001', due: inDays(-1), overdue: true },
      { vulnerability: 'CVE-2024-0002', due: null, overdue: false },
      { vulnerability: 'CVE-2024-0003', due: null, overdue: false },
    ]);
    const page = await (await server.ask('/images', { token })).text();
    expect(page).toContain('>Overdue<');
  });

  it('fails a run with --fail-on-overdue: by flaws past their day, and not for want of ratings', async () => {
    const { store, run, policy, wait } = await fleetOfTwo();
    const gated = async (folder: string, ...args: string[]) => {
      const given = ['--feed', folder, '--max-age', '0', '--quiet', '--fail-on-overdue', ...args];
      const { code, err } = await run('run', ...given);
      return [code, ...err.split('\n').filter((line) => /^(?:policy|not judged|scapfeed|error)/.test(line))];
    };
    const rated = feed();
    const [code, message] = await gated(rated);
    expect([code, message]).toEqual([
      2,
      expect.stringContaining('--fail-on-overdue: the fleet keeps no SLA'),
    ]);
    await run('sla', '--policy', policy('sla:\n  days: { critical: 7, high: 10 }\n'));
    expect(await gated(rated)).toEqual([0]);
    await wait(10);
    expect(await gated(rated)).toEqual([0]);
    await wait(1);
    const late = [1, 'policy: 2 overdue flaws in 2 images (--fail-on-overdue)'];
    // Each night, not only the one that tells it.
    for (const _night of [1, 2]) expect(await gated(rated)).toEqual(late);
    const fleet = heldFleet(store);
    const open = openFeed(rated);
    const { policy: outcome } = await runFleet(fleet, open, { failOnOverdue: true });
    expect(outcome).toMatchObject({
      exitCode: 1,
      reasons: ['policy: 2 overdue flaws in 2 images (failOnOverdue)'],
    });
    expect((await runFleet(fleet, open)).policy.exitCode).toBe(0);
    open.close();
    await run('waive', 'CVE-2024-0001', '--owner', 'shop', '--reason', 'not built');
    await run('owners', '--policy', policy(''));
    await run('waive', 'CVE-2024-0001', '--image', '**/shop/*', '--reason', 'not built');
    expect(await gated(rated)).toEqual([1, 'policy: 1 overdue flaw in 1 image (--fail-on-overdue)']);

    // The same flaws, which nobody has rated: they have no day, and that is no proof that none is late.
    const unrated = feed(false);
    expect(await gated(unrated)).toEqual([
      4,
      'not judged: --fail-on-overdue has no day for 2 of 2 flaws: nobody has rated them, and the SLA has no limit for unknown; --allow-unrated accepts that',
    ]);
    expect(await gated(unrated, '--allow-unrated')).toEqual([0]);
    await run('sla', '--policy', policy('sla:\n  days: { unknown: 5 }\n'));
    expect(await gated(unrated)).toEqual([1, 'policy: 2 overdue flaws in 1 image (--fail-on-overdue)']);
    await run('waive', 'CVE-2024-0001', '--reason', 'not built');
    await run('waive', 'CVE-2024-0003', '--reason', 'not built');
    await run('sla', '--policy', policy('sla:\n  days: { high: 5 }\n'));
    expect(await gated(unrated)).toEqual([0]);
  });

  it('counts from the first run that saw a flaw, if it says so, and other rules are news', async () => {
    const { store, references, run, policy, wait } = await fleetOfTwo();
    const feedFolder = feed();
    await night(store, feedFolder);
    await wait(5);
    await run('sla', '--policy', policy('sla:\n  from: seen\n  days: { critical: 3, high: 30, low: 30 }\n'));
    const { news } = await night(store, feedFolder);
    expect(news.map(({ kind, vulnerability, images }) => [kind, vulnerability, images])).toEqual([
      ['overdue', 'CVE-2024-0002', references],
    ]);
    await run('sla', '--policy', policy('sla:\n  from: seen\n  days: { low: 4, high: 30 }\n'));
    const next = await night(store, feedFolder);
    expect(next.news.map(({ vulnerability, images }) => [vulnerability, images])).toEqual([
      ['CVE-2024-0003', [references[0]]],
    ]);
    // A policy without the section ends it.
    const ended = await run('sla', '--policy', policy(''));
    expect(ended.err).toMatch(/no SLA is kept from now on: .* has no section sla/);
    expect((await run('sla', '--policy', policy(''))).err).toBe('');
    expect((await run('list', '-o', 'json')).out).toContain('"overdue": null');
    expect((await night(store, feedFolder)).news).toEqual([]);
    expect(
      (await run('audit', '-o', 'csv', '--kind', 'change')).out.match(/fleet sla --policy/g),
    ).toHaveLength(4);
  });

  it.each([
    ['sla: {}\n', '/sla lacks its days'],
    ['sla:\n  days: { hgih: 7 }\n', '/sla/days has no member hgih (high?)'],
    ['sla:\n  days: { high: -1 }\n', '/sla/days/high'],
    ['sla:\n  form: fix\n  days: { high: 1 }\n', '/sla has no member form'],
  ])('refuses %j', (text, message) => {
    expect(() => readPolicyFile(Buffer.from(text), 'x.yaml')).toThrowError(message);
  });
});
