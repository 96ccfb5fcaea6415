import type { OvalEvaluation } from '../../model/compliance/index.ts';
import type { InstalledPackage } from '../../model/inventory/index.ts';
import type { OvalLookup } from '../oval/lookup.ts';
import type { OvalResult } from '../values/result.ts';
import { isAbout, leavesOf, type PlatformExpression, platformAnswer } from './platform-check.ts';

/** Results of a check that could not be evaluated. */
const undecided: ReadonlySet<OvalResult> = new Set<OvalResult>(['unknown', 'error', 'not evaluated']);

/** Package databases that a test type looks into. */
const packageTypes: Readonly<Record<string, InstalledPackage['type']>> = {
  'linux/rpminfo': 'rpm',
  'linux/rpmverify': 'rpm',
  'linux/rpmverifyfile': 'rpm',
  'linux/dpkginfo': 'deb',
};

/** Maximum number of platform checks that a reason names. */
const named = 3;

/** Results of the tests and definitions that platform checks ask for. */
export interface PlatformResults {
  test(id: string): OvalResult;
  definition(id: string): OvalResult;
}

/** Gathers whether content is about the image, from the platform checks of its definitions. */
export class ContentApplicability {
  readonly #packages: readonly InstalledPackage[];
  readonly #types = new Set<string>();
  readonly #refused = new Set<string>();
  readonly #undecided = new Set<string>();
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
    else if (about) {
      if (dependsOnUndecided(expression, document, results))
        nameLeaves(this.#undecided, (result) => undecided.has(result), expression, document, results);
      else this.#isAbout = true;
    } else {
      this.#foreign += 1;
      nameLeaves(this.#refused, (result) => result === 'false', expression, document, results);
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
    const withoutPackages = this.#withoutPackages();
    if (this.#undecided.size > 0)
      return (
        withoutPackages ?? {
          applies: 'unknown',
          reason: `the content's own platform check could not be evaluated: ${quoted(this.#undecided)}`,
        }
      );
    if (this.#unchecked > 0 || this.#foreign === 0) {
      const testsOthers = [...this.#types].some((type) => packageTypes[type] === undefined);
      return (testsOthers ? undefined : withoutPackages) ?? { applies: 'unchecked' };
    }
    return { applies: 'no', reason: `the content's own platform check fails: ${quoted(this.#refused)}` };
  }

  /** Content that no check of its own decides is not about an image that has no packages of the kind that it tests. */
  #withoutPackages(): Pick<OvalEvaluation, 'applies' | 'reason'> | undefined {
    const kinds = [...this.#types].flatMap((type) => packageTypes[type] ?? []);
    const asked = [...new Set(kinds)].sort();
    if (asked.length === 0 || this.#packages.some(({ type }) => asked.includes(type))) return undefined;
    return {
      applies: 'no',
      reason: `the content tests ${asked.join(' and ')} packages, and the image has none`,
    };
  }
}

/**
 * Whether checks that could not be evaluated would change what the expression says of the image. The kernel and the processor
 * do not count: they are of the machine on which the image runs.
 */
function dependsOnUndecided(
  expression: PlatformExpression,
  document: OvalLookup,
  results: PlatformResults,
): boolean {
  const filled = (value: OvalResult): PlatformResults => ({
    test: (id) => {
      const result = results.test(id);
      return undecided.has(result) && document.test(id)?.type !== 'unix/uname' ? value : result;
    },
    definition: (id) => {
      const result = results.definition(id);
      return undecided.has(result) ? value : result;
    },
  });
  return (['true', 'false'] as const).some(
    (value) => isAbout(expression, platformAnswer(expression, filled(value))) !== true,
  );
}

/** Adds the names of an expression's checks with a result, up to a few. */
function nameLeaves(
  names: Set<string>,
  isMeant: (result: OvalResult) => boolean,
  expression: PlatformExpression,
  document: OvalLookup,
  results: PlatformResults,
): void {
  if (names.size >= named) return;
  for (const id of leavesOf(expression)) {
    if (id === 'free') continue;
    const test = document.test(id);
    if (!isMeant(test ? results.test(id) : results.definition(id))) continue;
    names.add((test ? test.comment : document.definition(id)?.title) ?? id);
    if (names.size === named) return;
  }
}

function quoted(names: ReadonlySet<string>): string {
  return [...names].map((each) => `"${each}"`).join(', ');
}
