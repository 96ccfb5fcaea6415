import { nodeBinding } from './node-binding.ts';

interface V8Binding {
  setFlagsFromString(flags: string): void;
}

/** Node's module of it loads streams too. */
export function setV8Flags(flags: string): void {
  const v8 = nodeBinding<V8Binding>('v8', 'setFlagsFromString') ?? process.getBuiltinModule('node:v8');
  v8.setFlagsFromString(flags);
}
