// `npm run oracles`: installs the tools that judge our results (Debian, as root). CI calls it too.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { oraclePackageList, recipeJudges } from '../test/support/oracle-packages.mjs';

const args = ['install', '-y', '--no-install-recommends', ...oraclePackageList];
console.log(`apt-get ${args.join(' ')}`);
const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
const update = spawnSync('apt-get', ['update'], { stdio: ['ignore', 'ignore', 'inherit'], env });
const install = spawnSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'], env });
// Some name a newer Node than the oldest that we support, and work on it.
const lenient = ['--ignore-scripts', '--no-engine-strict'];
const apart = ['--no-save', '--no-package-lock', ...lenient, '--prefix', '.ci/judges'];
console.log(`npm install ${[...apart, ...recipeJudges].join(' ')}`);
mkdirSync('.ci/judges', { recursive: true });
const judges = spawnSync('npm', ['install', '--loglevel=error', ...apart, ...recipeJudges], {
  stdio: ['ignore', 'ignore', 'inherit'],
});
process.exit(update.status || install.status || judges.status || 0);
