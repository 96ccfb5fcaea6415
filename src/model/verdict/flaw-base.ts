import type { BaseStanding } from '../inventory/base-image.ts';

/** `both`: of packages of the base and of own layers. */
export type FlawOrigin = BaseStanding['origin'] | 'both';

/** Origin of a flaw in all of its packages, and the effect of a rebuild on those of the base. */
export interface FlawBase {
  origin: FlawOrigin;
  rebuild?: NonNullable<BaseStanding['rebuild']>;
}

/** Combines the standings of a flaw's packages. Undefined without a base image. */
export function flawBase(standings: readonly BaseStanding[]): FlawBase | undefined {
  if (standings.length === 0) return undefined;
  const has = (origin: BaseStanding['origin']) => standings.some((each) => each.origin === origin);
  const single = has('unknown') ? 'unknown' : has('base') ? 'base' : 'own';
  const origin = has('base') && has('own') ? 'both' : single;
  const effects = standings.flatMap(({ rebuild }) => rebuild ?? []);
  const rebuild = (['keeps', 'unknown', 'fixes'] as const).find((effect) => effects.includes(effect));
  return { origin, ...(rebuild && { rebuild }) };
}

export const flawOrigins = ['base', 'own', 'both', 'unknown'] as const satisfies readonly FlawOrigin[];

export const originWords: Readonly<Record<FlawOrigin, string>> = {
  base: 'of the base image',
  own: 'of own layers',
  both: 'of the base image and own layers',
  unknown: 'of the base image or own layers',
};

export const rebuildEffects = ['fixes', 'keeps', 'unknown'] as const satisfies readonly FlawBase['rebuild'][];

export const rebuildWords: Readonly<Record<NonNullable<BaseStanding['rebuild']>, string>> = {
  fixes: 'its newer build fixes it',
  keeps: 'its newer build has it too',
  unknown: 'unknown in its newer build',
};
