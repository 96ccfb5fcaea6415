import { type FileView, type RandomAccess, ScapfeedError } from '../model/index.ts';

/** A larger file is not searched as text: the object is `incomplete` then, never silently without it. */
export const maxTextBytes = 64 * 1024 * 1024;

/** How much text is kept decoded between checks. */
const maxKeptBytes = 64 * 1024 * 1024;

/** Texts of files, each decoded once. */
export class Texts {
  readonly #files: FileView;
  readonly #kept = new Map<string, string>();
  #keptLength = 0;

  constructor(files: FileView) {
    this.#files = files;
  }

  /** UTF-8 where the bytes are that, else Latin-1; up to the first NUL. Undefined: no regular file, or too large. */
  read(path: string): string | undefined {
    const kept = this.#kept.get(path);
    if (kept !== undefined) return kept;
    const content = openKept(this.#files, path);
    if (!content || content.size > maxTextBytes) return undefined;
    const text = decode(content.read(0, content.size));
    if (this.#keptLength + text.length < maxKeptBytes) {
      this.#kept.set(path, text);
      this.#keptLength += text.length;
    }
    return text;
  }
}

/** The content of a regular file; undefined where there is none, or where the reader of the image has not kept it. */
export function openKept(files: FileView, path: string): RandomAccess | undefined {
  try {
    return files.open(path);
  } catch (error) {
    if (error instanceof ScapfeedError) return undefined;
    throw error;
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decode(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  const part = end === -1 ? bytes : bytes.subarray(0, end);
  try {
    return utf8.decode(part);
  } catch {
    return part.toString('latin1');
  }
}
