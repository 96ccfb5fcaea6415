import { isTooLong, namedRefusal, shorterPath, systemReason } from '../io/system-reason.ts';
import { isScapfeedError, ScapfeedError } from '../model/error.ts';

/**
 * An error as the user reads it: what, where, what to do next. Internal errors have a stack, for the bug report. The `target` of
 * several that it is about stands before each line.
 */
export function failureLines(thrown: unknown, target?: string): string[] {
  const lines = linesOf(thrown);
  return target === undefined ? lines : lines.map((line) => `${target}: ${line.replace(/^scapfeed: /, '')}`);
}

function linesOf(thrown: unknown): string[] {
  const error = knownFailure(thrown);
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

/** The exit code for an error. An unexpected one is an internal error (2), never a finding (1). */
export function failureCode(thrown: unknown): number {
  const error = knownFailure(thrown);
  return isScapfeedError(error) ? error.exitCode : 2;
}

/** An error that no code described, described by what it came of, where that is known. */
export function knownFailure(thrown: unknown): unknown {
  if (isScapfeedError(thrown)) return thrown;
  return refusalOfSystem(thrown) ?? thrown;
}

/** An operation that the system refused, such as reading a file, and that no code described better. */
function refusalOfSystem(error: unknown): ScapfeedError | undefined {
  if (!(error instanceof Error) || isScapfeedError(error) || !('syscall' in error)) return undefined;
  const { path } = error as NodeJS.ErrnoException;
  return new ScapfeedError({
    code: 'SYSTEM_REFUSED',
    message: systemReason(path === undefined ? error : namedRefusal(error, path)),
    ...(path === undefined ? {} : { where: path }),
    remedy: isTooLong(error) ? shorterPath : 'check the file, its permissions and the free space on its disk',
    cause: error,
  });
}
