/** ISO 8601 in whole seconds, as manifests and TUF metadata have it. */
export function isoSeconds(date: Date): string {
  return date.toISOString().replace(/\.\d{3}Z$/, 'Z');
}
