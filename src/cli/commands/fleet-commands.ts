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
    summary: 'read what is new, judge what changed, tell the news: for cron',
    load: async () => (await import('./fleet/run.ts')).fleetRun,
  },
  {
    name: 'fleet news',
    summary: 'tell what changed in the last run, or since a day',
    load: async () => (await import('./fleet/news.ts')).fleetNews,
  },
  {
    name: 'fleet remove',
    summary: 'stop keeping an eye on images or a registry',
    load: async () => (await import('./fleet/remove.ts')).fleetRemove,
  },
  {
    name: 'fleet import',
    summary: 'take in inventories of hosts, or from behind an air gap',
    load: async () => (await import('./fleet/import.ts')).fleetImport,
  },
  {
    name: 'fleet export',
    summary: 'write the inventories that are kept',
    load: async () => (await import('./fleet/export.ts')).fleetExport,
  },
  {
    name: 'fleet status',
    summary: 'say when the last run was, by which feed, and what it left open',
    load: async () => (await import('./fleet/status.ts')).fleetStatusCommand,
  },
  {
    name: 'fleet serve',
    summary: 'answer other programs and browsers',
    load: async () => (await import('./fleet/serve.ts')).fleetServe,
  },
  {
    name: 'fleet waive',
    summary: 'accept a flaw or a rule that fails, with a reason',
    load: async () => (await import('./fleet/waive.ts')).fleetWaive,
  },
  {
    name: 'fleet waivers',
    summary: 'list what is accepted, what that does, and what has expired',
    load: async () => (await import('./fleet/waivers.ts')).fleetWaivers,
  },
  {
    name: 'fleet unwaive',
    summary: 'take waivers back',
    load: async () => (await import('./fleet/unwaive.ts')).fleetUnwaive,
  },
  {
    name: 'fleet token',
    summary: 'make, list and end the tokens by which others may ask the server',
    load: async () => (await import('./fleet/token.ts')).fleetToken,
  },
  {
    name: 'fleet worker',
    summary: 'help with the jobs of a run, on any number of machines',
    load: async () => (await import('./fleet/worker.ts')).fleetWorker,
  },
  {
    name: 'fleet prune',
    summary: 'forget what has ended',
    load: async () => (await import('./fleet/prune.ts')).fleetPrune,
  },
];
