import { listRules, openContent, tailorProfile } from '../../comply/index.ts';
import { type TailoringData, tailoringDocument } from '../../report/comply/tailoring.ts';
import { tabbed } from '../../report/printable.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { flag, path, repeatable, required, text } from '../option.ts';
import { contentChoice, contentOptions } from '../options/content-choice.ts';
import { writeResult } from '../outputs.ts';
import { outputDate } from '../source-date.ts';
import type { Terminal } from '../terminal.ts';
import { usage } from '../usage.ts';

const options = {
  content: required(path('CONTENT', 'the data stream, benchmark or compiled benchmark that is tailored')),
  profile: text('ID', 'the profile that a new file starts from'),
  list: flag('print the rules (selected, severity, id, title) instead'),
  select: repeatable(text('RULE', 'select a rule or group')),
  unselect: repeatable(text('RULE', 'leave it out')),
  set: repeatable(text('VALUE=TEXT', 'give a value')),
  severity: repeatable(text('RULE=S', 'rate a rule: info, low, medium, high')),
  ...contentOptions,
};

export const tailor = defineCommand({
  name: 'tailor',
  operands: ['[FILE]'],
  about: 'FILE is the tailoring file; it is changed where it exists, else made.',
  options,
  examples: [
    'scapfeed tailor ours.xml --content ssg-debian12-ds.xml --profile standard --unselect package_rsyslog_installed',
    'scapfeed comply oci:./image --content ssg-debian12-ds.xml --tailoring ours.xml --profile standard_tailored',
  ],
  run,
});

async function run(
  { options: given, operands: [file] }: Arguments<typeof options, ['[FILE]']>,
  terminal: Terminal,
): Promise<number> {
  const { profile, select = [], unselect = [], set = [], severity = [] } = given;
  const content = openContent(given.content, contentChoice(given));
  if (given.list) {
    for (const { id, title, severity, selected } of listRules(content, profile)) {
      terminal.document(tabbed([selected ? '+' : '-', severity, id, title]));
    }
    return 0;
  }
  if (file === undefined) throw usage('tailor', 'expected FILE, found none');
  const tailored = tailorProfile(content, file, {
    ...(profile === undefined ? {} : { profile }),
    select,
    unselect,
    set,
    severity,
  });
  writeResult(file, 'tailoring file', tailoringDocument(dataOf(tailored, content, given.content, terminal)));
  terminal.err(`wrote ${file} with the profile ${tailored.id}`);
  return 0;
}

function dataOf(
  { id, title, extends: base, changes }: ReturnType<typeof tailorProfile>,
  { benchmark, source }: ReturnType<typeof openContent>,
  contentPath: string,
  { env }: Terminal,
): TailoringData {
  return {
    benchmark: { href: source.name || contentPath, id: benchmark.id },
    time: outputDate(env).toISOString(),
    profile: {
      id,
      title,
      ...(base === undefined ? {} : { extends: base }),
      selects: changes.flatMap((change) => (change.kind === 'select' ? [change] : [])),
      values: changes.flatMap((change) =>
        change.kind === 'set-value' && typeof change.value === 'string'
          ? [{ id: change.id, value: change.value }]
          : [],
      ),
      refineValues: changes.flatMap((change) => (change.kind === 'refine-value' ? [change] : [])),
      refineRules: changes.flatMap((change) => (change.kind === 'refine-rule' ? [change] : [])),
    },
  };
}
