import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { debianRelease, project, rootWith, scapfeed, stanza } from '../support/cli.ts';
import { hasOracle, npmCommand } from '../support/oracles.ts';
import { temporaryFolder } from '../support/temporary.ts';

const page = readFileSync(join(project, 'docs/exports.md'), 'utf8');
const section = page.slice(page.indexOf('## Load them'), page.indexOf('## Publishing'));
const commands = [...section.matchAll(/```\n(.*?)```/gs)]
  .flatMap(([, block]) => block!.trim().split('\n'))
  .map((line) => line.replace(/\s+#.*$/, ''));

/** Scanners that neither npm nor Debian has: what they are told to read must be there. */
const absent: Readonly<Record<string, string>> = {
  grype: 'test "$1 $2" = "db import" && zstd -tq "$3"',
  'osv-scanner': 'test -s "$OSV_SCALIBR_LOCAL_DB_CACHE_DIRECTORY/osv-scalibr/Debian/all.zip"',
  clairctl: 'test "$2" = import-updaters && gzip -t "$3"',
};

const trivy = npmCommand('trivy');

describe.skipIf(!hasOracle('debsecan', 'oscap', 'zstd') || trivy === undefined)(
  'the commands of docs/exports.md for other scanners',
  () => {
    let folder: string;
    let env: Record<string, string>;

    beforeAll(() => {
      folder = temporaryFolder();
      const bin = join(folder, 'bin');
      mkdirSync(bin);
      symlinkSync(trivy!, join(bin, 'trivy'));
      for (const [name, check] of Object.entries(absent)) {
        writeFileSync(join(bin, name), `#!/bin/sh\nset -e\n${check}\n`);
        chmodSync(join(bin, name), 0o755);
      }
      const root = rootWith({
        'etc/os-release': debianRelease('12', 'bookworm'),
        'etc/debian_version': '12.5\n',
        'var/lib/dpkg/status': stanza('bash', '5.2.15-2'),
      });
      symlinkSync(root, join(folder, 'ROOT'));
      mkdirSync(join(folder, 'products'));
      env = { PATH: `${bin}:${process.env['PATH']}`, HOME: folder };
      const feed = join(folder, 'feed');
      const mirror = ['--mirror', join(project, 'feeds/sample'), '--unsigned-mirror', '--source', 'debian'];
      scapfeed(['build', ...mirror, '--snapshots', join(folder, 'snapshots'), '--out', feed], env, folder);
      const [, told = ''] = /`scapfeed (export --to \S+ --out exports)`/.exec(section)!;
      const args = told.replace('csaf', 'csaf,oval').split(' ');
      const { code, err } = scapfeed([...args, '--feed', feed], env, folder);
      expect(code, err).toBe(0);
    });

    test.each(commands)('%s', (command) => {
      const own = command.replace('/var/lib/notus/products/', 'products/');
      const { status, stderr } = spawnSync('sh', ['-c', own], { cwd: folder, env, encoding: 'utf8' });
      expect(`${status} ${status === 0 ? '' : stderr}`).toBe('0 ');
    });

    test('those of the README are among them', () => {
      const readme = readFileSync(join(project, 'README.md'), 'utf8');
      const [, block = ''] = /## For other scanners.*?```\n(.*?)```/s.exec(readme)!;
      const [exporting, ...loading] = block.trim().split('\n');
      expect(exporting).toMatch(/^scapfeed export --feed feed --to \S+ --out exports$/);
      expect(
        loading.map((line) => line.replace(/\s+#.*$/, '')).filter((line) => !commands.includes(line)),
      ).toEqual([]);
    });

    test('every scanner has its command, and notus has what it loads', () => {
      for (const name of ['trivy', 'grype', 'osv-scanner', 'debsecan', 'notus', 'clairctl', 'oscap'])
        expect(
          commands.filter((command) => command.includes(name)),
          name,
        ).not.toEqual([]);
      expect(readdirSync(join(folder, 'products'))).toContain('debian_12.notus');
    });
  },
);
