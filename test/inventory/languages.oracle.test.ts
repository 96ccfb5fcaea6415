import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Inventory } from '../../src/model/inventory/index.ts';
import { debianRelease, project, rootWith, scapfeed, stanza } from '../support/cli.ts';
import { npmCommand } from '../support/oracles.ts';
import { temporaryFolder } from '../support/temporary.ts';

interface TrivyReport {
  Results: { Type?: string; Packages?: { Name: string; Version: string; FilePath?: string }[] }[];
}

const trivy = npmCommand('trivy');

/** Packages inside of a package that no installer put there: test data, benchmarks, and what a build copied. */
const insideOfPackage =
  /node_modules\/(?:@[^/]+\/[^/]+|[^@/][^/]*)\/(?:(?!node_modules\/)[^/]+\/)+package\.json$/;

it.skipIf(trivy === undefined)(
  'trivy lists the same packages of npm in what npm installed, at the same places',
  () => {
    const root = rootWith({
      'etc/os-release': debianRelease('12', 'bookworm'),
      'var/lib/dpkg/status': stanza('bash', '5.2.15-2'),
    });
    cpSync(join(project, 'node_modules'), join(root, 'srv/node_modules'), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (source) => !/\.(?:m?[jt]s|map|node|wasm|exe)$/.test(source),
    });
    symlinkSync('/srv', join(root, 'again'));
    const report = join(temporaryFolder(), 'report.json');
    const options = [
      '--scanners',
      'license',
      '--list-all-pkgs',
      '--offline-scan',
      '--skip-db-update',
      '--quiet',
    ];
    execFileSync(trivy!, ['rootfs', ...options, '--format', 'json', '--output', report, root], {
      env: { ...process.env, HOME: temporaryFolder() },
    });
    const { Results: results } = JSON.parse(readFileSync(report, 'utf8')) as TrivyReport;
    const listed = results
      .filter(({ Type }) => Type === 'node-pkg')
      .flatMap(({ Packages = [] }) => Packages)
      .map(({ Name, Version, FilePath }) => `${Name} ${Version} /${FilePath}`)
      .filter((line) => !insideOfPackage.test(line));
    const { languages = [] } = JSON.parse(
      scapfeed(['inventory', `dir:${root}`, '-o', 'json']).out,
    ) as Inventory;
    const ours = languages
      .filter(({ type }) => type === 'npm')
      .map(({ name, version, database }) => `${name} ${version} ${database}`);

    expect(ours.length).toBeGreaterThan(200);
    expect(ours.sort()).toEqual(listed.sort());
  },
);
