import { errataTrivy } from '../../shared/export/trivy-errata.ts';
import { rockyArchitectures } from './architectures.ts';

/** A flaw has entries with their architectures. */
export const rockyTrivy = errataTrivy({
  bucket: 'rocky',
  source: {
    ID: 'rocky',
    Name: 'Rocky Linux advisories, compiled by scapfeed',
    URL: 'https://errata.rockylinux.org/',
  },
  architectures: rockyArchitectures,
  modules: 'Trivy judges no build of a module on Rocky Linux.',
  value: (builds) => ({
    Entries: builds.map(({ fixed, arch = rockyArchitectures, more }) => ({
      FixedVersion: fixed,
      Arches: arch,
      ...more,
    })),
  }),
});
