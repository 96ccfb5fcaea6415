import { listRules, openContent, tailorProfile } from '../../comply/index.ts';
import { type TailoringData, tailoringDocument } from '../../report/comply/tailoring.ts';
import { tabbed } from '../../report/printable.ts';
import { type Arguments, type Command, usage } from '../command.ts';
import { writeResult } from '../outputs.ts';
import { outputDate } from '../source-date.ts';
import type { Terminal } from '../terminal.ts';
import { contentHelp, contentOptions, readOptions } from './compile.ts';

export const tailor: Command = {
  name: 'tailor',
  synopsis: '[FILE] --content CONTENT [OPTIONS]',
  summary: 'make or change a tailoring file',
  help: `FILE is the tailoring file; it is changed where it exists, else made.

  --content CONTENT  the data stream, benchmark or compiled benchmark that is tailored
  --profile ID       the profile that a new file starts from
  --list             print the rules (selected, severity, id, title) instead
  --select RULE      select a rule or group; repeatable, as all that follow
  --unselect RULE    leave it out
  --set VALUE=TEXT   give a value
  --severity RULE=S  rate a rule: info, low, medium, high
${contentHelp}
Example:
  scapfeed tailor ours.xml --content ssg-debian12-ds.xml --profile standard --unselect package_rsyslog_installed
  scapfeed comply oci:./image --content ssg-debian12-ds.xml --tailoring ours.xml --profile standard_tailored
`,
  options: {
    ...contentOptions,
    content: { type: 'string' },
    profile: { type: 'string' },
    list: { type: 'boolean' },
    select: { type: 'string', multiple: true },
    unselect: { type: 'string', multiple: true },
    set: { type: 'string', multiple: true },
    severity: { type: 'string', multiple: true },
  },
  positionals: { min: 0, max: 1 },
  run,
};

async function run({ values, positionals }: Arguments, terminal: Terminal): Promise<number> {
  const path = values['content'] as string | undefined;
  if (path === undefined) throw usage(tailor, 'expected --content CONTENT, found none');
  const content = openContent(path, readOptions(values));
  const profile = values['profile'] as string | undefined;
  if (values['list'] === true) {
    for (const { id, title, severity, selected } of listRules(content, profile)) {
      terminal.document(tabbed([selected ? '+' : '-', severity, id, title]));
    }
    return 0;
  }
  const file = positionals[0];
  if (file === undefined) throw usage(tailor, 'expected FILE, found none');
  const texts = (name: string) => (values[name] as string[] | undefined) ?? [];
  const tailored = tailorProfile(content, file, {
    ...(profile === undefined ? {} : { profile }),
    select: texts('select'),
    unselect: texts('unselect'),
    set: texts('set'),
    severity: texts('severity'),
  });
  writeResult(file, 'tailoring file', tailoringDocument(dataOf(tailored, content, path, terminal)));
  terminal.err(`wrote ${file} with the profile ${tailored.id}`);
  return 0;
}

function dataOf(
  { id, title, extends: base, changes }: ReturnType<typeof tailorProfile>,
  { benchmark, source }: ReturnType<typeof openContent>,
  path: string,
  { env }: Terminal,
): TailoringData {
  return {
    benchmark: { href: source.name || path, id: benchmark.id },
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
