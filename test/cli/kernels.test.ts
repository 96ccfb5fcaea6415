import { expect, it } from 'vitest';
import { rootWith, scapfeed, stanza } from '../support/cli.ts';
import { newEmbedded } from '../support/fleet.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';

const apk = (name: string, source: string) => `P:${name}\nV:6.1.1-r0\nA:x86_64\no:${source}\n\n`;
const deb = (name: string, source: string) => stanza(name, '6.1.1-1', { Source: source });

const systems = [
  {
    name: 'Debian',
    platform: bookworm,
    root: rootWith({
      'etc/os-release': 'ID=debian\nVERSION_ID=12\n',
      'var/lib/dpkg/status': [
        deb('linux-pam', 'linux-pam'),
        deb('linux-perf', 'linux'),
        deb('linux-headers-6.1.0-13-amd64', 'linux'),
        deb('linux-image-6.1.0-13-amd64', 'linux-signed-amd64'),
      ].join(''),
    }),
    kernels: ['linux', 'linux-signed-amd64'],
    fixed: '6.1.2-1',
    seen: ['CVE-2020-27780 linux-pam', 'CVE-2024-0001 linux-perf'],
    hidden: ['CVE-2024-0001 linux-headers-6.1.0-13-amd64', 'CVE-2024-0001 linux-image-6.1.0-13-amd64'],
  },
  {
    name: 'Alpine',
    platform: {
      ...{ id: 'alpine-3.20', name: 'Alpine 3.20', aliases: [], packaging: 'apk' as const, life: [] },
      os: { id: 'alpine', version: '3.20' },
    },
    root: rootWith({
      'etc/os-release': 'ID=alpine\nVERSION_ID=3.20.1\n',
      'lib/apk/db/installed': [
        apk('linux-pam', 'linux-pam'),
        apk('perf', 'linux-tools'),
        apk('linux-virt', 'linux-lts'),
      ].join(''),
    }),
    kernels: ['linux-tools', 'linux-lts'],
    fixed: '6.1.2-r0',
    seen: ['CVE-2020-27780 linux-pam', 'CVE-2024-0001 perf'],
    hidden: ['CVE-2024-0001 linux-virt'],
  },
];

interface Verdict {
  vulnerability: string;
  package: { name: string };
  hidden?: string;
}

it.each(systems)(
  '$name: linux-pam and user space of a kernel are seen wherever flaws are, its kernel is not',
  {
    timeout: 240_000,
  },
  async ({ platform, root, kernels, fixed, seen, hidden }) => {
    const fix = { status: 'fixed', fixed } as const;
    const feed = writeSmallFeed([
      {
        platform,
        data: {
          roster: new Map(['linux-pam', ...kernels].map((name) => [name, { version: '1', binaries: [] }])),
        },
        statements: [
          { vulnerability: 'CVE-2020-27780', package: 'linux-pam', severity: 'critical', ...fix },
          ...kernels.map((source) => ({
            ...{ vulnerability: 'CVE-2024-0001', package: source, severity: 'low' as const, ...fix },
          })),
        ],
      },
    ]);
    const judging = ['--feed', feed, '--max-age', '0'];
    const scan = (...args: string[]) => scapfeed(['scan', `dir:${root}`, ...judging, ...args]);

    const named = ({ vulnerability, package: { name } }: Verdict) => `${vulnerability} ${name}`;
    const { verdicts } = JSON.parse(scan('-o', 'json').out) as { verdicts: Verdict[] };
    expect(verdicts.filter(({ hidden }) => !hidden).map(named)).toEqual(seen);
    expect(verdicts.filter(({ hidden }) => hidden === 'kernel').map(named)).toEqual(hidden);

    const table = scan('--fail-on', 'critical', '--allow-unrated');
    expect(table.code).toBe(1);
    expect(table.err).toContain('policy: 1 flaw at or above --fail-on');
    for (const row of seen) expect(table.out).toMatch(new RegExp(row.replace(' ', '.*[ (]')));
    for (const row of hidden) expect(table.out).not.toContain(row.split(' ')[1]);

    const [run] = JSON.parse(scan('-o', 'sarif').out).runs;
    expect(run.results.map(({ ruleId }: { ruleId: string }) => ruleId)).toEqual(
      seen.map((row) => row.split(' ')[0]),
    );

    const database = await newEmbedded();
    const fleet = (...args: string[]) => scapfeed(['fleet', ...args, '--database', database]);
    expect(fleet('add', `dir:${root}`).code).toBe(0);
    expect(fleet('run', ...judging).err).not.toMatch(/\[[A-Z_]+\]/);
    expect(JSON.parse(fleet('list', '-o', 'json').out)).toMatchObject([
      { counts: { flaws: { critical: 1, high: 0, medium: 0, low: 1, unknown: 0 } } },
    ]);
  },
);
