import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commands } from '../../../src/cli/commands/index.ts';
import { optionsOf } from '../../../src/cli/common-options.ts';
import { shells } from '../../../src/cli/manual/completion.ts';
import { readPages } from '../../../src/cli/manual/pages.ts';
import { scapfeed } from '../../support/cli.ts';
import { hasOracle } from '../../support/oracles.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const pages = await readPages(commands);
/** Each command line that a command begins with, and the options that it takes. */
const every = pages
  .flatMap((page) => [page, ...page.subpages])
  .map(({ command, subpages }) => ({
    name: command.name,
    options: subpages.length > 0 ? [] : Object.keys(optionsOf(command)).map((option) => `--${option}`),
  }));
/** The same of each action whose options are its own. */
const ofActions = pages
  .flatMap((page) => [page, ...page.subpages])
  .flatMap(({ command }) =>
    Object.keys(command.actions ?? {}).map((action) => ({
      name: `${command.name} ${action}`,
      options: Object.keys(optionsOf(command, action)).map((option) => `--${option}`),
    })),
  );
const folder = temporaryFolder();
const script = (shell: keyof typeof shells) => {
  const file = join(folder, `completion.${shell}`);
  writeFileSync(file, shells[shell](pages));
  return file;
};
const run = (command: string, ...args: string[]) => {
  const { stdout, stderr } = spawnSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    // A shell that waits for more.
    timeout: 60_000,
  });
  return { out: stdout, err: stderr };
};

it.each(Object.keys(shells) as (keyof typeof shells)[])(
  'the built command writes the script for %s',
  (shell) => {
    expect(scapfeed(['completion', shell])).toEqual({ code: 0, out: shells[shell](pages), err: '' });
  },
);

it('lists the shells where there is none of the name', () => {
  expect(scapfeed(['completion', 'tcsh']).err).toContain('next: use one of bash, zsh, fish');
});

describe.skipIf(!hasOracle('bash'))('bash itself', () => {
  const file = script('bash');
  const completed = (...words: string[]) => {
    const set = words.map((word) => `'${word}'`).join(' ');
    const { out, err } = run(
      'bash',
      ...['--norc', '-c'],
      `source ${file}; COMP_WORDS=(${set}); COMP_CWORD=${words.length - 1}; _scapfeed; printf '%s\\n' "\${COMPREPLY[@]}"`,
    );
    expect(err).toBe('');
    return out.split('\n').filter((line) => line !== '');
  };

  it('completes the command', () => {
    expect(completed('scapfeed', 'sn')).toEqual(['snapshots']);
    expect(completed('scapfeed', '')).toEqual([
      ...pages.map(({ command }) => command.name),
      '--help',
      '--version',
    ]);
  });

  it.each([...every, ...ofActions])('knows the options of $name, and no others', ({ name, options }) => {
    expect(completed('scapfeed', ...name.split(' '), '--')).toEqual([...options, '--help']);
  });

  it('knows the words of an option, in both ways to write it, and the actions of a command', () => {
    expect(completed('scapfeed', 'scan', '.', '--fail-on', 'cr')).toEqual(['critical']);
    expect(completed('scapfeed', 'scan', '.', '--fail-on', '=', 'cr')).toEqual(['critical']);
    expect(completed('scapfeed', 'scan', '.', '-o', 'cyc')).toContain('cyclonedx');
    expect(completed('scapfeed', 'completion', '')).toEqual(['bash', 'zsh', 'fish']);
  });

  it('completes files for a path, and for where a report goes', () => {
    expect(completed('scapfeed', 'scan', '.', '--feed', 'compl')).toContain('completion.bash');
    expect(completed('scapfeed', 'scan', '.', '-o', 'json', '=', 'compl')).toContain('completion.bash');
  });
});

describe.skipIf(!hasOracle('fish'))('fish itself', () => {
  const file = script('fish');
  const completed = (line: string) => {
    const { out, err } = run(
      'fish',
      '--no-config',
      '-c',
      `source ${file}; complete -C ${JSON.stringify(line)}`,
    );
    expect(err).toBe('');
    return out.split('\n').flatMap((one) => (one === '' ? [] : [one.split('\t')[0]!]));
  };

  it('completes commands, options, their words, and files', () => {
    expect(completed('scapfeed sn')).toContain('snapshots');
    for (const { name, options } of [...every, ...ofActions])
      expect(completed(`scapfeed ${name} --`).sort()).toEqual([...options, '--help'].sort());
    expect(completed('scapfeed scan . --fail-on cr')).toContain('critical');
    expect(completed('scapfeed scan . --feed compl')).toContain('completion.fish');
  });
});

describe.skipIf(!hasOracle('zsh'))('zsh itself', () => {
  const file = script('zsh');
  /** A session in a pseudo-terminal: what Tab lists below the line, to a word of its end. */
  const listed = (line: string, last: string) => {
    const session = `
zmodload zsh/zpty
export TERM=dumb
zpty shell zsh -f -i
zpty -w shell 'PS1= PS2= RPS1= LISTMAX=9999; stty cols 400 rows 400; cd ${folder}; autoload -Uz compinit; compinit -u -D; source ${file}; bindkey "^I" list-choices; echo ready-$((1+1))'
while zpty -r shell got; do [[ $got == *ready-2* ]] && break; done
zpty -w -n shell ${JSON.stringify(line)}$'\\t'
while zpty -r shell got; do print -r -- $got; [[ $got == *${last}* ]] && break; done
`;
    return run('zsh', '-f', '-c', session).out;
  };

  it('has no mistake', () => {
    expect(run('zsh', '-n', file).err).toBe('');
  });

  it('lists commands, options with what they are for, and their words', () => {
    expect(listed('scapfeed s', 'snapshots')).toMatch(/snapshots\s+-- list the feeds/);
    const options = listed('scapfeed scan --', '--vex');
    for (const option of Object.keys(pages.find(({ command }) => command.name === 'scan')!.command.options)) {
      expect(options).toContain(`--${option}`);
    }
    expect(listed('scapfeed scan --fail-on ', 'any')).toContain('critical');
    const ofList = listed('scapfeed fleet list --', '--quiet');
    expect(ofList).toContain('--database');
    expect(ofList).not.toContain('--fail-on-new');
    const ofKeysList = listed('scapfeed keys list --', '--root-keys');
    expect(ofKeysList).toContain('--root-keys');
    expect(ofKeysList).not.toContain('--role');
  });
});
