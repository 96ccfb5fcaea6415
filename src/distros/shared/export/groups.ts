import type { ShardClaim } from '../../../model/feed/index.ts';

/** Vulnerabilities that the same rows name, with these rows in their order. */
export function groupsOf<R extends { claim: ShardClaim }>(rows: readonly R[]): { of: R[]; ids: string[] }[] {
  const byId = new Map<string, number[]>();
  for (const [at, { claim }] of rows.entries()) {
    for (const id of claim.ids) {
      const places = byId.get(id);
      if (places) places.push(at);
      else byId.set(id, [at]);
    }
  }
  const groups = new Map<string, { of: R[]; ids: string[] }>();
  for (const [id, places] of byId) {
    const key = places.join();
    const group = groups.get(key);
    if (group) group.ids.push(id);
    else groups.set(key, { of: places.map((at) => rows[at]!), ids: [id] });
  }
  return [...groups.values()];
}
