/** A vendor of apk packages without releases: a stream of builds. What all of them have in common is in rolling/. */
export interface RollingVendor {
  /** Its name as a source, of its page and definition, and ID in os-release. */
  id: string;
  /** `Wolfi`: in messages. */
  name: string;
  /** Vendor and product in its CPE. */
  cpe: readonly [vendor: string, product: string];
  publisher: string;
  /** Name of its data. */
  data: string;
  licence: string;
  /** See FetchedSource. */
  terms?: 'unclear' | 'restricted';
  /** Web page of the vendor or of its data. */
  page: string;
  /** Its bucket in Trivy's database, and the id of the data there. None: Trivy does not know it. */
  trivy?: string;
  /** Other IDs in os-release of its images. */
  also?: readonly string[];
  /** Its data is OSV records, alone or in place of a security database in Alpine's form. Absent: the latter alone. */
  records?: RollingRecords;
}

/** Reading of its OSV records (sources/osv). */
export interface RollingRecords {
  /** Prefix of their ids. */
  prefix: string;
  severalFlaws?: true;
  versionsAreFixes?: true;
  /** The ecosystem of its entries: those of others are about another vendor's builds. Absent: all are about its own. */
  ecosystem?: string;
  /** An entry is about the package that has the flaw, by its own name or by that of its origin. Absent: by that of the origin. */
  byPackage?: true;
}

const chainguardData = {
  publisher: 'Chainguard, Inc.',
  licence: 'CC-BY-NC-ND-4.0',
  terms: 'restricted',
} as const;

export const chainguard: RollingVendor = {
  ...chainguardData,
  id: 'chainguard',
  name: 'Chainguard OS',
  cpe: ['chainguard', 'chainguard'],
  data: 'Chainguard security database',
  page: 'https://www.chainguard.dev/',
  trivy: 'chainguard',
  records: { prefix: 'CGA-', ecosystem: 'Chainguard', byPackage: true },
};

/** The feed decides whose records these are: half of them name the ecosystem Alpine (anchore/grype#3281). */
export const cleanstart: RollingVendor = {
  id: 'cleanstart',
  also: ['clnstrt'],
  name: 'CleanStart',
  cpe: ['cleanstart', 'cleanstart'],
  publisher: 'CleanStart',
  data: 'CleanStart security advisories',
  licence: 'Apache-2.0',
  page: 'https://github.com/cleanstart-dev/cleanstart-security-advisories',
  records: { prefix: 'CLEANSTART-', severalFlaws: true, versionsAreFixes: true },
};

export const minimos: RollingVendor = {
  id: 'minimos',
  name: 'MinimOS',
  cpe: ['minimus', 'minimos'],
  publisher: 'Minimus',
  data: 'MinimOS security database',
  licence: 'no terms are stated',
  terms: 'unclear',
  page: 'https://minimus.io/',
  trivy: 'minimos',
};

export const secureos: RollingVendor = {
  id: 'secureos',
  name: 'SecureOS',
  cpe: ['securebuild', 'secureos'],
  publisher: 'SecureBuild',
  data: 'SecureOS security database',
  licence: 'no terms are stated',
  terms: 'unclear',
  page: 'https://securebuild.com/',
};

export const wolfi: RollingVendor = {
  ...chainguardData,
  id: 'wolfi',
  name: 'Wolfi',
  cpe: ['wolfi', 'wolfi'],
  data: 'Wolfi security database',
  page: 'https://wolfi.dev/',
  trivy: 'wolfi',
  records: { prefix: 'CGA-', ecosystem: 'Wolfi', byPackage: true },
};

export const rollingVendors: RollingVendor[] = [chainguard, cleanstart, minimos, secureos, wolfi];
