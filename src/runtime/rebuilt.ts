import { type ErrorCode, isScapfeedError } from '../model/error.ts';
import {
  type BaseStanding,
  type Inventory,
  incompleteDatabase,
  lostDistribution,
  searchCut,
  searchIncomplete,
  unreadContext,
} from '../model/inventory/index.ts';
import {
  flawKey,
  type Gap,
  idsOfFlaw,
  type Judgement,
  sourceKey,
  uncoveredComponents,
  uncoveredLanguages,
} from '../model/verdict/index.ts';

/** A judged build of a base image, as far as it decides what a rebuild on it does. Plain JSON, which a fleet keeps. */
export interface JudgedBase {
  /** Its flaws by each of their ids, as `flawKey`. */
  flaws: readonly string[];
  /** Its source packages without data. */
  uncovered: readonly string[];
  /** Ecosystems with packages that were not judged. */
  unread: readonly string[];
  /** Why it is not known in full. */
  unknown?: string;
}

/** Errors about the base itself. */
const unjudgeable: ReadonlySet<ErrorCode> = new Set([
  'PLATFORM_UNKNOWN',
  'PLATFORM_NOT_COVERED',
  'PACKAGE_DATABASE_MISSING',
  'FEED_STALE',
]);

/** Gaps of single packages: others leave the absence of a flaw unproven. */
const ofPackages: ReadonlySet<string> = new Set([
  'uncovered_packages',
  uncoveredComponents,
  uncoveredLanguages,
] satisfies Gap['code'][]);

export function judgedBase(reference: string, { notes }: Inventory, judged: Judgement): JudgedBase {
  const gap = judged.gaps.find(({ code }) => !ofPackages.has(code));
  const isUnread = notes.some(({ code }) =>
    [incompleteDatabase, unreadContext, lostDistribution, searchCut, searchIncomplete].includes(code),
  );
  const unknown = gap?.detail ?? (isUnread ? `not all packages of ${reference} could be read` : undefined);
  const flaws = judged.verdicts.flatMap((verdict) => {
    const source = sourceKey(verdict.package);
    return idsOfFlaw(verdict).map((vulnerability) => flawKey({ vulnerability, source }));
  });
  return {
    flaws: [...new Set(flaws)],
    uncovered: [...new Set(judged.uncovered.map(({ package: pkg }) => sourceKey(pkg)))],
    unread: [...new Set(judged.unjudged.map(({ ecosystem }) => ecosystem))],
    ...(unknown !== undefined && { unknown }),
  };
}

/** A base that cannot be judged. Throws any other error. */
export function unjudgedBase(error: unknown): JudgedBase {
  if (!(isScapfeedError(error) && unjudgeable.has(error.code))) throw error;
  return { flaws: [], uncovered: [], unread: [], unknown: error.message };
}

/** The effect of a rebuild on a flaw of the base, which has one or more ids. `source`: by `sourceKey`. */
export function effectOf(
  judged: JudgedBase,
): (flaw: { ids: readonly string[]; source: string }) => NonNullable<BaseStanding['rebuild']> {
  const [flaws, uncovered] = [new Set(judged.flaws), new Set(judged.uncovered)];
  return ({ ids, source }) => {
    if (ids.some((vulnerability) => flaws.has(flawKey({ vulnerability, source })))) return 'keeps';
    const isUnknown =
      judged.unknown !== undefined ||
      uncovered.has(source) ||
      judged.unread.some((ecosystem) => source.startsWith(`${ecosystem}:`));
    return isUnknown ? 'unknown' : 'fixes';
  };
}
