import { ScapfeedError } from '../../model/index.ts';

/** The error for compiled content that is not as `compile` wrote it. */
export function corrupt(where: string, message: string, cause?: unknown): ScapfeedError {
  return new ScapfeedError({
    code: 'CONTENT_MALFORMED',
    message,
    where,
    remedy: 'compile the content again with `scapfeed compile`',
    cause,
  });
}

/** The message for a part that has another shape; `fault`: the JSON pointer of what is wrong in it. */
export function notAsWritten(part: string, fault: string): string {
  const what = fault === '' ? 'has another form' : `has another form at ${fault.slice(0, 100)}`;
  return `the file is not as \`scapfeed compile\` writes it: ${part} ${what}`;
}
