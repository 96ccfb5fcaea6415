import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { project } from '../support/cli.ts';
import { installedPackage } from '../support/installed-package.ts';

/** The package as a stranger gets it: packed, installed into an empty folder, run from there. */
describe('the npm package', () => {
  let folder: string;
  const run = (command: string, ...args: string[]) =>
    execFileSync(command, args, {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: undefined },
    });

  beforeAll(() => {
    ({ folder } = installedPackage());
  });

  it('brings the command', () => {
    expect(run('node_modules/.bin/scapfeed', '--version')).toMatch(/^scapfeed \d+\.\d+\.\d+\n$/);
  });

  it('builds a feed from its own sample', () => {
    const sample = 'node_modules/scapfeed/feeds/sample';
    const args = [
      '--source',
      'debian',
      '--mirror',
      sample,
      '--unsigned-mirror',
      '--snapshots',
      'snapshots',
      '--out',
      'feed',
    ];

    expect(run('node_modules/.bin/scapfeed', 'build', ...args)).toContain('debian-12');
    expect(existsSync(join(folder, 'feed/oval/debian-12.oval.xml'))).toBe(true);
  });

  it('exports the runtime with its types', () => {
    writeFileSync(
      join(folder, 'use.mjs'),
      "import { openFeed } from 'scapfeed/runtime'; console.log(openFeed('feed').shard('debian-12').package('openssl').package);",
    );

    expect(run('node', 'use.mjs')).toBe('openssl\n');
    expect(existsSync(join(folder, 'node_modules/scapfeed/dist/types/runtime/node.d.ts'))).toBe(true);
  });

  it('exports the runtime to CommonJS as well', () => {
    const use = "console.log(require('scapfeed/runtime').openFeed('feed').shard('debian-12').platform.id)";
    expect(run('node', '-e', use)).toBe('debian-12\n');
  });

  it('judges an inventory as the command does, gaps and all', () => {
    mkdirSync(join(folder, 'root/etc'), { recursive: true });
    mkdirSync(join(folder, 'root/var/lib/dpkg'), { recursive: true });
    writeFileSync(join(folder, 'root/etc/os-release'), 'ID=debian\nVERSION_ID="12"\n');
    const stanza = (name: string, version: string, state: string) =>
      `Package: ${name}\nStatus: install ok ${state}\nArchitecture: amd64\nVersion: ${version}\n`;
    const status = [
      stanza('openssl', '3.0.8-1', 'installed'),
      stanza('curl', '7.88.1-10', 'half-installed'),
      stanza('never-shipped', '1.0', 'installed'),
    ];
    writeFileSync(join(folder, 'root/var/lib/dpkg/status'), `${status.join('\n')}\n`);
    writeFileSync(
      join(folder, 'judge.mjs'),
      `import { readFileSync } from 'node:fs';
       import { judge, openFeed } from 'scapfeed/runtime';
       const { verdicts, uncovered, gaps } = judge(openFeed('feed'), JSON.parse(readFileSync('inventory.json')));
       console.log(JSON.stringify({ verdicts: verdicts.map((v) => v.vulnerability), uncovered: uncovered.length, gaps }));`,
    );
    run('node_modules/.bin/scapfeed', 'inventory', 'dir:root', '-o', 'json=inventory.json');
    const scan =
      'node_modules/.bin/scapfeed scan dir:root --feed feed --max-age 0 -o json=scan.json; echo $?';
    expect(run('sh', '-c', scan)).toBe('4\n');

    const { verdicts, uncovered, gaps } = JSON.parse(readFileSync(join(folder, 'scan.json'), 'utf8'));
    expect(verdicts).not.toEqual([]);
    expect(JSON.parse(run('node', 'judge.mjs'))).toEqual({
      verdicts: verdicts.map(({ vulnerability }: { vulnerability: string }) => vulnerability),
      uncovered: uncovered.length,
      gaps: [{ code: 'uncovered_packages', detail: '2 without data in this feed' }],
    });
    expect(gaps).toHaveLength(1);
  });

  it('brings types for both module systems', () => {
    const use =
      "import { openFeed } from 'scapfeed/runtime';\nexport const feed: string = openFeed('feed').directory;\n";
    for (const name of ['use.mts', 'use.cts']) writeFileSync(join(folder, name), use);
    const options = [
      '--noEmit',
      '--strict',
      '--module',
      'node16',
      '--skipLibCheck',
      '--types',
      '',
      'use.mts',
      'use.cts',
    ];
    expect(run(join(project, 'node_modules/.bin/tsc'), ...options)).toBe('');
  });

  it('holds neither tests nor snapshots nor foreign data', () => {
    const files = readdirSync(join(folder, 'node_modules/scapfeed'), { recursive: true, encoding: 'utf8' });

    // The types have the folders of the sources; one is of the command `snapshots`.
    const others = files.filter((file) => !/^dist\/types(-cjs)?\/tasks\//.test(file));
    expect(others.filter((file) => /(^|\/)(test|bench|snapshots|src)\//.test(file))).toEqual([]);
    // The packed code cache was of one Node; this one is of the first run after the installation.
    expect(readdirSync(join(project, 'dist')).some((name) => name.includes('.cache'))).toBe(true);
    const made = /^dist\/(?:command|scan)-\w+\.cjs\.(?:build|inventory|scan)\.v[\d.]+-\w+\.cache$/;
    expect(files.filter((file) => file.includes('.cache') && !made.test(file))).toEqual([]);
  });
});
