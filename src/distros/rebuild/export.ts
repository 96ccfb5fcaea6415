import type { DistroExport } from '../../export/rows/distro-export.ts';
import type { TrivyLayout } from '../../export/rows/trivy-layout.ts';
import type { Rebuild } from '../rebuilds.ts';
import { csafRelease } from '../shared/export/csaf-release.ts';
import { plainLines } from '../shared/export/deb-lines.ts';
import { errataLines } from '../shared/export/errata-lines.ts';
import { debBucket } from '../shared/export/trivy-deb.ts';
import { type ErrataTrivy, errataTrivy } from '../shared/export/trivy-errata.ts';
import { pagesOf, vendorOf } from './rule.ts';

export function rebuildExport(rebuild: Rebuild): DistroExport {
  const { id, os, oval, cpe, csafVendor, architectures, scanners } = rebuild;
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
      const release = platform.os.version!;
      const [major = '', minor] = release.split('.');
      const subject = oval?.flaws ? 'source' : 'binary';
      const system = { name: grype ?? '', releaseId: os, major, ...(minor && { minor }) };
      return [
        {
          subject,
          lines: () =>
            subject === 'source'
              ? plainLines(feed, platform.id)
              : errataLines(feed, platform, { architectures, flavours }),
          ...(grype === undefined ? {} : { grype: [system] }),
          ...(osv === undefined ? {} : { osv: { ecosystem: `${osv}:${major}` } }),
          ...(notus === undefined ? {} : { notus: `${notus} ${release}`, notusArchitectures: architectures }),
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
  const data = { ID: source, Name: `${errata}, compiled by scapfeed`, URL: `${page}/` };
  if (fixes === 'source')
    return {
      buckets: (platforms, context) =>
        platforms.map(({ id, os: { version } }) => {
          const lines = () => plainLines(context.feed, id);
          const own = { name: `${bucket} ${version}`, platform: id, source: data, lines, rowSeverity: true };
          return debBucket({ ...own, causes: bySource }, context);
        }),
    };
  return errataTrivy({
    bucket,
    source: data,
    architectures,
    flavours,
    ...(fixes === 'one' || fixes === 'one_by_source'
      ? { ...oneFix, ...(fixes === 'one_by_source' && { causes: byNameOfSource }) }
      : fixesByArchitecture(modules ?? `Trivy judges no build of a module on ${name}.`, architectures)),
  });
}

/** Trivy's rule for the packages of a system whose data is about sources. */
const bySource: readonly (readonly [cause: string, what: string])[] = [
  ['foreign_vendor', 'Packages that others have signed or built are judged by the names of their sources.'],
  ['unstated_epoch', 'A source is given the epoch of the package: one above 0 is above every fix.'],
  ['other_source', 'A package of another source of its name is judged by that source alone.'],
  ['unparsable_version', 'A version that is no version of an rpm is compared all the same.'],
];

/** Trivy looks for a package by the name of its source alone, in rows of binary packages. */
const byNameOfSource: readonly (readonly [cause: string, what: string])[] = [
  ['other_source', 'A package is judged by the row with the name of its source, whatever its own name is.'],
];

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
