import { fieldOf } from '../../files/json.ts';
import type { InstalledForm } from './form.ts';
import { jsonFile } from './json-file.ts';
import { packageFile, statedPackage } from './stated.ts';
import { isTestData } from './test-data.ts';

/** The largest package.json of the registry has some hundred kilobytes. */
const mostBytes = 4 << 20;

const file = '/package.json';
const home = '/node_modules/';

/** A folder of modules has packages and scopes; `.bin`, `.pnpm` and `.cache` are other things. */
const packageFolder = /^(?:@[^/]+\/)?[^@./][^/]*$/;
const packageRoot = /^(?:@[^/]+\/)?[^/]+/;

/**
 * package.json of an installed package, wherever npm, pnpm or yarn put its folder of modules. One below the package's root is a hint
 * for the resolution of modules and names no package.
 */
export const npm: InstalledForm = {
  name: 'package.json',
  begin(path, size) {
    if (!path.endsWith(file) || !isInstalled(path)) return undefined;
    return jsonFile({ ecosystem: 'npm', size, mostBytes }, (document) =>
      packageFile([statedPackage('npm', fieldOf(document, 'name'), fieldOf(document, 'version'))]),
    );
  },
};

function isInstalled(path: string): boolean {
  const at = path.lastIndexOf(home);
  if (at === -1) return false;
  const folder = path.slice(at + home.length, -file.length);
  return packageFolder.test(folder) && !isTestData(path, 'node_modules', packageRoot);
}
