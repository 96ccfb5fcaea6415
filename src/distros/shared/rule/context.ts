import type { Shard } from '../../../feed/read/feed.ts';
import type { PackageRecord } from '../../../model/feed/index.ts';
import type { Cpe } from './cpe.ts';
import type { RpmVendor } from './origin.ts';
import type { ImageStreams } from './threshold.ts';

/** Facts about a vendor and an image besides its packages, for choosing among the vendor's rows. */
export interface RpmContext extends ImageStreams {
  vendor: RpmVendor;
  /** The release's shard, then those of layered products; their rows are chosen by the image's CPEs. */
  shards: readonly Shard[];
  /** Major of the first shard. */
  major: number;
  cpes: readonly Cpe[];
  /** `name:stream` of modules that dnf has enabled. */
  enabledModules: readonly string[];
  /** A rebuild of RHEL is judged by the vendor's rows on request. */
  mapped: boolean;
  /** Also make verdicts `fixed` and `not_affected`. */
  all: boolean;
  records: RpmRecords;
  /** The vendor has one stream of updates: a verdict names every erratum that the build lacks, and no stream. */
  oneStream?: boolean;
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
