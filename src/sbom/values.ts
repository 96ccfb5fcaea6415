/** A text that is not empty; a number is its digits. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Returns the text; undefined for SPDX's NOASSERTION and NONE. */
export function assertedText(value: unknown): string | undefined {
  const text = textOf(value);
  return text === 'NOASSERTION' || text === 'NONE' ? undefined : text;
}

const digestForm = /sha256:[0-9a-f]{64}/;

/** The first sha256 digest in some texts. */
export function digestIn(...texts: readonly (string | undefined)[]): string | undefined {
  for (const text of texts) {
    const found = digestForm.exec(text ?? '')?.[0];
    if (found !== undefined) return found;
  }
  return undefined;
}
