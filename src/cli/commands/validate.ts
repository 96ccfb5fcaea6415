import { statSync } from 'node:fs';
import { join } from 'node:path';
import { validationText } from '../../report/validation-text.ts';
import { checkFeed } from '../../validate/feed-files.ts';
import { type ValidateOptions, type ValidationReport, validateFile } from '../../validate/index.ts';
import type { Arguments, Command } from '../command.ts';
import { outputChoices, writeOutputs } from '../outputs.ts';
import type { Terminal } from '../terminal.ts';

export const validate: Command = {
  name: 'validate',
  synopsis: 'FILE... [OPTIONS]',
  summary: 'judge OVAL, XCCDF, tailoring and SCAP data stream documents, or a whole feed',
  help: `FILE is a document, plain or compressed, or the directory of a feed.

  --official DIR     check against the official schemas too; Debian's openscap-common puts them in
                     /usr/share/openscap/schemas
  --profile          hold a foreign document to scapfeed's own, stricter schema profile as well
  -o FORMAT[=FILE]   table (default) or json; repeatable

Exit codes: 0 valid; 1 a document is not; 2 a file cannot be read; 3 a feed is damaged.

Example:
  scapfeed validate out/oval/debian-12.oval.xml --official /usr/share/openscap/schemas
`,
  options: {
    official: { type: 'string' },
    profile: { type: 'boolean' },
    output: { type: 'string', short: 'o', multiple: true },
  },
  positionals: { min: 1, max: 1000 },
  run,
};

async function run({ values, positionals }: Arguments, terminal: Terminal): Promise<number> {
  const outputs = outputChoices(validate, values['output'] as string[] | undefined, ['table', 'json']);
  const official = values['official'] as string | undefined;
  const options: ValidateOptions = {
    ...(official === undefined ? {} : { official }),
    ...(values['profile'] === true ? { profile: 'always' } : {}),
  };
  const reports: ValidationReport[] = [];
  for (const path of positionals) {
    terminal.progress(`checking ${path}`);
    if (statSync(join(path, 'manifest.json'), { throwIfNoEntry: false })?.isFile()) {
      const { files, lines } = await checkFeed(path);
      terminal.err(
        `${path}: a sound feed: ${files} files with their digests, ${lines} index lines by their schemas`,
      );
    } else reports.push(await validateFile(path, options));
  }
  if (reports.length > 0) {
    writeOutputs(terminal, outputs, (format) =>
      format === 'json'
        ? `${JSON.stringify(reports, undefined, 2)}\n`
        : reports.map(validationText).join('\n'),
    );
  }
  return reports.every(({ valid }) => valid) ? 0 : 1;
}
