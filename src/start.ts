import { closeSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';

/** File name of the bundled command, which tells its content (scripts/build.mjs). */
declare const commandFile: string;

/**
 * Runs the command from V8's code cache, without which compiling it is a tenth of a short scan. The first run under a
 * Node makes the cache, beside the code: whoever can write there could change the code itself. Where it cannot be
 * written, or V8 refuses it, the command is compiled as ever. Options to Node change what V8 accepts, so runs with
 * them leave the cache alone.
 */
const command = join(__dirname, commandFile);
const cache = `${command}.${process.version}-${process.arch}.cache`;
/** What Node gives its own modules; and import(), which code from a cache has none of. */
const names = ['exports', 'require', 'module', '__filename', '__dirname', 'importBeside'];
const plain = process.execArgv.length === 0 && process.env['NODE_OPTIONS'] === undefined;

const cachedData = plain ? (readCache() ?? makeCache()) : undefined;
const script = compile(cachedData);
// Damaged by a crash of the system: the next run makes it again.
if (script.cachedDataRejected) discard(cache);
script.runInThisContext()(exports, require, module, command, __dirname, (path: string) => import(path));

function compile(cachedData?: Buffer): Script {
  // One byte a character, as esbuild writes ASCII: V8 need not copy it.
  const text = readFileSync(command, 'latin1');
  return new Script(`(function (${names.join()}) { ${text}\n});`, {
    filename: command,
    ...(cachedData && { cachedData }),
  });
}

function readCache(): Buffer | undefined {
  try {
    return readFileSync(cache);
  } catch {
    return undefined;
  }
}

/** All functions are compiled for it, not only those that this run would call. */
function makeCache(): Buffer | undefined {
  const partial = `${cache}.${process.pid}`;
  let fd: number;
  try {
    fd = openSync(partial, 'wx');
  } catch {
    return undefined;
  }
  try {
    const { setFlagsFromString } = require('node:v8') as typeof import('node:v8');
    setFlagsFromString('--no-lazy');
    const script = compile();
    setFlagsFromString('--lazy');
    const made = script.createCachedData();
    for (let at = 0; at < made.length; ) at += writeSync(fd, made, at);
    closeSync(fd);
    renameSync(partial, cache);
    return made;
  } catch {
    discard(partial);
    return undefined;
  }
}

function discard(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // It stays, and is refused again.
  }
}
