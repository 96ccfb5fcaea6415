import { databasesOf, foreignNotes } from '../distros/databases.ts';
import { type Fields, fieldsOf, known, listOf } from '../io/json-parts.ts';
import { ScapfeedError } from '../model/error.ts';
import {
  type InstalledPackage,
  type Inventory,
  type Unstated,
  unstatedFacts,
} from '../model/inventory/index.ts';
import { inventoryFault } from '../model/inventory/inventory-shape.ts';
import type { OwnInventory } from './document.ts';
import { releaseNamed } from './release.ts';
import { digestIn, textOf, unstatedOf } from './values.ts';

/** Reads what `scapfeed inventory -o json` wrote. */
export function readOwnInventory(value: unknown, where: string): OwnInventory {
  const fault = inventoryFault(value);
  if (fault !== undefined) {
    throw new ScapfeedError({
      code: 'SBOM_MALFORMED',
      message: 'expected the JSON of an inventory with its packages and databases, found another value',
      where: `${where}#${fault}`,
      remedy: 'write it with `scapfeed inventory IMAGE -o json=FILE`',
    });
  }
  const { image, ...inventory } = value as Inventory & { image?: unknown };
  const { reference, digest, architecture, layers } = fieldsOf(image);
  return {
    format: 'scapfeed inventory',
    inventory,
    subject: known({
      name: textOf(reference),
      digest: digestIn(textOf(digest)),
      architecture: textOf(architecture),
    }),
    layers: listOf(layers).map(fieldsOf).map(layerOf),
  };
}

function layerOf({ diffId, digest, createdBy }: Fields): OwnInventory['layers'][number] {
  return known({ diffId: textOf(diffId), digest: textOf(digest), createdBy: textOf(createdBy) });
}

/** Fields of a package's line in the manifest form. */
const fieldCount = 9;

/** Reads what `scapfeed inventory -o manifest` wrote: `#platform`, `#module`, one line a package. */
export function readOwnManifest(text: string, where: string): OwnInventory {
  const packages: InstalledPackage[] = [];
  const enabledModules: string[] = [];
  const unstated = new Map<string, readonly Unstated[]>();
  let os: Inventory['os'] = null;
  const lines = text.split('\n');
  const [, platform = '', stated = '-'] = /^#platform (\S+) (\S+)/.exec(lines[0] ?? '') ?? [];
  const [, name = platform, version] = /^(.*)-([^-]*)$/.exec(platform) ?? [];
  if (platform !== 'unknown' && platform !== '') {
    const release = stated === '-' ? version : stated;
    os = releaseNamed({ name, found: where, ...known({ version: release }) });
  }
  const type = (os && databaseBySystem(os.id)) ?? packagesOf(lines);
  lines.slice(1).forEach((line, at) => {
    if (line === '') return;
    const module = /^#module (\S+)$/.exec(line)?.[1];
    if (module !== undefined) {
      enabledModules.push(module);
      return;
    }
    const fields = line.split('\t');
    if (fields[0] === '#unstated' && fields.length === 5) {
      unstated.set(fields.slice(1, 4).join('\t'), unstatedOf(fields[4]?.replaceAll('_', ' ')) ?? []);
      return;
    }
    if (line.startsWith('#') || fields.length !== fieldCount) throw wrongLine(at + 2, where);
    packages.push(packageOf(fields, type, where, unstated.get(fields.slice(0, 3).join('\t'))));
  });
  return {
    format: 'scapfeed manifest',
    inventory: {
      os,
      databases: [{ kind: 'sbom', path: where, packages: packages.length }],
      packages,
      notes: foreignNotes({ os, packages }),
      ...(enabledModules.length > 0 ? { enabledModules } : {}),
    },
    subject: {},
    layers: [],
  };
}

/** Architectures that only rpm names so. */
const rpmArchitectures = /^(?:noarch|x86_64|aarch64|i[36]86)$/;

/** Versions and architectures of pacman have the form of rpm's, those of portage that of apk's and dpkg's; the system decides. */
function databaseBySystem(osId: string): 'alpm' | 'ebuild' | undefined {
  const [type] = databasesOf(osId);
  return type === 'alpm' || type === 'ebuild' ? type : undefined;
}

/** Architectures of apk that dpkg calls otherwise, and the reverse. */
const apkArchitectures = /^(?:noarch|x86_64|aarch64|x86|armv7|ppc64le)$/;
const debArchitectures = /^(?:all|amd64|arm64|armel|ppc64el|mips64el)$/;

/** A manifest does not name the packager: all versions of apk end in `-r` and a number; only rpm builds have keys, modules, vendors and these architectures. */
function packagesOf(lines: readonly string[]): InstalledPackage['type'] {
  const isApk = lines.every((line) => line.startsWith('#') || /-r\d+$/.test(line.split('\t')[1] ?? ''));
  if (isApk && lines.some((line) => !line.startsWith('#'))) return 'apk';
  const isRpm = lines.some((line) => {
    const fields = line.split('\t');
    if (fields.length !== fieldCount) return false;
    return rpmArchitectures.test(fields[2] ?? '') || fields.slice(5).some((field) => field !== '-');
  });
  return isRpm ? 'rpm' : 'deb';
}

/** A system may have packages of several packagers; a line without a packager has the document's. */
function typeOf(
  [, version = '', arch = '', ...others]: readonly string[],
  most: InstalledPackage['type'],
): InstalledPackage['type'] {
  if (most === 'ebuild') return most;
  if (debArchitectures.test(arch)) return 'deb';
  if (most === 'alpm') return most;
  if (/-r\d+$/.test(version) && apkArchitectures.test(arch)) return 'apk';
  return rpmArchitectures.test(arch) || others.slice(2).some((field) => field !== '-') ? 'rpm' : most;
}

function packageOf(
  fields: readonly string[],
  most: InstalledPackage['type'],
  where: string,
  stated: readonly Unstated[] = [],
): InstalledPackage {
  const [name, version, arch, source, sourceVersion, module, keyId, label, vendor] = fields.map((field) =>
    field === '-' ? undefined : field,
  );
  const type = typeOf(fields, most);
  const unstated = unstatedFacts.filter(
    (fact) => stated.includes(fact) || (fact === 'source' && source === undefined),
  );
  const own = { name: name ?? '', version: withoutZero(version ?? '') };
  return {
    type,
    ...own,
    arch: arch ?? '',
    source: source === undefined ? own : { name: source, version: withoutZero(sourceVersion ?? '') },
    database: where,
    ...(type === 'ebuild' && known({ slot: module, repository: vendor })),
    ...known({
      module: type === 'ebuild' ? undefined : module,
      modularityLabel: module === undefined || label === undefined ? undefined : `${module}:${label}`,
      keyId,
      vendor: type === 'ebuild' ? undefined : vendor?.replaceAll('_', ' '),
      unstated: unstated.length > 0 ? unstated : undefined,
    }),
  };
}

/** The manifest writes an epoch everywhere; databases leave 0 out. */
function withoutZero(version: string): string {
  return version.replace(/^0:/, '');
}

function wrongLine(number: number, where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'SBOM_MALFORMED',
    message: `expected ${fieldCount} fields with tabs between them, found another line`,
    where: `${where}:${number}`,
    remedy: 'write it with `scapfeed inventory IMAGE -o manifest=FILE`',
  });
}
