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

/** File name of the bundled command, which tells its content; it is one function (scripts/build.mjs). */
declare const commandFile: string;

/**
 * Runs the command from V8's code cache, without which compiling it is a tenth of a short scan. The first run under a
 * Node makes the cache, beside the code. V8 looks at a cache's header alone and would run what a bad disk made of the
 * rest, so ours begins with a digest of it, of the code, and of the Node that made it. Where it does not fit it is made
 * again; where it cannot be, the command is compiled as ever.
 */
const command = join(__dirname, commandFile);
const code = readFileSync(command);
const cache = `${command}.${process.version}-${process.arch}.cache`;
const digestBytes = 32;

// Options to Node change what V8 accepts: runs with them leave the cache alone.
const withoutOptions = process.execArgv.length === 0 && process.env['NODE_OPTIONS'] === undefined;
run(compile(withoutOptions ? (readCache() ?? makeCache()) : undefined));

function run(script: Script): void {
  const main = script.runInThisContext() as (...values: unknown[]) => void;
  main(exports, require, module, command, __dirname, (path: string) => import(path));
}

function compile(cachedData: Buffer | undefined): Script {
  return new Script(code.toString('latin1'), { filename: command, ...(cachedData && { cachedData }) });
}

function digestOf(data: Buffer): Buffer {
  const { size, mtimeMs } = statSync(process.execPath);
  const node = `${process.version} ${process.arch} ${size} ${mtimeMs}`;
  return hash('sha256', [node, hash('sha256', code), hash('sha256', data)].join('\n'), 'buffer');
}

/** Undefined: there is none, it is not whole, or it is of somebody who could not have written the code. */
function readCache(): Buffer | undefined {
  try {
    const { uid } = statSync(cache);
    if (uid !== process.getuid?.() && uid !== statSync(command).uid) return undefined;
    const bytes = readFileSync(cache);
    const data = bytes.subarray(digestBytes);
    return digestOf(data).equals(bytes.subarray(0, digestBytes)) ? data : undefined;
  } catch {
    return undefined;
  }
}

/** Undefined: it cannot be written. */
function makeCache(): Buffer | undefined {
  const partial = `${cache}.${randomBytes(4).toString('hex')}`;
  try {
    // Opened first: compiling for a folder that cannot be written would be for nothing.
    const fd = openSync(partial, 'wx');
    let data: Buffer;
    try {
      data = compileWhole().createCachedData();
      for (const bytes of [digestOf(data), data]) {
        for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
      }
      fchmodSync(fd, 0o644);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(partial, cache);
    return data;
  } catch {
    discard(partial);
    return undefined;
  }
}

/** With all functions compiled, not only those that this run would call. */
function compileWhole(): Script {
  const { setFlagsFromString } = require('node:v8') as typeof import('node:v8');
  setFlagsFromString('--no-lazy');
  const script = compile(undefined);
  setFlagsFromString('--lazy');
  return script;
}

function discard(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Nothing was made, or it cannot be removed either.
  }
}
