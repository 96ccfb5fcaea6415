/** A vendor of rpm packages, most often of a rebuild of RHEL: what it has of its own. What all have in common is in rebuild/. */
export interface Rebuild {
  /** Its name as a source, of its pages and definition, and of its release file. */
  id: string;
  /** ID in os-release; default: the id. */
  os: string;
  /** The package that makes a system its. */
  releasePackage: string;
  /** Vendor and product in CPEs of a release. */
  cpe: readonly [vendor: string, product: string];
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
  /** Pattern of the first word of an advisory's id; nothing matches the default. */
  advisories: string;
  /** Advisories whose only web page is that of all errata, by the first word of their ids. */
  advisoriesOnPage: readonly string[];
  /** Not built from RHEL's sources: statements about RHEL do not apply to it. */
  ownSources?: true;
  /** Number of parts of VERSION_ID that name a release; default: one. */
  releaseParts?: 2;
  /** The vendor's own OVAL, if it has advisories that the errata lack, or is all that there is. */
  oval?: VendorOval;
  /** The vendor's lists of updates, if they are its errata. */
  updates?: VendorUpdates;
  /** The vendor's CSAF documents of a CVE each, if there is nothing else. */
  csaf?: VendorCsaf;
  /** Pattern of VERSION; its groups, joined by `-`, are the release. For systems whose VERSION_ID omits the service pack. */
  version?: string;
  /** The publisher states no terms. */
  terms?: 'unclear';
  /** Builds beside the plain ones. */
  flavours?: readonly Flavour[];
  /** The name of a kernel's package, and the words that may follow it; default: those of RHEL. */
  kernel?: readonly [name: string, words: string];
  /** Owner of the keys, if it makes several systems; default: the ID in os-release. */
  signer?: string;
  /** Keys that sign its packages: the last 16 digits of the fingerprint, and what the key signs. */
  keys: Readonly<Record<string, string>>;
  architectures: readonly string[];
  /** A system with the same ID that the errata are not about, by PRETTY_NAME. */
  unlike?: { prettyName: RegExp; detail: string };
  /** Names that other scanners have for it. One without a name is not given its rows. */
  scanners: RebuildScanners;
}

export interface VendorOval {
  /** Name of the document of a release, with `{release}` or `{major}`. */
  file: string;
  /** End of the address of an advisory's page, with its number in group 1, where ids of definitions are not those of advisories. */
  advisoryPage?: string;
  /** The build of a subpackage begins with the rest of its name: `bind-chroot` is earlier than `32:chroot-9.18.34-1.an23`. */
  namedBuilds?: true;
  /** Definitions are of flaws in source packages; default: of advisories, with binary packages. */
  flaws?: FlawForm;
}

export interface VendorUpdates {
  /** Short name of a release's collection, with `{release}`: an update of another is not of the release. */
  collection: string;
  /** The path of a release is that of its list: there is no repository, and no digest. */
  alone?: true;
  /** An update is listed only as long as no newer one of its packages is. */
  newestOnly?: true;
}

export interface VendorCsaf {
  /** Pattern of a document's path in the index. */
  path: string;
  /** Pattern of a product id that is a release, with the release in group 1. */
  product: string;
  /** Pattern of the address of a remediation, with the advisory in group 1. */
  advisory: string;
}

/** Reading of a vendor's definitions of flaws. */
export interface FlawForm {
  /** Builds up to and including one, the newest: there is no fix. Default: it is not known what that means. */
  inclusive?: 'unfixed';
  /** Value of `patchable` where the package does not have the flaw. */
  notApplicable?: string;
}

/** Builds that a vendor makes beside its plain ones and numbers by themselves: they are compared among themselves only. */
export interface Flavour {
  name: string;
  /** Pattern of what a release has in it. */
  mark: string;
  /** The release ends with it. */
  last?: true;
}

export interface RebuildScanners {
  grype?: string;
  /** Grype never takes it for RHEL. */
  grypeApart?: true;
  /** The ecosystem. */
  osv?: string;
  notus?: string;
  trivy?: TrivyNames;
}

export interface TrivyNames {
  /** Its name before the release. */
  bucket: string;
  /** Id of the data; default: the bucket. */
  source?: string;
  /** Name of the data. */
  errata: string;
  /** Fixes of a flaw; `source`: one, of a source package; `one_by_source`: one, of the binary package with a source's name. */
  fixes: 'one' | 'one_by_source' | 'by_architecture' | 'source';
  /** Why rows of modules are left out, where there are several fixes; default: it judges none of their builds. */
  modules?: string;
}

type Default =
  | 'os'
  | 'releasePackage'
  | 'cpe'
  | 'vendor'
  | 'names'
  | 'csafVendor'
  | 'errata'
  | 'advisories'
  | 'advisoriesOnPage'
  | 'scanners';

export function rebuild(own: Omit<Rebuild, Default> & Partial<Pick<Rebuild, Default>>): Rebuild {
  return {
    os: own.id,
    releasePackage: `${own.id}-release`,
    cpe: [own.id, own.id],
    vendor: own.name,
    names: [],
    csafVendor: own.publisher,
    errata: `${own.name} errata`,
    advisories: '(?!)',
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
  oval: { file: 'org.almalinux.alsa-{release}.xml.bz2' },
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

export const oracle = rebuild({
  id: 'oracle',
  os: 'ol',
  name: 'Oracle Linux',
  vendor: 'Oracle',
  names: ['oracle', 'oraclelinux'],
  releasePackage: 'oraclelinux-release',
  cpe: ['oracle', 'linux'],
  publisher: 'Oracle',
  licence: 'no terms are stated',
  terms: 'unclear',
  errata: 'Oracle Linux OVAL',
  page: 'https://linux.oracle.com/security/oval',
  advisories: 'ELSA',
  oval: { file: 'com.oracle.elsa-ol{release}.xml.bz2' },
  // User space that Ksplice patches while it runs has epoch 2, what is validated for FIPS epoch 10: above all plain builds.
  flavours: [
    { name: 'ksplice', mark: String.raw`\.ksplice` },
    { name: 'fips', mark: '_fips', last: true },
  ],
  keys: {
    '72f97b74ec551f03': 'Oracle Linux',
    '82562ea9ad986da3': 'Oracle Linux 8',
    bc4d06a08d8b756f: 'Oracle Linux 9',
  },
  architectures: ['aarch64', 'i686', 'noarch', 'x86_64'],
  scanners: {
    grype: 'oraclelinux',
    grypeApart: true,
    trivy: {
      bucket: 'Oracle Linux',
      source: 'oracle-oval',
      errata: 'Oracle Linux OVAL definitions',
      fixes: 'by_architecture',
      modules: 'Trivy cannot tell a module of Oracle Linux from another, or from no module.',
    },
  },
});

const microsoft = {
  vendor: 'Microsoft',
  publisher: 'Microsoft',
  licence: 'MIT',
  page: 'https://github.com/microsoft/AzureLinuxVulnerabilityData',
  ownSources: true,
  releaseParts: 2,
  signer: 'microsoft',
  keys: { '0cd9fed33135ce90': 'Azure Linux' },
  architectures: ['aarch64', 'noarch', 'x86_64'],
} as const;

/** Of Microsoft's definitions, those of what has no fix say `less than or equal` to the newest build. */
const microsoftFlaws: FlawForm = { inclusive: 'unfixed', notApplicable: 'Not Applicable' };

export const azureLinux = rebuild({
  ...microsoft,
  id: 'azurelinux',
  name: 'Azure Linux',
  cpe: ['microsoft', 'azure_linux'],
  errata: 'Azure Linux OVAL',
  oval: { file: 'azurelinux-{release}-oval.xml', flaws: microsoftFlaws },
  scanners: {
    grype: 'azurelinux',
    grypeApart: true,
    osv: 'Azure Linux',
    trivy: {
      bucket: 'Azure Linux',
      source: 'azure',
      errata: 'Azure Linux Vulnerability Data',
      fixes: 'source',
    },
  },
});

export const mariner = rebuild({
  ...microsoft,
  id: 'mariner',
  name: 'CBL-Mariner',
  names: ['cbl-mariner'],
  cpe: ['microsoft', 'cbl-mariner'],
  errata: 'CBL-Mariner OVAL',
  oval: { file: 'cbl-mariner-{release}-oval.xml', flaws: microsoftFlaws },
  scanners: {
    grype: 'mariner',
    grypeApart: true,
    osv: 'Azure Linux',
    trivy: {
      bucket: 'CBL-Mariner',
      source: 'cbl-mariner',
      errata: 'CBL-Mariner Vulnerability Data',
      fixes: 'source',
    },
  },
});

export const fedora = rebuild({
  id: 'fedora',
  name: 'Fedora Linux',
  vendor: 'Fedora Project',
  releasePackage: 'fedora-release-common',
  cpe: ['fedoraproject', 'fedora'],
  publisher: 'Fedora Project',
  licence: 'no terms are stated',
  terms: 'unclear',
  errata: 'Fedora updates',
  page: 'https://bodhi.fedoraproject.org/updates',
  advisoriesOnPage: ['FEDORA'],
  ownSources: true,
  updates: { collection: 'F{release}', newestOnly: true },
  keys: { '829b606631645531': 'Fedora 43', dbfcf71c6d9f90a6: 'Fedora 44' },
  architectures: ['aarch64', 'i686', 'noarch', 'x86_64'],
  scanners: { grype: 'fedora', grypeApart: true },
});

export const bottlerocket = rebuild({
  id: 'bottlerocket',
  name: 'Bottlerocket OS',
  vendor: 'Bottlerocket',
  releasePackage: 'bottlerocket-release',
  cpe: ['amazon', 'bottlerocket'],
  publisher: 'Bottlerocket project',
  csafVendor: 'Amazon',
  licence: 'Apache-2.0 OR MIT',
  errata: 'Bottlerocket advisories',
  page: 'https://github.com/bottlerocket-os/bottlerocket/security/advisories',
  advisoriesOnPage: ['GHSA'],
  ownSources: true,
  updates: { collection: 'bottlerocket', alone: true },
  kernel: ['kernel', 'archive devel headers modules'],
  keys: {},
  architectures: ['aarch64', 'noarch', 'x86_64'],
});

export const photon = rebuild({
  id: 'photon',
  name: 'Photon OS',
  vendor: 'VMware',
  cpe: ['vmware', 'photon_os'],
  publisher: 'Broadcom',
  csafVendor: 'VMware',
  licence: 'no terms are stated',
  terms: 'unclear',
  errata: 'Photon OS OVAL',
  page: 'https://github.com/vmware/photon/wiki/Security-Advisories',
  advisories: 'PHSA',
  ownSources: true,
  releaseParts: 2,
  oval: {
    file: 'com.vmware.phsa-photon{major}.xml.gz',
    advisoryPage: String.raw`/Security-Updates?-(\d+\.\d+-\d+)$`,
  },
  kernel: [
    'linux',
    'aws devel docs drivers dtb esx gpu hmacgen intel lkcm ls1012afrwy oprofile rpi3 rt secure sound',
  ],
  keys: { c0b5e0ab66fd4949: 'Photon OS' },
  architectures: ['aarch64', 'noarch', 'x86_64'],
  scanners: {
    grype: 'photon',
    grypeApart: true,
    trivy: {
      bucket: 'Photon OS',
      source: 'photon',
      errata: 'Photon OS CVE metadata',
      fixes: 'one_by_source',
    },
  },
});

export const anolis = rebuild({
  id: 'anolis',
  name: 'Anolis OS',
  vendor: 'OpenAnolis',
  cpe: ['openanolis', 'anolis_os'],
  publisher: 'OpenAnolis',
  licence: 'no terms are stated',
  terms: 'unclear',
  errata: 'Anolis OS OVAL',
  page: 'https://anas.openanolis.cn/errata',
  advisories: 'AN[A-Z]A',
  oval: { file: 'anolis-{release}.oval.xml', namedBuilds: true },
  keys: {},
  architectures: ['aarch64', 'i686', 'loongarch64', 'noarch', 'x86_64'],
});

export const openEuler = rebuild({
  id: 'openeuler',
  name: 'openEuler',
  vendor: 'http://openeuler.org',
  releasePackage: 'openEuler-release',
  publisher: 'openEuler',
  licence: 'no terms are stated',
  terms: 'unclear',
  errata: 'openEuler CSAF documents',
  page: 'https://www.openeuler.org/en/security/security-bulletins',
  advisories: 'openEuler-SA',
  ownSources: true,
  releaseParts: 2,
  version: String.raw`^(\d+\.\d+) \((LTS(?:-SP\d+)?)\)$`,
  csaf: {
    path: String.raw`\d{4}/csaf-openeuler-cve-\d{4}-\d{4,15}\.json`,
    product: String.raw`openEuler-(\d+\.\d+[\w-]*)`,
    advisory: String.raw`[?&]id=(openEuler-[A-Za-z]+-\d{4}-\d+)$`,
  },
  keys: {},
  architectures: ['aarch64', 'i686', 'loongarch64', 'noarch', 'ppc64le', 'riscv64', 'x86_64'],
});

/** All rebuilds with data of their own. OVAL's patterns name their keys in this order: a new one stands last. */
export const rebuilds: Rebuild[] = [
  rocky,
  almaLinux,
  oracle,
  azureLinux,
  mariner,
  fedora,
  bottlerocket,
  photon,
  anolis,
  openEuler,
];
