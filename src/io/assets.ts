import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isExecutable, readEmbedded } from './embedded.ts';

/**
 * Reads a file of this package that its code needs while it runs, a schema or a document of the sample, by its path in the
 * package: `schemas/xml/xccdf.xsd`. Undefined: there is none. The bytes must not be changed.
 */
export function readAsset(path: string): Buffer | undefined {
  if (isExecutable()) return readEmbedded(path);
  const file = join(packageFolder(), path);
  return existsSync(file) ? readFileSync(file) : undefined;
}

/** The nearest parent folder with `schemas/xml` is the package's root: two levels up in the sources, one or more in the bundle. */
function packageFolder(): string {
  // A part of the bundle in CommonJS has no import.meta.
  let folder = typeof __dirname === 'string' ? __dirname : dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'schemas', 'xml')) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}
