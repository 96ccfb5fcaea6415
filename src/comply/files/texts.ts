import { type FileView, type RandomAccess, ScapfeedError } from '../../model/index.ts';

/** A larger file is not searched as text: the object is `incomplete` then, never silently without it. */
export const maxTextBytes = 64 * 1024 * 1024;

/** How much text is kept decoded between checks. */
const maxKeptBytes = 64 * 1024 * 1024;

/** Texts of files, each decoded once. */
export class Texts {
  readonly #files: FileView;
  readonly #kept = new Map<string, string>();
  /** Paths of texts that were cut at a NUL. */
  readonly #cut = new Set<string>();
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
    const bytes = content.read(0, content.size);
    const end = bytes.indexOf(0);
    if (end !== -1) this.#cut.add(path);
    const text = decode(end === -1 ? bytes : bytes.subarray(0, end));
    if (this.#keptLength + text.length < maxKeptBytes) {
      this.#kept.set(path, text);
      this.#keptLength += text.length;
    }
    return text;
  }

  /** Why a regular file that was asked for has no text, or not all of it; undefined: it has, or is no regular file. */
  shortfall(path: string): string | undefined {
    if (this.#cut.has(path)) return `${path} is read to its first NUL only`;
    if (this.#kept.has(path) || this.#files.stat(path)?.type !== 'file') return undefined;
    const content = openKept(this.#files, path);
    return content && content.size <= maxTextBytes
      ? undefined
      : `${path} is too large to read, or its content was not kept`;
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
  try {
    return utf8.decode(bytes);
  } catch {
    return bytes.toString('latin1');
  }
}
