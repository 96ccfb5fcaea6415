/** The place of something in a file: made into words only when there is a fault to report. */
export type Where = string | (() => string);

export function whereText(where: Where): string {
  return typeof where === 'string' ? where : where();
}
