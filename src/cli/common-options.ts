import {
  choice,
  flag,
  group,
  type Option,
  type OptionTable,
  type OptionValues,
  path,
} from '../tasks/option.ts';
import { logForms, logLevels } from './log.ts';

/** Options that every command has. */
export const commonOptions = group('Every command', {
  quiet: flag('print only warnings and errors, no progress'),
  log: choice(logForms, 'write messages as log lines with time and level: %', {
    metavar: 'FORM',
    noun: 'form of a log',
  }),
  'log-level': choice(logLevels, 'the lowest level of messages to print: % (default: info)', {
    metavar: 'LEVEL',
    noun: 'level',
  }),
  config: path('FILE', 'a configuration file (default: XDG_CONFIG_HOME/scapfeed/config.yaml)'),
  'no-config': flag('read no configuration file'),
});

/** Of commands whose result a person may read. */
const pagerOptions = group('Output', {
  'no-pager': flag('do not show long tables in $SCAPFEED_PAGER, $PAGER or less'),
});

export type CommonChoice = OptionValues<typeof commonOptions>;

/** The part of a command that declares its options. */
interface Declared {
  options: OptionTable;
  actions?: Readonly<Record<string, { options: readonly string[] }>>;
}

/** Operands and options of an action; undefined: no such action. */
export function actionOf<Action>(
  { actions = {} }: { actions?: Readonly<Record<string, Action>> },
  name: string,
): Action | undefined {
  return Object.hasOwn(actions, name) ? actions[name] : undefined;
}

/** Options that a command has by what it is. */
export function sharedOptions({ options }: { options: OptionTable }): OptionTable {
  const hasPager = Object.values(options).some(({ kind }) => kind === 'output');
  return { ...(hasPager ? pagerOptions : {}), ...commonOptions };
}

/** The same with its own, or with those that one of its actions reads. */
export function optionsOf(command: Declared, action = ''): OptionTable {
  const read = actionOf(command, action)?.options;
  const own = Object.entries(command.options).filter(([name]) => read?.includes(name) ?? true);
  const options = Object.fromEntries(own);
  return { ...options, ...sharedOptions({ options }) };
}

/** The same, in the order of help, which names the actions that read an option if others do not. */
export function allOptions(command: Declared): [name: string, option: Option][] {
  const actions = Object.keys(command.actions ?? {});
  return Object.entries(optionsOf(command)).map(([name, option]) => {
    const readers = actions.filter((action) => Object.hasOwn(optionsOf(command, action), name));
    if (readers.length === actions.length) return [name, option];
    return [name, { ...option, help: `with ${readers.join(', ')}: ${option.help}` }];
  });
}
