import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { ScapfeedError } from '../../model/index.ts';
import type { FileReader } from '../pull/file-reader.ts';
import { EndOfTar, type ReadAt, readTarFile, type TarFile, tarPadding } from './tar.ts';

/** Files that a bundle may list. */
const maxFiles = 100_000;

/** Opens a bundle for reading by name; what it holds is trusted no more than a server's answer. TRUST_TRUNCATED, TRUST_NOT_METADATA. */
export function openBundle(path: string): FileReader {
  const fd = openSync(path, 'r');
  try {
    const places = listPlaces(fd, fstatSync(fd).size, path);
    return {
      roles: [...places.keys()].flatMap((name) => /^metadata\/\d+\.(.+)\.json$/.exec(name)?.[1] ?? []),
      read(name, maxBytes) {
        const place = places.get(name);
        if (!place) return undefined;
        if (place.size > maxBytes) throw tooLarge(`${path}/${name}`, maxBytes, place.size);
        const bytes = Buffer.alloc(place.size);
        readSync(fd, bytes, 0, place.size, place.start);
        return bytes;
      },
      close: () => closeSync(fd),
    };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function listPlaces(fd: number, size: number, path: string): Map<string, TarFile> {
  const places = new Map<string, TarFile>();
  const read: ReadAt = (position, bytes) => {
    const block = Buffer.alloc(bytes);
    return block.subarray(0, readSync(fd, block, 0, bytes, position));
  };
  for (let at = 0; places.size <= maxFiles; ) {
    const file = readFile(read, path, at);
    if (!file) return places;
    at = file.start + file.size + tarPadding(file.size);
    if (at > size) throw cut(path, size);
    places.set(file.name, file);
  }
  throw tooLarge(path, maxFiles, maxFiles + 1);
}

function readFile(read: ReadAt, path: string, at: number): TarFile | undefined {
  try {
    return readTarFile(read, at);
  } catch (cause) {
    if (cause instanceof EndOfTar) throw cut(path, at);
    throw new ScapfeedError({
      code: 'TRUST_NOT_METADATA',
      message: `expected a bundle as \`scapfeed bundle\` writes it: ${(cause as Error).message}`,
      where: `${path} at byte ${at}`,
      remedy: 'copy the bundle again, or name the right file with --from',
      cause,
    });
  }
}

function cut(path: string, at: number): ScapfeedError {
  return new ScapfeedError({
    code: 'TRUST_TRUNCATED',
    message: `the bundle was cut after ${at} bytes`,
    where: path,
    remedy: 'copy the bundle again',
  });
}

function tooLarge(where: string, allowed: number, found: number): ScapfeedError {
  return new ScapfeedError({
    code: 'FETCH_TOO_LARGE',
    message: `expected at most ${allowed}, found ${found}`,
    where,
    remedy: 'copy the bundle again',
  });
}
