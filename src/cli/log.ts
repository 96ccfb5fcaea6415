import { isScapfeedError } from '../model/error.ts';
import { failureLines, knownFailure } from './failure.ts';

/** Forms of a log (`--log`): messages with time and level, for programs. */
export const logForms = ['text', 'json'] as const;
export type LogForm = (typeof logForms)[number];

/** From the least important one. */
export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

/** One message of a command. */
export interface LogEntry {
  level: LogLevel;
  message: string;
  /** Fields for programs. */
  fields?: Readonly<Record<string, string | number>>;
}

/** Selects the messages and their form; without a form they are written for people. */
export interface LogChoice {
  form?: LogForm;
  least: LogLevel;
}

export function isLogged({ least }: LogChoice, level: LogLevel): boolean {
  return logLevels.indexOf(level) >= logLevels.indexOf(least);
}

/** A line of the log, without its end. */
export function logLine(form: LogForm, time: Date, { level, message, fields = {} }: LogEntry): string {
  const when = time.toISOString();
  if (form === 'json') return JSON.stringify({ time: when, level, message, ...fields });
  const more = Object.entries(fields).map(([name, value]) => ` ${name}=${quoted(String(value))}`);
  return `${when} ${level.padEnd(5)} ${message}${more.join('')}`;
}

function quoted(value: string): string {
  return /[\s"=]/.test(value) ? JSON.stringify(value) : value;
}

/** An error as an entry. An unexpected one has its stack, for the bug report. */
export function failureEntry(thrown: unknown, target?: string): LogEntry {
  const of = target === undefined ? {} : { target };
  const error = knownFailure(thrown);
  if (!isScapfeedError(error))
    return { level: 'error', message: failureLines(error).join('\n'), fields: { ...of, code: 'INTERNAL' } };
  const { message, code, where, remedy } = error;
  return {
    level: 'error',
    message,
    fields: { ...of, code, ...(where !== undefined && { where }), ...(remedy !== undefined && { remedy }) },
  };
}
