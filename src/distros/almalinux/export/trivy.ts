import { compareRpmEvr } from '../../../packaging/rpm/version.ts';
import { errataTrivy } from '../../shared/export/trivy-errata.ts';
import { almaArchitectures } from './architectures.ts';

/** A package of a module is `nodejs:18::nodejs`; a flaw has one fix. */
export const almaLinuxTrivy = errataTrivy({
  bucket: 'alma',
  source: {
    ID: 'alma',
    Name: 'AlmaLinux Product Errata, compiled by scapfeed',
    URL: 'https://errata.almalinux.org/',
  },
  architectures: almaArchitectures,
  modules: (module, name) => `${module}::${name}`,
  oneFix: ['architecture', 'Builds differ by architecture: the highest fix of all is written.'],
  value: (builds) => {
    const { fixed, more } = builds.reduce((highest, build) =>
      compareRpmEvr(highest.fixed, build.fixed) === -1 ? build : highest,
    );
    return { FixedVersion: fixed, ...more };
  },
});
