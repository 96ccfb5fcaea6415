/**
 * access.redhat.com/security/team/key: release keys of RHEL 5 and of 6 to 10, the auxiliary keys and the beta key; last
 * release key 4 (ML-DSA, OpenPGP version 6), with which packages since 9.7 and 10.1 are signed besides.
 */
export const redHatKeys: ReadonlySet<string> = new Set([
  '5326810137017186',
  '199e2f91fd431d51',
  '5054e4a45a6340b3',
  'f76f66c3d4082792',
  '45689c882fa658e0',
  'fd372689897da07a',
  '938a80caf21541eb',
  'fcd355b305707a62',
]);

export interface Signer {
  who: string;
  /** A rebuild of RHEL, whose packages a user may map to Red Hat's rows. */
  rebuild?: true;
}

/** Keys of others who publish rpm packages for RHEL and its rebuilds. */
export const foreignKeys: Readonly<Record<string, Signer>> = {
  '3b49df2a0608b895': { who: 'EPEL 6' },
  '6a2faea2352c64e5': { who: 'EPEL 7' },
  '21ea45ab2f86d6a1': { who: 'EPEL 8' },
  '8a3872bf3228467c': { who: 'EPEL 9' },
  '33d98517e37ed158': { who: 'EPEL 10' },
  '0946fca2c105b9de': { who: 'CentOS 6', rebuild: true },
  '24c6a8a7f4a80eb5': { who: 'CentOS 7', rebuild: true },
  '05b555b38483c65d': { who: 'CentOS', rebuild: true },
  '15af5dac6d745a60': { who: 'Rocky Linux 8', rebuild: true },
  '702d426d350d275d': { who: 'Rocky Linux 9', rebuild: true },
  '51d6647ec21ad6ea': { who: 'AlmaLinux 8', rebuild: true },
  '2ae81e8aced7258b': { who: 'AlmaLinux 8', rebuild: true },
  d36cb86cb86b3716: { who: 'AlmaLinux 9', rebuild: true },
  '72f97b74ec551f03': { who: 'Oracle Linux', rebuild: true },
  '82562ea9ad986da3': { who: 'Oracle Linux 8', rebuild: true },
  bc4d06a08d8b756f: { who: 'Oracle Linux 9', rebuild: true },
};
