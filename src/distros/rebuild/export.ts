import type { DistroExport } from '../../export/rows/distro-export.ts';
import type { TrivyLayout } from '../../export/rows/trivy-layout.ts';
import type { Rebuild } from '../rebuilds.ts';
import { csafRelease } from '../shared/export/csaf-release.ts';
import { errataLines } from '../shared/export/errata-lines.ts';
import { type ErrataTrivy, errataTrivy } from '../shared/export/trivy-errata.ts';
import { pagesOf, vendorOf } from './rule.ts';

export function rebuildExport(rebuild: Rebuild): DistroExport {
  const { id, os, cpe, csafVendor, architectures, scanners } = rebuild;
  const { grype, osv, notus } = scanners;
  const { flavours } = vendorOf(rebuild);
  return {
    ids: [os],
    trivy: trivyOf(rebuild),
    csaf: {
      name: id,
      vendor: csafVendor,
      namespace: id,
      pages: pagesOf(rebuild),
      system: (platform, claim) => csafRelease(platform, claim, cpe),
    },
    releases: (platform, feed) => {
      const major = platform.os.version!;
      return [
        {
          subject: 'binary',
          lines: () => errataLines(feed, platform, { architectures, flavours }),
          ...(grype === undefined ? {} : { grype: [{ name: grype, releaseId: os, major }] }),
          ...(osv === undefined ? {} : { osv: { ecosystem: `${osv}:${major}` } }),
          ...(notus === undefined ? {} : { notus: `${notus} ${major}`, notusArchitectures: architectures }),
        },
      ];
    },
  };
}

function trivyOf(rebuild: Rebuild): TrivyLayout {
  const { os, name, page, architectures, scanners } = rebuild;
  const { trivy } = scanners;
  if (trivy === undefined)
    return {
      buckets: (platforms, { inexact }) => {
        for (const platform of platforms) inexact.without(platform.id, `Trivy does not know ${os}`);
        return [];
      },
    };
  const { bucket, source = bucket, errata, fixes, modules } = trivy;
  const { flavours } = vendorOf(rebuild);
  return errataTrivy({
    bucket,
    source: { ID: source, Name: `${errata}, compiled by scapfeed`, URL: `${page}/` },
    architectures,
    flavours,
    ...(fixes === 'one'
      ? oneFix
      : fixesByArchitecture(modules ?? `Trivy judges no build of a module on ${name}.`, architectures)),
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
function fixesByArchitecture(modules: string, architectures: readonly string[]): FixLayout {
  return {
    modules,
    value: (builds) => ({
      Entries: builds.map(({ fixed, arch = architectures, more }) => ({
        FixedVersion: fixed,
        Arches: arch,
        ...more,
      })),
    }),
  };
}
