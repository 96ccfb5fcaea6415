import type { Feed } from '../../feed/read/feed.ts';
import { tableRows } from '../../feed/read/whole-file.ts';
import type { FeedPlatform } from '../../model/feed/index.ts';
import { pushTo } from '../../model/order.ts';
import { mainChannel, type PlacedStream, type RowStream } from '../shared/export/rpm-rows.ts';
import { type Cpe, cpeCovers, cpePrecision, parseCpe } from '../shared/rule/cpe.ts';
import { channelOf, isLayered, layeredPlatformId } from './rule-streams.ts';

/** The systems of one stream: RHEL's main channel, an extended channel of one minor, or a layered product's version. */
export interface Stream {
  platform: string;
  /** Absent: main. For a layered product the CPE that its statements name. */
  channel?: string;
  minor?: number;
  /** Systems on main of this minor; absent: whatever their minor. */
  systemMinor?: number;
  /** Name of the stream in Trivy's list of CPEs. */
  cpe: string;
}

interface Repository {
  id: string;
  cpes: readonly string[];
}

/**
 * All streams of the platforms that statements or repositories name, and the streams of each repository (content set), as
 * indexes into the list. Statements about an image are chosen by the CPEs of its repositories, so that is all that a scanner
 * has to look up.
 */
export class StreamBook {
  readonly streams: Stream[] = [];
  readonly repositories = new Map<string, readonly number[]>();
  readonly #places = new Map<string, number>();
  readonly #platforms: readonly FeedPlatform[];
  /** Layered platform -> its streams with their CPEs. */
  readonly #layered = new Map<string, { at: number; cpe: Cpe }[]>();

  constructor(feed: Feed, platforms: readonly FeedPlatform[]) {
    this.#platforms = platforms;
    for (const platform of platforms) this.#addPlatform(feed, platform);
    for (const { id, cpes } of tableRows<Repository>(feed, 'redhat-repositories')) {
      const places = this.#ofRepository(cpes.flatMap((text) => parseCpe(text) ?? []));
      if (places.length > 0) this.repositories.set(id, places);
    }
    for (const platform of platforms.filter(({ id }) => !isLayered(id))) this.#addDefaults(platform);
  }

  /** Streams of a platform with their indexes. */
  of(platform: string): PlacedStream[] {
    return this.streams.flatMap((stream, at) =>
      stream.platform === platform ? [{ at, stream: rowStream(stream) }] : [],
    );
  }

  #addPlatform(feed: Feed, platform: FeedPlatform): void {
    const layered = isLayered(platform.id);
    if (!layered) this.#place(mainStreamOf(platform));
    const known = new Set<string>();
    for (const { channel, minor } of feed.shard(platform.id)!.tables.kinds) {
      if (channel === undefined) continue;
      const cpe = layered ? parseCpe(channel) : undefined;
      if (cpe && !known.has(channel)) {
        known.add(channel);
        const at = this.#place({ platform: platform.id, channel, cpe: channel });
        pushTo(this.#layered, platform.id, { at, cpe });
      } else if (!channel.startsWith('cpe:')) this.#place(extended(platform, channel, minor));
    }
  }

  #ofRepository(cpes: readonly Cpe[]): number[] {
    const places = new Set<number>();
    for (const cpe of cpes) {
      const channel = channelOf(cpe);
      const [major, minor] = cpe.version.split('.');
      const own = this.#platforms.find(({ id, os }) => !isLayered(id) && os.version === major);
      if (channel === 'main' && own) places.add(this.#place({ platform: own.id, cpe: mainCpe(own) }));
      else if (channel !== undefined && own)
        places.add(this.#place(extended(own, channel, minor ? Number(minor) : undefined)));
      else for (const at of this.#layeredOf(cpe)) places.add(at);
    }
    return [...places].sort((a, b) => a - b);
  }

  /** The most precise streams of a layered product that cover a CPE. */
  #layeredOf(cpe: Cpe): number[] {
    const streams = this.#layered.get(layeredPlatformId(cpe.product)) ?? [];
    const covering = streams.filter((stream) => cpeCovers(stream.cpe, cpe));
    const best = Math.max(...covering.map((stream) => cpePrecision(stream.cpe)));
    return covering.flatMap((stream) => (cpePrecision(stream.cpe) === best ? stream.at : []));
  }

  /** Sets that scanners assume for an image that names none. */
  #addDefaults({ id, os: { version } }: FeedPlatform): void {
    const main = this.of(id)[0]!.at;
    for (const name of defaultRepositories(version!))
      if (!this.repositories.has(name)) this.repositories.set(name, [main]);
  }

  #place(stream: Stream): number {
    const key = `${stream.platform} ${stream.channel ?? ''} ${stream.minor ?? ''}`;
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    const at = this.streams.push(stream) - 1;
    this.#places.set(key, at);
    return at;
  }
}

/** A stream as the rule reads it. */
export function rowStream({ channel, minor, systemMinor }: Stream): RowStream {
  if (channel?.startsWith('cpe:')) return { ...mainChannel, layer: channel };
  if (channel === undefined)
    return systemMinor === undefined ? mainChannel : { ...mainChannel, minor: systemMinor };
  const image = { minor, channels: new Set([channel]), pinned: channel !== 'els' };
  return { image, ...(minor === undefined ? {} : { minor }) };
}

/** The stream of systems on a release's main channel. */
export function mainStreamOf(platform: FeedPlatform): Stream {
  return { platform: platform.id, cpe: mainCpe(platform) };
}

export function mainCpe({ os: { version } }: FeedPlatform): string {
  return `cpe:/o:redhat:enterprise_linux:${version}`;
}

export function extended(
  { id, os: { version } }: FeedPlatform,
  channel: string,
  minor: number | undefined,
): Stream {
  const product = `rhel_${channel.replaceAll('-', '_')}`;
  return {
    platform: id,
    channel,
    ...(minor === undefined ? {} : { minor }),
    cpe: `cpe:/o:redhat:${product}:${version}${minor === undefined ? '' : `.${minor}`}`,
  };
}

function defaultRepositories(major: string): string[] {
  if (Number(major) < 8) return [`rhel-${major}-server-rpms`, `rhel-${major}-server-extras-rpms`];
  return ['baseos', 'appstream'].map((part) => `rhel-${major}-for-x86_64-${part}-rpms`);
}
