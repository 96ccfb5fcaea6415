import type { Platform, ReferencePages } from '../../model/feed/index.ts';
import type { FormContext, OvalForm } from './form.ts';

/** A distribution's part of OVAL. */
export interface DistroOval {
  /** ID in os-release of its platforms. */
  id: string;
  /** Ids of platforms without OVAL, each with the reason. */
  without?: Readonly<Record<string, string>>;
  /** The forms of one of its platforms: a list, so that a caller may choose by suffix. */
  forms(context: FormContext): OvalForm[];
  /** CPE 2.2 name for XCCDF's platforms; undefined for a release without one. */
  cpe(platform: Platform): string | undefined;
  /** Names that benchmarks of others have for a release besides its own CPE. */
  otherCpes?(platform: Platform): readonly string[];
  /** Web pages about its flaws and advisories. */
  pages: ReferencePages;
  /** The name that a package's flaws have in definitions, where several packages share them; default: its own. */
  subjectOf?(name: string): string;
}
