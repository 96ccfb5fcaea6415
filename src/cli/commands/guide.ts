import { findProfile, openContent, policyOf, profilesOf } from '../../comply/index.ts';
import { guidePage } from '../../report/comply/guide.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { text } from '../option.ts';
import { contentChoice, contentOptions } from '../options/content-choice.ts';
import { outputs, writeOutputs } from '../outputs.ts';
import type { Terminal } from '../terminal.ts';
import { toolVersion } from '../version.ts';

const options = {
  profile: text('ID', "the profile, whole or its end (default: the benchmark's own selection)"),
  ...contentOptions,
  output: outputs('guide'),
};

export const guide = defineCommand({
  name: 'guide',
  operands: ['CONTENT'],
  about: 'CONTENT is a data stream, a benchmark, or what `scapfeed compile` made of one.',
  options,
  examples: ['scapfeed guide ssg-debian12-ds.xml --profile standard -o html=policy.html'],
  run,
});

async function run(
  { options: given, operands: [place] }: Arguments<typeof options, ['CONTENT']>,
  terminal: Terminal,
): Promise<number> {
  const content = openContent(place, contentChoice(given));
  const profiles = profilesOf(content.benchmark, content.tailorings);
  const profile = given.profile === undefined ? undefined : findProfile(given.profile, profiles).id;
  await writeOutputs(terminal, given.output, {
    html: () => guidePage(policyOf(content), profile, toolVersion),
  });
  return 0;
}
