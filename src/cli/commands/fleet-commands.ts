import type { CommandEntry } from '../command.ts';

/** The commands of `scapfeed fleet`, in the order of a user's day. */
export const fleetCommands: readonly CommandEntry[] = [
  {
    name: 'fleet add',
    summary: 'keep an eye on images',
    load: async () => (await import('./fleet/add.ts')).fleetAdd,
  },
  {
    name: 'fleet list',
    summary: 'list what the fleet has, with the flaws of each',
    load: async () => (await import('./fleet/list.ts')).fleetList,
  },
  {
    name: 'fleet run',
    summary: 'read what is new, judge what changed, and tell the news: once, for cron',
    load: async () => (await import('./fleet/run.ts')).fleetRun,
  },
  {
    name: 'fleet news',
    summary: 'tell what changed in the last run, or since a day',
    load: async () => (await import('./fleet/news.ts')).fleetNews,
  },
];
