type Bindings = { binding?: (name: string) => Record<string, unknown> };

/**
 * What one of Node's modules is made on, with a function in it, so that a short run does without the rest of the module. That is
 * deprecated without a replacement: undefined where this Node lacks it, or where the user asked Node to tell of such things.
 */
export function nodeBinding<T>(name: string, wanted: keyof T & string): T | undefined {
  if (process.execArgv.length > 0) return undefined;
  if (process.env['NODE_OPTIONS'] !== undefined || process.env['NODE_PENDING_DEPRECATION'] !== undefined)
    return undefined;
  const { noDeprecation } = process;
  try {
    process.noDeprecation = true;
    const found = (process as Bindings).binding?.(name);
    return typeof found?.[wanted] === 'function' ? (found as T) : undefined;
  } catch {
    return undefined;
  } finally {
    if (noDeprecation === undefined) delete process.noDeprecation;
    else process.noDeprecation = noDeprecation;
  }
}
