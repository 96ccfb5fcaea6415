import type { Option } from '../../tasks/option.ts';
import { optionsOf } from '../common-options.ts';
import { actionsOf, brief, type ManualPage, namesOf } from './pages.ts';

/** The shells, and what makes the script by which each completes a command line of scapfeed. */
export const shells = { bash, zsh, fish } as const satisfies Record<
  string,
  (pages: readonly ManualPage[]) => string
>;

const isOfFiles = ({ kind, metavar }: Option) => kind === 'path' || /FILE|DIR|PATH/.test(metavar);

/** Every page, those of subcommands after their own. */
function withSubpages(pages: readonly ManualPage[]): ManualPage[] {
  return pages.flatMap((page) => [page, ...page.subpages]);
}

/** Commands of two words, by their first. */
function parents(pages: readonly ManualPage[]): string[] {
  return pages.filter(({ subpages }) => subpages.length > 0).map(({ command }) => command.name);
}

/**
 * Options with their names, and --help, which every command has: all, or those that one action reads. What only leads to
 * subcommands takes no other.
 */
function completedOptions(
  { command, subpages }: ManualPage,
  action?: string,
): { names: string[]; option: Option | undefined; help: string }[] {
  const taken = subpages.length > 0 ? {} : optionsOf(command, action);
  const own = Object.entries(taken).map(([name, option]) => ({
    names: namesOf(name, option.short),
    option,
    help: brief(option.help),
  }));
  return [...own, { names: ['-h', '--help'], option: undefined, help: 'show help' }];
}

/** The actions that differ in their options. */
function actionsApart({ command }: ManualPage): string[] {
  return Object.keys(command.actions ?? {});
}

/** For /usr/share/bash-completion/completions/scapfeed, or `source <(scapfeed completion bash)`. */
function bash(pages: readonly ManualPage[]): string {
  const names = pages.map(({ command }) => command.name).join(' ');
  const arms = withSubpages(pages).flatMap((page) => {
    const name = page.command.name.replaceAll(' ', '\\ ');
    const values = completedOptions(page).flatMap(({ names, option }) => {
      if (!option || option.kind === 'flag') return [];
      const patterns = names.map((one) => `${name}:${one}`).join('|');
      if (option.words) return [`    ${patterns}) words=${quoted(option.words.join(' '))} ;;`];
      return [`    ${patterns}) ${isOfFiles(option) ? 'files=1' : 'any=1'} ;;`];
    });
    const flagsOf = (action?: string) =>
      `flags=${quoted(
        completedOptions(page, action)
          .flatMap((one) => one.names)
          .join(' '),
      )}`;
    const apart = actionsApart(page).map((action) => `${action}) ${flagsOf(action)} ;;`);
    const narrowed = apart.length > 0 ? [`case \${COMP_WORDS[length+1]} in ${apart.join(' ')} esac`] : [];
    const actions = actionsOf(page.command);
    const operands = actions.length > 0 ? `actions=${quoted(actions.join(' '))}` : 'files=1';
    return [...values, `    ${name}:*) ${[flagsOf(), operands, ...narrowed].join('; ')} ;;`];
  });
  return `# bash completion of scapfeed, made by \`scapfeed completion bash\`
_scapfeed() {
  local current=\${COMP_WORDS[COMP_CWORD]} option=\${COMP_WORDS[COMP_CWORD-1]} words= flags= actions= files= any=
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W ${quoted(`${names} --help --version`)} -- "$current"))
    return
  fi
  # bash takes = for a word: --option=value, -o format=file.
  if [[ $current == = ]]; then
    current=
  elif [[ $option == = ]]; then
    option=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  local command=\${COMP_WORDS[1]} length=1
  case $command in
    ${parents(pages).join('|')}) ((COMP_CWORD > 2)) && command+=" \${COMP_WORDS[2]}" length=2 ;;
  esac
  case $command:$option in
${arms.join('\n')}
  esac
  if [[ -n $any ]]; then
    return
  elif [[ -n $words ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  elif [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$current"))
  elif [[ -n $actions && COMP_CWORD -eq length+1 ]]; then
    COMPREPLY=($(compgen -W "$actions" -- "$current"))
  else
    compopt -o filenames 2>/dev/null
    local IFS=$'\\n'
    COMPREPLY=($(compgen -f -- "$current"))
  fi
}
complete -F _scapfeed scapfeed
`;
}

/** For a folder of $fpath, as _scapfeed, or `source <(scapfeed completion zsh)`. */
function zsh(pages: readonly ManualPage[]): string {
  const commands = pages.map(({ command, summary }) =>
    quoted(`${command.name}:${summary.replaceAll(':', '\\:')}`),
  );
  const arms = withSubpages(pages).map((page) => {
    const { command } = page;
    const actions = actionsOf(command);
    const specsOf = (action?: string) =>
      completedOptions(page, action).flatMap(({ names, option, help }) => {
        const about = `[${zshText(help)}]`;
        if (!option || option.kind === 'flag') return names.map((one) => quoted(`*${one}${about}`));
        const value = option.words ? `(${option.words.join(' ')})` : isOfFiles(option) ? '_files' : ' ';
        const takes = `:${zshText(option.metavar)}:${value}`;
        return names.map((one) => quoted(`*${one}${one.startsWith('--') ? '=' : ''}${about}${takes}`));
      });
    const first = actions.length > 0 ? [quoted(`1:action:(${actions.join(' ')})`)] : [];
    const call = (action?: string) =>
      `_arguments -S ${[...specsOf(action), ...first, quoted('*:file:_files')].join(' \\\n      ')}`;
    const apart = actionsApart(page).map((action) => `      ${action}) ${call(action)} ;;\n`);
    const body =
      apart.length > 0 ? `case $words[2] in\n${apart.join('')}      *) ${call()} ;;\n    esac` : call();
    return `    ${command.name.replaceAll(' ', '\\ ')}) ${body} ;;`;
  });
  return `#compdef scapfeed
# zsh completion of scapfeed, made by \`scapfeed completion zsh\`
_scapfeed() {
  local -a commands=(${commands.map((one) => `\n    ${one}`).join('')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  if [[ $command == (${parents(pages).join('|')}) ]] && (( CURRENT > 2 )); then
    command+=" $words[2]"
    shift words
    (( CURRENT-- ))
  fi
  case $command in
${arms.join('\n')}
  esac
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _scapfeed "$@"
else
  compdef _scapfeed scapfeed
fi
`;
}

/** For /usr/share/fish/vendor_completions.d/scapfeed.fish, or \`scapfeed completion fish | source\`. */
function fish(pages: readonly ManualPage[]): string {
  const linesOf = (page: ManualPage): string[] => {
    const { command } = page;
    const at = (condition: string) => `complete -c scapfeed -n ${quoted(condition)}`;
    const isCommand = `__scapfeed_is ${command.name}`;
    const optionLines = (condition: string, action?: string) =>
      completedOptions(page, action).map(({ names, option, help }) => {
        const called = names.map((one) =>
          one.startsWith('--') ? `-l ${one.slice(2)}` : `-s ${one.slice(1)}`,
        );
        const words = option?.words;
        const takes =
          !option || option.kind === 'flag'
            ? ''
            : words
              ? ` -xa ${quoted(words.join(' '))}`
              : isOfFiles(option)
                ? ' -rF'
                : ' -x';
        return `${at(condition)} ${called.join(' ')}${takes} -d ${quoted(help)}`;
      });
    const actions = actionsOf(command);
    const apart = actionsApart(page);
    const without =
      apart.length > 0 ? `${isCommand}; and not __fish_seen_subcommand_from ${apart.join(' ')}` : isCommand;
    return [
      ...(actions.length > 0 ? [`${at(isCommand)} -xa ${quoted(actions.join(' '))}`] : []),
      ...optionLines(without),
      ...apart.flatMap((action) => optionLines(`${isCommand} ${action}`, action)),
    ];
  };
  const lines = withSubpages(pages).flatMap((page) => {
    const { command, summary } = page;
    const first = `complete -c scapfeed -n __fish_use_subcommand -xa ${command.name} -d ${quoted(summary)}`;
    return [...(command.name.includes(' ') ? [] : [first]), ...linesOf(page)];
  });
  return `# fish completion of scapfeed, made by \`scapfeed completion fish\`
function __scapfeed_is
  set -l given (commandline -opc)
  set -l last (math 1 + (count $argv))
  test "$given[2..$last]" = "$argv"
end
${lines.join('\n')}
`;
}

/** A word of any of the shells; fish alone needs its backslashes doubled, of which help has none. */
function quoted(given: string): string {
  return `'${given.replaceAll("'", "'\\''")}'`;
}

function zshText(given: string): string {
  return given.replace(/[[\]:\\]/g, '\\$&');
}
