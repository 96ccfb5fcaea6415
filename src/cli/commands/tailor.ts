import { tabbed } from '../../report/printable.ts';
import { tailorOptions } from '../../tasks/content/options.ts';
import { rulesOf, tailorContent, tailoringPage } from '../../tasks/content/tailor.ts';
import { usage } from '../../tasks/given-words.ts';
import type { OptionValues } from '../../tasks/option.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { contentChoice } from '../options/content-choice.ts';
import { outputFile, writeResult } from '../outputs.ts';
import { outputDate } from '../source-date.ts';
import type { Terminal } from '../terminal.ts';

const options = { ...tailorOptions, output: outputFile('the page') };

export const tailor = defineCommand({
  name: 'tailor',
  operands: ['[FILE]'],
  synopsis: '([FILE] --content CONTENT | --page CONTENT) [OPTIONS]',
  about: 'FILE is the tailoring file. It is changed if it exists, otherwise created.',
  options,
  examples: [
    'scapfeed tailor ours.xml --content ssg-debian12-ds.xml --profile standard --unselect package_rsyslog_installed',
    'scapfeed tailor --page ssg-debian12-ds.xml --profile standard -o policy.html',
    'scapfeed comply oci:./image --content ssg-debian12-ds.xml --tailoring ours.xml --profile standard_tailored',
  ],
  run,
});

async function run(
  { options: given, operands: [file] }: Arguments<typeof options, ['[FILE]']>,
  terminal: Terminal,
): Promise<number> {
  const { profile, select = [], unselect = [], set = [], severity = [] } = given;
  if (given.page !== undefined) return writePage(given.page, given, file, terminal);
  const { content: place } = given;
  if (place === undefined) throw usage('tailor', 'expected --content CONTENT or --page CONTENT');
  if (given.output !== undefined)
    throw usage('tailor', '-o is for --page', 'specify the tailoring file as FILE');
  const content = { file: place, ...contentChoice(given) };
  if (given.list) {
    for (const { id, title, severity, selected } of rulesOf(content, profile)) {
      terminal.document(tabbed([selected ? '+' : '-', severity, id, title]));
    }
    return 0;
  }
  if (file === undefined) throw usage('tailor', 'expected FILE, found none');
  const changes = { ...(profile === undefined ? {} : { profile }), select, unselect, set, severity };
  const tailored = tailorContent(content, file, changes, outputDate(terminal.env));
  writeResult(file, 'tailoring file', tailored.document);
  terminal.note(`wrote ${file} with the profile ${tailored.profile}`);
  for (const rule of tailored.idle)
    terminal.note(`${rule} is selected and does not run: it requires or conflicts with another rule`);
  return 0;
}

/** Writes the page in which a person tailors the content. */
function writePage(
  place: string,
  given: OptionValues<typeof options>,
  file: string | undefined,
  terminal: Terminal,
): number {
  const { select, unselect, set, severity, list, content: other, output = '-' } = given;
  if (file !== undefined || other !== undefined || list || select || unselect || set || severity)
    throw usage('tailor', '--page goes with --profile and -o only', 'the page saves the tailoring file');
  const page = tailoringPage({ file: place, ...contentChoice(given) }, given.profile);
  if (output === '-') terminal.document(page);
  else {
    writeResult(output, 'policy page', page);
    terminal.note(`wrote ${output}`);
  }
  return 0;
}
