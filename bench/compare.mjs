// Two commits side by side: each is built in a folder of its own, and they run the same commands in turn.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { generateDebian, generateDpkgStatus } from './generate-debian.mjs';
import { figure, measure, measurePair } from './support.mjs';

const project = resolve(import.meta.dirname, '..');
const size = { sources: 2000, cves: 20_000, roster: 15_000 };

/** Figures of `later`, with those of `earlier` as the reference. */
export async function compare(earlier = 'HEAD^', later = 'HEAD') {
  const folder = mkdtempSync(join(tmpdir(), 'scapfeed-compare-'));
  const commits = [earlier, later].map((name, at) => ({ name, tree: join(folder, `tree-${at}`) }));
  try {
    for (const commit of commits) await prepare(commit, folder);
    return await figures(folder, commits);
  } finally {
    for (const { tree } of commits) git('worktree', 'remove', '--force', tree);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function prepare({ name, tree }) {
  git('worktree', 'add', '--quiet', '--detach', tree, name);
  const lock = (root) => readFileSync(join(root, 'package-lock.json'), 'utf8');
  if (lock(tree) === lock(project)) symlinkSync(join(project, 'node_modules'), join(tree, 'node_modules'));
  else execFileSync('npm', ['ci', '--silent'], { cwd: tree, stdio: 'inherit' });
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: tree, stdio: 'inherit' });
}

async function figures(folder, commits) {
  const mirror = join(folder, 'mirror');
  const root = join(folder, 'root');
  generateDebian(mirror, size);
  for (const path of ['etc', 'var/lib/dpkg']) mkdirSync(join(root, path), { recursive: true });
  writeFileSync(join(root, 'etc/os-release'), 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n');
  writeFileSync(join(root, 'var/lib/dpkg/status'), generateDpkgStatus({ packages: 250, ...size }));
  const runs = [
    {
      what: 'build of Debian',
      times: 3,
      args: (feed) => [
        'build',
        '--source',
        'debian',
        '--no-ratings',
        '--snapshots',
        join(folder, 'snapshots'),
        '--offline',
        '--out',
        feed,
      ],
    },
    { what: '--version', times: 21, args: () => ['--version'] },
    {
      what: 'scan of 250 packages',
      times: 21,
      args: (feed) => ['scan', `dir:${root}`, '--feed', feed, '--max-age', '0'],
    },
    {
      what: 'the same as JSON',
      times: 21,
      args: (feed) => ['scan', `dir:${root}`, '--feed', feed, '--max-age', '0', '-o', 'json'],
    },
    { what: 'inventory of 250 packages', times: 21, args: () => ['inventory', `dir:${root}`, '-o', 'json'] },
  ];
  const fetching = ['--source', 'debian', '--no-ratings', '--snapshots', join(folder, 'snapshots')];
  const [cli] = commits.map(({ tree }) => join(tree, 'dist/cli.cjs'));
  const from = ['--mirror', mirror, '--unsigned-mirror', '--no-oval', '--out', join(folder, 'fetched')];
  await measure('node', [cli, 'build', ...fetching, ...from], { runs: 1, warmup: 0 });
  const found = [];
  for (const { what, times, args } of runs) {
    const [a, b] = commits.map(({ tree }) => ({
      command: 'node',
      args: [join(tree, 'dist/cli.cjs'), ...args(join(tree, 'compared-feed'))],
    }));
    // The first runs of a command leave its compiled code.
    const pair = await measurePair(b, a, { runs: times, warmup: Math.min(times, 4) });
    if (pair.a.code !== pair.b.code) throw new Error(`${what} ended with ${pair.b.code} and ${pair.a.code}`);
    const referenceName = commits[0].name;
    found.push(
      figure({
        name: what,
        value: pair.a.wall * 1000,
        unit: 'ms',
        reference: (pair.a.wall * 1000) / pair.wallRatio,
        referenceName,
      }),
      figure({
        name: `${what}, peak memory`,
        value: pair.a.rss,
        unit: 'MB',
        reference: pair.a.rss / pair.rssRatio,
        referenceName,
      }),
    );
  }
  return found;
}

function git(...args) {
  execFileSync('git', args, { cwd: project, stdio: ['ignore', 'ignore', 'inherit'] });
}
