/** CI does a share of the jobs (SCAPFEED_JOBS=share), `npm run jobs` all of them. */
export const isShare: boolean = process.env['SCAPFEED_JOBS'] === 'share';

/** All the variants of a job, or the few of them that CI takes. */
export function variants<T>(all: readonly T[], few: number): T[] {
  return all.slice(0, isShare ? few : all.length);
}
