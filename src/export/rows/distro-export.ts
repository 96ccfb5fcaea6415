import type { Feed } from '../../feed/read/feed.ts';
import type { FeedPlatform } from '../../model/feed/index.ts';
import type { CsafLayout } from './csaf-layout.ts';
import type { ExportLine } from './rows.ts';
import type { TrivyLayout } from './trivy-layout.ts';

/** A distribution's statements in the form of other scanners. */
export interface DistroExport {
  /** IDs in os-release of the platforms that it knows, layered products included. */
  ids: readonly string[];
  trivy: TrivyLayout;
  csaf: CsafLayout;
  /** IDs of other systems that Grype looks up as this one. */
  grypeAliases?: readonly string[];
  /** The kinds of systems of a platform that layouts by package and version distinguish; none: it is in no such layout. */
  releases(platform: FeedPlatform, feed: Feed): readonly ReleaseExport[];
}

/** The rows of one kind of systems of a release, and its names in the layouts that have it. */
export interface ReleaseExport {
  /** Whether lines are about source packages or binary ones. */
  subject: 'source' | 'binary';
  lines(): Iterable<ExportLine>;
  osv?: OsvNames;
  clair?: ClairNames;
  /** Name of the suite's file for debsecan. */
  debsecan?: string;
  /** The systems that Grype looks up; rows are for those that they name by index. */
  grype?: readonly GrypeSystem[];
  /** `Debian 12`: the name that Greenbone's scanner has for the system. */
  notus?: string;
  /** For rpm: the architectures of its packages. */
  notusArchitectures?: readonly string[];
}

/** An updater of Clair, and the distribution or the repositories by which its matchers look up. */
export interface ClairNames {
  updater: string;
  /** A row is written for each. */
  places: readonly ClairPlace[];
}

export interface ClairPlace {
  distribution?: {
    id: '';
    did: string;
    name: string;
    version: string;
    version_code_name: string;
    version_id: string;
    arch: '';
    cpe: '';
    pretty_name: string;
  };
  repository?: { id: ''; name: string; key: string; uri: ''; cpe: string };
}

/** A release as its matcher compares it: `12 (bookworm)`. */
export function clairDistribution(
  did: string,
  name: string,
  [id, codename, version]: readonly [id: string, codename: string, version: string],
): ClairPlace {
  return {
    distribution: {
      id: '',
      did,
      name,
      version,
      version_code_name: codename,
      version_id: id,
      arch: '',
      cpe: '',
      pretty_name: `${name} ${version}`,
    },
  };
}

export interface OsvNames {
  /** With the release: `Debian:12`. */
  ecosystem: string;
  /** Prefix of the records' ids in front of a CVE id; none: the CVE id itself. */
  prefix?: string;
}

/** A row of Grype's operating systems: it takes the most specific one that a system matches, and that one alone. */
export interface GrypeSystem {
  /** Grype's own word and that of os-release: `redhat`, `rhel`. */
  name: string;
  releaseId: string;
  major: string;
  minor?: string;
  codename?: string;
  channel?: string;
}
