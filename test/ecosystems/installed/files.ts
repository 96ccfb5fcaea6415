import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { readPackageFile } from '../../../src/ecosystems/installed/forms.ts';
import type { PackageFile } from '../../../src/model/inventory/index.ts';

/** Packages of a file at a path, given in pieces. Undefined: the path or the form is none that is searched. */
export function readAt(
  path: string,
  content: Buffer | string,
  pieceBytes = 1 << 16,
): PackageFile | undefined {
  const bytes = Buffer.from(content);
  const reader = readPackageFile(path, bytes.length);
  // A buffer that is filled again, as those of a stream.
  const piece = Buffer.alloc(pieceBytes);
  for (let at = 0; reader && !reader.isOver && at < bytes.length; at += pieceBytes) {
    reader.push(piece.subarray(0, bytes.copy(piece, 0, at)));
    piece.fill(0);
  }
  return reader?.end();
}

/** `name version` of each package, and `unread: why`; undefined as of readAt. */
export function linesAt(path: string, content: Buffer | string, pieceBytes?: number): string[] | undefined {
  const file = readAt(path, content, pieceBytes);
  return (
    file && [
      ...file.packages.map(({ name, version }) => `${name} ${version}`),
      ...file.unread.map(({ detail }) => `unread: ${detail}`),
    ]
  );
}

/** The same of all files below a folder, which no link leads to, sorted, each with its path below the folder. */
export function linesBelow(folder: string): { path: string; line: string }[] {
  return (
    readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
      // Listing goes into folders that are links.
      .filter((path) => readPackageFile(path, 0) !== undefined && realpathSync(path) === path)
      .flatMap((path) =>
        (linesAt(path, readFileSync(path)) ?? []).map((line) => ({ path: path.slice(folder.length), line })),
      )
      .sort((a, b) => (a.path < b.path ? -1 : 1))
  );
}
