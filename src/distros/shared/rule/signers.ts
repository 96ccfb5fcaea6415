import { rebuilds } from '../../rebuilds.ts';

/** Whoever signs rpm packages for RHEL, its rebuilds and other systems. */
export interface Signer {
  /** The vendor that the key signs for, by its system's ID in os-release; absent: packages for several systems. */
  of?: string;
  who: string;
  /** A rebuild of RHEL, whose packages a user may map to Red Hat's rows. */
  rebuild?: true;
}

interface KeyHolder {
  id: string;
  alsoOf?: readonly { id: string }[];
}

const rebuild = (of: string, who: string): Signer => ({ of, who, rebuild: true });
const redHat: Signer = { of: 'rhel', who: 'Red Hat' };

/** By the last 16 digits of the fingerprint of the key, or of the subkey that signs. */
export const signers: Readonly<Record<string, Signer>> = {
  // access.redhat.com/security/team/key: release keys of RHEL 5 and of 6 to 10, the auxiliary keys and the beta key; last
  // release key 4 (ML-DSA, OpenPGP version 6), with which packages since 9.7 and 10.1 are signed besides.
  '5326810137017186': redHat,
  '199e2f91fd431d51': redHat,
  '5054e4a45a6340b3': redHat,
  f76f66c3d4082792: redHat,
  '45689c882fa658e0': redHat,
  fd372689897da07a: redHat,
  '938a80caf21541eb': redHat,
  fcd355b305707a62: redHat,
  '3b49df2a0608b895': { who: 'EPEL 6' },
  '6a2faea2352c64e5': { who: 'EPEL 7' },
  '21ea45ab2f86d6a1': { who: 'EPEL 8' },
  '8a3872bf3228467c': { who: 'EPEL 9' },
  '33d98517e37ed158': { who: 'EPEL 10' },
  '0946fca2c105b9de': rebuild('centos', 'CentOS 6'),
  '24c6a8a7f4a80eb5': rebuild('centos', 'CentOS 7'),
  '05b555b38483c65d': rebuild('centos', 'CentOS'),
  ...Object.fromEntries(
    rebuilds.flatMap(({ os, signer = os, ownSources, keys }) =>
      Object.entries(keys).map(([key, who]) => [
        key,
        ownSources ? { of: signer, who } : rebuild(signer, who),
      ]),
    ),
  ),
  // SUSE's key until 2023, and the one of 4096 bits after it; the same of openSUSE, and that of its backports (Package Hub).
  '70af9e8139db7c82': { of: 'suse', who: 'SUSE' },
  f74f09bc3fa1d6ce: { of: 'suse', who: 'SUSE' },
  b88b2fd43dbdc284: { of: 'opensuse', who: 'openSUSE' },
  '35a2f86e29b700a4': { of: 'opensuse', who: 'openSUSE' },
  '9c214d4065176565': { of: 'opensuse', who: 'openSUSE Backports' },
  bcb4a85b21c0f39f: { of: 'amzn', who: 'Amazon Linux 2018.03' },
  '11cf1f95c87f5b1a': { of: 'amzn', who: 'Amazon Linux 2' },
  e951904ad832c631: { of: 'amzn', who: 'Amazon Linux 2023' },
};

interface Keys {
  own: readonly string[];
  foreign: readonly string[];
}

const known = new WeakMap<KeyHolder, Keys>();

/** Keys that sign for a vendor, and those that sign for others. */
export function keysOf(holder: KeyHolder): Keys {
  const before = known.get(holder);
  if (before) return before;
  const { id, alsoOf = [] } = holder;
  const holders = [id, ...alsoOf.map((other) => other.id)];
  const isOwn = (key: string) => holders.includes(signers[key]!.of ?? '');
  const all = Object.keys(signers);
  const keys = { own: all.filter(isOwn), foreign: all.filter((key) => !isOwn(key)) };
  known.set(holder, keys);
  return keys;
}
