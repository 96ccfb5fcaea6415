import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseCommand } from '../../src/cli/command.ts';
import { judgeTarget, openTarget, scan } from '../../src/cli/commands/scan.ts';
import {
  exceptionsOf,
  readSharedExceptions,
  type SharedExceptions,
} from '../../src/cli/options/exceptions.ts';
import { openChosenFeed } from '../../src/cli/options/feed-choice.ts';
import { scanChoice } from '../../src/cli/options/judging.ts';
import { withPolicyOptions } from '../../src/cli/options/policy-file.ts';
import { debianRelease, rootWith, stanza } from '../support/cli.ts';
import { bookworm, feedDay, writeSmallFeed } from '../support/small-feed.ts';
import { noHome, temporaryFolder } from '../support/temporary.ts';

const id = 'CVE-2023-0286';
const folder = temporaryFolder();
function save(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

const roster = new Map([['openssl', { version: '1', binaries: [] }]]);
const open = { package: 'openssl', vulnerability: id } as const;
const none = [] as string[];

/** One flaw in one package: rated, rated by nobody, or not yet looked into. */
const flaws = {
  rated: { ...open, status: 'affected', fixState: 'none_yet', severity: 'high' },
  unrated: { ...open, status: 'affected', fixState: 'none_yet' },
  unsettled: { ...open, status: 'under_investigation', reason: 'nobody_looked' },
} as const;

const gates = {
  none,
  high: ['--fail-on', 'high', '--allow-unrated'],
  critical: ['--fail-on', 'critical', '--allow-unrated'],
  any: ['--fail-on', 'any'],
  unrated: ['--fail-on', 'unrated'],
  unsettled: ['--fail-on', 'unsettled'],
  'high, unrated, unsettled': ['--fail-on', 'high,unrated,unsettled'],
} as const;

/** The flaw that each gate names, unless it is put aside. */
const named: Readonly<Record<keyof typeof gates, readonly (keyof typeof flaws)[]>> = {
  none: [],
  high: ['rated'],
  critical: [],
  any: ['rated', 'unrated'],
  unrated: ['unrated'],
  unsettled: ['unsettled'],
  'high, unrated, unsettled': ['rated', 'unrated', 'unsettled'],
};

const entry = (vulnerability: string, more = '') =>
  `ignore:\n  - vulnerability: ${vulnerability}\n    reason: x\n${more}`;
const policies = {
  none,
  ignores: ['--policy', save('ignores.yaml', entry(id))],
  other: ['--policy', save('other.yaml', entry('CVE-1999-0001'))],
  expired: ['--policy', save('expired.yaml', entry(id, '    until: 2020-01-01\n'))],
} as const;

const vex = (status: string, purl: string) =>
  JSON.stringify({
    '@context': 'https://openvex.dev/ns/v0.2.0',
    '@id': 'https://example.test/vex',
    author: 'x',
    timestamp: '2026-01-01T00:00:00Z',
    version: 1,
    statements: [
      {
        vulnerability: { name: id },
        products: [{ '@id': purl }],
        status,
        ...(status === 'not_affected' ? { justification: 'component_not_present' } : {}),
      },
    ],
  });
const vexes = {
  none,
  'not affected': ['--vex', save('not.json', vex('not_affected', 'pkg:deb/debian/openssl@3'))],
  fixed: ['--vex', save('fixed.json', vex('fixed', 'pkg:deb/debian/openssl@3'))],
  affected: ['--vex', save('affected.json', vex('affected', 'pkg:deb/debian/openssl@3'))],
  'other version': ['--vex', save('version.json', vex('not_affected', 'pkg:deb/debian/openssl@1'))],
} as const;

const former = (vulnerability: string) =>
  JSON.stringify({
    format: 'scapfeed/scan-result/1',
    verdicts: [
      { vulnerability, status: 'affected', package: { name: 'openssl', source: { name: 'openssl' } } },
    ],
  });
const baselines = {
  none,
  known: ['--baseline', save('known.json', former(id))],
  other: ['--baseline', save('new.json', former('CVE-1999-0001'))],
} as const;

const coverages = {
  covered: { stanzas: '', args: none },
  uncovered: { stanzas: stanza('our-app', '1'), args: none },
  allowed: { stanzas: stanza('our-app', '1'), args: ['--allow-uncovered'] },
} as const;

const others = {
  none: { files: {}, args: none },
  'none, gated': { files: {}, args: ['--fail-on', 'unjudged'] },
  unjudged: { files: { 'app/node_modules/x/package.json': '{}' }, args: none },
  'unjudged, gated': { files: { 'app/node_modules/x/package.json': '{}' }, args: ['--fail-on', 'unjudged'] },
} as const;

type Keys<Table> = (keyof Table)[];
const keys = <Table extends object>(table: Table) => Object.keys(table) as Keys<Table>;
const env = { HOME: noHome() };
const setting = { env, described: false };
const now = new Date(feedDay);

/** The rule of the README, by what each part of a row is. */
function expected(
  flaw: keyof typeof flaws,
  gate: keyof typeof gates,
  isAside: boolean,
  coverage: keyof typeof coverages,
  other: keyof typeof others,
): number {
  if (coverage === 'uncovered') return 4;
  const fails = (!isAside && named[gate].includes(flaw)) || other === 'unjudged, gated';
  return fails ? 1 : 0;
}

describe('the exit code of every combination of flaw, gate, policy, VEX, baseline, coverage and what the feed does not judge', () => {
  it.each(keys(flaws))(
    '%s',
    async (flaw) => {
      const feed = openChosenFeed(
        writeSmallFeed([{ platform: bookworm, data: { roster }, statements: [flaws[flaw]] }]),
        env,
      );
      const images = await Promise.all(
        keys(coverages).flatMap((coverage) =>
          keys(others).map(async (other) => {
            const files = {
              'etc/os-release': debianRelease('12', 'bookworm'),
              'var/lib/dpkg/status': stanza('openssl', '3') + coverages[coverage].stanzas,
              ...others[other].files,
            };
            const argv = ['--max-age', '0', ...coverages[coverage].args, ...others[other].args];
            const given = parseCommand(scan, argv)!.options;
            return {
              coverage,
              other,
              argv,
              target: await openTarget(rootWith(files), { given, ...setting }),
            };
          }),
        ),
      );
      const wrong: object[] = [];
      let rows = 0;
      for (const policy of keys(policies)) {
        for (const vexed of keys(vexes)) {
          for (const baseline of keys(baselines)) {
            const aside = [...policies[policy], ...vexes[vexed], ...baselines[baseline]];
            // Read once, as for several images.
            const exceptions = await readSharedExceptions('scan', parseCommand(scan, aside)!.options, {});
            const isAside =
              policy === 'ignores' || ['not affected', 'fixed'].includes(vexed) || baseline === 'known';
            for (const gate of keys(gates)) {
              for (const { coverage, other, argv, target } of images) {
                rows += 1;
                const code = await codeOf([...argv, ...gates[gate], ...aside], target, feed, exceptions);
                const right = expected(flaw, gate, isAside, coverage, other);
                if (code !== right)
                  wrong.push({ coverage, other, policy, vexed, baseline, gate, code, right });
              }
            }
          }
        }
      }
      expect(wrong).toEqual([]);
      expect(rows).toBe(3 * 4 * 4 * 5 * 3 * 7);
      for (const { target } of images) target.image.close();
      feed.close();
    },
    240_000,
  );
});

/** All of a scan but the opening of its feed and image, which are read once for all rows. */
async function codeOf(
  argv: readonly string[],
  target: Awaited<ReturnType<typeof openTarget>>,
  feed: ReturnType<typeof openChosenFeed>,
  shared: SharedExceptions,
): Promise<number> {
  const { options, decided } = parseCommand(scan, argv)!;
  const given = withPolicyOptions('scan', scan.options, { options, decided }, shared.policy);
  const exceptions = await exceptionsOf('scan', target.image.reference, shared, given, env);
  const { end } = await judgeTarget(target, target.image.reference, exceptions, {
    settings: scanChoice(feed, given, now, env),
  });
  return end({ err: () => {} });
}
