import type { InstalledPackage } from '../../../model/index.ts';
import { foreignKeys, redHatKeys } from './signers.ts';

/** Who made an installed package, by its signature and vendor. */
export type RpmOrigin =
  | { kind: 'red_hat'; marks: readonly string[] }
  /** Neither a known key nor a vendor: judged, but only if Red Hat's data has the package. */
  | { kind: 'unknown'; marks: readonly string[] }
  | { kind: 'foreign'; who: string };

/**
 * A known foreign key or a foreign vendor excludes a package from Red Hat's rows; a missing signature does not, since
 * rebuilt and slimmed images lose it. `rebuilds`: the user maps a rebuild of RHEL to it.
 */
export function rpmOrigin(
  { keyId, vendor, unstated }: Pick<InstalledPackage, 'keyId' | 'vendor' | 'unstated'>,
  rebuilds: boolean,
): RpmOrigin {
  const key = keyId?.toLowerCase();
  if (key !== undefined && redHatKeys.has(key)) return { kind: 'red_hat', marks: [] };
  const signer = key === undefined ? undefined : foreignKeys[key];
  if (signer)
    return rebuilds && signer.rebuild
      ? { kind: 'red_hat', marks: [] }
      : { kind: 'foreign', who: `key of ${signer.who}` };
  const unsigned = unstated?.includes('signature') ? 'signature_not_stated' : 'unsigned';
  const marks = [key === undefined ? unsigned : 'unknown_key'];
  if (vendor === undefined || vendor === '') return { kind: 'unknown', marks };
  if (/^Red Hat\b/.test(vendor)) return { kind: 'red_hat', marks };
  if (rebuilds && rebuildVendor.test(vendor)) return { kind: 'red_hat', marks };
  return { kind: 'foreign', who: `vendor ${vendor}` };
}

const rebuildVendor = /^(?:CentOS|Rocky|AlmaLinux|Oracle|CloudLinux|EuroLinux|Scientific)/;
