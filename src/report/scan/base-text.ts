import {
  type FlawBase,
  type FlawOrigin,
  flawBase,
  originWords,
  rebuildWords,
  type ScanResult,
  type ViewedVerdict,
} from '../../model/verdict/index.ts';
import { plural } from '../text-table.ts';
import type { Flaw } from './flaws.ts';

/** Undefined without a base image. */
export function baseOf({ verdicts }: Pick<Flaw, 'verdicts'>): FlawBase | undefined {
  return flawBase(verdicts.flatMap(({ base }) => base ?? []));
}

/** `of the base image, its newer build fixes it`; undefined without a base image. */
export function baseText(flaw: Pick<Flaw, 'verdicts'>): string | undefined {
  const found = baseOf(flaw);
  if (!found) return undefined;
  const { origin, rebuild } = found;
  return rebuild ? `${originWords[origin]}, ${rebuildWords[rebuild]}` : originWords[origin];
}

/** Flaws by origin, and by the effect of a rebuild. */
export type OriginCounts = Record<FlawOrigin, number> &
  Record<'rebuildFixes' | 'rebuildKeeps' | 'rebuildUnknown', number>;

export function originCounts(flaws: readonly Flaw[]): OriginCounts {
  return countedOrigins(flaws.map(baseOf));
}

export function countedOrigins(found: readonly (FlawBase | undefined)[]): OriginCounts {
  const of = (origin: FlawOrigin) => found.filter((each) => each?.origin === origin).length;
  const effect = (rebuild: FlawBase['rebuild']) => found.filter((each) => each?.rebuild === rebuild).length;
  return {
    ...{ base: of('base'), own: of('own'), both: of('both'), unknown: of('unknown') },
    rebuildFixes: effect('fixes'),
    rebuildKeeps: effect('keeps'),
    rebuildUnknown: effect('unknown'),
  };
}

/** The compared parts, as sentences without a period. */
export function basesText({ bases }: Pick<ScanResult, 'bases'>): string[] {
  if (!bases) return [];
  const { base, newer } = bases;
  const { layers } = base;
  const isOther = newer && (newer.reference !== base.reference || newer.digest !== base.digest);
  const compared = 'packages compared: the image does not begin with its layers';
  const how =
    layers === undefined
      ? `${compared}${newer && !isOther ? ', so that it stands for its newer build too' : ''}`
      : `the image begins with its ${plural(layers, 'layer')}`;
  const other = isOther ? [`newer build ${newer.reference}`] : [];
  const unknown =
    newer?.unknown === undefined ? [] : [`${newer.reference} is not known in full: ${newer.unknown}`];
  return [[`base image ${base.reference}`, how, ...other].join('; '), ...unknown];
}

/** `12 flaws of the base image, 3 of own layers; its newer build fixes 7`, and what is unknown. */
export function originsText(
  counts: OriginCounts | undefined,
  { bases }: Pick<ScanResult, 'bases'>,
): string[] {
  if (!counts || !bases) return [];
  const { base, own, both, unknown, rebuildFixes, rebuildUnknown } = counts;
  const parts = [
    `${plural(base, 'flaw')} of the base image, ${own} of own layers`,
    ...(both > 0 ? [`, ${both} of both`] : []),
    ...(unknown > 0 ? [`, ${unknown} of one of them`] : []),
    ...(bases.newer ? [`; its newer build fixes ${rebuildFixes}`] : []),
    ...(rebuildUnknown > 0 ? [`, unknown for ${rebuildUnknown}`] : []),
  ];
  return [parts.join('')];
}

/** The verdicts of each origin share these words. */
export function originCells({ base }: ViewedVerdict): [origin: string, rebuild: string] {
  return [base?.origin ?? '', base?.rebuild ?? ''];
}
