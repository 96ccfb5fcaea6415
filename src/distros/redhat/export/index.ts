import type { DistroExport } from '../../../export/rows/distro-export.ts';
import type { ExportLine } from '../../../export/rows/rows.ts';
import type { Feed } from '../../../feed/read/feed.ts';
import type { FeedPlatform } from '../../../model/index.ts';
import { isLayered } from '../rule/layers.ts';
import { binaryRows } from './platform-rows.ts';
import { mainStreamOf } from './streams.ts';
import { redHatTrivy } from './trivy.ts';

export const redHatExport: DistroExport = {
  ids: ['rhel', 'redhat-layered'],
  trivy: redHatTrivy,
  releases: (platform, feed) => {
    if (isLayered(platform.id)) return [];
    return [
      {
        subject: 'binary',
        lines: () => mainLines(feed, platform),
        osv: { ecosystem: `Red Hat:enterprise_linux:${platform.os.version}` },
      },
    ];
  },
};

/** The binaries of a release as they are judged on its main channel. */
function* mainLines(feed: Feed, platform: FeedPlatform): Generator<ExportLine> {
  const streams = [{ at: 0, stream: mainStreamOf(platform) }];
  for (const { name, rows } of binaryRows(feed, platform.id, streams)) {
    if (rows.length > 0) yield { package: name, rows };
  }
}
