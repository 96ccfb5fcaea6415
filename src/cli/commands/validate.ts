import { statSync } from 'node:fs';
import { join } from 'node:path';
import { feedTables } from '../../distros/builds.ts';
import type { FeedInput } from '../../model/feed/index.ts';
import { plural } from '../../report/text-table.ts';
import { validationText } from '../../report/validation-text.ts';
import { usage } from '../../tasks/given-words.ts';
import type { OptionValues } from '../../tasks/option.ts';
import type { snapshotOptions } from '../../tasks/snapshots/options.ts';
import { validateOptions } from '../../tasks/validate/options.ts';
import { checkFeed } from '../../validate/feed-files.ts';
import { type ValidateOptions, type ValidationReport, validateFile } from '../../validate/index.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { snapshotsWith } from '../options/snapshot-choice.ts';
import { json, outputs, writeOutputs } from '../outputs.ts';
import type { Terminal } from '../terminal.ts';

const options = { ...validateOptions, output: outputs('validate') };

export const validate = defineCommand({
  name: 'validate',
  operands: ['FILE...'],
  about: 'FILE is a document, plain or compressed, or the directory of a feed.',
  options,
  notes: `--rebuild searches all snapshot folders at the default places, unless --snapshots or --mirror names one. \`build\`
keeps the snapshots of the last feeds (\`build --keep N\`); \`scapfeed snapshots\` lists them.`,
  exitCodes: {
    0: 'valid',
    1: 'a document is invalid',
    2: 'wrong use, or a file cannot be read',
    3: 'a feed is damaged; with --rebuild also: a snapshot is missing, or a file differs, is gone or does not belong to the feed',
  },
  examples: [
    'scapfeed validate out/oval/debian-12.oval.xml --official /usr/share/openscap/schemas',
    'scapfeed validate out --rebuild',
  ],
  run,
});

async function run(
  { options: given, operands: files }: Arguments<typeof options, ['FILE...']>,
  terminal: Terminal,
): Promise<number> {
  const { official, profile } = given;
  const idle = given.rebuild
    ? undefined
    : (['snapshots', 'mirror'] as const).find((name) => given[name] !== undefined);
  if (idle !== undefined)
    throw usage('validate', `--${idle} is of --rebuild only`, `add --rebuild, or leave --${idle} out`);
  const checks: ValidateOptions = {
    ...(official === undefined ? {} : { official }),
    ...(profile ? { profile: 'always' } : {}),
  };
  const reports: ValidationReport[] = [];
  for (const file of files) {
    terminal.progress(`checking ${file}`);
    const isFeed = statSync(join(file, 'manifest.json'), { throwIfNoEntry: false })?.isFile();
    if (given.rebuild) await rebuilt(file, given, terminal);
    else if (isFeed) {
      const { files: checked, lines } = await checkFeed(file, feedTables());
      terminal.err(
        `${file}: a sound feed: ${checked} files with their digests, ${lines} index lines by their schemas`,
      );
    } else reports.push(await validateFile(file, checks));
  }
  if (reports.length > 0) {
    await writeOutputs(terminal, given.output, {
      json: () => json(reports),
      table: () => reports.map(validationText).join('\n'),
    });
  }
  return reports.every(({ valid }) => valid) ? 0 : 1;
}

/** Rebuilds a feed from its snapshots, compares every byte and prints the result. @throws {ScapfeedError} SNAPSHOT_MISSING, REBUILD_DIFFERS */
async function rebuilt(
  feed: string,
  given: OptionValues<typeof snapshotOptions>,
  { env, out, progress }: Terminal,
): Promise<void> {
  const { rebuildFeed } = await import('../../tasks/rebuild/run.ts');
  const storeOf = (inputs: readonly FeedInput[]) => snapshotsWith(inputs, given, env);
  const { files, snapshots } = await rebuildFeed(feed, storeOf, progress);
  out(
    `${feed}: ${plural(files, 'file')} rebuilt from ${plural(snapshots, 'snapshot')}, every byte the same\n`,
  );
}
