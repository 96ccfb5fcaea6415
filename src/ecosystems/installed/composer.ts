import { fieldOf } from '../../files/json.ts';
import type { InstalledForm } from './form.ts';
import { jsonFile } from './json-file.ts';
import { packageFile, statedPackage } from './stated.ts';
import { isTestData } from './test-data.ts';

/** A list of 500 packages has two megabytes. */
const mostBytes = 16 << 20;

const place = '/composer/installed.json';
const vendor = { name: 'vendor', root: /^[^/]+\/[^/]+/ };

/**
 * The list that Composer writes into the folder of packages, which a project may call other than `vendor`: an array, since Composer 2
 * with `packages` around. Packages for development are in it only if they are installed.
 */
export const composer: InstalledForm = {
  name: 'installed.json',
  begin(path, size) {
    if (!path.endsWith(place) || isTestData(path, vendor)) return undefined;
    return jsonFile({ ecosystem: 'composer', size, mostBytes }, (document) => {
      const packages = Array.isArray(document) ? document : fieldOf(document, 'packages');
      if (!Array.isArray(packages))
        return packageFile([{ ecosystem: 'composer', kind: 'damaged', detail: 'no list of packages' }]);
      return packageFile(
        packages.map((each) => statedPackage('composer', fieldOf(each, 'name'), fieldOf(each, 'version'))),
      );
    });
  },
};
