import data from '../../../feeds/amazon.json' with { type: 'json' };
import type { LifePhase, Platform } from '../../model/feed/index.ts';
import type { Download } from '../../sources/download.ts';
import type { MalformedLimits } from '../../sources/errata/malformed-share.ts';
import type { MirroredChannel } from '../../sources/updateinfo/channel.ts';
import { osId } from './rule.ts';

/** `feeds/amazon.json`: where Amazon Linux's lists of updates are, and what its releases are. */
export interface AmazonDefinition extends MalformedLimits {
  /** See FetchedSource. */
  usualDays: number;
  releases: readonly AmazonRelease[];
}

export interface AmazonRelease {
  /** `2018.03`, `2`, `2023`: VERSION_ID, without what follows the year of 2023. */
  version: string;
  life: readonly LifePhase[];
  /** Hosts of mirrors, besides that of their list. */
  hosts?: readonly string[];
  main: NamedChannel;
  others?: readonly NamedChannel[];
  /** `mirrors` has TOPIC for the name of a topic in the catalog. */
  extras?: { catalog: string; mirrors: string };
}

interface NamedChannel {
  name: string;
  mirrors: string;
}

/** A test checks it by schemas/amazon-definition.schema.json. */
export const amazonDefinition: AmazonDefinition = data;

export const sourceId = 'amazon';

export function platformOf({ version, life }: AmazonRelease): Platform {
  return {
    id: platformId(version),
    name: `Amazon Linux ${version}`,
    aliases: [`amazonlinux-${version}`, `amazonlinux${version}`],
    os: { id: osId, version },
    packaging: 'rpm',
    life,
  };
}

export function platformId(version: string): string {
  return `${osId}-${version}`;
}

/** A channel of a release; `of`: its name in statements, undefined for the main one. */
export interface AmazonChannel extends MirroredChannel {
  of: string | undefined;
}

/** The channels of a release, the main one first. `topics`: the names in the catalog of its extras. */
export function channelsOf(
  { version, hosts = [], main, others = [], extras }: AmazonRelease,
  topics: readonly string[],
): AmazonChannel[] {
  const channel = (name: string, mirrors: string, of: string | undefined): AmazonChannel => ({
    source: sourceId,
    name: `${version}-${name}`,
    mirrors,
    hosts,
    of,
  });
  const ofTopic = (topic: string) =>
    channel(`extras-${topic}`, extras!.mirrors.replace('TOPIC', topic), topic);
  return [
    channel(main.name, main.mirrors, undefined),
    ...others.map(({ name, mirrors }) => channel(name, mirrors, name)),
    ...(extras ? topics.map(ofTopic) : []),
  ];
}

/** It has some 2 MB. */
export const maxCatalogBytes = 2 ** 24;

export function catalogOf({ version, extras }: AmazonRelease): Download | undefined {
  return (
    extras && {
      source: sourceId,
      id: `${sourceId}-catalog-${version}`,
      url: extras.catalog,
      kind: 'json',
      maxBytes: maxCatalogBytes,
    }
  );
}
