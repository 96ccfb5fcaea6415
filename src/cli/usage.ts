import { ScapfeedError } from '../model/index.ts';

/** The error of a command that was called in a way that it does not understand. */
export function usage(command: string, message: string, remedy?: string): ScapfeedError {
  return new ScapfeedError({
    code: 'USAGE',
    message,
    remedy: remedy ?? `see \`scapfeed ${command} --help\``,
  });
}
