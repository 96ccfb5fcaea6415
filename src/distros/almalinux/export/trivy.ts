import { errataTrivy } from '../../shared/export/trivy-errata.ts';
import { almaArchitectures } from './architectures.ts';

/** A package of a module is `nodejs:18::nodejs`; a flaw has one fix, in Trivy's own database that of x86_64. */
export const almaLinuxTrivy = errataTrivy({
  bucket: 'alma',
  source: {
    ID: 'alma',
    Name: 'AlmaLinux Product Errata, compiled by scapfeed',
    URL: 'https://errata.almalinux.org/',
  },
  architectures: almaArchitectures,
  modules: (module, name) => `${module}::${name}`,
  oneFix: ['architecture', 'Fixes differ by architecture: that of x86_64 is written.'],
  value: (builds) => {
    const { fixed, more } =
      builds.find(({ arch }) => arch === undefined || arch.includes('x86_64')) ?? builds[0]!;
    return { FixedVersion: fixed, ...more };
  },
});
