import { basename } from 'node:path';
import { compileContent, readContentFile, shortId } from '../../comply/index.ts';
import { tabbed } from '../../report/printable.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { flag, repeatable, text } from '../option.ts';
import { contentChoice, contentOptions } from '../options/content-choice.ts';
import { outputFile, writeResult } from '../outputs.ts';
import type { Terminal } from '../terminal.ts';
import { toolVersion } from '../version.ts';

const options = {
  profile: repeatable(text('ID', 'keep only this profile and its rules (default: all)')),
  list: flag('print the profiles instead'),
  ...contentOptions,
  output: outputFile('the compiled benchmark'),
};

export const compile = defineCommand({
  name: 'compile',
  operands: ['CONTENT'],
  about: 'CONTENT is a SCAP source data stream or an XCCDF benchmark (SCAP Security Guide: ssg-*-ds.xml).',
  options,
  examples: ['scapfeed compile ssg-debian12-ds.xml -o debian12.json'],
  run,
});

async function run(
  { options: given, operands: [path] }: Arguments<typeof options, ['CONTENT']>,
  terminal: Terminal,
): Promise<number> {
  const { profile: profiles, output = '-' } = given;
  const { content, bytes } = readContentFile(path, contentChoice(given));
  if (given.list) {
    for (const { id, title } of content.benchmark.profiles) terminal.document(tabbed([shortId(id), title]));
    return 0;
  }
  const compiled = compileContent(content, {
    source: { name: basename(path), bytes },
    tool: `scapfeed ${toolVersion}`,
    ...(profiles === undefined ? {} : { profiles }),
  });
  for (const [href, reason] of content.missing) terminal.err(`left out ${href}: ${reason}`);
  if (output === '-') {
    terminal.document(compiled);
    return 0;
  }
  writeResult(output, 'compiled benchmark', compiled);
  terminal.err(`wrote ${output}`);
  return 0;
}
