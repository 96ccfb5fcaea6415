// `npm run oracles`: installs the tools that judge our results (Debian, as root). CI calls it too.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, renameSync } from 'node:fs';
import { newerNode, npmJudges, oraclePackageList, packedJudge } from '../test/support/oracle-packages.mjs';

const args = ['install', '-y', '--no-install-recommends', ...oraclePackageList];
console.log(`apt-get ${args.join(' ')}`);
const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
const update = spawnSync('apt-get', ['update'], { stdio: ['ignore', 'ignore', 'inherit'], env });
const install = spawnSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'], env });
const status =
  update.status ||
  install.status ||
  bring('.ci/judges', npmJudges) ||
  unpack(`.ci/judges/node_modules/${packedJudge}`) ||
  bring('.ci/n24', [newerNode]);
process.exit(status);

/** npm packages in a folder of their own, none of whose scripts run. Returns npm's exit code. */
function bring(folder, packages) {
  const apart = ['--no-save', '--no-package-lock', '--ignore-scripts', '--prefix', folder];
  console.log(`npm install ${[...apart, ...packages].join(' ')}`);
  mkdirSync(folder, { recursive: true });
  return spawnSync('npm', ['install', '--loglevel=error', ...apart, ...packages], {
    stdio: ['ignore', 'ignore', 'inherit'],
  }).status;
}

/** Unpacks a program that UPX packed, which would do so at each start: two seconds of processor time. Returns UPX's exit code. */
function unpack(file) {
  const isPacked = spawnSync('upx', ['-tqq', file]).status === 0;
  if (!isPacked) return 0;
  const { status } = spawnSync('upx', ['-dqq', '-o', `${file}.unpacked`, file], { stdio: 'inherit' });
  if (status !== 0) return status;
  chmodSync(`${file}.unpacked`, 0o755);
  renameSync(`${file}.unpacked`, file);
  return 0;
}
