import type { Command } from '../command.ts';

/** A command's place in the list; its code is loaded when it is called. */
export interface CommandEntry {
  name: string;
  summary: string;
  load(): Promise<Command>;
}

/** Every command that works, in the order of a user's day. */
export const commands: readonly CommandEntry[] = [
  {
    name: 'build',
    summary: "make a feed from the vendors' data",
    load: async () => (await import('./build.ts')).build,
  },
  {
    name: 'feeds',
    summary: 'show what a feed holds and how old it is',
    load: async () => (await import('./feeds.ts')).feeds,
  },
  {
    name: 'inventory',
    summary: 'list what an image holds, also as CycloneDX',
    load: async () => (await import('./inventory.ts')).inventory,
  },
  {
    name: 'scan',
    summary: "judge an image's packages by a feed",
    load: async () => (await import('./scan.ts')).scan,
  },
  {
    name: 'explain',
    summary: 'tell why a verdict is what it is',
    load: async () => (await import('./explain.ts')).explain,
  },
  {
    name: 'validate',
    summary: 'judge an OVAL, XCCDF or feed document',
    load: async () => (await import('./validate.ts')).validate,
  },
  {
    name: 'keys',
    summary: 'make and change the keys that sign a published feed',
    load: async () => (await import('./keys.ts')).keys,
  },
  {
    name: 'publish',
    summary: 'sign a feed into a folder that any web server carries',
    load: async () => (await import('./publish.ts')).publish,
  },
  {
    name: 'pull',
    summary: 'bring a published feed here, checked from its root to the last byte',
    load: async () => (await import('./pull.ts')).pull,
  },
  {
    name: 'verify',
    summary: 'find executables that no package owns, and files that are not as packaged',
    load: async () => (await import('./verify.ts')).verify,
  },
  {
    name: 'compile',
    summary: 'compile a SCAP data stream for quick evaluation',
    load: async () => (await import('./compile.ts')).compile,
  },
  {
    name: 'comply',
    summary: "judge an image's configuration by a SCAP profile",
    load: async () => (await import('./comply.ts')).comply,
  },
  {
    name: 'fix',
    summary: 'write the fixes of failed rules as a script',
    load: async () => (await import('./fix.ts')).fix,
  },
  {
    name: 'tailor',
    summary: 'make or change a tailoring file',
    load: async () => (await import('./tailor.ts')).tailor,
  },
  {
    name: 'bundle',
    summary: 'pack a published feed into one file for the other side of an air gap',
    load: async () => (await import('./bundle.ts')).bundle,
  },
  {
    name: 'diff',
    summary: 'tell what changed between two feeds, and for one image',
    load: async () => (await import('./diff.ts')).diff,
  },
  {
    name: 'rebuild',
    summary: 'make a feed again from its snapshots and compare every byte',
    load: async () => (await import('./rebuild.ts')).rebuild,
  },
  {
    name: 'snapshots',
    summary: 'list the feeds whose vendor documents are kept, and remove those of old ones',
    load: async () => (await import('./snapshots.ts')).snapshots,
  },
];
