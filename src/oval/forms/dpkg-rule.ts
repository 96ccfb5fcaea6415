import type { ShardClaim, ShardLine } from '../../model/feed/index.ts';
import type { FlawRow, Selection } from './rows.ts';

/** Builds of one kind, by their versions. */
export interface DpkgBuild {
  /** For comments. */
  name: string;
  /** PCRE of their versions; it matches neither spaces nor closing parentheses. */
  version: string;
  /** True for the base archive, whose limit is tested if kinds of builds cannot be distinguished. */
  plain?: true;
}

/** When a row applies: for builds of a kind, below a limit, or if the package is present. */
export interface DpkgWay {
  selection: Selection;
  /** Undefined: any build. */
  build: DpkgBuild | undefined;
  /** OVAL limit with its epoch; undefined: presence alone. */
  below: string | undefined;
  /** The claim that decides, for severity, advisories and notes. */
  claim: ShardClaim;
}

/** A fixed version in the row is not a dpkg version, so it cannot be compared. */
export type Inexpressible = 'unparsable_fixed_version';

/** A distribution's rule for dpkg packages. */
export interface DpkgRule {
  ways(line: ShardLine, row: FlawRow): DpkgWay[] | Inexpressible;
  /** The inexactness of a form that cannot distinguish kinds of builds. */
  buildsLost?: string;
}
