import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { getRawAsset, isSea } from 'node:sea';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { zstdDecompressSync } from 'node:zlib';

/**
 * The files of this package that its code reads while it runs: schemas, the sample's documents, programs of threads. They lie
 * in the package's folder, or inside of the single executable (scripts/package), which has no folder.
 */

/** True in the single executable. */
export const isExecutable: boolean = isSea();

/** Suffix of an embedded file that is kept compressed. */
const packed = '.zst';

/**
 * Reads a file by its path in the package: `schemas/xml/xccdf.xsd`. Undefined: there is none. Bytes of the executable are
 * not copied; they must not be changed.
 */
export function readAsset(path: string): Buffer | undefined {
  if (!isExecutable) {
    const file = join(packageFolder(), path);
    return existsSync(file) ? readFileSync(file) : undefined;
  }
  const plain = embedded(path);
  if (plain) return plain;
  const small = embedded(`${path}${packed}`);
  return small && zstdDecompressSync(small);
}

/** Starts the thread whose program lies beside the module at `from` (its import.meta.url), or is embedded under its name. */
export function startThread(name: string, from: string, workerData: unknown): Worker {
  if (!isExecutable) return new Worker(new URL(`./${name}${extname(from)}`, from), { workerData });
  return new Worker(readAsset(`threads/${name}.cjs`)!.toString('latin1'), { eval: true, workerData });
}

/** The program of an npm package that a thread loads by itself: its file, or its text where there is no file. */
export function packageProgram(name: string, from: string): { file: string } | { text: string } {
  if (!isExecutable) return { file: createRequire(from).resolve(name) };
  return { text: readAsset(`packages/${name}.cjs`)!.toString('latin1') };
}

function embedded(key: string): Buffer | undefined {
  try {
    return Buffer.from(getRawAsset(key) as ArrayBuffer);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SINGLE_EXECUTABLE_APPLICATION_ASSET_NOT_FOUND')
      return undefined;
    throw error;
  }
}

/** The nearest parent folder with `schemas/xml` is the package's root: two levels up in the sources, one or more in the bundle. */
function packageFolder(): string {
  // A part of the bundle in CommonJS has no import.meta.
  let folder = typeof __dirname === 'string' ? __dirname : dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'schemas', 'xml')) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}
