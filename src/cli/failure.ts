import { isScapfeedError, ScapfeedError } from '../model/error.ts';

/** An error as the user reads it: what, where, what to do next. The stack is for internal errors only: it is a bug report. */
export function failureLines(thrown: unknown): string[] {
  const error = refusalOfSystem(thrown) ?? thrown;
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

/** What the operating system would not do, such as reading a file, where nobody had a better word for it. */
function refusalOfSystem(error: unknown): ScapfeedError | undefined {
  if (!(error instanceof Error) || isScapfeedError(error) || !('syscall' in error)) return undefined;
  const { path } = error as NodeJS.ErrnoException;
  return new ScapfeedError({
    code: 'SYSTEM_REFUSED',
    message: error.message,
    ...(path === undefined ? {} : { where: path }),
    remedy: 'see to the file, its rights and the room on its disk',
    cause: error,
  });
}
