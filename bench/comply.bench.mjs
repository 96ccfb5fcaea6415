import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { figure, measurePair, median } from './support.mjs';

const cli = join(import.meta.dirname, '../dist/cli.cjs');
const data = process.env['SCAPFEED_TEST_DATA'] ?? resolve(import.meta.dirname, '../../shared/data');
const archive = join(data, 'openscap-tests/rootfs/rootfs-rhel9.tar.gz');
const stream = '/usr/share/xml/scap/ssg/content/ssg-rhel9-ds.xml';
const profile = 'cis_server_l1';

/** A RHEL 9 profile on a root file system, with the outputs of a whole report, beside oscap on the same root. */
export async function run({ quick }) {
  if (!existsSync(archive) || !existsSync(stream)) return [];
  const folder = mkdtempSync(join(tmpdir(), 'scapfeed-bench-comply-'));
  try {
    const root = join(folder, 'root');
    mkdirSync(root);
    execFileSync('tar', ['-xpf', archive, '-C', root]);
    const compiled = join(folder, 'rhel9.json');
    execFileSync(process.execPath, [cli, 'compile', stream, '-o', compiled], { stdio: 'ignore' });
    const pair = await measurePair(ours(root, compiled, folder), theirs(root, folder), {
      ...(quick ? { runs: 1, warmup: 0 } : { runs: 5 }),
    });
    return figures(pair, await loadTime(compiled, folder));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function ours(root, content, folder) {
  const outputs = ['xccdf', 'arf', 'html'].flatMap((format) => [
    '-o',
    `${format}=${join(folder, `ours.${format}`)}`,
  ]);
  return {
    command: process.execPath,
    args: [cli, 'comply', `dir:${root}`, '--content', content, '--profile', profile, ...outputs],
  };
}

function theirs(root, folder) {
  const outputs = { '--results': 'xccdf', '--results-arf': 'arf', '--report': 'html' };
  const files = Object.entries(outputs).flatMap(([option, format]) => [
    option,
    join(folder, `theirs.${format}`),
  ]);
  return {
    command: 'oscap',
    args: ['xccdf', 'eval', '--profile', profile, '--oval-results', ...files, stream],
    cwd: folder,
    env: { OSCAP_PROBE_ROOT: root },
  };
}

/** Opening a compiled stream in a process that has opened none, in milliseconds. */
async function loadTime(compiled, folder) {
  const outfile = join(folder, 'load.mjs');
  const code = `import { openContent } from ${JSON.stringify(join(import.meta.dirname, '../src/comply/index.ts'))};
    const start = performance.now(); openContent(process.argv[2]); console.log(performance.now() - start);`;
  await build({
    stdin: { contents: code, resolveDir: import.meta.dirname },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
  const times = Array.from({ length: 5 }, () => Number(execFileSync(process.execPath, [outfile, compiled])));
  return median(times);
}

function figures({ a, b, wallRatio, rssRatio }, load) {
  const what = `comply, RHEL 9 ${profile}, XCCDF, ARF and HTML`;
  const common = { referenceName: 'oscap xccdf eval' };
  return [
    figure({ ...common, name: what, value: b.wall * wallRatio, unit: 's', reference: b.wall, target: 1 / 3 }),
    figure({
      ...common,
      name: `${what}, peak memory`,
      value: b.rss * rssRatio,
      unit: 'MB',
      reference: b.rss,
      target: 1 / 2,
    }),
    figure({
      ...common,
      name: `${what}, wall`,
      value: a.wall,
      unit: 's',
      reference: b.wall,
      target: 3,
      kind: 'absolute',
    }),
    figure({
      name: 'opening a compiled RHEL 9 stream',
      value: load,
      unit: 'ms',
      target: 50,
      kind: 'absolute',
    }),
  ];
}
