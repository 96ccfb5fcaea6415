import type { Stream } from '../../sources/csaf/vocabulary.ts';
import { type Cpe, parseCpe, rhelBelow } from '../shared/rule/cpe.ts';
import { channelOf, hardenedProduct, hardenedStream, layeredPlatformId } from './rule-streams.ts';

/** The majors of RHEL that shards are compiled for. */
export type Majors = ReadonlySet<number>;

/** Repositories with RHEL's CPE but another product's content. */
const layeredRepositories: ReadonlySet<string> = new Set(['hypervisor']);

/**
 * Returns the stream of a platform product. The CPE decides product, channel and major; the product id is used only for the
 * minor of the main channel, whose CPE names only the major (`BaseOS-9.4.0.Z.MAIN.EUS`, `rhel-9.4.z`, `7Server-7.9.Z`).
 */
export function streamOf(
  productId: string,
  cpeText: string | undefined,
  majors: Majors,
): Stream | { reason: string } {
  const cpe = cpeText === undefined ? undefined : parseCpe(cpeText);
  if (!cpe) return { reason: cpeText === undefined ? 'platform_without_cpe' : 'malformed_cpe' };
  if (cpe.vendor !== 'redhat') return { reason: 'foreign_cpe_vendor' };
  if (cpe.product === hardenedProduct)
    return hardenedStream(cpe) ?? { reason: `${hardenedProduct}_${cpe.version}_not_compiled` };
  const channel = channelOf(cpe);
  if (channel === undefined || layeredRepositories.has(cpe.edition)) return layeredStream(cpe);
  const version = /^(\d+)(?:\.(\d+))?$/.exec(cpe.version);
  const major = rhelBelow(cpe) ?? (version ? Number(version[1]) : undefined);
  if (major === undefined) return { reason: 'platform_without_version' };
  if (!majors.has(major)) return { reason: `rhel_${major}_not_compiled` };
  const minor = version?.[2] === undefined ? minorOfId(productId, major, channel) : Number(version[2]);
  return {
    platform: `rhel-${major}`,
    ...(minor === undefined ? {} : { minor }),
    ...(channel === 'main' ? {} : { channel }),
  };
}

/** The stream of a component that is not installed by rpm, for any platform: in the shard for containers. */
export function containerStream(cpeText: string): Stream | undefined {
  const cpe = parseCpe(cpeText);
  return cpe && layeredStream(cpe);
}

/** Versions of a layered product are distinguished by the CPE in the channel. */
function layeredStream(cpe: Cpe): Stream {
  const repository = layeredRepositories.has(cpe.edition) ? `-${cpe.edition}` : '';
  const product = (cpe.product === '' ? 'unnamed' : cpe.product) + repository;
  const below = rhelBelow(cpe);
  const version = cpe.version === '' && below === undefined ? '' : `:${cpe.version}`;
  return {
    platform: layeredPlatformId(product),
    channel: `cpe:/${cpe.part}:redhat:${cpe.product}${version}${below === undefined ? '' : `::el${below}`}`,
  };
}

function minorOfId(productId: string, major: number, channel: string): number | undefined {
  if (channel !== 'main') return undefined;
  const version = /(?:^|-)(\d+)\.(\d+)(?=[.:]|$)/.exec(productId);
  return version && Number(version[1]) === major ? Number(version[2]) : undefined;
}
