import type { ClaimKind } from '../../../model/feed/index.ts';

/** A statement, as far as it may be limited to architectures. */
interface Limited {
  kind: Pick<ClaimKind, 'arch' | 'status'>;
}

/** rpm replaces a build for one architecture by one for none, and the other way round. */
const noarch = 'noarch';

/**
 * Of the rows about one vulnerability those that apply to a build of an architecture. A row applies to the architectures that it
 * names, to any if it names none or `noarch`, and to noarch builds. If none applies, those for other architectures do: a fix is
 * of the sources, which all architectures share. Statements about others never clear a build.
 */
export function rowsFor<R extends Limited>(rows: readonly R[], arch: string): readonly R[] {
  if (rows.every(({ kind }) => kind.arch === undefined)) return rows;
  const own = rows.filter((row) => isFor(row, arch));
  return own.length > 0 ? own : rows.filter(isCarried);
}

/** True if a row is about other architectures than the build's: it applies for want of another. */
export function isOfOthers({ arch }: Pick<ClaimKind, 'arch'>, build: string): boolean {
  return build !== noarch && !names(arch, build);
}

function isFor(row: Limited, build: string): boolean {
  return names(row.kind.arch, build) || (build === noarch && isCarried(row));
}

function names(arch: readonly string[] | undefined, build: string): boolean {
  return arch === undefined || arch.includes(build) || arch.includes(noarch);
}

function isCarried({ kind }: Limited): boolean {
  return kind.status !== 'not_affected';
}

/** Some architectures, or all but some. */
export type Architectures = { of: readonly string[] } | { otherThan: readonly string[] };

export interface ArchitectureRows<R> {
  /** Undefined: any architecture. */
  arch: Architectures | undefined;
  rows: readonly R[];
}

/** Rows about one vulnerability by the architectures that they apply to: those with the same rows are judged together. */
export function byArchitecture<R extends Limited>(rows: readonly R[]): ArchitectureRows<R>[] {
  const named = new Set(rows.flatMap(({ kind }) => kind.arch ?? []));
  if (named.size === 0) return [{ arch: undefined, rows }];
  const others = rowsFor(rows, anotherArchitecture);
  const groups = new Map<string, { of: string[]; rows: readonly R[] }>();
  for (const name of [...named, noarch].sort()) {
    const own = rowsFor(rows, name);
    if (isSame(own, others)) continue;
    const key = own.map((row) => rows.indexOf(row)).join();
    const group = groups.get(key) ?? { of: [], rows: own };
    group.of.push(name);
    groups.set(key, group);
  }
  const limited = [...groups.values()].map(({ of, rows: own }) => ({ arch: { of }, rows: own }));
  if (others.length === 0) return limited;
  const otherThan = limited.flatMap(({ arch: { of } }) => of).sort();
  return [...limited, { arch: otherThan.length === 0 ? undefined : { otherThan }, rows: others }];
}

/** One that no row names. */
const anotherArchitecture = '';

function isSame<R>(a: readonly R[], b: readonly R[]): boolean {
  return a.length === b.length && a.every((row, at) => row === b[at]);
}
