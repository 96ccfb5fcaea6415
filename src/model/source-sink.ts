import type { Ledger } from './finding.ts';
import type { Platform } from './platform.ts';
import type { Roster } from './roster.ts';
import type { Statement } from './statement.ts';
import type { Advisory, Vulnerability } from './vulnerability.ts';

/** Where a source puts what it made of its input. Order does not matter: the compiler sorts. */
export interface SourceSink {
  ledger: Ledger;
  /** A platform that the source has data for; each that a statement names is declared once, before or after. */
  platform(platform: Platform, data: PlatformData): void;
  /** `also`: other vulnerabilities of which just the same is claimed. */
  statement(statement: Statement, also?: readonly string[]): void;
  vulnerability(vulnerability: Vulnerability): void;
  advisory(advisory: Advisory): void;
  /**
   * Notes a date that a document of this input carries; the newest one dates the input. ISO 8601 with a time zone, or a
   * day; anything else is ignored.
   */
  dated(input: string, date: string): void;
  /** Rows that the runtime looks up by id in `index/NAME.jsonl`, whatever the platform. */
  table?(name: string, rows: readonly TableRow[]): void;
}

export interface TableRow {
  id: string;
}

export interface PlatformData {
  /** Ids of the inputs that speak of this platform. */
  inputs: readonly string[];
  /** What the suite's indexes ship: source -> its binaries with their versions. Absent: the vendor's data has no roster. */
  roster?: Roster;
  /**
   * Where rows speak of sources and the roster is unknown (rpm): source -> the binaries that the vendor's documents show
   * with the source's own version.
   */
  binaries?: ReadonlyMap<string, readonly string[]>;
  marks?: readonly string[];
  /** ISO 8601 UTC; where the data of this platform is older than its inputs. */
  updated?: string;
}
