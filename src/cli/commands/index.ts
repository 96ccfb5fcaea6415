import type { CommandEntry } from '../command.ts';
import { fleetCommands } from './fleet-commands.ts';

/** Every command, in the order of a user's day. */
export const commands: readonly CommandEntry[] = [
  {
    name: 'build',
    summary: "build a feed from vendors' data",
    load: async () => (await import('./build.ts')).build,
  },
  {
    name: 'feeds',
    summary: "show a feed's contents and age",
    bundle: 'start',
    load: async () => (await import('./feeds.ts')).feeds,
  },
  {
    name: 'inventory',
    summary: "list an image's release, packages and layers",
    bundle: 'start',
    load: async () => (await import('./inventory.ts')).inventory,
  },
  {
    name: 'scan',
    summary: "judge an image's packages by a feed, offline",
    bundle: 'own_start',
    // A scan ends before optimized code pays for itself, and most of what it makes is soon garbage: without TurboFan and
    // with a young heap that stays small, which one thread collects, it needs less memory and no more time.
    v8Flags: '--no-opt --semi-space-growth-factor=1 --no-parallel-scavenge',
    load: async () => (await import('./scan.ts')).scan,
  },
  {
    name: 'explain',
    summary: "show the reasons for a verdict, down to the vendor's record",
    load: async () => (await import('./explain.ts')).explain,
  },
  {
    name: 'policy',
    summary: 'check a policy file',
    load: async () => (await import('./policy.ts')).policy,
  },
  {
    name: 'compare',
    summary: "explain differences from another scanner's result",
    load: async () => (await import('./compare.ts')).compare,
  },
  {
    name: 'validate',
    summary:
      'check OVAL, XCCDF, tailoring and data stream documents, or a whole feed; rebuild one to compare it',
    load: async () => (await import('./validate.ts')).validate,
  },
  {
    name: 'export',
    summary: 'write a feed in the layouts that other scanners load',
    load: async () => (await import('./export.ts')).exportCommand,
  },
  {
    name: 'keys',
    summary: 'make and manage the keys that sign a published feed',
    load: async () => (await import('./keys.ts')).keys,
  },
  {
    name: 'publish',
    summary: 'sign a feed and write it to a folder for any web server, or to a registry',
    load: async () => (await import('./publish.ts')).publish,
  },
  {
    name: 'pull',
    summary: 'fetch a published feed and verify every byte',
    load: async () => (await import('./pull.ts')).pull,
  },
  {
    name: 'verify',
    summary: 'find executables that no package owns, and files that differ from their packages',
    load: async () => (await import('./verify.ts')).verify,
  },
  {
    name: 'signed',
    summary: 'show who signed an image, and refuse one that is not signed as required',
    bundle: 'one_file',
    load: async () => (await import('./signed.ts')).signed,
  },
  {
    name: 'compile',
    summary: 'compile SCAP content for faster evaluation',
    bundle: 'own_start',
    // Two threads compile the same code: less of it is inlined. Most that is made of a document is soon garbage.
    v8Flags:
      '--max-inlined-bytecode-size-cumulative=200 --min-semi-space-size=16 --initial-heap-size=160 --semi-space-growth-factor=32',
    load: async () => (await import('./compile.ts')).compile,
  },
  {
    name: 'comply',
    summary: "judge an image's configuration by a SCAP profile",
    load: async () => (await import('./comply.ts')).comply,
  },
  {
    name: 'check',
    summary: "judge an image's packages and its configuration in one run",
    load: async () => (await import('./check.ts')).check,
  },
  {
    name: 'profiles',
    summary: 'list the profiles in a feed or in a file of SCAP content',
    load: async () => (await import('./profiles.ts')).profiles,
  },
  {
    name: 'eval',
    summary: "evaluate any vendor's OVAL definitions on an image",
    bundle: 'own_start',
    // As for a scan; a document in XML takes them back.
    v8Flags: '--no-opt --semi-space-growth-factor=1 --no-parallel-scavenge',
    load: async () => (await import('./eval.ts')).evaluate,
  },
  {
    name: 'info',
    summary: 'show the type and contents of a SCAP document',
    load: async () => (await import('./info.ts')).info,
  },
  {
    name: 'guide',
    summary: "write the guide to a profile's rules as an HTML page",
    load: async () => (await import('./guide.ts')).guide,
  },
  {
    name: 'report',
    summary: 'make a report from results of scapfeed or oscap, or write them as XCCDF, ARF or JSON',
    load: async () => (await import('./report.ts')).report,
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
    summary: 'show what changed between two feeds, for one image, or between two images',
    load: async () => (await import('./diff.ts')).diff,
  },
  {
    name: 'snapshots',
    summary: 'list the feeds whose vendor documents are kept, and remove old documents',
    load: async () => (await import('./snapshots.ts')).snapshots,
  },
  {
    name: 'fleet',
    summary: 'watch many images and hosts, judge them each night, and report only what changed',
    subcommands: fleetCommands,
    load: async () => (await import('./fleet.ts')).fleetOf(fleetCommands),
  },
  {
    name: 'help',
    summary: 'open the manual page of a command',
    load: async () => (await import('./help.ts')).helpOn(commands),
  },
  {
    name: 'config',
    summary: 'show the values of options, and where they come from; set the feed',
    load: async () => (await import('./config.ts')).configOf(commands),
  },
  {
    name: 'completion',
    summary: 'print a completion script for a shell',
    load: async () => (await import('./completion.ts')).completionOf(commands),
  },
];
