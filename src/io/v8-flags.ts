/** Node's module of V8 loads streams, which takes some milliseconds: it is loaded by whoever sets a flag. */
export function setV8Flags(flags: string): void {
  process.getBuiltinModule('node:v8').setFlagsFromString(flags);
}
