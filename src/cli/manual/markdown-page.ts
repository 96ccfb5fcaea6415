import { errorCodes } from '../../model/error.ts';
import type { Option } from '../../tasks/option.ts';
import { type CommandEntry, synopsisOf } from '../command.ts';
import { allOptions } from '../common-options.ts';
import { exitCodes } from '../help.ts';
import { outputFormats } from '../output-formats.ts';
import { variableOf } from '../settings.ts';
import { errorTable } from './error-table.ts';
import { type ManualPage, namesOf } from './pages.ts';

/** A command's page of the reference, in Markdown: the same parts as its manual page. */
export function markdownPage({ summary, command }: Omit<ManualPage, 'subpages'>): string {
  const { name, about, notes, exitCodes: own, examples } = command;
  return parts(
    `# scapfeed ${name}`,
    sentenceOf(summary),
    fenced(`scapfeed ${name} ${synopsisOf(command)}`),
    about === undefined ? '' : prose(about),
    ...optionTables(name, allOptions(command)),
    notes === undefined ? '' : `## Notes\n\n${prose(notes)}`,
    own === undefined ? '' : `## Exit codes\n\n${table(['code', 'meaning'], Object.entries(own))}`,
    `## ${examples.length === 1 ? 'Example' : 'Examples'}\n\n${fenced(examples.join('\n'))}`,
  );
}

/** All commands, each with a link to its page. */
export function markdownIndex(entries: readonly CommandEntry[]): string {
  return parts(
    '# Commands',
    'Each page is made from the options that the command itself parses. `scapfeed help COMMAND` shows the same text.',
    table(
      ['command', 'what it does'],
      entries.map(({ name, summary }) => [`[${name}](${pageName(name)}.md)`, cell(summary)]),
    ),
  );
}

/** The file of a command's page, without its ending: `fleet add` has `fleet-add`. */
export function pageName(command: string): string {
  return command.replaceAll(' ', '-');
}

/** Every code that an error can have. */
export function markdownErrors(): string {
  return parts(
    '# Errors',
    'An error is one line: the message, its place, a code in brackets, and what to do. Codes are stable: scripts and users ' +
      'of the library branch on them. Messages may change.',
    table(
      ['code', 'exit', 'meaning', 'place', 'what to do'],
      Object.entries(errorTable).map(([code, { meaning, place, remedy }]) => [
        `\`${code}\``,
        String(errorCodes[code as keyof typeof errorCodes]),
        ...[meaning, place, remedy].map(cell),
      ]),
    ),
    `## Exit codes\n\n${table(
      ['exit', 'meaning'],
      exitCodes.map(([code, meaning]) => [code, cell(meaning)]),
    )}`,
  );
}

/** A table of formats and the commands that write them. */
export function markdownFormats(): string {
  return parts(
    '# Output formats',
    'What `-o FORMAT[=FILE]` can name, and the commands that have it. [Reports](../reports.md) says what is in each.',
    table(
      ['format', 'what it is', 'commands'],
      outputFormats.map((format) => [
        `\`${format.name}${'takes' in format ? `=${format.takes}` : ''}\``,
        'help' in format ? cell(format.help) : '',
        format.commands.map((name) => `[${name}](${pageName(name)}.md)`).join(', '),
      ]),
    ),
  );
}

function optionTables(command: string, options: readonly [name: string, option: Option][]): string[] {
  const groups = new Map<string, string[][]>();
  for (const [name, option] of options) {
    const { group = 'Options', short, metavar, help } = option;
    const written = namesOf(name, short).join(', ') + (metavar === '' ? '' : ` ${metavar}`);
    const variable = variableOf(name, option.variable === 'nobody' ? command : '');
    groups.set(group, [
      ...(groups.get(group) ?? []),
      [`\`${written.replaceAll('|', '\\|')}\``, cell(help), `\`${variable}\``],
    ]);
  }
  return [...groups].map(
    ([title, rows]) => `## ${title}\n\n${table(['option', 'what it does', 'variable'], rows)}`,
  );
}

/** Paragraphs; lines that begin with a space are shown as they are. */
function prose(text: string): string {
  const blocks: { isKept: boolean; lines: string[] }[] = [];
  for (const line of text.split('\n')) {
    const isKept = line.startsWith(' ');
    const last = blocks.at(-1);
    if (last === undefined || line === '' || last.isKept !== isKept) blocks.push({ isKept, lines: [] });
    if (line !== '') blocks.at(-1)!.lines.push(line);
  }
  return blocks
    .filter(({ lines }) => lines.length > 0)
    .map(({ isKept, lines }) => (isKept ? fenced(lines.join('\n')) : lines.map(escaped).join('\n')))
    .join('\n\n');
}

function escaped(line: string): string {
  return line.replace(/[<>*_|\\[\]]/g, '\\$&');
}

function cell(text: string): string {
  return text.replace(/\s+/g, ' ').replaceAll('|', '\\|').replace(/[<>*]/g, '\\$&');
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}

function fenced(text: string): string {
  return `\`\`\`\n${text}\n\`\`\``;
}

function sentenceOf(summary: string): string {
  return `${summary[0]!.toUpperCase()}${summary.slice(1)}.`;
}

function parts(...sections: readonly string[]): string {
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}
