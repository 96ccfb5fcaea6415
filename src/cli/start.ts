import {
  closeSync,
  fchmodSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { crc32 } from 'node:zlib';
import { currentTime } from '../io/clock.ts';

import { setV8Flags } from '../io/v8-flags.ts';
import { guardEnding } from './ending.ts';

/** File name of the bundled command, with a hash of its content; the file is one function (scripts/build.mjs). */
declare const commandFile: string;
/** The same by command, for those with a bundle of their own. */
declare const ownFiles: Readonly<Record<string, string | undefined>>;
/** The oldest Node that package.json allows. */
declare const oldestNode: string;
/** Flags of V8 by command, from the list of commands. */
declare const v8Flags: Readonly<Record<string, string | undefined>>;
/** Files beside the command that most runs import later, as import() names them. Each has a code cache of its own. */
declare const cachedParts: readonly string[];

guardEnding();
if (isOlder(process.versions.node, oldestNode)) {
  console.error(
    `scapfeed needs Node ${oldestNode} or newer; this is ${process.version}. The single file of a release needs no Node: docs/install.md`,
  );
  process.exit(2);
}

/**
 * Runs the command from V8's code cache: without it, a seventh of a short scan is compilation. The first run of a command
 * under a Node version leaves its compiled code beside the source; once an hour a run adds what later runs compiled. V8
 * checks only the header of a cache and would run corrupted bytes, so our file begins with checksums of that Node, the code
 * and the cache. A cache that does not match is made again; if it cannot be written, the command is compiled each time.
 */
const name = process.argv[2] ?? '';
const command = join(__dirname, (Object.hasOwn(ownFiles, name) ? ownFiles[name] : undefined) ?? commandFile);
/** Three checksums, and as much more that V8 takes the cache where it was read: one that begins within a word it copies. */
const checkBytes = 16;
const hour = 3_600_000;
/** Those of cachedParts that are loaded. */
const parts = new Map<string, { exports: unknown }>();

const flags = Object.hasOwn(v8Flags, name) ? v8Flags[name] : undefined;
// Before anything is compiled: V8 refuses a cache that was made under other flags.
if (flags !== undefined) setV8Flags(flags);
run();

function isOlder(version: string, floor: string): boolean {
  const numbers = version.split('.').map(Number);
  const wanted = floor.split('.').map(Number);
  const at = wanted.findIndex((part, n) => part !== numbers[n]);
  return at >= 0 && numbers[at]! < wanted[at]!;
}

function run(): void {
  const main = compiled(command) as (...values: unknown[]) => void;
  main(exports, require, module, command, __dirname, load);
}

/** Compiles a file as a script, with its code cache, and returns its value; a module becomes a function. */
function compiled(file: string, [before, after] = ['', '']): unknown {
  const code = readFileSync(file);
  const cache = cacheFile(file);
  const cached = cache === undefined ? undefined : readCache(cache, code);
  // Read as Latin-1: scripts/build.mjs refuses characters beyond ASCII.
  const script = new Script(before + code.toString('latin1') + after, {
    filename: file,
    columnOffset: -before.length,
    ...(cached && { cachedData: cached.data }),
  });
  const isGood = cached?.isNew === true && script.cachedDataRejected === false;
  if (cache !== undefined && !isGood) {
    process.once('exit', (status) => {
      // Not after wrong use (2) or a missing feed (3): such runs compiled little.
      if (status !== 2 && status !== 3) writeCache(cache, code, script);
    });
  }
  return script.runInThisContext();
}

/** A file beside the command. import() would look through all of a CommonJS one for the names that it exports. */
async function load(path: string): Promise<unknown> {
  if (cachedParts.includes(path)) return loadPart(path);
  return path.endsWith('.cjs') ? require(path) : import(path);
}

function loadPart(path: string): unknown {
  let part = parts.get(path);
  if (part === undefined) {
    const file = join(__dirname, path);
    part = { exports: {} };
    const wrapped = compiled(file, [
      '(function (exports, require, module, __filename, __dirname) { ',
      '\n})',
    ]);
    (wrapped as (...values: unknown[]) => void)(part.exports, require, part, file, __dirname);
    parts.set(path, part);
  }
  return part.exports;
}

/** Undefined: no cache in this run. Options of Node change which caches V8 accepts, and help needs little code. */
function cacheFile(file: string): string | undefined {
  if (process.execArgv.length > 0 || process.env['NODE_OPTIONS'] !== undefined) return undefined;
  if (process.argv.includes('--help') || process.argv.includes('-h')) return undefined;
  return /^[a-z]{2,12}$/.test(name) ? `${file}.${name}.${process.version}-${process.arch}.cache` : undefined;
}

/** Checksums: a digest would need node:crypto, which takes a tenth of Node's start. */
function checkOf(code: Buffer, data: Buffer): Buffer {
  const { size, mtimeMs } = statSync(process.execPath);
  const node = `${process.version} ${process.arch} ${size} ${mtimeMs}`;
  const check = Buffer.alloc(checkBytes);
  for (const [nth, part] of [node, code, data].entries()) check.writeUInt32LE(crc32(part), nth * 4);
  return check;
}

/** Undefined: there is none, it is incomplete, or it is owned by a user who could not have written the code. */
function readCache(cache: string, code: Buffer): { data: Buffer; isNew: boolean } | undefined {
  try {
    const { uid, mtimeMs } = statSync(cache);
    if (uid !== process.getuid?.() && uid !== statSync(command).uid) return undefined;
    const bytes = readFileSync(cache);
    const data = bytes.subarray(checkBytes);
    if (!checkOf(code, data).equals(bytes.subarray(0, checkBytes))) return undefined;
    return { data, isNew: Math.abs(currentTime().getTime() - mtimeMs) < hour };
  } catch {
    return undefined;
  }
}

/** Writes what this run compiled, together with what it took from an older cache. */
function writeCache(cache: string, code: Buffer, script: Script): void {
  const { randomBytes } = require('node:crypto') as typeof import('node:crypto');
  const partial = `${cache}.${randomBytes(4).toString('hex')}`;
  try {
    // Opened first: if nothing can be written, the rest of the work is not needed.
    const fd = openSync(partial, 'wx');
    try {
      // A run can have changed its flags, and the next one begins with these again.
      if (flags !== undefined) setV8Flags(flags);
      const data = script.createCachedData();
      for (const bytes of [checkOf(code, data), data]) {
        for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
      }
      fchmodSync(fd, 0o644);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(partial, cache);
  } catch {
    discard(partial);
  }
}

function discard(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // There is nothing to remove, or it cannot be removed.
  }
}
