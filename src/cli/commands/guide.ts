import { guideOptions } from '../../tasks/content/options.ts';
import { contentGuide } from '../../tasks/content/tailor.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { contentChoice } from '../options/content-choice.ts';
import { outputs, writeOutputs } from '../outputs.ts';
import type { Terminal } from '../terminal.ts';

const options = { ...guideOptions, output: outputs('guide') };

export const guide = defineCommand({
  name: 'guide',
  operands: ['CONTENT'],
  about: 'CONTENT is a data stream, a benchmark, or the output of `scapfeed compile`.',
  options,
  examples: ['scapfeed guide ssg-debian12-ds.xml --profile standard -o html=policy.html'],
  run,
});

async function run(
  { options: given, operands: [place] }: Arguments<typeof options, ['CONTENT']>,
  terminal: Terminal,
): Promise<number> {
  const content = { file: place, ...contentChoice(given) };
  await writeOutputs(terminal, given.output, { html: () => contentGuide(content, given.profile) });
  return 0;
}
