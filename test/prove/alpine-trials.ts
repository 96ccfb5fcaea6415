import type { Platform } from '../../src/model/feed/index.ts';
import { apkRecord } from '../packaging/apk/record.ts';
import type { TrialSize } from './dpkg-trials.ts';
import { Random } from './random.ts';
import type { LooseStatement, Trial } from './trial.ts';

const alpine: Platform = {
  id: 'alpine-3.20',
  name: 'Alpine Linux 3.20',
  aliases: [],
  os: { id: 'alpine', version: '3.20' },
  packaging: 'apk',
  life: [],
};

/** Alpine: one row a source, at boundaries of every part that a version of apk has. */
export function alpineTrial(seed: number, size: TrialSize): Trial {
  const random = new Random(seed + 71);
  const statements: LooseStatement[] = [];
  const records: string[] = [];
  for (let at = 0; at < size.packages; at++) {
    const source = `src${seed}x${at}${random.pick(['', '+', '-x', '.1'])}`;
    const version = versionOf(random);
    const names = random.pick([[source], [source, `${source}-libs`], [`${source}-dev`]]);
    for (const name of names) records.push(apkRecord(name, version, { o: source }));
    for (let flaw = 0; flaw < size.flawsPerPackage; flaw++) {
      const vulnerability = `CVE-2026-${10000 + flaw}`;
      statements.push(
        random.chance(10)
          ? { vulnerability, package: source, status: 'not_affected' }
          : { vulnerability, package: source, status: 'fixed', fixed: near(random, version) },
      );
    }
  }
  return {
    name: `alpine ${seed}`,
    platform: alpine,
    data: {},
    statements,
    files: {
      'etc/os-release': 'ID=alpine\nVERSION_ID=3.20.3\n',
      'lib/apk/db/installed': records.join(''),
    },
    fixesOnly: true,
  };
}

function versionOf(random: Random): string {
  const parts = Array.from({ length: 1 + random.below(3) }, () =>
    random.pick(['0', '1', '2', '05', '10', '015', '100']),
  );
  const letter = random.pick(['', '', '', 'a', 'k', 'z']);
  const suffix = random.pick(['', '', '', '_alpha', '_beta2', '_rc1', '_git20240101', '_p1', '_p']);
  return `${random.below(12)}.${parts.join('.')}${letter}${suffix}-r${random.below(12)}`;
}

/** The same, or one part changed. */
function near(random: Random, version: string): string {
  const [main = '', revision = '0'] = version.split('-r');
  return random.pick([
    version,
    `${main}-r${Number(revision) + 1}`,
    `${main}-r${Math.max(0, Number(revision) - 1)}`,
    `${main.replace(/_.*/, '')}_rc1-r${revision}`,
    `${main.replace(/_.*/, '')}_p2-r0`,
    `${main.replace(/_.*/, '')}-r9`,
    `${main.replace(/[a-z_].*/, '')}.0-r0`,
    `${main.replace(/[a-z_].*/, '')}b-r0`,
    versionOf(random),
  ]);
}
