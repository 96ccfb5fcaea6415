import { ScapfeedError } from '../../model/error.ts';
import type { FileView, RandomAccess } from '../../model/inventory/index.ts';

/** Larger files are not searched; the object is `incomplete` then. */
export const maxTextBytes = 64 * 1024 * 1024;

/** Maximum size of decoded text that is kept between checks, in bytes. */
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

  /** Decodes as UTF-8 if valid, else as Latin-1; up to the first NUL. Undefined: not a regular file, or too large. */
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

  /** Why the text of a regular file is missing or cut; undefined: it is whole, or there is no such file. */
  shortfall(path: string): string | undefined {
    if (this.#cut.has(path)) return `${path} is read to its first NUL only`;
    if (this.#kept.has(path) || this.#files.stat(path)?.type !== 'file') return undefined;
    const content = openKept(this.#files, path);
    return content && content.size <= maxTextBytes
      ? undefined
      : `${path} is too large to read, or its content was not kept`;
  }
}

/** The content of a regular file; undefined if there is none, or if it was not kept when the image was read. */
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
