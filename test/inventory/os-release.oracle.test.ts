import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { detectOs } from '../../src/inventory/os-release.ts';
import { dataPath, hasData } from '../support/data.ts';
import { folderLayer, type MemoryLayer, memoryView } from '../support/memory-view.ts';

const expectedRows = readFileSync(join(import.meta.dirname, 'os-release.expected.tsv'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));

describe.skipIf(!hasData('os-release'))('every release file of the data', () => {
  test('is known as what it is', () => {
    const found = releaseRoots(dataPath('os-release')).map((root) =>
      row(root, folderLayer(dataPath('os-release', root))),
    );

    expect(expectedRows.length).toBeGreaterThan(120);
    expect(found.sort()).toEqual([...expectedRows].sort());
  });

  test.each(['anchore+grype/grype/distro/testdata', 'anchore+syft/syft/linux/testdata'])(
    'a major number alone in redhat-release (%s)',
    (folder) => {
      const text = readFileSync(dataPath('os-release', folder, 'bad-redhat-release'));

      expect(row('', { '/etc/redhat-release': text })).toBe('\tcentos\t5\t-\t5\t/etc/redhat-release');
    },
  );
});

const oracleReleases = ['image-fixtures', 'rhel-layers', 'rhel', 'testdata', 'releasefiles'];

describe.skipIf(!hasData(...oracleReleases))('Oracle Linux, whose redhat-release says Red Hat', () => {
  test.each(['6', '7', '8', '9'])('%s', (major) => {
    const os = detectOs(memoryView(folderLayer(dataPath(...oracleReleases, `oracle-${major}`))));

    expect(os?.id).toBe('ol');
    expect(os?.versionId?.split('.')[0]).toBe(major);
  });
});

function row(root: string, layer: MemoryLayer): string {
  const os = detectOs(memoryView(layer));
  const fields = [os?.id, os?.versionId, os?.codename, os?.pointRelease, os?.found];
  return [root, ...fields.map((field) => field ?? '-')].join('\t');
}

/** Folders that hold an etc or a usr. */
function releaseRoots(base: string, folder = ''): string[] {
  const names = readdirSync(join(base, folder));
  if (names.includes('etc') || names.includes('usr')) return [folder];
  return names
    .map((name) => join(folder, name))
    .filter((path) => statSync(join(base, path)).isDirectory())
    .flatMap((path) => releaseRoots(base, path));
}
