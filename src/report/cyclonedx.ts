import type { InstalledPackage, Inventory, Layer, OsRelease } from '../model/index.ts';
import { packageUrl } from './purl.ts';

/** The image that an inventory was read from. */
export interface BomSubject {
  reference: string;
  /** Digest of the image, if its form has one. */
  digest?: string;
  layers: readonly Layer[];
  /** Version of scapfeed. */
  toolVersion: string;
}

const subjectRef = 'image';

/**
 * Formats an inventory as CycloneDX 1.6: the image, its operating system and its packages, with purls. Without serial
 * number and time, so that the same inventory gives the same bytes.
 */
export function cycloneDx(inventory: Inventory, subject: BomSubject): string {
  const { os, packages, databases } = inventory;
  const document = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      tools: { components: [{ type: 'application', name: 'scapfeed', version: subject.toolVersion }] },
      component: {
        'bom-ref': subjectRef,
        type: 'container',
        name: subject.reference,
        ...(subject.digest === undefined ? {} : { version: subject.digest }),
        // In their order: an SBOM that is read again numbers them as the image does.
        ...layerProperties(subject.layers),
      },
    },
    components: [
      ...(os ? [operatingSystem(os)] : []),
      ...packages.map((item) => packageComponent(item, os, subject.layers)),
    ],
    // Only packages in databases are listed: other files are not, and without a database nothing is known.
    compositions: [
      { aggregate: databases.length === 0 ? 'unknown' : 'incomplete', assemblies: [subjectRef] },
    ],
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

function layerProperties(layers: readonly Layer[]): { properties?: { name: string; value: string }[] } {
  const ids = layers.flatMap(({ diffId, digest }) => diffId ?? digest ?? []);
  return ids.length === 0 ? {} : { properties: ids.flatMap((id) => properties({ 'image:layer': id })) };
}

function operatingSystem(os: OsRelease): Record<string, unknown> {
  const version = os.pointRelease ?? os.versionId ?? os.codename;
  return {
    'bom-ref': `os:${os.id}`,
    type: 'operating-system',
    name: os.id,
    ...(version === undefined ? {} : { version }),
    ...(os.prettyName === undefined ? {} : { description: os.prettyName }),
    ...(os.cpe === undefined ? {} : { cpe: os.cpe }),
    properties: properties({
      'os:found': os.found,
      'os:codename': os.codename,
      'os:versionId': os.versionId,
    }),
  };
}

function packageComponent(
  item: InstalledPackage,
  os: OsRelease | null,
  layers: readonly Layer[],
): Record<string, unknown> {
  const purl = packageUrl(item, os);
  const layer = item.layer === undefined ? undefined : layers[item.layer];
  return {
    'bom-ref': purl,
    type: 'library',
    ...(item.vendor === undefined ? {} : { supplier: { name: item.vendor } }),
    name: item.name,
    version: item.version,
    purl,
    properties: properties({
      'package:database': item.database,
      'package:keyId': item.keyId,
      'package:layer': layer?.diffId ?? layer?.digest,
      'package:modularityLabel': item.modularityLabel,
      'package:module': item.module,
      'package:source': item.source.name,
      'package:sourceVersion': item.source.version,
      'package:state': item.state,
    }),
  };
}

/** Properties under our own prefix, as CycloneDX's property taxonomy requires. */
function properties(values: Readonly<Record<string, string | undefined>>): { name: string; value: string }[] {
  return Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : { name: `scapfeed:${name}`, value },
  );
}
