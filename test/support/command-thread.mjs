// The program of a thread that runs the built command again and again (command-thread.ts). The command's own files are evaluated anew
// for each run, so no run knows of another one; Node has started, and packages and commands that are modules stay loaded. What belongs
// to a process is given to each run: arguments, environment, both outputs, and an end.
import fs from 'node:fs';
import { createRequire, enableCompileCache, syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import { dirname, sep } from 'node:path';
import v8 from 'node:v8';
import { workerData } from 'node:worker_threads';
import './no-names.mjs';

const { port, ended, cli, compiled } = workerData;
const folder = dirname(cli) + sep;
const require = createRequire(cli);
enableCompileCache(compiled);

const outputs = [1, 2];
/** Output of the present run, by descriptor. */
let written = {};
const { writeSync } = fs;
fs.writeSync = (file, data, ...rest) => {
  if (!outputs.includes(file)) return writeSync(file, data, ...rest);
  const bytes = Buffer.from(data).subarray(...(typeof rest[0] === 'number' ? [rest[0]] : []));
  written[file].push(bytes);
  return bytes.length;
};
// A thread's environment is its own, but libuv would read that of the process.
os.homedir = () => process.env.HOME;
// Flags are of the whole process: those by which a command is fast or small would be the tests' too.
const { setFlagsFromString } = v8;
v8.setFlagsFromString = (flags) => {
  if (flags.endsWith('expose-gc')) setFlagsFromString(flags);
};
syncBuiltinESMExports();
// As with any option of Node, the command then leaves no compiled code beside its files (src/cli/start.ts).
process.execArgv = ['--no-opt'];

// Work that outlives the command would have ended with its process.
for (const event of ['uncaughtException', 'unhandledRejection']) process.on(event, () => undefined);

/** Resolves to the exit code. */
function run({ args, env }) {
  process.argv = [process.execPath, cli, ...args];
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, env);
  for (const path of Object.keys(require.cache)) if (path.startsWith(folder)) delete require.cache[path];
  written = Object.fromEntries(outputs.map((file) => [file, []]));
  return new Promise((exit) => {
    process.exit = (code = process.exitCode ?? 0) => exit(Number(code));
    require(cli);
  });
}

port.on('message', async (request) => {
  const before = new Map(process.eventNames().map((name) => [name, process.listeners(name)]));
  const code = await run(request);
  for (const name of process.eventNames()) {
    for (const listener of process.listeners(name))
      if (!before.get(name)?.includes(listener)) process.off(name, listener);
  }
  process.exitCode = undefined;
  const [out, err] = outputs.map((file) => Buffer.concat(written[file]).toString());
  port.postMessage({ code, out, err });
  Atomics.store(ended, 0, 1);
  Atomics.notify(ended, 0);
});
