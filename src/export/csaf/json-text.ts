/** A JSON string. */
export function quote(text: string): string {
  return JSON.stringify(text);
}
