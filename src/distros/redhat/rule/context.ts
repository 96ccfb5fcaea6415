import type { Shard } from '../../../feed/read/feed.ts';
import type { Inventory, PackageRecord } from '../../../model/index.ts';
import type { RedHatContext } from '../image/context.ts';
import { channelOf } from './channels.ts';
import { type Cpe, parseCpe } from './cpe.ts';
import { layeredPlatformId } from './layers.ts';
import type { ImageStreams } from './threshold.ts';

/** Facts about an image besides its packages, for choosing among the rows of RHEL's streams. */
export interface RpmContext extends ImageStreams {
  /** RHEL's shard, then those of layered products; their rows are chosen by the image's CPEs. */
  shards: readonly Shard[];
  /** RHEL major of the first shard. */
  major: number;
  cpes: readonly Cpe[];
  /** `name:stream` of modules that dnf has enabled. */
  enabledModules: readonly string[];
  /** A rebuild of RHEL is judged by RHEL's rows on request. */
  mapped: boolean;
  /** Also make verdicts `fixed` and `not_affected`. */
  all: boolean;
  records: RpmRecords;
}

/** Records of the matched packages, read in the order of the shard, so that each of its blocks is read about once. */
export class RpmRecords {
  readonly #names: readonly string[];
  readonly #records = new Map<Shard, Map<string, PackageRecord | undefined>>();

  /** `names`: of the binary packages and of their sources. */
  constructor(names: Iterable<string>) {
    this.#names = [...new Set(names)].sort();
  }

  /** The record of a binary package's own name or of a source. */
  of(shard: Shard, name: string): PackageRecord | undefined {
    const records = this.#records.get(shard) ?? this.#readAll(shard);
    const known = records.get(name);
    if (known !== undefined || records.has(name)) return known;
    const record = shard.record(name);
    records.set(name, record);
    return record;
  }

  #readAll(shard: Shard): Map<string, PackageRecord | undefined> {
    const records = new Map<string, PackageRecord | undefined>();
    for (const name of this.#names) records.set(name, shard.record(name));
    this.#records.set(shard, records);
    return records;
  }
}

export interface RpmOptions {
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
  const told = cpes.map(channelOf).filter((channel) => channel !== undefined && channel !== 'main');
  const products = new Set(cpes.map(({ product }) => product));
  const channels = options.stream === undefined ? told : options.stream === 'main' ? [] : [options.stream];
  return {
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
