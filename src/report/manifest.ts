import { type InstalledPackage, type Inventory, statedSource } from '../model/inventory/index.ts';

/** The platform of a manifest: `rhel-8`, with its minor release `8.9` if it has one. */
export interface ManifestPlatform {
  id: string;
  release?: string;
}

const absent = '-';

/**
 * Formats an inventory as lines for OVAL's text tests: `#platform rhel-8 8.9`, `#module nodejs:18` for each module that
 * dnf has enabled, then one line per package: name, EVR, architecture, source, source EVR, module:stream, key id, version
 * of the module's label and vendor, separated by tabs; for portage the slot stands for the module and the repository for the vendor; an unknown field is a dash. A line `#unstated` names a package of an SBOM by its
 * first three fields, and the facts that the SBOM omits. Every EVR has an epoch. Databases do
 * not record that of a source rpm, so it is written as 0: compare version and release only.
 */
export function inventoryManifest(
  { packages, os, enabledModules = [] }: Pick<Inventory, 'packages' | 'enabledModules'> & Partial<Inventory>,
  { id, release = os?.versionId }: ManifestPlatform,
): string {
  const head = `#platform ${id} ${field(release)}`;
  const modules = enabledModules.map((module) => `#module ${field(module)}`);
  const unstated = packages.flatMap((item) => unstatedLine(item) ?? []);
  return [head, ...modules, ...unstated, ...packages.map(packageLine)].map((line) => `${line}\n`).join('');
}

function unstatedLine({ name, version, arch, unstated }: InstalledPackage): string | undefined {
  return (
    unstated && ['#unstated', ...[name, withEpoch(version), arch, unstated.join(' ')].map(field)].join('\t')
  );
}

function packageLine(item: InstalledPackage): string {
  const source = statedSource(item);
  const fields = [
    item.name,
    withEpoch(item.version),
    item.arch,
    source?.name,
    source && withEpoch(source.version),
    item.module ?? item.slot,
    item.keyId?.toLowerCase(),
    item.modularityLabel?.split(':')[2],
    item.vendor ?? item.repository,
  ];
  return fields.map(field).join('\t');
}

/** Valid databases have no white space in fields; a forged one must not add fields or lines, or steer a terminal. */
function field(text: string | undefined): string {
  return text?.replace(/[\s\p{Cc}\p{Bidi_Control}]+/gu, '_') || absent;
}

function withEpoch(version: string): string {
  return /^\d+:/.test(version) ? version : `0:${version}`;
}
