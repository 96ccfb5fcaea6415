import type { FeedPlatform, ReferencePages, Severity, ShardClaim } from '../../model/feed/index.ts';

/** Names for a distribution's statements in CSAF. */
export interface CsafLayout {
  /** Folder of its documents and prefix of their ids. */
  name: string;
  vendor: string;
  /** The namespace of its package URLs. */
  namespace: string;
  /** Where its containers are, if there are statements about those. */
  registry?: string;
  pages: ReferencePages;
  /** The system that a statement is about: a release, a channel of it, or a version of a layered product. */
  system(platform: FeedPlatform, claim: Pick<ShardClaim, 'channel' | 'minor'>): CsafSystem;
  /** The vendor's word for a severity, if it has others. */
  severityWords?: Partial<Readonly<Record<Severity, string>>>;
}

export interface CsafSystem {
  /** Product id: by platform, minor and channel. */
  id: string;
  name: string;
  cpe?: string;
  /**
   * Value of `distro` in package URLs: every system of the release has the statement. Absent for channels, which a package URL
   * cannot name: their packages are found by the system alone.
   */
  distro?: string;
}

/** CPE of a system that os-release names so. */
export function systemCpe(vendor: string, product: string, version: string | undefined): string {
  return `cpe:/o:${vendor}:${product}${version === undefined ? '' : `:${version}`}`;
}
