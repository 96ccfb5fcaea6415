// `npm run oracles`: installs the tools that judge our results (Debian, as root). CI calls it too.
import { spawnSync } from 'node:child_process';
import { oraclePackageList } from '../test/support/oracle-packages.mjs';

const args = ['install', '-y', '--no-install-recommends', ...oraclePackageList];
console.log(`apt-get ${args.join(' ')}`);
const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
const update = spawnSync('apt-get', ['update'], { stdio: ['ignore', 'ignore', 'inherit'], env });
const install = spawnSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'], env });
process.exit(update.status || install.status || 0);
