import type { ShardClaim, ShardLine } from '../../model/index.ts';
import type { FlawRow, Selection } from './rows.ts';

/** Builds of one kind, told by the version itself. */
export interface DpkgBuild {
  /** For comments. */
  name: string;
  /** PCRE of their versions; it takes neither blanks nor closing parentheses. */
  version: string;
  /** Those of the plain archive, which are tested where kinds of builds cannot be told apart. */
  plain?: true;
}

/** When a row holds: for builds of a kind, below a limit, or wherever the package is present. */
export interface DpkgWay {
  selection: Selection;
  /** Undefined: any build. */
  build: DpkgBuild | undefined;
  /** OVAL limit with its epoch; undefined: presence alone. */
  below: string | undefined;
  /** The claim that decides, for severity, advisories and notes. */
  claim: ShardClaim;
}

/** A fixed version of the row is no dpkg version: nothing can be compared with it. */
export type Inexpressible = 'unparsable_fixed_version';

/** How a distribution's rows decide on dpkg packages. */
export interface DpkgRule {
  ways(line: ShardLine, row: FlawRow): DpkgWay[] | Inexpressible;
  /** What a form loses that cannot tell kinds of builds apart. */
  buildsLost?: string;
}
