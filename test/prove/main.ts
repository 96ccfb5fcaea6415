import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { alpineTrial } from './alpine-trials.ts';
import { amazonTrial } from './amazon-trials.ts';
import { azureTrial } from './azure-trials.ts';
import { compareTrial, type Form, rpmDatabaseMaker } from './compare.ts';
import { debianTrial, type TrialSize, ubuntuTrial } from './dpkg-trials.ts';
import {
  almaTrial,
  anolisTrial,
  fedoraTrial,
  oracleTrial,
  photonTrial,
  rockyTrial,
} from './errata-trials.ts';
import { hummingbirdTrial } from './hummingbird-trials.ts';
import { rhelTrial } from './rpm-trials.ts';
import { suseTrial } from './suse-trials.ts';
import type { Comparison, Trial } from './trial.ts';

/**
 * `npm run prove [-- --platform NAME] [--pairs N]`, for the names below: verdicts of the runtime on
 * the index beside those of oscap on the OVAL of the same statements, on random root file systems around the boundaries
 * of fixed versions.
 * Exits 1 when a difference has no cause on the list that the build writes.
 */
export const makers: Readonly<Record<string, [make: (seed: number, size: TrialSize) => Trial, form: Form]>> =
  {
    almalinux: [almaTrial, 'system'],
    'almalinux-manifest': [almaTrial, 'manifest'],
    alpine: [alpineTrial, 'system'],
    amazon: [amazonTrial, 'system'],
    'amazon-manifest': [amazonTrial, 'manifest'],
    anolis: [anolisTrial, 'system'],
    'anolis-manifest': [anolisTrial, 'manifest'],
    azure: [azureTrial, 'system'],
    'azure-manifest': [azureTrial, 'manifest'],
    debian: [debianTrial, 'system'],
    ubuntu: [ubuntuTrial, 'system'],
    'ubuntu-manifest': [ubuntuTrial, 'manifest'],
    fedora: [fedoraTrial, 'system'],
    'fedora-manifest': [fedoraTrial, 'manifest'],
    hummingbird: [hummingbirdTrial, 'system'],
    'hummingbird-manifest': [hummingbirdTrial, 'manifest'],
    oracle: [oracleTrial, 'system'],
    'oracle-manifest': [oracleTrial, 'manifest'],
    photon: [photonTrial, 'system'],
    'photon-manifest': [photonTrial, 'manifest'],
    rocky: [rockyTrial, 'system'],
    'rocky-manifest': [rockyTrial, 'manifest'],
    suse: [suseTrial, 'system'],
    'suse-manifest': [suseTrial, 'manifest'],
    rhel: [rhelTrial, 'system'],
    'rhel-manifest': [rhelTrial, 'manifest'],
  };

/** A root of so many packages keeps one run of oscap at some seconds. */
const size: TrialSize = { packages: 250, flawsPerPackage: 20 };

/** Runs trials of one platform until enough pairs are compared, or none is left. */
export async function prove(
  platform: string,
  pairs: number,
  trialSize = size,
  seeds: Iterable<number> = everySeed(),
): Promise<Comparison & { trials: number }> {
  const total = {
    compared: 0,
    equal: 0,
    explained: new Map<string, number>(),
    unexplained: [] as string[],
    unexplainedCount: 0,
    trials: 0,
  };
  for (const seed of seeds) {
    if (total.compared >= pairs) break;
    const [make, form] = makers[platform]!;
    const trial = make(seed, trialSize);
    const found = await compareTrial(trial, form);
    total.trials += 1;
    total.compared += found.compared;
    total.equal += found.equal;
    total.unexplainedCount += found.unexplainedCount;
    for (const text of found.unexplained.slice(0, 5)) total.unexplained.push(`${trial.name}: ${text}`);
    for (const [cause, count] of found.explained)
      total.explained.set(cause, (total.explained.get(cause) ?? 0) + count);
  }
  return total;
}

function* everySeed(): Generator<number> {
  for (let seed = 1; ; seed++) yield seed;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { platform: { type: 'string' }, pairs: { type: 'string', default: '120000' } },
  });
  const platforms = values.platform === undefined ? Object.keys(makers) : [values.platform];
  const wrong = platforms.find((name) => makers[name] === undefined);
  if (wrong !== undefined) throw new Error(`no platform ${wrong}: ${Object.keys(makers).join(', ')}`);
  if (
    platforms.some((name) =>
      /^(?:alma|amazon|anolis|azure|fedora|hummingbird|oracle|photon|rhel|rocky|suse)/.test(name),
    ) &&
    !existsSync(rpmDatabaseMaker)
  ) {
    throw new Error(
      `no ${rpmDatabaseMaker}: set SCAPFEED_TEST_DATA to the data folder beside which the tools are`,
    );
  }
  console.log('platform            roots   compared      equal  explained  unexplained');
  let unexplained = 0;
  for (const platform of platforms) {
    const found = await prove(platform, Number(values.pairs) / platforms.length);
    const explained = [...found.explained.values()].reduce((sum, count) => sum + count, 0);
    const cells = [found.trials, found.compared, found.equal, explained, found.unexplainedCount];
    console.log(
      `${platform.padEnd(17)}${cells.map((cell, at) => String(cell).padStart([8, 11, 11, 11, 13][at]!)).join('')}`,
    );
    for (const [cause, count] of [...found.explained].sort()) console.log(`  ${cause}: ${count}`);
    for (const text of found.unexplained) console.log(`  ! ${text}`);
    unexplained += found.unexplainedCount;
  }
  if (unexplained > 0) process.exitCode = 1;
}

if (process.argv[1] === import.meta.filename) await main();
