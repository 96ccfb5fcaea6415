import type { Shard } from '../../feed/read/feed.ts';
import type { Inventory } from '../../model/inventory/index.ts';
import { type RpmContext, RpmRecords } from '../shared/rule/context.ts';
import { parseCpe } from '../shared/rule/cpe.ts';
import type { RpmVendor } from '../shared/rule/origin.ts';
import type { RedHatContext } from './image.ts';
import { channelOf, layeredPlatformId } from './rule-streams.ts';

export const redHat: RpmVendor = { id: 'rhel', name: 'Red Hat', system: 'RHEL' };

/** Signed and named as all packages of Red Hat are. */
export const hardened: RpmVendor = { ...redHat, system: 'Red Hat Hardened Images' };

interface RpmOptions {
  /** `--stream eus`: the channel of the image, whatever its files say. */
  stream?: string;
  mapped?: boolean;
  all?: boolean;
  /** CPEs of a repository (content set), from Red Hat's repository-to-cpe.json. */
  repositoryCpes?(repository: string): readonly string[] | undefined;
  layered?(product: string): Shard | undefined;
}

/** Stream, channels and CPEs of an image, by its content sets and labels; `--stream` overrides the channel. */
export function rhelContext(
  shard: Shard,
  inventory: Partial<Pick<Inventory, 'os' | 'packages' | 'enabledModules'> & RedHatContext>,
  options: RpmOptions = {},
): RpmContext {
  const repositories = (inventory.contentSets ?? []).flatMap((id) => options.repositoryCpes?.(id) ?? []);
  const cpes = [...(inventory.cpes ?? []), ...repositories].flatMap((text) => parseCpe(text) ?? []);
  const named = cpes.map(channelOf).filter((channel) => channel !== undefined && channel !== 'main');
  const products = new Set(cpes.map(({ product }) => product));
  const channels = options.stream === undefined ? named : options.stream === 'main' ? [] : [options.stream];
  return {
    vendor: redHat,
    shards: [
      shard,
      ...[...products].sort().flatMap((product) => options.layered?.(layeredPlatformId(product)) ?? []),
    ],
    major: Number(shard.platform.os.version),
    minor: minorOf(inventory.os, Number(shard.platform.os.version)),
    channels: new Set(channels),
    pinned: channels.some((channel) => channel !== 'els'),
    cpes,
    enabledModules: inventory.enabledModules ?? [],
    mapped: options.mapped ?? false,
    all: options.all ?? false,
    records: new RpmRecords((inventory.packages ?? []).flatMap(({ name, source }) => [name, source.name])),
  };
}

/** os-release may have only the major (UBI of RHEL 7); the release file then has both. */
function minorOf(os: Inventory['os'] | undefined, major: number): number | undefined {
  for (const version of [os?.versionId, os?.pointRelease]) {
    const parts = /^(\d+)\.(\d+)/.exec(version ?? '');
    if (parts && Number(parts[1]) === major) return Number(parts[2]);
  }
  return undefined;
}
