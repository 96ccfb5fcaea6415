import { isScapfeedError } from './model/error.ts';

/** An error as the user reads it: what, where, what to do next. The stack is for internal errors only: it is a bug report. */
export function failureLines(error: unknown): string[] {
  if (!isScapfeedError(error)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return [
      'scapfeed: internal error; please report it with this text [INTERNAL]',
      ...text.split('\n').slice(0, 50),
    ];
  }
  return [
    `scapfeed: ${error.message} [${error.code}]`,
    ...(error.where === undefined ? [] : [`  at: ${error.where}`]),
    ...(error.remedy === undefined ? [] : [`  next: ${error.remedy}`]),
  ];
}

/** The exit code that an error leads to; what nobody foresaw is no finding (1). */
export function failureCode(error: unknown): number {
  return isScapfeedError(error) ? error.exitCode : 2;
}
