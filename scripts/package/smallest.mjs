// The smallest that zstd makes of bytes. That takes 20 s for PostgreSQL's alone, so what was made is kept by content, in `.ci/zstd`.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { constants, zstdCompressSync } from 'node:zlib';

const level = 19;
const folder = resolve('.ci/zstd');

export function smallest(bytes) {
  const digest = createHash('sha256').update(bytes).digest('hex');
  const kept = join(folder, `${digest}-${level}-${process.versions.zstd}.zst`);
  if (existsSync(kept)) return readFileSync(kept);
  const made = zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: level } });
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${kept}.${process.pid}`, made);
  renameSync(`${kept}.${process.pid}`, kept);
  return made;
}
