import { hash, randomBytes } from 'node:crypto';
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
import { currentTime } from '../io/clock.ts';
import { guardEnding } from './ending.ts';

/** File name of the bundled command, which tells its content; it is one function (scripts/build.mjs). */
declare const commandFile: string;
/** The oldest Node that package.json allows. */
declare const oldestNode: string;
/** Flags of V8 by command, from the list of commands. */
declare const v8Flags: Readonly<Record<string, string | undefined>>;

guardEnding();
if (isOlder(process.versions.node, oldestNode)) {
  console.error(`scapfeed needs Node ${oldestNode} or newer; this is ${process.version}`);
  process.exit(2);
}

/**
 * Runs the command from V8's code cache, without which compiling it is a seventh of a short scan. The first run of a command
 * under a Node leaves what it compiled, beside the code; once an hour a run adds what others needed. V8 looks at a cache's
 * header alone and would run what a bad disk made of the rest, so ours begins with a digest of it, of the code, and of the
 * Node that made it. Where it does not fit it is made again; where it cannot be, the command is compiled as ever.
 */
const command = join(__dirname, commandFile);
const code = readFileSync(command);
const digestBytes = 32;
const hour = 3_600_000;

const name = process.argv[2] ?? '';
const flags = v8Flags[name];
if (flags !== undefined) {
  // Before anything is compiled: V8 refuses a cache that was made under other flags.
  const { setFlagsFromString } = require('node:v8') as typeof import('node:v8');
  setFlagsFromString(flags);
}
run();

function isOlder(version: string, floor: string): boolean {
  const numbers = version.split('.').map(Number);
  const wanted = floor.split('.').map(Number);
  const at = wanted.findIndex((part, n) => part !== numbers[n]);
  return at >= 0 && numbers[at]! < wanted[at]!;
}

function run(): void {
  const cache = cacheFile();
  const cached = cache === undefined ? undefined : readCache(cache);
  // As one byte a character: scripts/build.mjs sees to it that no character has more.
  const script = new Script(code.toString('latin1'), {
    filename: command,
    ...(cached && { cachedData: cached.data }),
  });
  const isGood = cached?.isNew === true && script.cachedDataRejected === false;
  if (cache !== undefined && !isGood) {
    process.once('exit', (status) => {
      // There is no such command (2), or it ended early: for want of a feed (3).
      if (status !== 2 && status !== 3) writeCache(cache, script);
    });
  }
  const main = script.runInThisContext() as (...values: unknown[]) => void;
  main(exports, require, module, command, __dirname, load);
}

/** A file beside the command. import() would look through all of a CommonJS one for the names that it exports. */
async function load(path: string): Promise<unknown> {
  return path.endsWith('.cjs') ? require(path) : import(path);
}

/** Undefined: this run leaves caches alone. Options to Node change what V8 accepts, and help needs little of the code. */
function cacheFile(): string | undefined {
  if (process.execArgv.length > 0 || process.env['NODE_OPTIONS'] !== undefined) return undefined;
  if (process.argv.includes('--help') || process.argv.includes('-h')) return undefined;
  return /^[a-z]{2,12}$/.test(name)
    ? `${command}.${name}.${process.version}-${process.arch}.cache`
    : undefined;
}

function digestOf(data: Buffer): Buffer {
  const { size, mtimeMs } = statSync(process.execPath);
  const node = `${process.version} ${process.arch} ${size} ${mtimeMs}`;
  return hash('sha256', [node, hash('sha256', code), hash('sha256', data)].join('\n'), 'buffer');
}

/** Undefined: there is none, it is not whole, or it is of somebody who could not have written the code. */
function readCache(cache: string): { data: Buffer; isNew: boolean } | undefined {
  try {
    const { uid, mtimeMs } = statSync(cache);
    if (uid !== process.getuid?.() && uid !== statSync(command).uid) return undefined;
    const bytes = readFileSync(cache);
    const data = bytes.subarray(digestBytes);
    if (!digestOf(data).equals(bytes.subarray(0, digestBytes))) return undefined;
    return { data, isNew: Math.abs(currentTime().getTime() - mtimeMs) < hour };
  } catch {
    return undefined;
  }
}

/** Leaves what the run has compiled, and what it took from an older cache. */
function writeCache(cache: string, script: Script): void {
  const partial = `${cache}.${randomBytes(4).toString('hex')}`;
  try {
    // Opened first: where nothing can be written, the rest would be for nothing.
    const fd = openSync(partial, 'wx');
    try {
      const data = script.createCachedData();
      for (const bytes of [digestOf(data), data]) {
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
    // Nothing was made, or it cannot be removed either.
  }
}
