import type { CommandEntry } from '../command.ts';

/** The commands of `scapfeed fleet`, in the order of a user's day. */
export const fleetCommands: readonly CommandEntry[] = [
  {
    name: 'fleet add',
    summary: 'watch images',
    load: async () => (await import('./fleet/add.ts')).fleetAdd,
  },
  {
    name: 'fleet list',
    summary: 'list the images of the fleet with their flaws',
    load: async () => (await import('./fleet/list.ts')).fleetList,
  },
  {
    name: 'fleet run',
    summary: 'read new images, judge what changed and report it; run it from cron',
    load: async () => (await import('./fleet/run.ts')).fleetRun,
  },
  {
    name: 'fleet news',
    summary: 'report what changed in the last run, or since a day',
    load: async () => (await import('./fleet/news.ts')).fleetNews,
  },
  {
    name: 'fleet evidence',
    summary: 'report what is known about a vulnerability, also at a past date',
    load: async () => (await import('./fleet/evidence.ts')).fleetEvidence,
  },
  {
    name: 'fleet remove',
    summary: 'stop watching images or a registry',
    load: async () => (await import('./fleet/remove.ts')).fleetRemove,
  },
  {
    name: 'fleet import',
    summary: 'import inventories of hosts, or from behind an air gap',
    load: async () => (await import('./fleet/import.ts')).fleetImport,
  },
  {
    name: 'fleet export',
    summary: 'write the stored inventories',
    load: async () => (await import('./fleet/export.ts')).fleetExport,
  },
  {
    name: 'fleet status',
    summary: 'show the last run, its feed and unfinished work',
    load: async () => (await import('./fleet/status.ts')).fleetStatusCommand,
  },
  {
    name: 'fleet serve',
    summary: 'serve an API and web pages',
    load: async () => (await import('./fleet/serve.ts')).fleetServe,
  },
  {
    name: 'fleet waive',
    summary: 'accept a flaw or a failing rule, with a reason',
    load: async () => (await import('./fleet/waive.ts')).fleetWaive,
  },
  {
    name: 'fleet waivers',
    summary: 'list waivers with their effect, and which have expired',
    load: async () => (await import('./fleet/waivers.ts')).fleetWaivers,
  },
  {
    name: 'fleet unwaive',
    summary: 'remove waivers',
    load: async () => (await import('./fleet/unwaive.ts')).fleetUnwaive,
  },
  {
    name: 'fleet owners',
    summary: 'count images by owner, and set by which rules owners are found',
    load: async () => (await import('./fleet/owners.ts')).fleetOwners,
  },
  {
    name: 'fleet sla',
    summary: 'count overdue flaws by owner, and set by when flaws must be mended',
    load: async () => (await import('./fleet/sla.ts')).fleetSla,
  },
  {
    name: 'fleet audit',
    summary: 'list who waived, changed or read what',
    load: async () => (await import('./fleet/audit.ts')).fleetAudit,
  },
  {
    name: 'fleet token',
    summary: 'make, list and remove access tokens of the server',
    load: async () => (await import('./fleet/token.ts')).fleetToken,
  },
  {
    name: 'fleet worker',
    summary: 'share the jobs of a run, on any number of machines',
    load: async () => (await import('./fleet/worker.ts')).fleetWorker,
  },
  {
    name: 'fleet prune',
    summary: 'delete old data',
    load: async () => (await import('./fleet/prune.ts')).fleetPrune,
  },
];
