import { existsSync } from 'node:fs';
import { readInventory } from '../../src/inventory/index.ts';
import type { Inventory } from '../../src/model/inventory/index.ts';
import { alpineTrial } from '../prove/alpine-trials.ts';
import { rpmDatabaseMaker } from '../prove/compare.ts';
import { debianTrial, ubuntuTrial } from '../prove/dpkg-trials.ts';
import { almaTrial, rockyTrial } from '../prove/errata-trials.ts';
import { debianRootTrial, rhelListTrial, suseListTrial, ubuntuListTrial } from '../prove/real-trials.ts';
import { rhelTrial } from '../prove/rpm-trials.ts';
import { suseTrial } from '../prove/suse-trials.ts';
import type { Trial } from '../prove/trial.ts';
import { dataPath, hasData } from '../support/data.ts';
import { debianRoot } from '../support/debian-images.ts';
import { dirView } from '../support/dir-view.ts';
import { hasNotus, hasOracle, isRoot, npmCommand } from '../support/oracles.ts';
import { debsecanJudge } from './debsecan.ts';
import { grypeJudge } from './grype.ts';
import type { Judge } from './judge.ts';
import { notusJudge } from './notus.ts';
import { osvJudge } from './osv.ts';
import { proveTrial } from './prove-trial.ts';
import { rhel10Trial } from './rhel10-trial.ts';
import { trivyJudge } from './trivy.ts';

/** Leaves out the judges that the tests of this folder cover by another seed or unchanged: CI runs both. */
const isShare = process.argv.includes('--share');

/** A judge of a system that the tests have too. */
function tested(...judges: readonly Judge[]): readonly Judge[] {
  return isShare ? [] : judges;
}

/**
 * `npm run prove:exports [-- --share]`: what other scanners find with exports of ours, beside what scan finds, on random systems at
 * the boundaries of fixed versions and on real ones. Exits 1 when a difference has no cause in the list that the export writes
 * and follows no rule that docs/exports.md describes.
 */
async function main(): Promise<void> {
  console.log(row('SYSTEM', 'SCANNER', 'COMPARED', 'EQUAL', 'EXPLAINED', 'UNEXPLAINED'));
  let unexplained = 0;
  for (const [name, trial, judges] of systems()) {
    for (const judge of judges) {
      const found = await proveTrial(trial(), judge);
      const explained = [...found.explained.values()].reduce((sum, count) => sum + count, 0);
      console.log(row(name, judge.target, found.compared, found.equal, explained, found.unexplained.length));
      for (const [cause, count] of [...found.explained].sort()) console.log(`  ${cause}: ${count}`);
      for (const text of found.unexplained.slice(0, 5)) console.log(`  ! ${text}`);
      unexplained += found.unexplained.length;
    }
  }
  if (unexplained > 0) process.exitCode = 1;
}

type System = readonly [name: string, trial: () => Trial, judges: readonly Judge[]];

function* systems(): Generator<System> {
  const size = { packages: 250, flawsPerPackage: 20 };
  const grype = (...system: Parameters<typeof grypeJudge>) =>
    hasOracle('sqlite3') ? [grypeJudge(...system)] : [];
  const trivy = npmCommand('trivy') === undefined ? [] : [trivyJudge];
  const sles = hasNotus() ? [notusJudge('SUSE Linux Enterprise Server 15-SP5')] : [];
  const debsecan = hasOracle('debsecan') ? [debsecanJudge('bookworm')] : [];
  for (const seed of isShare ? [2] : [1, 2, 3]) {
    yield [
      `random debian ${seed}`,
      () => debianTrial(seed, size),
      tested(...trivy, ...debsecan, osvJudge('Debian:12'), ...grype('debian', '12')),
    ];
    yield [
      `random ubuntu ${seed}`,
      () => ubuntuTrial(seed, size),
      tested(...trivy, osvJudge('Ubuntu:22.04:LTS'), ...grype('ubuntu', '22', '04')),
    ];
    yield [
      `random alpine ${seed}`,
      () => alpineTrial(seed, size),
      [...tested(...trivy), osvJudge('Alpine:v3.20'), ...grype('alpine', '3', '20')],
    ];
    if (!existsSync(rpmDatabaseMaker)) continue;
    const alma = almaTrial(seed, size);
    const almaVersion = alma.platform.os.version!;
    yield [
      `random ${alma.platform.id} ${seed}`,
      () => alma,
      tested(
        ...trivy,
        ...(hasNotus() ? [notusJudge(`AlmaLinux ${almaVersion}`)] : []),
        ...grype('almalinux', almaVersion),
      ),
    ];
    const rocky = rockyTrial(seed, size);
    const rockyVersion = rocky.platform.os.version!;
    yield [
      `random ${rocky.platform.id} ${seed}`,
      () => rocky,
      [
        osvJudge(`Rocky Linux:${rockyVersion}`),
        ...tested(
          ...trivy,
          ...(hasNotus() ? [notusJudge(`Rocky Linux ${rockyVersion}`)] : []),
          ...grype('rockylinux', rockyVersion),
        ),
      ],
    ];
    yield [
      `random sles ${seed}`,
      () => suseTrial(seed, size, 'sles-15.5'),
      [
        ...sles,
        ...tested(...trivy, osvJudge('SUSE:Linux Enterprise Server 15 SP5'), ...grype('sles', '15', '5')),
      ],
    ];
    yield [
      `random opensuse leap ${seed}`,
      () => suseTrial(seed, size, 'opensuse-leap-15.6'),
      tested(...trivy, osvJudge('openSUSE:Leap 15.6'), ...grype('opensuseleap', '15', '6')),
    ];
    yield [`random rhel ${seed}`, () => rhelTrial(seed, size), tested(...trivy)];
    yield [
      `random rhel 10 ${seed}`,
      () => rhel10Trial(seed, size),
      [...tested(...trivy), ...grype('redhat', '10', '0')],
    ];
  }
  if (hasOracle('mmdebstrap') && isRoot()) {
    for (const [suite, release] of [
      ['bullseye', '11'],
      ['bookworm', '12'],
      ['trixie', '13'],
    ] as const) {
      const root = debianRoot(suite, 'current');
      const inventory = readInventory(dirView(root));
      const trial = () => ({
        ...debianRootTrial(root, release, inventory),
        data: { roster: rosterOf(inventory) },
      });
      const own = hasOracle('debsecan') ? [debsecanJudge(suite)] : [];
      const notus = hasNotus() ? [notusJudge(`Debian ${release}`)] : [];
      const others = [osvJudge(`Debian:${release}`), ...grype('debian', release)];
      const judges = [...trivy, ...own, ...notus, ...others];
      // bookworm, and trixie by the same code.
      yield [
        suite,
        trial,
        suite === 'bullseye' ? judges : [...tested(...trivy, ...own, ...notus), ...others],
      ];
    }
  }
  if (hasData('distroless')) {
    const root = dataPath('distroless/rootfs');
    yield ['distroless', () => debianRootTrial(root, '12', readInventory(dirView(root))), tested(...trivy)];
  }
  for (const [list, version] of [
    ['ubuntu-jammy.tsv', '22.04'],
    ['ubuntu-noble.tsv', '24.04'],
    ['ubuntu-bionic-texlive.tsv', '18.04'],
  ] as const) {
    if (!hasData('expected-inventory')) continue;
    yield [
      list,
      () => ubuntuListTrial(dataPath('expected-inventory', list), version),
      version === '18.04' ? trivy : tested(...trivy),
    ];
  }
  if (hasData('rpm-lists') && existsSync(rpmDatabaseMaker))
    yield [
      'SLES 15 SP3, a base image',
      () => suseListTrial(dataPath('rpm-lists/SLE15WithNDB.json'), '15.3'),
      [
        ...tested(...trivy, ...(hasNotus() ? [notusJudge('SUSE Linux Enterprise Server 15-SP3')] : [])),
        osvJudge('SUSE:Linux Enterprise Server 15 SP3'),
        ...grype('sles', '15', '3'),
      ],
    ];
  if (hasData('rpm-lists') && existsSync(rpmDatabaseMaker))
    yield [
      'UBI 8',
      () => rhelListTrial(dataPath('rpm-lists/UBI8s390x.json'), '8', 4),
      tested(...trivy, ...grype('redhat', '8', '4')),
    ];
  if (hasData('rpm-lists') && existsSync(rpmDatabaseMaker))
    yield [
      'RHEL 8 with modules',
      () => rhelListTrial(dataPath('rpm-lists/CentOS8Modularitylabel.json'), '8', 2),
      [...tested(...trivy), ...grype('redhat', '8', '2')],
    ];
}

/** The sources of a system with their binaries, as the archive's package indexes have them. */
export function rosterOf({ packages }: Pick<Inventory, 'packages'>) {
  const sources = new Map<string, { version: string; binaries: { name: string; version: string }[] }>();
  for (const { name, version, source } of packages) {
    const known = sources.get(source.name) ?? { version: source.version, binaries: [] };
    sources.set(source.name, known);
    known.binaries.push({ name, version });
  }
  return sources;
}

function row(...cells: readonly (string | number)[]): string {
  return cells.map((cell, at) => (at < 2 ? String(cell).padEnd(28) : String(cell).padStart(11))).join('');
}

if (process.argv[1] === import.meta.filename) await main();
