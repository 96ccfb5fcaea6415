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
/** A package of yarn's linker `pnpm`, https://yarnpkg.com/features/linkers */
const storedPackage = /^\.store\/[^/]+\/package$/;

/**
 * package.json of an installed package, wherever npm, pnpm or yarn put its folder of modules. One below the package's root is a hint
 * for the resolution of modules and names no package.
 */
export const npm: InstalledForm = {
  name: 'package.json',
  begin(path, size) {
    if (!path.endsWith(file) || !isInstalled(path)) return undefined;
    return jsonFile({ ecosystem: 'npm', size, mostBytes }, (document) => {
      const [name, version] = [fieldOf(document, 'name'), fieldOf(document, 'version')];
      const stated = statedPackage('npm', name, version);
      return packageFile([
        'kind' in stated && isUnpublished(document) ? { ...stated, kind: 'undetermined' } : stated,
      ]);
    });
  },
};

/** The registry has no package without a name, nor a private one: this one was put there by other means, and is whole. */
function isUnpublished(document: unknown): boolean {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return false;
  const [name, version] = [fieldOf(document, 'name'), fieldOf(document, 'version')];
  const isPrivate = fieldOf(document, 'private') === true && version === undefined;
  return isPrivate || (name === undefined && (version === undefined || typeof version === 'string'));
}

function isInstalled(path: string): boolean {
  const at = path.lastIndexOf(home);
  if (at === -1) return false;
  const folder = path.slice(at + home.length, -file.length);
  return (packageFolder.test(folder) || storedPackage.test(folder)) && !isTestData(path);
}
