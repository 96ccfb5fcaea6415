import { basename } from 'node:path';
import { compileContent, readContentFile, shortId } from '../../comply/index.ts';
import { tabbed } from '../../report/printable.ts';
import type { Arguments, Command, OptionValues } from '../command.ts';
import { writeResult } from '../outputs.ts';
import type { Terminal } from '../terminal.ts';
import { toolVersion } from '../version.ts';

/** Options of commands that read SCAP content. */
export const contentOptions = {
  'local-files': { type: 'string' },
  datastream: { type: 'string' },
  checklist: { type: 'string' },
  cpe: { type: 'string', multiple: true },
} as const;

export const contentHelp = `  --local-files DIR  read remote components of the content from this folder; nothing is ever fetched
  --datastream ID    which data stream of the collection (default: the first)
  --checklist ID     which of its checklists, by reference, component or benchmark id (default: the first)
  --cpe FILE         one more CPE dictionary; repeatable
`;

export const compile: Command = {
  name: 'compile',
  synopsis: 'CONTENT [OPTIONS]',
  summary: 'compile a SCAP data stream or benchmark for quick evaluation',
  help: `CONTENT is a SCAP source data stream or an XCCDF benchmark (SCAP Security Guide: ssg-*-ds.xml).

  --profile ID       keep only this profile and its rules; repeatable (default: all)
  --list             print the profiles instead
${contentHelp}  -o FILE            where the compiled benchmark goes (default: stdout)

Example:
  scapfeed compile ssg-debian12-ds.xml -o debian12.json
`,
  options: {
    ...contentOptions,
    profile: { type: 'string', multiple: true },
    list: { type: 'boolean' },
    output: { type: 'string', short: 'o' },
  },
  positionals: { min: 1, max: 1 },
  run,
};

async function run({ values, positionals }: Arguments, terminal: Terminal): Promise<number> {
  const path = positionals[0]!;
  const { content, bytes } = readContentFile(path, readOptions(values));
  if (values['list'] === true) {
    for (const { id, title } of content.benchmark.profiles) terminal.document(tabbed([shortId(id), title]));
    return 0;
  }
  const profiles = values['profile'] as string[] | undefined;
  const text = compileContent(content, {
    source: { name: basename(path), bytes },
    tool: `scapfeed ${toolVersion}`,
    ...(profiles === undefined ? {} : { profiles }),
  });
  for (const [href, reason] of content.missing) terminal.err(`left out ${href}: ${reason}`);
  const output = values['output'] as string | undefined;
  if (output === undefined || output === '-') {
    terminal.document(text);
    return 0;
  }
  writeResult(output, 'compiled benchmark', text);
  terminal.err(`wrote ${output}`);
  return 0;
}

/** What the options say of how content is read. */
export function readOptions(values: OptionValues): {
  localFiles?: string;
  stream?: string;
  checklist?: string;
  dictionaries?: string[];
} {
  const text = (name: string) => values[name] as string | undefined;
  const [localFiles, stream, checklist] = [text('local-files'), text('datastream'), text('checklist')];
  const dictionaries = values['cpe'] as string[] | undefined;
  return {
    ...(localFiles === undefined ? {} : { localFiles }),
    ...(stream === undefined ? {} : { stream }),
    ...(checklist === undefined ? {} : { checklist }),
    ...(dictionaries === undefined ? {} : { dictionaries }),
  };
}
