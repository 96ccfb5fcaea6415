import { writeSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import { constants, Script } from 'node:vm';
import { readEmbedded } from '../io/embedded.ts';
import { setV8Flags } from '../io/v8-flags.ts';
import { guardEnding } from './ending.ts';
import { toolVersion } from './program.ts';

/** Embedded program of most commands. */
declare const commandFile: string;
/** The same by command, for those with a program of their own. */
declare const ownFiles: Readonly<Record<string, string | undefined>>;
/** Flags of V8 by command, from the list of commands. */
declare const v8Flags: Readonly<Record<string, string | undefined>>;

/**
 * Entry of the single executable (scripts/package). There are no files next to it: every program is embedded as a function with
 * the parameters of a CommonJS module, `packages/` has the npm packages, and V8's code cache of a program, if there is one, is
 * `BEGUN/PROGRAM.cache`. BEGUN is the program that the run begins with: V8 refuses a cache that was made under other flags.
 */
const [, , name = '', ...others] = process.argv;
if (others.length === 0) answerAtOnce(name);
guardEnding();
const flags = Object.hasOwn(v8Flags, name) ? v8Flags[name] : undefined;
// Before anything is compiled.
if (flags !== undefined) setV8Flags(flags);
const loaded = new Map<string, { exports: unknown }>();
const begun = (Object.hasOwn(ownFiles, name) ? ownFiles[name] : undefined) ?? commandFile;
load(begun);

/** Answers options that need no command. */
function answerAtOnce(option: string): void {
  if (option === '--version' || option === '-V') writeSync(1, `scapfeed ${toolVersion}\n`);
  else if (option === '--licenses') writeWhole(readEmbedded('licenses.txt')!);
  else return;
  process.exit(0);
}

function writeWhole(bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(1, bytes, at);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // The reader has ended, as `| head` does; a full pipe is tried again.
      if (code === 'EPIPE') return;
      if (code !== 'EAGAIN') throw error;
    }
  }
}

/** The exports of an embedded program, which runs once. */
function load(path: string): unknown {
  const known = loaded.get(path);
  if (known) return known.exports;
  const code = readEmbedded(path);
  if (!code) throw new Error(`not embedded: ${path}`);
  const module = { exports: {} as unknown };
  loaded.set(path, module);
  const cachedData = readEmbedded(`${begun}/${path}.cache`);
  const script = new Script(code.toString('latin1'), {
    filename: `scapfeed:${path}`,
    ...(cachedData && { cachedData }),
  });
  const run = script.runInThisContext() as (...values: unknown[]) => void;
  const given = (request: string) => provide(request, path);
  run(module.exports, given, module, path, posix.dirname(path), async (request: string) =>
    request === 'libxml2-wasm' ? importModule('packages/libxml2-wasm.mjs') : given(request),
  );
  return module.exports;
}

/** Provides a module that a program at `from` requires: a module of Node, a program by its relative path, or a package. */
function provide(request: string, from: string): unknown {
  if (isBuiltin(request)) return require(request);
  if (request.startsWith('.')) return load(posix.join(posix.dirname(from), request));
  return load(`packages/${request}.cjs`);
}

/** An ES module that waits while it is loaded, which no function can. It has no file, so its address is its content. */
function importModule(path: string): Promise<unknown> {
  const address = `data:text/javascript;base64,${readEmbedded(path)!.toString('base64')}`;
  const load = new Script('(address) => import(address)', {
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  }).runInThisContext() as (address: string) => Promise<unknown>;
  return load(address);
}
