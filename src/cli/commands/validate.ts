import { statSync } from 'node:fs';
import { join } from 'node:path';
import { feedTables } from '../../distros/builds.ts';
import { validationText } from '../../report/validation-text.ts';
import { flag, path } from '../../tasks/option.ts';
import { checkFeed } from '../../validate/feed-files.ts';
import { type ValidateOptions, type ValidationReport, validateFile } from '../../validate/index.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { json, outputs, writeOutputs } from '../outputs.ts';
import type { Terminal } from '../terminal.ts';

const options = {
  official: path(
    'DIR',
    "also check against the official schemas; Debian's openscap-common puts them in " +
      '/usr/share/openscap/schemas',
  ),
  profile: flag("also check another vendor's document against scapfeed's stricter schema profile"),
  output: outputs('validate'),
};

export const validate = defineCommand({
  name: 'validate',
  operands: ['FILE...'],
  about: 'FILE is a document, plain or compressed, or the directory of a feed.',
  options,
  exitCodes: { 0: 'valid', 1: 'a document is invalid', 2: 'a file cannot be read', 3: 'a feed is damaged' },
  examples: ['scapfeed validate out/oval/debian-12.oval.xml --official /usr/share/openscap/schemas'],
  run,
});

async function run(
  { options: given, operands: files }: Arguments<typeof options, ['FILE...']>,
  terminal: Terminal,
): Promise<number> {
  const { official, profile } = given;
  const checks: ValidateOptions = {
    ...(official === undefined ? {} : { official }),
    ...(profile ? { profile: 'always' } : {}),
  };
  const reports: ValidationReport[] = [];
  for (const file of files) {
    terminal.progress(`checking ${file}`);
    if (statSync(join(file, 'manifest.json'), { throwIfNoEntry: false })?.isFile()) {
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
