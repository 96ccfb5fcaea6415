import { pushTo } from '../model/order.ts';
import type { Option } from '../tasks/option.ts';
import { type Command, type CommandEntry, synopsisOf } from './command.ts';
import { allOptions } from './common-options.ts';

export const purpose =
  "scapfeed compiles Linux vendors' security data into offline feeds and judges images by them.";

/** Meanings of the exit codes of all commands. */
export const exitCodes: readonly (readonly [code: string, meaning: string])[] = [
  ['0', 'fine'],
  ['1', 'findings at or above the policy'],
  ['2', 'wrong use, an image or file that cannot be read or written, or an internal error'],
  [
    '3',
    'the feed or content is missing, stale, invalid or not to be trusted, or the input of a build cannot be used',
  ],
  ['4', 'not covered: nothing is known about the image or about a part of it'],
];

/** Output of `scapfeed --help`. */
export function overview(commands: readonly CommandEntry[]): string {
  return [
    wrap(purpose),
    '\nUsage: scapfeed COMMAND [OPTIONS]\n\n',
    definitions(commands.map(({ name, summary }) => [name, summary])),
    '\nEvery command has --help with an example, and a page in `scapfeed help`.\n\nExit codes:\n',
    definitions(exitCodes),
  ].join('');
}

const width = 80;

/** Column of the text about an option. */
const textColumn = 21;

/** Output of `scapfeed COMMAND --help`, at 80 columns. */
export function helpText(command: Command, summary: string): string {
  const { name, about, notes, exitCodes, examples } = command;
  const sections = [
    wrap(`scapfeed ${name}: ${summary}`),
    wrap(`Usage: scapfeed ${name} ${synopsisOf(command)}`),
    about === undefined ? '' : wrap(about),
    ...optionSections(command),
    notes === undefined ? '' : wrap(notes),
    exitCodes === undefined ? '' : exitCodeSection(exitCodes),
    section(examples.length === 1 ? 'Example:' : 'Examples:', examples.map(exampleText)),
  ];
  return sections.filter((text) => text !== '').join('\n');
}

/** A list of terms, each with what it means, at 80 columns. */
export function definitions(entries: readonly (readonly [term: string, meaning: string])[]): string {
  const column = Math.max(...entries.map(([term]) => term.length)) + 4;
  const indent = ' '.repeat(column);
  return entries
    .map(([term, meaning]) => fold(meaning.split(' '), `  ${term}`.padEnd(column), indent))
    .join('');
}

/** Text in lines of 80 columns at most. Lines that begin with a space, and empty ones, stay as they are. */
export function wrap(text: string): string {
  let wrapped = '';
  let words: string[] = [];
  const end = () => {
    if (words.length > 0) wrapped += fold(words, '', '');
    words = [];
  };
  for (const line of text.split('\n')) {
    if (line !== '' && !line.startsWith(' ')) {
      words.push(...line.split(' '));
      continue;
    }
    end();
    wrapped += `${line}\n`;
  }
  end();
  return wrapped;
}

function optionSections(command: Command): string[] {
  const groups = new Map<string, string[]>();
  for (const [name, option] of allOptions(command)) {
    const { group = 'Options' } = option;
    pushTo(groups, group, optionText(name, option));
  }
  return [...groups].map(([heading, texts]) => section(`${heading}:`, texts));
}

function optionText(name: string, { short, metavar, help }: Option): string {
  const term = `  ${short === undefined ? `--${name}` : `-${short}`} ${metavar}`.trimEnd();
  const indent = ' '.repeat(textColumn);
  const first = term.length + 1 > textColumn ? `${term}\n${indent}` : term.padEnd(textColumn);
  return fold(help.split(' '), first, indent);
}

function exitCodeSection(codes: Readonly<Record<number, string>>): string {
  return section('Exit codes:', [definitions(Object.entries(codes))]);
}

/** A long command line is broken before an option, in the way of a shell. */
function exampleText(line: string): string {
  return fold(line.split(/ (?=-|&& )/), '  ', '    ', ' \\');
}

function section(heading: string, items: readonly string[]): string {
  return `${heading}\n${items.join('')}`;
}

/** Folds words into lines: the first begins with `first`, the others with `indent`; broken lines end in `end`. */
function fold(words: readonly string[], first: string, indent: string, end = ''): string {
  let folded = first;
  let column = first.length - (first.lastIndexOf('\n') + 1);
  let space = '';
  for (const word of words) {
    if (space !== '' && column + 1 + word.length + end.length > width) {
      folded += `${end}\n${indent}`;
      column = indent.length;
      space = '';
    }
    folded += space + word;
    column += space.length + word.length;
    space = ' ';
  }
  return `${folded}\n`;
}
