/**
 * Sets flags of V8. Node's module of V8 loads streams, which takes some milliseconds: it is loaded by whoever sets a flag. Under
 * other flags than its own, V8 refuses Node's code cache too, and compiles the thirty files of its cryptography and those of zlib
 * from their source: those who set flags check digests and inflate, and load both before.
 */
export function setV8Flags(flags: string): void {
  process.getBuiltinModule('node:crypto');
  process.getBuiltinModule('node:zlib');
  process.getBuiltinModule('node:v8').setFlagsFromString(flags);
}
