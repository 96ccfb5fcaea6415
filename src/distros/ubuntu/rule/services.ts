import type { Inventory } from '../../../model/index.ts';
import type { UbuntuPro } from '../image/pro.ts';
import type { ProServices } from './threshold.ts';

/** The services of Ubuntu Pro by `--pro`, `--no-pro` or the image itself. */
export function proServices(
  pro: UbuntuPro | undefined,
  { aptSuites = [] }: Pick<Inventory, 'aptSuites'>,
  asked: boolean | undefined,
): ProServices {
  if (asked === false) return new Set();
  const told = new Set([...(pro?.attached ? pro.services : []), ...aptSuites.flatMap(serviceOfSuite)]);
  return asked ? new Set([...told, 'esm-infra', 'esm-apps']) : told;
}

/** Pro's archives: suites `jammy-infra-security`, `jammy-apps-updates`; FIPS by its path on esm.ubuntu.com. */
function serviceOfSuite(suite: string): string[] {
  const esm = /-(infra|apps)-(?:security|updates)$/.exec(suite)?.[1];
  if (esm !== undefined) return [`esm-${esm}`];
  const fips = /esm\.ubuntu\.com\/(fips(?:-updates|-preview)?)(?:\/|$)/.exec(suite)?.[1];
  return fips === undefined ? [] : [fips];
}
