import type { Advisory, Assessment, FeedInput, Vulnerability } from '../../model/feed/index.ts';
import type { InstalledPackage, Inventory } from '../../model/inventory/index.ts';
import type { PolicyOutcome, ScanResult, ViewedVerdict } from '../../model/verdict/index.ts';
import type { SbomImage } from '../sbom/subject.ts';
import type { ScanCounts } from './counts.ts';
import type { Flaw } from './flaws.ts';

/** The input of every format of a scan. Nothing in it depends on which formats were requested. */
export interface ScanReport {
  /** The name by which CI systems identify the image: without the parts that change from night to night. */
  name: string;
  result: ScanResult;
  inventory: Inventory;
  /** The verdicts that the user's filters let through, also those that the default view hides. */
  asked: readonly ViewedVerdict[];
  /** Those of them that reports for people show: without the hidden ones, unless `--all`. */
  shown: readonly ViewedVerdict[];
  /** The flaws of what is shown, which several formats list: grouped once. */
  flaws(): readonly Flaw[];
  /** The same for lists that have a line for each version to install. */
  lines(): readonly Flaw[];
  /** Totals, which several parts of several formats show: counted once. */
  counts(): ScanCounts;
  /** Verdicts that clear the image of a vulnerability: `fixed` and `not_affected`; made on demand. */
  settled(): readonly ViewedVerdict[];
  policy: PolicyOutcome;
  /** Whether the policy fails for a verdict; without a policy for every one that is affected. */
  fails(verdict: ViewedVerdict): boolean;
  /** Compares two versions of a flaw's package: negative, if the first is older. */
  compare(flaw: Flaw, a: string, b: string): number;
  toolVersion: string;
  /** The image as the subject of an SBOM. */
  sbom(): SbomImage;
  facts: FeedFacts;
  names: ExternalNames;
  /**
   * The date that formats give which need one: SOURCE_DATE_EPOCH, else that of the vendor data, else of the newest data in the feed.
   * ISO 8601 in seconds. Undefined: none of it has a date.
   */
  date: string | undefined;
}

/** The feed's facts besides verdicts. */
export interface FeedFacts {
  /** sha256 of the feed's manifest. */
  digest(): string;
  /** The documents that the verdicts were made from. */
  inputs: readonly FeedInput[];
  vulnerability(id: string): Vulnerability | undefined;
  advisory(id: string): Advisory | undefined;
  /** The assessment by others than the distribution. */
  assessment(id: string): Assessment | undefined;
}

/** Names of a result's subjects in other tools. They are passed in: the code behind them knows every distribution. */
export interface ExternalNames {
  /** Package URL. */
  purl(pkg: InstalledPackage): string;
  /** Without qualifiers, as others match VEX statements. */
  barePurl(pkg: InstalledPackage): string;
  /** The vendor, as package URLs and other tools name it: `debian`, `redhat`. */
  vendor: string;
  /** The vendor's web page about a flaw. */
  flawPage(id: string): string | undefined;
  advisoryPage(id: string): string | undefined;
}
