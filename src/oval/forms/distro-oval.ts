import type { Platform } from '../../model/index.ts';
import type { ReferencePages } from './describe.ts';
import type { FormContext, OvalForm } from './form.ts';

/** What OVAL needs of a distribution. */
export interface DistroOval {
  /** ID in os-release of its platforms. */
  id: string;
  /** Other ids of its platforms, of which OVAL cannot speak, each with the reason. */
  without?: Readonly<Record<string, string>>;
  /** The forms of one of its platforms: a list, so that a caller may choose by suffix. */
  forms(context: FormContext): OvalForm[];
  /** CPE 2.2 name, as the platforms of XCCDF want it; undefined for a release that has none. */
  cpe(platform: Platform): string | undefined;
  /** Where people read about its flaws and advisories. */
  pages: ReferencePages;
  /** The name that a package's flaws have in definitions, where several packages share them; default: its own. */
  subjectOf?(name: string): string;
}
