// `npm run demo`: a feed from the sample snapshot, a scan of the sample image, one verdict explained, packages of languages. No network, no root.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeSampleApplication, writeSampleImage } from './sample-image.mjs';
import { writeSampleHost, writeSampleUbi } from './sample-rhel.mjs';

const cli = join(import.meta.dirname, '../dist/cli.cjs');
const folder = join('out', 'demo');
const [feed, image, snapshots] = ['feed', 'image', 'snapshots'].map((name) => join(folder, name));

const table = ['--max-age', '0', '--only-fixed', '--severity', 'high', '--by', 'package'];

rmSync(folder, { recursive: true, force: true });
writeSampleImage(image);
writeSampleApplication(join(folder, 'app'));
// For the part of the README that is about Red Hat.
writeSampleUbi(join(folder, 'ubi'));
writeSampleHost(join(folder, 'rhel10'));

// The sample is of one day and grows older: --max-age 0 accepts any age, which a real scan should not.
run(
  'build',
  '--source',
  'debian,cve-records,nvd,kev,epss',
  '--mirror',
  'feeds/sample',
  '--unsigned-mirror',
  '--snapshots',
  snapshots,
  '--out',
  feed,
);
run('scan', `oci:${image}:sample`, '--feed', feed, '--max-age', '0');
run(
  'explain',
  `oci:${image}:sample`,
  'CVE-2024-2961',
  'libc6',
  '--feed',
  feed,
  '--max-age',
  '0',
  '--snapshots',
  snapshots,
);
// Flaws of the distribution and of packages of languages in one table, by what to upgrade.
run(
  'build',
  '--source',
  'debian,osv,cve-records,nvd,kev,epss',
  '--mirror',
  'feeds/sample',
  '--unsigned-mirror',
  '--snapshots',
  snapshots,
  '--no-oval',
  '--out',
  join(folder, 'app-feed'),
);
run('scan', `oci:${join(folder, 'app')}:sample`, '--feed', join(folder, 'app-feed'), ...table);
console.log(`\nThe same as OVAL: ${feed}/oval/debian-12.oval.xml`);
console.log(
  `With oscap at hand: OSCAP_PROBE_ROOT=ROOT oscap oval eval --report report.html ${feed}/oval/debian-12.oval.xml`,
);

function run(...args) {
  console.log(`\n$ scapfeed ${args.join(' ')}`);
  const { status } = spawnSync(process.execPath, [cli, ...args], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
