import type { DistroExport } from '../../export/rows/distro-export.ts';
import { csafRelease } from '../shared/export/csaf-release.ts';
import { plainLines } from '../shared/export/deb-lines.ts';
import { echoPages } from './rule.ts';

/** CSAF alone: no other layout has been compared with what its scanner says of Echo. */
export const echoExport: DistroExport = {
  ids: ['echo'],
  trivy: {
    buckets: (platforms, { inexact }) => {
      for (const { id } of platforms) inexact.without(id, 'rows of Echo are not written for Trivy');
      return [];
    },
  },
  csaf: {
    name: 'echo',
    vendor: 'Echo',
    namespace: 'echo',
    pages: echoPages,
    system: (platform, claim) => csafRelease(platform, claim, ['echohq', 'echo_linux']),
  },
  releases: ({ id }, feed) => [{ subject: 'source', lines: () => plainLines(feed, id) }],
};
