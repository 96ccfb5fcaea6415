/** A rebuild of RHEL: what it has of its own. What all have in common is in rebuild/. */
export interface Rebuild {
  /** ID in os-release; its release package is `ID-release`. */
  id: string;
  /** `Rocky Linux`: in its release files and in messages. */
  name: string;
  /** Beginning of the vendor in its packages. */
  vendor: string;
  /** Other names of the system, in aliases of its platforms. */
  names: readonly string[];
  publisher: string;
  /** The publisher's name in CSAF documents. */
  csafVendor: string;
  /** Of its errata. */
  licence: string;
  /** The publisher's name for its errata. */
  errata: string;
  /** Web page of all errata. */
  page: string;
  /** Pattern of the first word of an advisory's id. */
  advisories: string;
  /** Advisories whose only web page is that of all errata, by the first word of their ids. */
  advisoriesOnPage: readonly string[];
  /** Names of the vendor's own OVAL before the release, if it has advisories that the errata lack. */
  oval?: string;
  /** Keys that sign its packages: the last 16 digits of the fingerprint, and what the key signs. */
  keys: Readonly<Record<string, string>>;
  architectures: readonly string[];
  /** A system with the same ID that the errata are not about, by PRETTY_NAME. */
  unlike?: { prettyName: RegExp; detail: string };
  /** Names that other scanners have for it. One without a name is not given its rows. */
  scanners: RebuildScanners;
}

export interface RebuildScanners {
  grype?: string;
  /** The ecosystem. */
  osv?: string;
  notus?: string;
  /** `bucket`: its name before the release; `errata`: the name of the data; `fixes`: how many a flaw has. */
  trivy?: { bucket: string; errata: string; fixes: 'one' | 'by_architecture' };
}

type Default = 'vendor' | 'names' | 'csafVendor' | 'errata' | 'advisoriesOnPage' | 'scanners';

export function rebuild(own: Omit<Rebuild, Default> & Partial<Pick<Rebuild, Default>>): Rebuild {
  return {
    vendor: own.name,
    names: [],
    csafVendor: own.publisher,
    errata: `${own.name} errata`,
    advisoriesOnPage: [],
    scanners: {},
    ...own,
  };
}

export const rocky = rebuild({
  id: 'rocky',
  name: 'Rocky Linux',
  vendor: 'Rocky',
  names: ['rockylinux'],
  publisher: 'Rocky Enterprise Software Foundation',
  licence: 'BSD',
  errata: 'Rocky Linux advisories',
  page: 'https://errata.rockylinux.org',
  advisories: 'R[A-Z]{3}',
  advisoriesOnPage: ['RLBA', 'RLEA', 'RLSA'],
  keys: {
    '15af5dac6d745a60': 'Rocky Linux 8',
    '702d426d350d275d': 'Rocky Linux 9',
    '5b106c736fedfc85': 'Rocky Linux 10',
  },
  architectures: ['aarch64', 'i686', 'noarch', 'ppc64le', 'riscv64', 's390x', 'x86_64'],
  scanners: {
    grype: 'rockylinux',
    osv: 'Rocky Linux',
    notus: 'Rocky Linux',
    trivy: { bucket: 'rocky', errata: 'Rocky Linux advisories', fixes: 'by_architecture' },
  },
});

export const almaLinux = rebuild({
  id: 'almalinux',
  name: 'AlmaLinux',
  names: ['alma'],
  publisher: 'AlmaLinux OS Foundation',
  csafVendor: 'AlmaLinux',
  licence: 'MIT',
  page: 'https://errata.almalinux.org',
  advisories: 'AL[A-Z]A',
  oval: 'org.almalinux.alsa',
  keys: {
    // AlmaLinux 8 changed its key in 2023; the packages of before are signed by the subkey of the first.
    '488fcf7c3abb34f8': 'AlmaLinux 8',
    '51d6647ec21ad6ea': 'AlmaLinux 8',
    '2ae81e8aced7258b': 'AlmaLinux 8',
    d36cb86cb86b3716: 'AlmaLinux 9',
    dee5c11cc2a1e572: 'AlmaLinux 10',
  },
  architectures: ['aarch64', 'i686', 'noarch', 'ppc64le', 's390x', 'x86_64', 'x86_64_v2'],
  // AlmaLinux Kitten calls itself `almalinux` 10, and its builds are newer than those in the errata of 10.
  unlike: { prettyName: /\bKitten\b/, detail: 'AlmaLinux Kitten: the errata are of the release' },
  scanners: {
    grype: 'almalinux',
    osv: 'AlmaLinux',
    notus: 'AlmaLinux',
    trivy: { bucket: 'alma', errata: 'AlmaLinux Product Errata', fixes: 'one' },
  },
});

/** All rebuilds with data of their own. OVAL's patterns name their keys in this order: a new one stands last. */
export const rebuilds: Rebuild[] = [rocky, almaLinux];
