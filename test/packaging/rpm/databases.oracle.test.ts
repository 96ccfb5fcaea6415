import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readInventory } from '../../../src/inventory/index.ts';
import type { InstalledPackage } from '../../../src/model/inventory/index.ts';
import { dataDir, dataPath, hasData } from '../../support/data.ts';
import { folderLayer, memoryView } from '../../support/memory-view.ts';
import { hasOracle } from '../../support/oracles.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { allTrials, turn } from '../../support/trials.ts';

/**
 * rpm's query for a package, tab-separated. All its signatures, because rpm cannot read the header signature of two
 * packages of CBL-Mariner (the number in it is one bit short); their second signature names the key all the same.
 */
const queryFormat =
  '%{NAME}\\t%{EPOCH}\\t%{VERSION}\\t%{RELEASE}\\t%{ARCH}\\t%{SOURCERPM}\\t%{VENDOR}\\t%{MODULARITYLABEL}\\t' +
  '%{RSAHEADER:pgpsig}%{DSAHEADER:pgpsig}%{SIGPGP:pgpsig}%{SIGGPG:pgpsig}\\n';

const databases = hasData('rpm') ? rpmFolders(dataPath('rpm')) : [];

describe.skipIf(!hasData('rpm') || !hasOracle('rpm'))('packages as rpm -qa lists them', () => {
  test.each(databases)('%s', (folder) => {
    const inventory = readInventory(memoryView(folderLayer(dataPath('rpm', folder), '/var/lib/rpm')));

    expect(inventory.databases).toHaveLength(1);
    expect(inventory.databases[0]).not.toHaveProperty('incomplete');
    expect(lines(inventory.packages)).toEqual(askRpm(dataPath('rpm', folder)));
  });
});

describe.skipIf(!hasData('rpm/edge-wal') || !hasOracle('rpm'))('a database behind a link', () => {
  test('is read with the log beside it, as rpm reads it', () => {
    inTemporaryFolder((folder) => {
      for (const end of ['', '-wal'])
        cpSync(dataPath('rpm', 'edge-wal', `rpmdb.sqlite${end}`), join(folder, `data/db.sqlite${end}`));
      mkdirSync(join(folder, 'rpm'));
      symlinkSync('../data/db.sqlite', join(folder, 'rpm/rpmdb.sqlite'));

      const inventory = readInventory(memoryView(folderLayer(folder, '/var/lib')));

      expect(inventory.packages).toHaveLength(5);
      expect(lines(inventory.packages)).toEqual(askRpm(folder, 'rpm'));
    });
  });
});

const backends = ['sqlite', 'bdb', 'ndb'];
const ofTurn = (list: string) =>
  allTrials ? backends : [backends[(lists.indexOf(list) + turn) % backends.length]!];
const lists = hasData('rpm-lists')
  ? readdirSync(dataPath('rpm-lists')).filter((name) => name.endsWith('.json'))
  : [];

describe.skipIf(lists.length === 0 || !hasOracle('rpm', 'python3', 'db5.3_load'))(
  'lists made into databases',
  () => {
    test.each(lists)('%s', (list) => {
      const { packages } = JSON.parse(readFileSync(dataPath('rpm-lists', list), 'utf8'));
      const expected = packages.filter(({ name }: { name: string }) => name !== 'gpg-pubkey').length;
      // A list in one backend, others by each commit; the lists together in all of them.
      for (const backend of ofTurn(list)) {
        inTemporaryFolder((folder) => {
          execFileSync('python3', [
            join(dataDir, '../tools/make-rpmdb.py'),
            dataPath('rpm-lists', list),
            folder,
            backend,
          ]);

          const inventory = readInventory(memoryView(folderLayer(folder, '/usr/lib/sysimage/rpm')));

          expect(inventory.databases[0]).toMatchObject({ kind: `rpm-${backend}`, packages: expected });
          expect(lines(inventory.packages)).toEqual(askRpm(folder));
        });
      }
    });
  },
);

function lines(packages: readonly InstalledPackage[]): string[] {
  return packages
    .map((item) => {
      const [, epoch, versionRelease] = /^(?:(\d+):)?(.*)$/.exec(item.version)!;
      const source = `${item.source.name}-${item.source.version}`;
      return [
        item.name,
        epoch ?? '',
        versionRelease,
        item.arch,
        source,
        item.vendor,
        item.modularityLabel,
        item.keyId,
      ]
        .map((field) => field ?? '')
        .join('\t');
    })
    .sort();
}

function askRpm(folder: string, database = ''): string[] {
  return inTemporaryFolder((copy) => {
    cpSync(folder, copy, { recursive: true, verbatimSymlinks: true });
    const args = [
      '--dbpath',
      join(copy, database),
      '-qa',
      '--nosignature',
      '--nodigest',
      '--qf',
      queryFormat,
    ];
    const output = execFileSync('rpm', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return output
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('gpg-pubkey\t'))
      .map((line) => {
        const [name, epoch, version, release, arch, sourceRpm, vendor, label, signature] = line
          .split('\t')
          .map((field) => (field === '(none)' ? '' : field)) as string[];
        const source = sourceRpm
          ? sourceRpm.replace(/\.(no)?src\.rpm$/, '')
          : `${name}-${version}-${release}`;
        const keyId = /Key ID ([0-9a-f]{16})/.exec(signature!)?.[1] ?? '';
        return [name, epoch, `${version}-${release}`, arch, source, vendor, label, keyId].join('\t');
      })
      .sort();
  });
}

/** Folders that hold a database file of some size. */
function rpmFolders(root: string, prefix = ''): string[] {
  return readdirSync(join(root, prefix), { withFileTypes: true }).flatMap((entry) => {
    const path = join(prefix, entry.name);
    if (entry.isDirectory()) return rpmFolders(root, path);
    const isDatabase = ['Packages', 'Packages.db', 'rpmdb.sqlite'].includes(entry.name);
    return isDatabase && statSync(join(root, path)).size > 0 ? [prefix] : [];
  });
}

function inTemporaryFolder<T>(use: (folder: string) => T): T {
  const folder = temporaryFolder('rpm');
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
