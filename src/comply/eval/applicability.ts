import type { InstalledPackage, OvalEvaluation } from '../../model/index.ts';
import type { OvalLookup } from '../oval/lookup.ts';
import type { OvalResult } from '../values/result.ts';
import { isAbout, leavesOf, type PlatformExpression, platformAnswer } from './platform-check.ts';

/** Package databases that a test type looks into. */
const packageTypes: Readonly<Record<string, InstalledPackage['type']>> = {
  'linux/rpminfo': 'rpm',
  'linux/rpmverify': 'rpm',
  'linux/rpmverifyfile': 'rpm',
  'linux/dpkginfo': 'deb',
};

/** How many platform checks a reason names. */
const named = 3;

/** Results of the tests and definitions that platform checks ask for. */
export interface PlatformResults {
  test(id: string): OvalResult;
  definition(id: string): OvalResult;
}

/** Gathers whether content is about the image, from the platform checks of its definitions. */
export class Applicability {
  readonly #packages: readonly InstalledPackage[];
  readonly #types = new Set<string>();
  readonly #refused = new Set<string>();
  #isAbout = false;
  #unchecked = 0;
  #foreign = 0;
  #unseen: string | undefined;

  constructor(packages: readonly InstalledPackage[]) {
    this.#packages = packages;
  }

  /** Types of tests that the content has. */
  tests(types: Iterable<string>): void {
    for (const type of types) this.#types.add(type);
  }

  /** Whether a definition was found that is about the image: no other can change that. */
  get isSettled(): boolean {
    return this.#isAbout;
  }

  /** Counts a definition of class patch, vulnerability or compliance by its platform expression. */
  add(expression: PlatformExpression, document: OvalLookup, results: PlatformResults): void {
    if (this.#isAbout) return;
    const about = isAbout(expression, platformAnswer(expression, results));
    if (about === undefined) this.#unchecked += 1;
    else if (about) this.#isAbout = true;
    else {
      this.#foreign += 1;
      if (this.#refused.size < named) this.#refuse(expression, document, results);
    }
  }

  /** Content that says of itself that it cannot see the image's packages, by the title of the definition that says so. */
  cannotSee(title: string | undefined): void {
    this.#unseen ??= title;
  }

  verdict(): Pick<OvalEvaluation, 'applies' | 'reason'> {
    if (this.#isAbout && this.#unseen !== undefined)
      return {
        applies: 'no',
        reason: `the content cannot see the image's packages: "${this.#unseen}" is false`,
      };
    if (this.#isAbout) return { applies: 'yes' };
    if (this.#unchecked > 0 || this.#foreign === 0) return this.#byPackages();
    const checks = [...this.#refused].map((each) => `"${each}"`).join(', ');
    return { applies: 'no', reason: `the content's own platform check fails: ${checks}` };
  }

  /** Content without a check of its own is not about an image that has no packages of the kind that it tests. */
  #byPackages(): Pick<OvalEvaluation, 'applies' | 'reason'> {
    const kinds = [...this.#types].map((type) => packageTypes[type]);
    const asked = [...new Set(kinds)].flatMap((kind) => kind ?? []).sort();
    if (asked.length === 0 || kinds.includes(undefined)) return { applies: 'unchecked' };
    if (this.#packages.some(({ type }) => asked.includes(type))) return { applies: 'unchecked' };
    return {
      applies: 'no',
      reason: `the content tests ${asked.join(' and ')} packages, and the image has none`,
    };
  }

  #refuse(expression: PlatformExpression, document: OvalLookup, results: PlatformResults): void {
    for (const id of leavesOf(expression)) {
      if (id === 'free') continue;
      const test = document.test(id);
      if ((test ? results.test(id) : results.definition(id)) !== 'false') continue;
      this.#refused.add((test ? test.comment : document.definition(id)?.title) ?? id);
      if (this.#refused.size === named) return;
    }
  }
}
