import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readInventory } from '../../../src/inventory/index.ts';
import type { Inventory } from '../../../src/model/inventory/index.ts';
import { dataPath, hasData } from '../../support/data.ts';
import { debianTar } from '../../support/debian-images.ts';
import { folderLayer, memoryView } from '../../support/memory-view.ts';
import { hasOracle, isRoot } from '../../support/oracles.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const queryFormat = [
  'Package',
  'Architecture',
  'Version',
  'source:Package',
  'source:Version',
  'db:Status-Status',
]
  .map((field) => `\${${field}}`)
  .join('\\t')
  .concat('\\n');

const presentStates = /\t(installed|unpacked|half-configured|triggers-awaited|triggers-pending)$/;

const expectedLists = hasData('expected-inventory')
  ? readdirSync(dataPath('expected-inventory')).filter((name) => /^(debian|ubuntu)-.*\.tsv$/.test(name))
  : [];

describe.skipIf(expectedLists.length === 0 || !hasOracle('dpkg-query'))(
  'package lists of real images',
  () => {
    test.each(expectedLists)('%s', (list) => {
      const rows = readFileSync(dataPath('expected-inventory', list), 'utf8').trimEnd().split('\n');
      inTemporaryFolder((folder) => {
        writeFileSync(join(folder, 'status'), rows.map(paragraphOf).join('\n'));

        const found = lines(inventoryOf(folder));

        expect(found).toEqual(presentRows(rows));
        expect(found).toEqual(askDpkgQuery(folder));
      });
    });
  },
);

describe.skipIf(!hasData('distroless', 'rootfs') || !hasOracle('dpkg-query'))('distroless', () => {
  test('the paragraphs of status.d are what dpkg-query would list', () => {
    const root = dataPath('distroless', 'rootfs');
    const folder = join(root, 'var/lib/dpkg/status.d');
    const paragraphs = readdirSync(folder)
      .filter((name) => !name.endsWith('.md5sums'))
      .map((name) =>
        readFileSync(join(folder, name), 'utf8').replace(/\n/, '\nStatus: install ok installed\n').trimEnd(),
      );

    const inventory = readInventory(memoryView(folderLayer(root)));

    expect(inventory.os).toMatchObject({ id: 'debian', versionId: expect.any(String) });
    expect(inventory.databases).toEqual([
      { kind: 'dpkg-status.d', path: '/var/lib/dpkg/status.d', packages: paragraphs.length },
    ]);
    inTemporaryFolder((copy) => {
      writeFileSync(join(copy, 'status'), paragraphs.map((paragraph) => `${paragraph}\n\n`).join(''));
      expect(lines(inventory)).toEqual(askDpkgQuery(copy));
    });
  });
});

const hostDatabase = '/var/lib/dpkg';

describe.skipIf(!existsSync(hostDatabase) || !hasOracle('dpkg-query'))('this machine', () => {
  test('every installed package', () => {
    const found = lines(inventoryOf(hostDatabase));

    expect(found.length).toBeGreaterThan(50);
    expect(found).toEqual(askDpkgQuery(hostDatabase));
  });
});

const canMakeImages =
  hasData('../tools/make-debian-image.sh') && hasOracle('mmdebstrap', 'tar', 'dpkg-query') && isRoot();

describe.skipIf(!canMakeImages)('images of Debian', () => {
  test.each([
    ['bullseye minbase', 'bullseye', 'release', [], 90],
    [
      'trixie with servers',
      'trixie',
      'current',
      ['openssh-server', 'nginx-light', 'python3', 'git', 'curl'],
      130,
    ],
  ] as const)('%s', (_, suite, pocket, packages, atLeast) => {
    inTemporaryFolder((folder) => {
      const tar = debianTar(suite, pocket, ...packages);
      const root = join(folder, 'root');
      mkdirSync(root);
      execFileSync('tar', [
        '-xf',
        tar,
        '-C',
        root,
        './var/lib/dpkg',
        './etc/os-release',
        './usr/lib/os-release',
      ]);

      const inventory = readInventory(memoryView(folderLayer(root)));

      expect(inventory.os).toMatchObject({ id: 'debian', codename: suite });
      expect(inventory.packages.length).toBeGreaterThan(atLeast);
      expect(lines(inventory)).toEqual(askDpkgQuery(join(root, 'var/lib/dpkg')));
    });
  });
});

function inventoryOf(folder: string): Inventory {
  return readInventory(memoryView({ '/var/lib/dpkg/status': readFileSync(join(folder, 'status')) }));
}

function lines({ packages }: Inventory): string[] {
  return packages
    .map((item) =>
      [
        item.name,
        item.arch,
        item.version,
        item.source.name,
        item.source.version,
        item.state ?? 'installed',
      ].join('\t'),
    )
    .sort();
}

function askDpkgQuery(folder: string): string[] {
  const args = ['--admindir', folder, '-W', '-f', queryFormat];
  const output = execFileSync('dpkg-query', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return output
    .split('\n')
    .filter((line) => presentStates.test(line))
    .sort();
}

/** A row of the expected lists: name, architecture, version, source, its version, abbreviation, status. */
function paragraphOf(row: string): string {
  const [name, arch, version, source, sourceVersion, , status] = row.split('\t') as string[];
  const sourceField = sourceVersion === version ? source : `${source} (${sourceVersion})`;
  return (
    `Package: ${name}\nStatus: ${status}\nArchitecture: ${arch}\n${arch === 'all' ? '' : 'Multi-Arch: same\n'}` +
    `${source === name && sourceVersion === version ? '' : `Source: ${sourceField}\n`}Version: ${version}\n`
  );
}

function presentRows(rows: readonly string[]): string[] {
  return rows
    .map((row) => row.split('\t'))
    .map(([name, arch, version, source, sourceVersion, , status]) =>
      [name, arch, version, source, sourceVersion, status!.split(' ')[2]].join('\t'),
    )
    .filter((line) => presentStates.test(line))
    .sort();
}

function inTemporaryFolder<T>(use: (folder: string) => T): T {
  const folder = temporaryFolder('dpkg');
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
