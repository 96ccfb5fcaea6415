import type { FileView, InstalledPackage, InventoryNote, RandomAccess } from '../../model/index.ts';
import { type DatabaseReading, databaseOf, incompleteNote, maxPackages, openDatabase } from '../database.ts';
import { historyOf, withLayers } from '../layers.ts';
import { sourceOfRpm } from './package.ts';
import { parseRpmEvr } from './version.ts';

/** What distroless images of CBL-Mariner and Azure Linux have in place of rpm's database: a line for each package. */
export const containerManifest = '/var/lib/rpmmanifest/container-manifest-2';

/** A line has some 150 bytes. */
const maxBytes = 2 ** 24;

/** Undefined: there is none. A line of another form makes the list incomplete. @throws PACKAGE_DATABASE_UNREADABLE */
export function readContainerManifest(files: FileView): DatabaseReading | undefined {
  const content = openDatabase(files, containerManifest, maxBytes);
  if (!content) return undefined;
  const { packages: listed, notes } = read(content);
  const packages = withLayers(
    listed,
    historyOf(files, containerManifest),
    (version) => read(version.content).packages,
  );
  return { database: databaseOf('rpm-manifest', containerManifest, packages.length, notes), packages, notes };
}

function read(content: RandomAccess): { packages: InstalledPackage[]; notes: InventoryNote[] } {
  const lines = content.read(0, content.size).toString('utf8').split('\n');
  const packages: InstalledPackage[] = [];
  const notes: InventoryNote[] = [];
  for (const [at, line] of lines.entries()) {
    if (line === '') continue;
    const item = at < maxPackages ? packageOf(line) : undefined;
    if (item) packages.push(item);
    else notes.push(incompleteNote(`${containerManifest}:${at + 1}`, 'a line that is no package of rpm'));
    if (at >= maxPackages) break;
  }
  return { packages, notes };
}

/** Name, version-release, times of installation and build, vendor, a constant, size, architecture, epoch, source. */
function packageOf(line: string): InstalledPackage | undefined {
  const fields = line.split('\t');
  const [name = '', build = '', , , vendor = '', , , arch = '', epoch = '', sourceRpm] = fields;
  const version = epoch === '0' ? build : `${epoch}:${build}`;
  const isPackage =
    fields.length === 10 && /^[A-Za-z0-9_][A-Za-z0-9_.+-]*$/.test(name) && /^\d{1,9}$/.test(epoch);
  if (!isPackage || parseRpmEvr(version)?.release === undefined) return undefined;
  return {
    type: 'rpm',
    name,
    version,
    arch,
    source: sourceOfRpm(sourceRpm) ?? { name, version: build },
    ...(vendor === '' || vendor === '(none)' ? {} : { vendor }),
    unstated: ['signature'],
    database: containerManifest,
  };
}
