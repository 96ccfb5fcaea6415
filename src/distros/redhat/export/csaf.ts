import type { CsafLayout, CsafSystem } from '../../../export/rows/csaf-layout.ts';
import type { FeedPlatform, ShardClaim } from '../../../model/index.ts';
import { parseCpe } from '../../shared/rule/cpe.ts';
import { channelOf } from '../rule/channels.ts';
import { isLayered } from '../rule/layers.ts';
import { redHatPages } from '../rule/pages.ts';
import { extended, mainCpe } from './streams.ts';

/** Systems and words as Red Hat's own documents have them, so that what reads those reads ours. */
export const redHatCsaf: CsafLayout = {
  name: 'redhat',
  vendor: 'Red Hat',
  namespace: 'redhat',
  registry: 'registry.redhat.io',
  pages: redHatPages,
  system,
  severityWords: { critical: 'Critical', high: 'Important', medium: 'Moderate', low: 'Low' },
};

/** The minor of a stream is in the CPE of extended channels, and in the product id of the main one. */
function system(
  platform: FeedPlatform,
  { channel, minor }: Pick<ShardClaim, 'channel' | 'minor'>,
): CsafSystem {
  const { id, name, os } = platform;
  if (isLayered(id)) return layeredSystem(platform, channel);
  const release = minor === undefined ? id : `${id}.${minor}`;
  if (channel === undefined)
    return {
      id: release,
      name: minor === undefined ? name : `${name} (${os.version}.${minor})`,
      cpe: mainCpe(platform),
      distro: `${os.id}-${os.version}`,
    };
  return {
    id: `${release}-${channel}`,
    name: `${name}, ${channel}${minor === undefined ? '' : ` ${os.version}.${minor}`}`,
    cpe: extended(platform, channel, minor).cpe,
  };
}

/** A repository with RHEL's CPE and another product's content has no CPE that would not read as RHEL. */
function layeredSystem({ id, name }: FeedPlatform, channel: string | undefined): CsafSystem {
  const cpe = channel === undefined ? undefined : parseCpe(channel);
  const own = cpe !== undefined && channelOf(cpe) === undefined;
  return {
    id: `${id} ${channel ?? ''}`.trim(),
    name,
    ...(own && channel !== undefined ? { cpe: channel } : {}),
  };
}
