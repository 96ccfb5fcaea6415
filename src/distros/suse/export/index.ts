import type { DistroExport, ReleaseExport } from '../../../export/rows/distro-export.ts';
import type { Feed } from '../../../feed/read/feed.ts';
import type { FeedPlatform } from '../../../model/index.ts';
import { suseSystems, systemFacts } from '../rule/systems.ts';
import { suseCsaf } from './csaf.ts';
import { suseLines } from './lines.ts';
import { notusArchitectures, suseNames } from './names.ts';
import { suseTrivy } from './trivy.ts';

/** Package URLs of SUSE's systems and of openSUSE's have namespaces of their own, and so have their documents. */
export const suseExports: readonly DistroExport[] = [
  suseExport('suse', 'SUSE'),
  suseExport('opensuse', 'openSUSE'),
];

function suseExport(namespace: 'suse' | 'opensuse', vendor: string): DistroExport {
  return {
    ids: suseSystems.filter((system) => systemFacts[system].purl === namespace),
    trivy: suseTrivy,
    csaf: suseCsaf(namespace, vendor),
    releases: (platform, feed) => [releaseOf(platform, feed)],
  };
}

function releaseOf(platform: FeedPlatform, feed: Feed): ReleaseExport {
  const { osv, grype, clair, notus } = suseNames(platform);
  return {
    subject: 'binary',
    lines: () => suseLines(feed, platform),
    osv,
    ...(grype === undefined ? {} : { grype: [grype] }),
    ...(clair === undefined ? {} : { clair }),
    ...(notus === undefined ? {} : { notus, notusArchitectures }),
  };
}
