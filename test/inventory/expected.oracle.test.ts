import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readInventory } from '../../src/inventory/index.ts';
import type { InstalledPackage } from '../../src/model/inventory/index.ts';
import { dataPath, hasData } from '../support/data.ts';
import { folderLayer, memoryView } from '../support/memory-view.ts';

const lists = hasData('expected-inventory')
  ? readdirSync(dataPath('expected-inventory')).filter((name) => name.startsWith('rpm-'))
  : [];

/** Lists that rpm 4.20.1 gave when the data was collected, with the key of the header's RSA signature. */
describe.skipIf(lists.length === 0 || !hasData('rpm'))('rpm databases against their recorded lists', () => {
  test.each(lists)('%s', (list) => {
    const rows = readFileSync(dataPath('expected-inventory', list), 'utf8')
      .split('\n')
      .filter((row) => row !== '' && !row.startsWith('gpg-pubkey\t'));

    const { packages } = readInventory(memoryView(rootOf(list.slice('rpm-'.length, -'.tsv'.length))));

    expect(packages.map(fieldsOf).sort()).toEqual(rows.map(expectedFields).sort());
    const keyIds = new Map(packages.map((item) => [fieldsOf(item), item.keyId]));
    for (const row of rows) {
      const keyId = /Key ID ([0-9a-f]{16})/.exec(row)?.[1];
      if (keyId) expect(keyIds.get(expectedFields(row))).toBe(keyId);
    }
  });
});

function rootOf(name: string) {
  const synthetic = dataPath('rpm', 'synth-rootfs', name.replace(/^synth-/, ''));
  return existsSync(synthetic) ? folderLayer(synthetic) : folderLayer(dataPath('rpm', name), '/var/lib/rpm');
}

function fieldsOf(item: InstalledPackage): string {
  const [, epoch, evr] = /^(?:(\d+):)?(.*)$/.exec(item.version)!;
  const source = `${item.source.name}-${item.source.version}`;
  return [item.name, epoch ?? '', evr, item.arch, source, item.vendor ?? '', item.modularityLabel ?? ''].join(
    '\t',
  );
}

/** Name, epoch, version, release, architecture, source rpm, vendor, label, then what is not compared. */
function expectedFields(row: string): string {
  const fields = row.split('\t').map((field) => (field === '(none)' ? '' : field));
  const [name, epoch, version, release, arch, sourceRpm, vendor, label] = fields as string[];
  const source = sourceRpm!.replace(/\.(no)?src\.rpm$/, '');
  return [name, epoch, `${version}-${release}`, arch, source, vendor, label].join('\t');
}
