// Two commits side by side: each is built in a folder of its own, and they run the same commands in turn.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { generateDebian, generateDpkgStatus } from './generate-debian.mjs';
import { figure, measure, measurePair } from './support.mjs';

const project = resolve(import.meta.dirname, '..');
const size = { sources: 2000, cves: 20_000, roster: 15_000 };

/** Of a figure beside the same by the earlier commit. */
const bound = 1.15;

/**
 * Figures of `later`, with those of `earlier` as the reference. One beyond the bound is measured again, in twice as many pairs, and
 * the second time counts: of six figures of one commit beside itself, a busy machine put one at 1.2 now and then.
 */
export async function compare(earlier = before(), later = 'HEAD') {
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

/**
 * The parent of the last commit that changed the program: documents and tests alone change no figure. Undefined: a checkout without
 * it, of one commit or of no repository.
 */
export function before() {
  try {
    const last = git('log', '-1', '--format=%H', '--', 'src', 'package-lock.json', 'scripts/build.mjs');
    return git('rev-parse', '--verify', '--quiet', `${last}^`);
  } catch {
    return undefined;
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
      times: 9,
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
    {
      what: 'export for trivy',
      times: 7,
      args: (feed) => ['export', '--feed', feed, '--to', 'trivy', '--out', join(folder, 'export')],
    },
  ];
  const fetching = ['--source', 'debian', '--no-ratings', '--snapshots', join(folder, 'snapshots')];
  const [cli] = commits.map(({ tree }) => join(tree, 'dist/cli.cjs'));
  const from = ['--mirror', mirror, '--unsigned-mirror', '--no-oval', '--out', join(folder, 'fetched')];
  await measure('node', [cli, 'build', ...fetching, ...from], { runs: 1, warmup: 0 });
  const found = [];
  for (const run of runs) {
    const [a, b] = commits.map(({ tree }) => ({
      command: 'node',
      args: [join(tree, 'dist/cli.cjs'), ...run.args(join(tree, 'compared-feed'))],
    }));
    let pair = await measured({ ...run, earlier: a, later: b });
    if (pair.some(({ met }) => !met)) {
      pair = await measured({ ...run, times: 2 * run.times, earlier: a, later: b });
    }
    found.push(...pair);
  }
  return found;
}

async function measured({ what, times, earlier, later }) {
  // The first runs of a command leave its compiled code.
  const { a, b, ...ratios } = await measurePair(later, earlier, { runs: times, warmup: Math.min(times, 4) });
  if (a.code !== 0 || b.code !== 0) throw new Error(`${what} ended with ${b.code} and ${a.code}`);
  const one = (name, value, ratio, unit) =>
    figure({
      name,
      value,
      unit,
      reference: value / ratio,
      referenceName: 'the earlier commit',
      target: bound,
    });
  return [
    one(what, a.wall * 1000, ratios.wallRatio, 'ms'),
    one(`${what}, peak memory`, a.rss, ratios.rssRatio, 'MB'),
  ];
}

function git(...args) {
  return execFileSync('git', args, {
    cwd: project,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  }).trim();
}
