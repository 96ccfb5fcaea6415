// Runs a command as the executable would, under the Node that is in it, and keeps the code that V8 compiled:
// node [V8'S OPTIONS] train.cjs START FOLDER-OF-PROGRAMS OUT COMMAND...
const { existsSync, readFileSync, writeFileSync } = require('node:fs');
const { join, dirname } = require('node:path');
const { mkdirSync } = require('node:fs');
const v8 = require('node:v8');
const vm = require('node:vm');

const [, , start, folder, out, ...command] = process.argv;
process.argv = [process.execPath, process.execPath, ...command];

// Work pauses, and tells its progress, when time has passed: here none does, so that each training compiles the same functions.
const now = Date.UTC(2026, 11, 1);
globalThis.Date = class extends Date {
  constructor(...given) {
    super(...(given.length === 0 ? [now] : given));
  }
  static now() {
    return now;
  }
};
performance.now = () => 0;

/** Those that the run begins with. */
let flags;
const { setFlagsFromString } = v8;
v8.setFlagsFromString = (given) => {
  flags ??= given;
  setFlagsFromString(given);
};

const scripts = new Map();
class RecordedScript extends vm.Script {
  constructor(code, options) {
    super(code, options);
    const path = /^scapfeed:(.*\.cjs)$/.exec(options?.filename)?.[1];
    if (path === undefined) return;
    if (this.cachedDataRejected) throw new Error(`V8 refuses the cache of ${path} that an earlier run made`);
    scripts.set(path, this);
  }
}
const replaced = {
  'node:vm': { ...vm, Script: RecordedScript },
  'node:sea': {
    isSea: () => true,
    getRawAsset(key) {
      // What earlier runs compiled stays in what this one keeps.
      const path = join(key.endsWith('.cache') ? out : folder, key);
      if (!existsSync(path)) {
        const code = 'ERR_SINGLE_EXECUTABLE_APPLICATION_ASSET_NOT_FOUND';
        throw Object.assign(new Error(key), { code });
      }
      return new Uint8Array(readFileSync(path)).buffer;
    },
  },
};
const given = (name) => replaced[name] ?? require(name);
process.once('exit', () => {
  // A run can have changed its flags, and the next one begins with these again.
  if (flags !== undefined) setFlagsFromString(flags);
  const [begun] = scripts.keys();
  for (const [path, script] of scripts) {
    const cache = join(out, begun, `${path}.cache`);
    mkdirSync(dirname(cache), { recursive: true });
    writeFileSync(cache, script.createCachedData());
  }
});
new vm.Script(`(function (require, exports, module) { ${readFileSync(start, 'latin1')}\n})`, {
  filename: 'start',
}).runInThisContext()(given, {}, { exports: {} });
