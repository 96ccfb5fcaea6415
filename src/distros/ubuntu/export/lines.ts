import type { ExportLine, ExportRow } from '../../../export/rows/rows.ts';
import type { Feed } from '../../../feed/read/feed.ts';
import type { ShardClaim } from '../../../model/index.ts';
import { compareDpkg } from '../../../packaging/index.ts';
import { linesOf, rowOf } from '../../shared/export/deb-lines.ts';
import type { ClaimRow } from '../../shared/threshold.ts';
import { isOrdinary, type ProServices, ubuntuThreshold } from '../rule/threshold.ts';

/** The systems of a release: those of the archive alone, and those with ESM. */
export type UbuntuView = 'base' | 'esm';

const esmServices: ProServices = new Set(['esm-infra', 'esm-apps']);

/** The packages of a release as they are judged on systems of one view, by builds without a mark of another channel. */
export function ubuntuLines(feed: Feed, platform: string, view: UbuntuView): Generator<ExportLine> {
  return linesOf(feed, platform, (claims) => decided(claims, view));
}

interface Row extends ClaimRow {
  kind: ShardClaim;
  claim: ShardClaim;
}

function decided(claims: readonly ShardClaim[], view: UbuntuView): ExportRow[] {
  // Kernels for FIPS or realtime have rows of these channels only; all of their builds are judged by them.
  const special = !claims.some(({ channel }) => isOrdinary(channel));
  const rows = claims.map((claim): Row => ({ kind: claim, claim }));
  if (!special && view === 'base') {
    const base = rows.filter(({ claim }) => claim.channel === undefined);
    return base.flatMap((row) => threshold([row], row.claim.ids, 'base', new Set()));
  }
  const services = view === 'esm' ? esmServices : new Set<string>();
  return byRows(rows).flatMap(({ of, ids }) => threshold(of, ids, special ? 'special' : 'esm', services));
}

function threshold(
  rows: readonly Row[],
  ids: readonly string[],
  build: 'base' | 'esm' | 'special',
  services: ProServices,
): ExportRow[] {
  const found = ubuntuThreshold(rows, build, services);
  if (!found) return [];
  const { below, fixes } = found;
  const versions = [...new Set(fixes.flatMap(({ fixed }) => fixed ?? []))];
  const lowest = versions.reduce<string | undefined>(
    (least, version) => (least !== undefined && compareDpkg(least, version) !== 1 ? least : version),
    undefined,
  );
  const term = { ...below, ...(lowest === undefined ? {} : { fixed: lowest }) };
  const row = rowOf(below.row.claim, term, [...ids]);
  return [versions.length > 1 ? { ...row, severalFixes: true } : row];
}

/** Vulnerabilities that the same rows name. */
function byRows(rows: readonly Row[]): { of: Row[]; ids: string[] }[] {
  const byId = new Map<string, number[]>();
  for (const [at, { claim }] of rows.entries()) {
    for (const id of claim.ids) byId.set(id, [...(byId.get(id) ?? []), at]);
  }
  const groups = new Map<string, { of: Row[]; ids: string[] }>();
  for (const [id, places] of byId) {
    const key = places.join();
    const group = groups.get(key) ?? { of: places.map((at) => rows[at]!), ids: [] };
    groups.set(key, group);
    group.ids.push(id);
  }
  return [...groups.values()];
}
