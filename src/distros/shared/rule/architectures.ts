import type { Claim } from '../../../model/index.ts';

/** Some architectures, or all but some. */
export type Architectures = { of: readonly string[] } | { otherThan: readonly string[] };

export interface ArchitectureRows<R> {
  /** Undefined: any architecture. */
  arch: Architectures | undefined;
  rows: readonly R[];
}

/** Rows may be limited to architectures: architectures with the same rows are judged together. */
export function byArchitecture<R extends { claim: Pick<Claim, 'arch'> }>(
  rows: readonly R[],
): ArchitectureRows<R>[] {
  const named = [...new Set(rows.flatMap(({ claim }) => claim.arch ?? []))].sort();
  if (named.length === 0) return [{ arch: undefined, rows }];
  const groups = new Map<string, { of: string[]; rows: readonly R[] }>();
  for (const name of named) {
    const own = rows.filter(({ claim }) => claim.arch === undefined || claim.arch.includes(name));
    const key = own.map((row) => rows.indexOf(row)).join();
    const group = groups.get(key) ?? { of: [], rows: own };
    group.of.push(name);
    groups.set(key, group);
  }
  const limited = [...groups.values()].map(({ of, rows: own }) => ({ arch: { of }, rows: own }));
  const rest = rows.filter(({ claim }) => claim.arch === undefined);
  return rest.length === 0 ? limited : [...limited, { arch: { otherThan: named }, rows: rest }];
}
