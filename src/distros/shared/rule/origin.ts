import type { InstalledPackage } from '../../../model/inventory/index.ts';
import { type Flavour, rebuilds } from '../../rebuilds.ts';
import { signers } from './signers.ts';

/** The vendor of a system's rpm packages. */
export interface RpmVendor {
  /** Whom its signing keys are of (Signer.of): the ID in os-release, if it makes one system only. */
  id: string;
  /** `Red Hat`: in messages, and the beginning of the vendor in its packages. */
  name: string;
  /** Name of its systems, if it differs from its own: `RHEL`. */
  system?: string;
  /** Its channels have packages of the same names, each with versions of its own: a build is judged by those of its line. */
  lines?: true;
  /** Vendors whose packages its systems have as they are. */
  alsoOf?: readonly RpmVendor[];
  /** Builds beside the plain ones. */
  flavours?: readonly Flavour[];
}

/** The origin of an installed package, by its signature and vendor. */
export type RpmOrigin =
  | { kind: 'own'; marks: readonly string[] }
  /** Neither a known key nor a vendor: judged, but only if the vendor's data has the package. */
  | { kind: 'unknown'; marks: readonly string[] }
  | { kind: 'foreign'; who: string };

/**
 * A known foreign key or a foreign vendor excludes a package from a vendor's rows; a missing signature does not, since
 * rebuilt and slimmed images lose it. `mapped`: the user maps a rebuild of RHEL to this vendor.
 */
export function rpmOrigin(
  { keyId, vendor, unstated }: Pick<InstalledPackage, 'keyId' | 'vendor' | 'unstated'>,
  { alsoOf = [], ...vendorOfSystem }: RpmVendor,
  mapped: boolean,
): RpmOrigin {
  const makers = [vendorOfSystem, ...alsoOf];
  const key = keyId?.toLowerCase();
  const signer = key !== undefined && Object.hasOwn(signers, key) ? signers[key] : undefined;
  if (makers.some(({ id }) => id === signer?.of) || (mapped && signer?.rebuild))
    return { kind: 'own', marks: [] };
  if (signer) return { kind: 'foreign', who: `key of ${signer.who}` };
  const unsigned = unstated?.includes('signature') ? 'signature_not_stated' : 'unsigned';
  const marks = [key === undefined ? unsigned : 'unknown_key'];
  if (vendor === undefined || vendor === '') return { kind: 'unknown', marks };
  if (makers.some(({ name }) => isOf(name, vendor))) return { kind: 'own', marks };
  if (mapped && rebuildVendors.some((name) => vendor.startsWith(name))) return { kind: 'own', marks };
  return { kind: 'foreign', who: `vendor ${vendor}` };
}

/** `Fedora Project`, `bottlerocket-core-kit`: the maker's name, and no other letter at once. */
function isOf(name: string, vendor: string): boolean {
  const start = vendor.slice(0, name.length);
  return start.toLowerCase() === name.toLowerCase() && !/^[A-Za-z0-9]/.test(vendor.slice(name.length));
}

const otherRebuilds = ['CentOS', 'CloudLinux', 'EuroLinux', 'Scientific'];
const rebuildVendors = [
  ...rebuilds.flatMap(({ vendor, ownSources }) => (ownSources ? [] : [vendor])),
  ...otherRebuilds,
];
