import type { FileView } from '../model/inventory/index.ts';

/** Size limit of an image's configuration files; the largest real one (a content manifest) has some 100 kB. */
export const maxTextBytes = 4 << 20;

/** Reads a small text file; undefined if there is none. @throws IMAGE_LIMIT_EXCEEDED above maxTextBytes */
export function readText(files: FileView, path: string): string | undefined {
  return files.read(path, maxTextBytes)?.toString('utf8');
}

/** An object with the property, or an empty object if the value is absent or empty. */
export function optional<K extends string>(key: K, value: string | undefined): { [P in K]?: string } {
  return value ? ({ [key]: value } as { [P in K]?: string }) : {};
}

/** Returns the distinct texts in code-unit order. */
export function unique(texts: Iterable<string>): string[] {
  return [...new Set(texts)].sort();
}

/**
 * Yields the lines of a file of names. Bytes that are not UTF-8 are taken as one character each, as in names in layers, so
 * that both name the same file.
 */
export function* textLines(content: Buffer): Generator<string> {
  for (let start = 0; start < content.length; ) {
    const newline = content.indexOf(0x0a, start);
    const end = newline === -1 ? content.length : newline;
    const text = content.toString('utf8', start, end);
    yield text.includes('\ufffd') ? content.toString('latin1', start, end) : text;
    start = end + 1;
  }
}
