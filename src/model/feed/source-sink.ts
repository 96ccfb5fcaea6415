import type { Assessment } from './assessment.ts';
import type { CompiledContent } from './feed-content.ts';
import type { Ledger } from './finding.ts';
import type { Platform } from './platform.ts';
import type { Roster } from './roster.ts';
import type { Statement } from './statement.ts';
import type { Advisory, Vulnerability } from './vulnerability.ts';

/** Takes what a source makes from its input. The order does not matter, because the compiler sorts. */
export interface SourceSink {
  ledger: Ledger;
  /** A platform that the source has data for; each that a statement names is declared once, before or after. */
  platform(platform: Platform, data: PlatformData): void;
  /** `also`: other vulnerabilities with exactly the same claim. */
  statement(statement: Statement, also?: readonly string[]): void;
  vulnerability(vulnerability: Vulnerability): void;
  advisory(advisory: Advisory): void;
  /**
   * Notes a date in a document of this input; the newest one dates the input. ISO 8601 with a time zone, or a day;
   * anything else is ignored.
   */
  dated(input: string, date: string): void;
  /** Rows that the runtime looks up by id in `index/NAME.jsonl`, whatever the platform. */
  table?(name: string, rows: readonly TableRow[]): void;
  /** A compiled benchmark; the compiler binds it to the feed's platforms. */
  content?(content: CompiledContent): void;
}

export interface TableRow {
  id: string;
}

export interface PlatformData {
  /** Ids of the inputs that have data about this platform. */
  inputs: readonly string[];
  /** The sources that the suite ships, with their binaries. Absent: the vendor publishes no such list. */
  roster?: Roster;
  /**
   * For statements about sources without a roster (rpm): source -> the binaries that the vendor's documents show with the
   * source's own version.
   */
  binaries?: ReadonlyMap<string, readonly string[]>;
  /** An erratum more fixes a flaw again: fixes in different advisories do not contradict each other. */
  severalErrata?: true;
  /** Patterns of versions of flavours: fixes of different ones, or of one and of plain builds, do not contradict each other. */
  flavours?: readonly string[];
  /** Sources whose own version in this suite carries another release's suffix: not strangers here. */
  ownDespiteSuffix?: readonly string[];
  marks?: readonly string[];
  /** ISO 8601 UTC; given if the data of this platform is older than its inputs. */
  updated?: string;
}

/** One source's part of an assessment. */
export interface AssessmentPart extends Omit<Assessment, 'rejected'> {
  /** The state of its record, from a source that knows it. */
  state?: 'published' | 'rejected';
}

/** Receives a source's assessments. Those of vulnerabilities without a statement in the feed are not kept. */
export interface AssessmentSink {
  ledger: Ledger;
  /** As SourceSink.dated. */
  dated(input: string, date: string): void;
  /** The publisher's own name of this version of an input: the model of EPSS, the number of a catalog. */
  versioned(input: string, version: string): void;
  /** True if the feed has a statement about the vulnerability. */
  isSpokenOf(id: string): boolean;
  /** The distributions' statements about it, for all platforms. */
  details(id: string): Vulnerability | undefined;
  assess(part: AssessmentPart): void;
  /** Texts that the feed has from no distribution. */
  vulnerability(vulnerability: Vulnerability): void;
  /** See EpssPercentiles. */
  percentiles(least: readonly number[]): void;
}

/** A sink that passes everything on, and calls back for each statement. */
export function watchStatements(out: SourceSink, see: (statement: Statement) => void): SourceSink {
  return {
    ledger: out.ledger,
    platform: (platform, data) => out.platform(platform, data),
    vulnerability: (vulnerability) => out.vulnerability(vulnerability),
    advisory: (advisory) => out.advisory(advisory),
    dated: (input, date) => out.dated(input, date),
    statement(statement, also) {
      see(statement);
      out.statement(statement, also);
    },
  };
}
