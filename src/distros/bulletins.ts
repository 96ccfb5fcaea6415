import type { ReferencePages } from '../model/feed/index.ts';

/** A vendor that publishes its security data as one document. Shared code and the readers of the documents are in bulletin/. */
export interface Bulletin {
  /** Its name as a source, of its page and definition, and ID in os-release. */
  id: string;
  /** `Arch Linux`: in messages. */
  name: string;
  packaging: 'alpm' | 'deb';
  /** The kind of packages that the document names. */
  subject: 'binary' | 'source';
  /** All images are of one stream of builds, whatever VERSION_ID they have. Absent: VERSION_ID names the release. */
  rolling?: true;
  /** See Judge. */
  rates?: true;
  /** Vendor and product in its CPE. */
  cpe: readonly [vendor: string, product: string];
  publisher: string;
  /** Name of its data. */
  data: string;
  /** Id of the document among the inputs of a feed. */
  input: string;
  licence: string;
  /** Web page of the vendor or of its data. */
  page: string;
  pages: ReferencePages;
  /** Its bucket in Trivy's database, and the id of the data there. Absent: Trivy does not know it. */
  trivy?: string;
  /** Source packages of kernels. Absent: it has none. */
  kernels?: readonly string[];
}

const tracker = 'https://security.archlinux.org/';

export const arch: Bulletin = {
  id: 'arch',
  name: 'Arch Linux',
  packaging: 'alpm',
  subject: 'binary',
  rolling: true,
  rates: true,
  cpe: ['archlinux', 'arch_linux'],
  publisher: 'Arch Linux Security Team',
  data: 'Arch Linux vulnerability groups',
  input: 'arch-groups',
  licence: 'no terms are stated',
  page: tracker,
  pages: { flaws: tracker, advisories: { ASA: tracker } },
  kernels: ['linux', 'linux-lts', 'linux-zen', 'linux-hardened', 'linux-rt', 'linux-rt-lts'],
};

export const echo: Bulletin = {
  id: 'echo',
  name: 'Echo Linux',
  packaging: 'deb',
  subject: 'source',
  cpe: ['echohq', 'echo_linux'],
  publisher: 'Echo Software Ltd.',
  data: 'Echo advisories',
  input: 'echo-advisories',
  licence: 'no terms are stated',
  page: 'https://echohq.com/',
  // It has no pages of single flaws.
  pages: { flaws: 'https://www.cve.org/CVERecord?id=', advisories: {} },
  trivy: 'echo',
};

export const bulletins: Bulletin[] = [arch, echo];

/** Those with OVAL and exports: there is no test for packages of pacman, and no layout has a name for its systems. */
export function debBulletins(): Bulletin[] {
  return bulletins.filter(({ packaging }) => packaging === 'deb');
}
