import { pushTo } from '../../model/order.ts';
import type { Option } from '../../tasks/option.ts';
import { type Command, type CommandEntry, synopsisOf } from '../command.ts';
import { allOptions } from '../common-options.ts';
import { exitCodes, purpose } from '../help.ts';
import { variableOf } from '../settings.ts';
import { type ManualPage, namesOf } from './pages.ts';

/** A command's page for man(1), in the macros of man(7). It has no date: the same program gives the same page. */
export function manPage({ summary, command }: Omit<ManualPage, 'subpages'>, version: string): string {
  const { name, about, notes, exitCodes: own, examples } = command;
  return [
    heading(`scapfeed-${name}`, version),
    section('NAME', `scapfeed\\-${text(name)} \\- ${text(summary)}\n`),
    section('SYNOPSIS', `.B scapfeed ${text(name)}\n${text(synopsisOf(command))}\n`),
    about === undefined ? '' : section('DESCRIPTION', paragraphs(about)),
    ...optionSections(command),
    notes === undefined ? '' : section('NOTES', paragraphs(notes)),
    section('ENVIRONMENT AND FILES', environment(name)),
    section('EXIT STATUS', own ? terms(Object.entries(own)) : 'See\n.BR scapfeed (1).\n'),
    section(examples.length === 1 ? 'EXAMPLE' : 'EXAMPLES', asIs(examples)),
    section('SEE ALSO', '.BR scapfeed (1)\n'),
  ].join('');
}

/** The page of the program: its commands and what their exit codes mean. */
export function mainManPage(entries: readonly CommandEntry[], version: string): string {
  return [
    heading('scapfeed', version),
    section('NAME', 'scapfeed \\- judge container images by vendors\\(aq security data, offline\n'),
    section('SYNOPSIS', '.B scapfeed\n.I COMMAND\n[OPTIONS]\n'),
    section('DESCRIPTION', `${sentence(purpose)}\nEvery command has a page of its own.\n`),
    section('COMMANDS', terms(entries.map(({ name, summary }) => [`scapfeed-${name}(1)`, summary]))),
    section('EXIT STATUS', terms(exitCodes)),
    section('SEE ALSO', entries.map(({ name }, at) => reference(name, at === entries.length - 1)).join('')),
  ].join('');
}

function reference(name: string, isLast: boolean): string {
  return `.BR scapfeed\\-${text(name)} (1)${isLast ? '' : ','}\n`;
}

function heading(name: string, version: string): string {
  return `.TH ${quoted(name.toUpperCase())} 1 "" ${quoted(`scapfeed ${version}`)} "scapfeed manual"\n`;
}

function section(title: string, body: string): string {
  return `.SH ${quoted(title)}\n${body}`;
}

function optionSections(command: Command): string[] {
  const groups = new Map<string, string[]>();
  for (const [name, option] of allOptions(command)) {
    const { group = 'Options' } = option;
    pushTo(groups, group, optionTerm(name, option, command.name));
  }
  return [...groups].map(([title, terms]) => section(title.toUpperCase(), terms.join('')));
}

function optionTerm(name: string, { short, metavar, help, variable }: Option, command: string): string {
  const names = namesOf(name, short).map((one) => `\\fB${text(one)}\\fR`);
  const value = metavar === '' ? '' : ` \\fI${text(metavar)}\\fR`;
  return `.TP\n${names.join(', ')}${value}\n${sentence(help)}\n.br\n.B ${text(variableOf(name, variable === 'nobody' ? command : ''))}\n`;
}

/** The same for every command; its own options have their variables beside them. */
function environment(name: string): string {
  return [
    `Each option is set by its variable too, for this command alone by\n.BR ${text(variableOf('', name))}_ ...,\n`,
    'and by its name in\n.IR XDG_CONFIG_HOME/scapfeed/config.yaml .\n',
    'The command line comes first, then the variables, then the file;\n.BR scapfeed\\-config (1)\nshows what holds.\n',
  ].join('');
}

function terms(entries: Iterable<readonly [term: string, meaning: string]>): string {
  return [...entries].map(([term, meaning]) => `.TP\n.B ${text(term)}\n${sentence(meaning)}\n`).join('');
}

/** Lines that begin with a space stay as they are, as in help; others are filled. */
function paragraphs(about: string): string {
  const parts: string[] = [];
  for (const block of about.split('\n\n')) {
    const lines = block.split('\n');
    for (let at = 0; at < lines.length; ) {
      const isKept = lines[at]!.startsWith(' ');
      const from = at;
      while (at < lines.length && lines[at]!.startsWith(' ') === isKept) at += 1;
      const run = lines.slice(from, at);
      parts.push(isKept ? asIs(run) : `${sentence(run.join('\n'))}\n`);
    }
    parts.push('.PP\n');
  }
  return parts.slice(0, -1).join('');
}

function asIs(lines: readonly string[]): string {
  return `.nf\n${lines.map(sentence).join('\n')}\n.fi\n`;
}

/** Text whose lines may begin as a request of roff would. */
function sentence(given: string): string {
  return text(given).replace(/^(?=[.'])/gm, '\\&');
}

function text(given: string): string {
  return given
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('`', '\\(ga')
    .replaceAll('"', '\\(dq')
    .replaceAll('~', '\\(ti')
    .replaceAll('^', '\\(ha');
}

function quoted(given: string): string {
  return `"${text(given)}"`;
}
