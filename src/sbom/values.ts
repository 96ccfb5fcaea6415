/** A value of JSON of which nothing is known. */
export type Unknown = unknown;

export type Fields = Readonly<Record<string, unknown>>;

export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
}

/** A text that is there and says something; a number is its digits. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** What SPDX writes for nothing. */
export function assertedText(value: unknown): string | undefined {
  const text = textOf(value);
  return text === 'NOASSERTION' || text === 'NONE' ? undefined : text;
}

/** The members that have a value. */
export function known<T extends Record<string, unknown>>(
  members: T,
): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
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
