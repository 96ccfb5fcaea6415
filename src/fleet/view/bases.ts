import type { BaseImages, BaseStanding } from '../../model/inventory/index.ts';
import { type FlawBase, flawBase } from '../../model/verdict/index.ts';
import { effectOf, type JudgedBase } from '../../runtime/rebuilt.ts';
import { unpacked } from '../packing.ts';
import type { FleetView } from './fleet-view.ts';
import { compareTexts } from './texts.ts';

/** An image compared with its base. */
export interface ViewedBases {
  /** Null: none is known. */
  bases: BaseImages | null;
  /** Why the base or its newer build is not known. */
  reason: string | null;
  of(flaw: { vulnerability: string; source: string; packages: readonly number[] }): FlawBase;
}

interface BasesRow {
  described: BaseImages | null;
  reason: string | null;
  base: number[];
  own: number[];
  unknown: number[];
  judged: Uint8Array | null;
}

/** Undefined: the last run did not compare it. */
export function basesOf(view: FleetView, image: number): Promise<ViewedBases | undefined> {
  return view.recent(`bases of ${image}`, async () => {
    const [row] = await view.queries.query<BasesRow>(
      `SELECT described, reason, of_base AS base, of_own AS own, of_unknown AS unknown, bases.judged
       FROM fleet.image_bases LEFT JOIN fleet.bases ON bases.digest = described->'newer'->>'digest'
       WHERE image = $1 AND (described IS NOT NULL OR reason IS NOT NULL)`,
      [image],
    );
    return row && viewedBases(row);
  });
}

function viewedBases({ described, reason, judged, ...packages }: BasesRow): ViewedBases {
  if (!described) return { bases: null, reason, of: () => ({ origin: 'unknown' }) };
  const newer = described.newer && judgedBuild(judged);
  const effect = newer && effectOf(newer);
  const origins = (['base', 'own', 'unknown'] as const).map((origin) => ({
    ...{ origin, packages: new Set(packages[origin]) },
  }));
  return {
    bases:
      described.newer && newer?.unknown !== undefined
        ? { ...described, newer: { ...described.newer, unknown: newer.unknown } }
        : described,
    reason,
    of({ vulnerability, source, packages: numbers }) {
      const standings = origins
        .filter((each) => numbers.some((number) => each.packages.has(number)))
        .map(({ origin }): BaseStanding => {
          if (origin !== 'base' || !effect) return { origin };
          return { origin, rebuild: effect({ ids: [vulnerability], source }) };
        });
      return flawBase(standings) ?? { origin: 'unknown' };
    },
  };
}

function judgedBuild(judged: Uint8Array | null): JudgedBase {
  if (judged) return unpacked<JudgedBase>(judged);
  return { flaws: [], uncovered: [], unread: [], unknown: 'no run has judged it yet' };
}

/** Images with the same base and the same newer build. */
export interface BaseGroup extends BaseImages {
  images: number;
  /** Open flaws of packages of the base, each once, whatever the number of images. */
  flaws: number;
  /** Of these, what a rebuild on the newer build does; null: there is none. */
  rebuild: Record<NonNullable<BaseStanding['rebuild']>, number> | null;
}

/** The bases of all images, those of the most images first. */
export function baseGroups(view: FleetView): Promise<readonly BaseGroup[]> {
  return view.kept('bases', async () => {
    const index = await view.verdicts();
    const seen = await view.namesOfImages();
    const groups = new Map<string, { described: BaseImages; images: number[] }>();
    const rows = await view.queries.query<{ image: number; described: BaseImages }>(
      'SELECT image, described FROM fleet.image_bases WHERE described IS NOT NULL ORDER BY image',
    );
    for (const { image, described } of rows) {
      if (!seen.has(image)) continue;
      const { base, newer } = described;
      const key = JSON.stringify([base.reference, base.digest, newer?.reference, newer?.digest]);
      const known = groups.get(key);
      if (known) known.images.push(image);
      else groups.set(key, { described, images: [image] });
    }
    const found: BaseGroup[] = [];
    for (const { described, images } of groups.values()) {
      const [row] = await view.queries.query<{ packages: number[]; judged: Uint8Array | null }>(
        `SELECT ARRAY(SELECT DISTINCT unnest(of_base) FROM fleet.image_bases WHERE image = ANY($1::integer[])) AS packages,
           (SELECT judged FROM fleet.bases WHERE digest = $2) AS judged`,
        [images, described.newer?.digest ?? null],
      );
      const flaws = index.flawsOf(row!.packages).filter(({ open }) => open);
      const { newer } = described;
      const judged = newer && judgedBuild(row!.judged);
      const effect = judged && effectOf(judged);
      const rebuild = { fixes: 0, keeps: 0, unknown: 0 };
      for (const { vulnerability, source } of effect ? flaws : [])
        rebuild[effect!({ ids: [index.vulnerability(vulnerability)], source: index.source(source) })] += 1;
      found.push({
        base: described.base,
        ...(newer && {
          newer: { ...newer, ...(judged?.unknown !== undefined && { unknown: judged.unknown }) },
        }),
        ...{ images: images.length, flaws: flaws.length, rebuild: effect ? rebuild : null },
      });
    }
    return found.sort((a, b) => b.images - a.images || compareTexts(a.base.reference, b.base.reference));
  });
}
