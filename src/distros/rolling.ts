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
  terms: 'unclear' | 'restricted';
  /** Web page of the vendor or of its data. */
  page: string;
  /** Its bucket in Trivy's database, and the id of the data there. None: Trivy does not know it. */
  trivy?: string;
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
};

export const rollingVendors: RollingVendor[] = [chainguard, minimos, secureos, wolfi];
