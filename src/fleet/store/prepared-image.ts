import type { Inventory, Layer, StatedBase } from '../../model/inventory/index.ts';
import { type SignatureGate, sourceKey } from '../../model/verdict/index.ts';
import { contextGaps, databaseGap } from '../../runtime/index.ts';
import { digestOf, type KeptPackage, keptParts } from '../kept-parts.ts';
import { packed } from '../packing.ts';
import { json } from './json.ts';
import type { ReadVerification } from './verifications.ts';

/** An image as it was read, for the store. */
export interface ReadImage {
  /** Absent: the form of image has none, and its inventory's stands for it. */
  digest?: string;
  kind: string;
  architecture?: string;
  labels: Readonly<Record<string, string>>;
  layers: readonly Layer[];
  inventory: Inventory;
  signed?: SignatureGate;
  /** Absent: it states none. */
  base?: StatedBase;
  /** Absent: its files were not compared with its packages. */
  verification?: ReadVerification;
  /** The digest that the sender claims. Its manifest has not been read here, so it is only shown and identifies nothing. */
  claimed?: string;
}

/** The kept form of an inventory as a whole. */
export interface KeptInventory {
  inventory: Inventory;
  layers: readonly Layer[];
  claimed?: string;
}

/** An image as the store takes it, in texts and bytes: what costs time is done, which another thread can do. */
export interface PreparedImage {
  digest: string;
  kind: string;
  architecture?: string;
  /** `digest`: hexadecimal; `facts`: JSON. */
  system: { digest: string; name: string; facts: string };
  /** In the order of their digests; `row`: JSON. */
  packages: readonly { digest: string; row: string }[];
  installed: number;
  /** JSON, as the four below. */
  gaps: string;
  unjudged: string;
  labels: string;
  signed?: string;
  /** The inventory as a whole, compressed. */
  body: Uint8Array;
}

/** `digest`: by digestOfImage. */
export function prepareImage(image: ReadImage, digest: string = digestOfImage(image)): PreparedImage {
  const { inventory, layers, labels, signed, claimed, kind, architecture } = image;
  const { system, packages } = keptParts(inventory);
  const body: KeptInventory = { inventory, layers, ...(claimed !== undefined && { claimed }) };
  return {
    ...{ digest, kind },
    ...(architecture !== undefined && { architecture }),
    system: { digest: system.digest.toString('hex'), name: system.name, facts: json(system.facts) },
    packages: [...packages]
      .sort((a, b) => Buffer.compare(a.digest, b.digest))
      .map((each) => ({ digest: each.digest.toString('hex'), row: json(packageRow(each)) })),
    installed: inventory.packages.length + unowned(inventory).length,
    gaps: json(gapsOf(inventory)),
    unjudged: json(countedPackages(inventory)),
    labels: json(labels),
    ...(signed !== undefined && { signed: json(signed) }),
    body: packed(body),
  };
}

function unowned({ languages = [] }: Inventory) {
  return languages.filter(({ owner }) => !owner);
}

/** `listed`: those of them whose versions are known, which a feed with data about the ecosystem judges. */
function countedPackages(inventory: Inventory) {
  return (inventory.unjudged ?? []).map((each) => ({
    ...each,
    listed: unowned(inventory).filter(({ type }) => type === each.ecosystem).length,
  }));
}

/** Of its manifest; for a root file system, which has none, and for what was sent in: the same content is the same image. */
export function digestOfImage({
  digest,
  inventory,
  claimed,
}: Pick<ReadImage, 'digest' | 'inventory' | 'claimed'>): string {
  const content = claimed === undefined ? inventory : [inventory, claimed];
  return digest ?? `inventory:sha256:${digestOf(content).toString('hex')}`;
}

/** Why the list of packages is not all that the image holds; what the feed adds to it is in `coverage`. */
function gapsOf(inventory: Inventory) {
  return {
    gaps: [...[databaseGap(inventory) ?? []].flat(), ...contextGaps(inventory)],
    halfInstalled: (inventory.halfInstalled ?? []).map(({ name, version, arch }) => ({
      name,
      version,
      arch,
    })),
    notes: inventory.notes,
  };
}

function packageRow({ digest, facts }: KeptPackage) {
  if ('product' in facts) {
    const { name, component, version, release } = facts.product;
    const known = name ?? component ?? '';
    const tag = [version, release].filter((part) => part !== undefined).join('-');
    return row(digest, facts, {
      type: 'oci',
      name: known,
      version: tag,
      arch: '',
      source: { name: component ?? known, version: tag },
    });
  }
  return row(digest, facts, facts.package);
}

function row(
  digest: Buffer,
  facts: object,
  {
    type,
    name,
    version,
    arch,
    source,
  }: Pick<Inventory['packages'][number], 'type' | 'name' | 'version' | 'arch' | 'source'>,
) {
  return {
    digest: digest.toString('hex'),
    ...{
      type,
      name,
      version,
      arch,
      source: sourceKey({ type, source }),
      source_version: source.version,
      facts,
    },
  };
}
