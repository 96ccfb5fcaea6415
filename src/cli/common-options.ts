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

/** Options that a command has by what it is. */
export function sharedOptions({ options }: { options: OptionTable }): OptionTable {
  const hasPager = Object.values(options).some(({ kind }) => kind === 'output');
  return { ...(hasPager ? pagerOptions : {}), ...commonOptions };
}

/** The same with its own. */
export function optionsOf(command: { options: OptionTable }): OptionTable {
  return { ...command.options, ...sharedOptions(command) };
}

/** The same, in the order of help. */
export function allOptions(command: { options: OptionTable }): [name: string, option: Option][] {
  return Object.entries(optionsOf(command));
}
