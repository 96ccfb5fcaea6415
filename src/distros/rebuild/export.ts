import type { DistroExport } from '../../export/rows/distro-export.ts';
import type { TrivyLayout } from '../../export/rows/trivy-layout.ts';
import type { Rebuild } from '../rebuilds.ts';
import { csafRelease } from '../shared/export/csaf-release.ts';
import { errataLines } from '../shared/export/errata-lines.ts';
import { type ErrataTrivy, errataTrivy } from '../shared/export/trivy-errata.ts';
import { pagesOf } from './rule.ts';

export function rebuildExport(rebuild: Rebuild): DistroExport {
  const { id, csafVendor, architectures, scanners } = rebuild;
  const { grype, osv, notus } = scanners;
  return {
    ids: [id],
    trivy: trivyOf(rebuild),
    csaf: {
      name: id,
      vendor: csafVendor,
      namespace: id,
      pages: pagesOf(rebuild),
      system: (platform, claim) => csafRelease(platform, claim, [id, id]),
    },
    releases: (platform, feed) => {
      const major = platform.os.version!;
      return [
        {
          subject: 'binary',
          lines: () => errataLines(feed, platform, architectures),
          ...(grype === undefined ? {} : { grype: [{ name: grype, releaseId: id, major }] }),
          ...(osv === undefined ? {} : { osv: { ecosystem: `${osv}:${major}` } }),
          ...(notus === undefined ? {} : { notus: `${notus} ${major}`, notusArchitectures: architectures }),
        },
      ];
    },
  };
}

function trivyOf({ id, name, page, architectures, scanners: { trivy } }: Rebuild): TrivyLayout {
  if (trivy === undefined)
    return {
      buckets: (platforms, { inexact }) => {
        for (const platform of platforms) inexact.without(platform.id, `Trivy does not know ${id}`);
        return [];
      },
    };
  const { bucket, errata, fixes } = trivy;
  return errataTrivy({
    bucket,
    source: { ID: bucket, Name: `${errata}, compiled by scapfeed`, URL: `${page}/` },
    architectures,
    ...(fixes === 'one' ? oneFix : fixesByArchitecture(name, architectures)),
  });
}

type FixLayout = Pick<ErrataTrivy, 'modules' | 'oneFix' | 'value'>;

/** A package of a module is `nodejs:18::nodejs`; a flaw has one fix, in Trivy's own database that of x86_64. */
const oneFix: FixLayout = {
  modules: (module, name) => `${module}::${name}`,
  oneFix: ['architecture', 'Fixes differ by architecture: that of x86_64 is written.'],
  value: (builds) => {
    const { fixed, more } =
      builds.find(({ arch }) => arch === undefined || arch.includes('x86_64')) ?? builds[0]!;
    return { FixedVersion: fixed, ...more };
  },
};

/** A flaw has entries with their architectures. */
function fixesByArchitecture(name: string, architectures: readonly string[]): FixLayout {
  return {
    modules: `Trivy judges no build of a module on ${name}.`,
    value: (builds) => ({
      Entries: builds.map(({ fixed, arch = architectures, more }) => ({
        FixedVersion: fixed,
        Arches: arch,
        ...more,
      })),
    }),
  };
}
