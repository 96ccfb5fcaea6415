import { fixOptions } from '../../tasks/fix/options.ts';
import { type FixableRules, failedRules, fixScript, selectedRules } from '../../tasks/fix/run.ts';
import { usage } from '../../tasks/given-words.ts';
import type { OptionValues } from '../../tasks/option.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { contentChoice } from '../options/content-choice.ts';
import { outputFile, writeResult } from '../outputs.ts';
import type { Terminal } from '../terminal.ts';

const options = { ...fixOptions, output: outputFile('the script') };

export const fix = defineCommand({
  name: 'fix',
  operands: [],
  synopsis: '(--results RESULT.json | --content FILE) [OPTIONS]',
  options,
  examples: [
    'scapfeed comply oci:./image --content debian12.json --profile standard -o json=result.json',
    'scapfeed fix --results result.json --type containerfile >> Containerfile',
  ],
  run,
});

async function run({ options: given }: Arguments<typeof options, []>, terminal: Terminal): Promise<number> {
  const { type, output = '-' } = given;
  const { script, rules, fixed, without } = fixScript(chosenRules(given), type);
  if (output === '-') terminal.document(script);
  else writeResult(output, 'script', script);
  terminal.note(`${fixed} of ${rules} rules have a ${type} fix`);
  for (const id of without) terminal.err(`without a fix: ${id}`);
  return 0;
}

function chosenRules(given: OptionValues<typeof options>): FixableRules {
  const { results, content, profile } = given;
  if (results !== undefined && content === undefined) return failedRules(results);
  if (content !== undefined && results === undefined)
    return selectedRules({ file: content, ...contentChoice(given) }, profile);
  throw usage('fix', 'expected either --results RESULT.json or --content FILE');
}
