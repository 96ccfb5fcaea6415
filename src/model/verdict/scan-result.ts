import type { Epss, Exploited, RatingSource } from '../feed/assessment.ts';
import type { Severity } from '../feed/severity.ts';
import type { SeverityDecision } from '../feed/severity-decision.ts';
import type { BaseImages, BaseStanding } from '../inventory/base-image.ts';
import type {
  Inventory,
  InventoryNote,
  incompleteDatabase,
  Layer,
  UnjudgedPackages,
  unreadContext,
} from '../inventory/inventory.ts';
import { compareCodeUnits } from '../order.ts';
import type { Exceptions, Ignored } from './exception.ts';
import type { SignatureGate } from './signed.ts';
import type { MatchResult, Verdict } from './verdict.ts';

/** Places that are kept of an ecosystem. */
const maxPlaces = 3;

/** Counts packages by ecosystem, with their layers and their first places. */
export class UnjudgedCount {
  readonly #found = new Map<
    string,
    { packages: number; damaged: number; layers: Set<number>; places: string[] }
  >();

  /** `layer`: undefined where layers are not distinguished. */
  add(ecosystem: string, place: string, layer: number | undefined, packages = 1): void {
    const found = this.#of(ecosystem);
    found.packages += packages;
    if (layer !== undefined) found.layers.add(layer);
    if (found.places.length < maxPlaces && !found.places.includes(place)) found.places.push(place);
  }

  /** Notes that counted packages are of damaged files. */
  damaged(ecosystem: string, packages = 1): void {
    this.#of(ecosystem).damaged += packages;
  }

  /** In code-unit order of the ecosystems. */
  list(): UnjudgedPackages[] {
    return [...this.#found]
      .filter(([, { packages }]) => packages > 0)
      .sort(([a], [b]) => compareCodeUnits(a, b))
      .map(([ecosystem, { packages, damaged, layers, places }]) => ({
        ecosystem,
        packages,
        ...(damaged > 0 && { damaged: Math.min(damaged, packages) }),
        ...(layers.size > 0 && { layers: [...layers].sort((a, b) => a - b) }),
        places,
      }));
  }

  #of(ecosystem: string) {
    const found = this.#found.get(ecosystem) ?? { packages: 0, damaged: 0, layers: new Set(), places: [] };
    this.#found.set(ecosystem, found);
    return found;
  }
}

/** Classes of verdicts that need no action: the default view hides them and prints how many there are. */
export type HiddenClass = 'unimportant' | 'negligible' | 'kernel' | 'unsettled';

export const hiddenWords: Readonly<Record<HiddenClass, string>> = {
  unimportant: 'rated unimportant',
  negligible: 'negligible without a fix',
  kernel: 'of the kernel, which a container does not run',
  unsettled: 'not yet looked into by the vendor',
};

/** A verdict with the data that decides its urgency (docs/severity.md). `severity` is the decided one. */
export interface ViewedVerdict extends Verdict {
  /** Why the default view does not list it. */
  hidden?: HiddenClass;
  /** The source of the severity. Absent if there is none and the severity is `unknown`. */
  severitySource?: RatingSource;
  /** The score that decided the severity. Absent if the distribution's own severity did. */
  cvss?: NonNullable<SeverityDecision['cvss']>;
  /** The distribution's severity, if another source decided. */
  vendorSeverity?: Severity;
  /** The CVE record was withdrawn. */
  rejected?: true;
  exploited?: Exploited;
  epss?: Epss;
  /** From 0 to 100. Absent if nothing is known about the likelihood of exploitation. */
  risk?: number;
  /** The exception by the user that excludes it. Gates do not count it. */
  ignored?: Ignored;
  /** The VEX statement that would clear it if the policy gave its issuer the right. */
  notLifted?: Ignored;
  /** Absent without a base image to compare with. */
  base?: BaseStanding;
}

/** A source of ratings or exploitation data in the feed. */
export interface AssessmentOrigin {
  id: AssessmentOriginId;
  name: string;
  /** Date of its newest document. Absent if no document has one. */
  updated?: string;
  ageDays?: number;
  /** Older than the limit for this source: `assessmentAgeLimits`. */
  stale?: true;
  /** Error code for which a newer document was rejected. */
  refused?: string;
}

/** Days after which a source's data is called old; a scan goes on with it. The EU's list had no new entry for five months of 2025. */
export const assessmentAgeLimits = { 'cve-records': 14, nvd: 14, kev: 14, eukev: 180, epss: 14 } as const;

export type AssessmentOriginId = keyof typeof assessmentAgeLimits;

/** The feed that a result is based on, and whether it is signed. */
export interface FeedOrigin {
  /** The folder, or the address of a published feed that was read without a pull. */
  directory: string;
  created: string;
  /** The way in which it was chosen: --feed, SCAPFEED_FEED, the last pull, or none of these. */
  chosen: 'option' | 'environment' | 'pulled' | 'working_directory';
  /** Its signatures and digests were verified from the publisher's root on. */
  signed: boolean;
}

/** `https://HOST/PATH`, `oci://HOST/NAME`: the address of a published feed. */
export function isFeedAddress(place: string): boolean {
  return /^(https?|oci):\/\//.test(place);
}

/**
 * A reason why a result does not cover the whole image: the feed does not have its distribution, its release is past its end of life and gets no more statements, its
 * package database lists fewer packages than it declares, packages are not covered, package files are damaged, records of the vendor could not be read, or most
 * flaws have no rating and the gate asks for one. An image with a gap is not clean.
 */
export interface Gap {
  code:
    | 'end_of_life'
    | typeof incompleteDatabase
    | typeof unreadContext
    | typeof uncoveredSystem
    | 'uncovered_packages'
    | 'unread_records'
    | typeof unreadPackageFiles
    | typeof uncoveredComponents
    | typeof uncoveredLanguages
    | typeof unsearchedLanguages
    | 'unrated_flaws';
  where?: string;
  detail: string;
}

/** Code of the gap of an image of whose distribution the feed has no data: only its packages of languages are judged. */
export const uncoveredSystem = 'uncovered_system';

/** The gap of a release that its vendor has given up. */
export const endOfLifeGap: Gap = {
  code: 'end_of_life',
  detail: 'the vendor no longer publishes statements about this release',
};

/** The gap of a platform with the mark `unread_records`. */
export const unreadRecordsGap: Gap = {
  code: 'unread_records',
  detail:
    'records of the vendor could not be read when the feed was built, and not even which packages they are about',
};

const unsearchedLanguages = 'unsearched_languages';

/** The gap of an image of which not every place could be searched for packages of languages. */
export const unsearchedGap: Gap = {
  code: unsearchedLanguages,
  detail: 'packages of languages in places that could not be read',
};

export const uncoveredLanguages = 'uncovered_languages';
export const absentWords = 'of languages that this feed has no data about';

/** The gap of packages of ecosystems that the feed lacks: `12 of languages that this feed has no data about: maven 10, pypi 2`. */
export function absentGap(absent: readonly UnjudgedPackages[]): Gap {
  return { code: uncoveredLanguages, detail: countedWords(absent, absentWords) };
}

function countedWords(absent: readonly UnjudgedPackages[], words: string): string {
  const total = absent.reduce((sum, { packages }) => sum + packages, 0);
  const each = absent.map(({ ecosystem, packages }) => `${ecosystem} ${packages}`);
  return `${total} ${words}: ${each.join(', ')}`;
}

export const uncoveredComponents = 'uncovered_components';
export const absentComponents = 'of components that this feed has no data about';

/** The gap of components of vendors that the feed lacks: `5 of components that this feed has no data about: bitnami 5`. */
export function absentComponentsGap(absent: readonly UnjudgedPackages[]): Gap {
  const [where] = absent.flatMap(({ places }) => places);
  return {
    code: uncoveredComponents,
    ...(where !== undefined && { where }),
    detail: countedWords(absent, absentComponents),
  };
}

export const unreadPackageFiles = 'unread_package_files';
export const unreadFilesWords = 'files of packages that are damaged, or not read to their end';

/** The gap of package files of an ecosystem that are damaged, or not read to their end. */
export function unreadFilesGap({ ecosystem, damaged = 0, places }: UnjudgedPackages): Gap {
  const [where] = places;
  return {
    code: unreadPackageFiles,
    ...(where !== undefined && { where }),
    detail: `${ecosystem} ${unreadFilesWords}: ${damaged}`,
  };
}

/** Codes of the gaps of packages of languages, and of components beside a distribution, alone. */
export const gapsOfLanguages = [
  unsearchedLanguages,
  unreadPackageFiles,
  uncoveredComponents,
  uncoveredLanguages,
] as const;

/**
 * The gaps for which a command ends with 4, of an image alone and of a fleet. Those can be accepted that leave out packages by the
 * feed's data, or packages of languages.
 */
export function openGaps<T extends { code: string }>(gaps: readonly T[], allowUncovered: boolean): T[] {
  return gaps.filter(({ code }) => !allowUncovered || !acceptable.has(code));
}

const acceptable: ReadonlySet<string> = new Set([
  'uncovered_packages',
  'unread_records',
  ...gapsOfLanguages,
] satisfies Gap['code'][]);

/** The result of judging an inventory by a feed. An image is clean only if it has neither flaws nor gaps. */
export interface Judgement {
  platform: {
    id: string;
    name: string;
    /** Date of the newest vendor data for the platform. Absent if no document has one; so is the age. */
    updated?: string;
    /** Negative: `updated` is ahead of this machine's clock, and the age unknown. */
    ageDays?: number;
    /** Vendor support phase on the day of the judgement, or `end_of_life`. */
    phase: string;
    marks: readonly string[];
  };
  /** The requested sources of ratings, in order of precedence, as far as the feed has them. */
  severityFrom: readonly RatingSource[];
  /** The feed's data from others than the distribution. */
  assessments: readonly AssessmentOrigin[];
  /**
   * `affected` and `under_investigation`, others only on request. Sorted: known exploited ones first, then by severity,
   * risk, package and vulnerability.
   */
  verdicts: readonly ViewedVerdict[];
  /** Affected, not hidden flaws of theirs without a rating: no severity threshold finds these. */
  unrated: number;
  judged: number;
  uncovered: MatchResult['uncovered'];
  /** Packages of languages that the feed has no data about, or of which only the number is known, by ecosystem. */
  unjudged: readonly UnjudgedPackages[];
  /** Facts that could not be looked up. */
  notes: readonly InventoryNote[];
  gaps: readonly Gap[];
}

/** The result of one scan, from which reports are generated. */
export interface ScanResult extends Omit<Judgement, 'notes'> {
  tool: string;
  feed: FeedOrigin;
  image: {
    reference: string;
    digest?: string;
    architecture?: string;
    layers: readonly Layer[];
  };
  inventory: Pick<Inventory, 'os' | 'databases' | 'notes'> & {
    packages: number;
    /** Packages of languages with their versions, without `owned`. Absent: none. */
    languages?: number;
    /** Packages of languages that packages of the distribution own: they are judged as part of these. Absent: none. */
    owned?: number;
  };
  /** The result of the signature check. Absent if none was requested. */
  signed?: SignatureGate;
  /** The use of the given policy file, VEX documents and baseline. */
  exceptions?: Exceptions;
  /** The base images to compare with. Absent: none was given, or none was found. */
  bases?: BaseImages;
}

/** The outcome of the user's policy for a scan. One vulnerability in one source package counts as one flaw. */
export interface PolicyOutcome {
  /** The thresholds, in the syntax of the command line. null: no gate. */
  failOn: string | null;
  failOnUnrated: boolean;
  failOnUnknown: boolean;
  failOnUnjudged: boolean;
  allowUncovered: boolean;
  allowUnrated: boolean;
  /** Only with a limit on the age of fixes. `undated`: failing flaws with a fix whose date is not known. */
  fixedBefore?: { hours: number; undated: number };
  /** Flaws that `failOn` selects, or without it all with an older fix. */
  failing: number;
  /** Other flaws without a rating. They fail only with `failOnUnrated`. */
  unrated: number;
  /** Those of them that a severity in `failOn` cannot see: 0 with `failOnUnrated` or `any`. */
  unseen: number;
  /** Other flaws that `failOn` cannot measure: without an EPSS score or a risk. */
  unscored: number;
  /** Flaws that the vendor has not analyzed yet. Counted only with `failOnUnknown`. */
  unsettled: number;
  /** Packages that no feed covers. They fail only with `failOnUnjudged`. */
  unjudged: number;
  /** Exit code of the scan: 0 success, 1 flaws or not signed as required, 4 not covered or not signed at all. */
  exitCode: 0 | 1 | 4;
}

/** True for a flaw that none of the requested sources has rated; `unimportant` is a rating. */
export function isUnrated({ status, severity, suppressed }: ViewedVerdict): boolean {
  return status === 'affected' && severity === 'unknown' && suppressed === undefined;
}
