import { getRawAsset, isSea } from 'node:sea';

/** True in the single executable (scripts/package), which has no folder: what it reads while it runs is embedded. */
export function isExecutable(): boolean {
  return isSea();
}

/** Where the asset `files` has what is compressed. As assets of their own, Node would read the name of each at every start. */
let places: Map<string, [number, number]> | undefined;

/** An embedded file by its path in the package. Undefined: there is none. The bytes must not be changed. */
export function readEmbedded(path: string): Buffer | undefined {
  const plain = raw(path);
  if (plain) return plain;
  places ??= readPlaces();
  const place = places.get(path);
  if (!place) return undefined;
  const [start, end] = place;
  // Most starts need nothing that is compressed.
  return process.getBuiltinModule('node:zlib').zstdDecompressSync(raw('files')!.subarray(start, end));
}

function readPlaces(): Map<string, [number, number]> {
  return new Map(JSON.parse(raw('places')!.toString()) as [string, [number, number]][]);
}

function raw(key: string): Buffer | undefined {
  try {
    return Buffer.from(getRawAsset(key) as ArrayBuffer);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_SINGLE_EXECUTABLE_APPLICATION_ASSET_NOT_FOUND') return undefined;
    throw error;
  }
}
