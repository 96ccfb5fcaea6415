import type { Queries } from '../store/database.ts';

export interface PackageName {
  id: number;
  name: string;
  version: string;
  arch: string;
}

export async function packageNames(
  queries: Queries,
  packages: readonly number[],
): Promise<ReadonlyMap<number, PackageName>> {
  if (packages.length === 0) return new Map();
  const rows = await queries.query<PackageName>(
    'SELECT id, name, version, arch FROM fleet.packages WHERE id = ANY($1::integer[])',
    [packages],
  );
  return new Map(rows.map((row) => [row.id, row]));
}
