import {
  beginsWith,
  compareEbuildVersions,
  compareRevisions,
  compareUpstream,
  type EbuildVersion,
  parseEbuildVersion,
} from './version.ts';

/** An operator of an atom; those with `~` are about revisions of the same version only. */
export type EbuildOperator = '<' | '<=' | '=' | '>=' | '>' | '~<' | '~<=' | '~>=' | '~>';

/** Some versions, in all slots or in one. */
export interface EbuildTerm {
  operator: EbuildOperator;
  version: EbuildVersion;
  /** The version as text, without `*`. */
  text: string;
  /** Also every version that begins so. */
  isPrefix: boolean;
  /** `3.8`, or with a sub-slot `0/12`. Absent: any. */
  slot?: string;
}

/** Versions that are affected: those of a term of `vulnerable` and of none of `unaffected`. */
export interface EbuildRange {
  vulnerable: readonly EbuildTerm[];
  unaffected: readonly EbuildTerm[];
}

/** An installed version, or one to be installed. */
export interface EbuildBuild {
  version: EbuildVersion;
  /** Absent: not known. */
  slot?: string;
}

const slotForm = /^[A-Za-z0-9_][A-Za-z0-9+_.-]*(?:\/[A-Za-z0-9_][A-Za-z0-9+_.-]*)?$/;

export function isEbuildSlot(text: string): boolean {
  return text.length <= 255 && slotForm.test(text);
}

/** `<3.8.10:3.8|!>=3.8.10:3.8`: the terms, those of unaffected versions with an exclamation mark. */
export function ebuildRangeText({ vulnerable, unaffected }: EbuildRange): string {
  return [...vulnerable.map(termText), ...unaffected.map((term) => `!${termText(term)}`)].join('|');
}

function termText({ operator, text, isPrefix, slot }: EbuildTerm): string {
  return `${operator}${text}${isPrefix ? '*' : ''}${slot === undefined ? '' : `:${slot}`}`;
}

/** Reads what {@link ebuildRangeText} wrote. Undefined: it is another text. */
export function parseEbuildRange(range: string): EbuildRange | undefined {
  const vulnerable: EbuildTerm[] = [];
  const unaffected: EbuildTerm[] = [];
  for (const part of range.split('|')) {
    const [, not, operator, text = '', star, slot] =
      /^(!?)(~?[<>]=?|=)([^*:]+)(\*?)(?::(.+))?$/.exec(part) ?? [];
    const term = operator && ebuildTerm(operator as EbuildOperator, text + star, slot);
    if (!term) return undefined;
    (not ? unaffected : vulnerable).push(term);
  }
  return { vulnerable, unaffected };
}

/** Undefined: version or slot are none, or the operator takes no `*`. */
export function ebuildTerm(
  operator: EbuildOperator,
  stated: string,
  slot: string | undefined,
): EbuildTerm | undefined {
  const isPrefix = stated.endsWith('*');
  const text = isPrefix ? stated.slice(0, -1) : stated;
  const version = parseEbuildVersion(text);
  if (!version || (isPrefix && operator !== '=') || (slot !== undefined && !isEbuildSlot(slot)))
    return undefined;
  return { operator, version, text, isPrefix, ...(slot !== undefined && { slot }) };
}

/** Whether a build is affected. Undefined: it depends on its slot, which is not known. */
export function isAffectedBuild(
  { vulnerable, unaffected }: EbuildRange,
  build: EbuildBuild,
): boolean | undefined {
  const isStated = isInAny(vulnerable, build);
  const isCleared = isInAny(unaffected, build);
  if (isStated === false || isCleared === true) return false;
  return isStated === undefined || isCleared === undefined ? undefined : true;
}

function isInAny(terms: readonly EbuildTerm[], build: EbuildBuild): boolean | undefined {
  let found: boolean | undefined = false;
  for (const term of terms) {
    const isIn = includesBuild(term, build);
    if (isIn === true) return true;
    if (isIn === undefined) found = undefined;
  }
  return found;
}

/** Undefined: its slot decides, which is not known. */
export function includesBuild(
  { operator, version, isPrefix, slot }: EbuildTerm,
  build: EbuildBuild,
): boolean | undefined {
  if (isPrefix ? !beginsWith(build.version, version) : !holds(operator, build.version, version)) return false;
  if (slot === undefined) return true;
  return build.slot === undefined ? undefined : isInSlot(build.slot, slot);
}

function holds(operator: EbuildOperator, installed: EbuildVersion, stated: EbuildVersion): boolean {
  const isOfVersion = operator.startsWith('~');
  if (isOfVersion && compareUpstream(installed, stated) !== 0) return false;
  const order = isOfVersion ? compareRevisions(installed, stated) : compareEbuildVersions(installed, stated);
  switch (operator.replace('~', '')) {
    case '<':
      return order === -1;
    case '<=':
      return order !== 1;
    case '=':
      return order === 0;
    case '>=':
      return order !== -1;
    default:
      return order === 1;
  }
}

/** A slot without a sub-slot has all of them; an installed one without it has the slot's own. */
function isInSlot(installed: string, stated: string): boolean {
  const [slot = '', subSlot = slot] = installed.split('/');
  return stated.includes('/') ? stated === `${slot}/${subSlot}` : stated === slot;
}
