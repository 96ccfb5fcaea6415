/** A place in a file; a function makes the text only if there is a fault to report. */
export type Where = string | (() => string);

export function whereText(where: Where): string {
  return typeof where === 'string' ? where : where();
}
