import { getRawAsset, isSea } from 'node:sea';

/** True in the single executable (scripts/package), which has no folder: what it reads while it runs is embedded. */
export function isExecutable(): boolean {
  return isSea();
}

/** An embedded file by its path in the package. Undefined: there is none. The bytes must not be changed. */
export function readEmbedded(path: string): Buffer | undefined {
  const plain = raw(path);
  if (plain) return plain;
  const small = raw(`${path}.zst`);
  // Most starts need nothing that is compressed.
  return small && process.getBuiltinModule('node:zlib').zstdDecompressSync(small);
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
