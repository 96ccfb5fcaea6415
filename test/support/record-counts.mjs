// Counts a mirror's records from the vendors' documents without a line of the readers.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Number of records in each vendor's documents: builds of packages, or entries of fixes. */
export function recordCounts(mirror) {
  return {
    almalinux: sum(
      documents(mirror, 'errata.almalinux.org').flatMap(({ data }) => data),
      rowsOfErratum,
    ),
    rocky: sum(
      documents(mirror, 'apollo.build.resf.org').flatMap(({ advisories }) => advisories),
      rowsOfErratum,
    ),
    alpine: sum(
      documents(mirror, 'secdb.alpinelinux.org').flatMap(({ packages }) => packages),
      ({ pkg }) => sum(Object.values(pkg.secfixes ?? {}), (ids) => ids?.length ?? 0),
    ),
  };
}

/** An erratum without rows is one record. */
function rowsOfErratum({ packages }) {
  return Math.max(1, packages?.length ?? 0);
}

function documents(mirror, host) {
  const folder = join(mirror, host);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8'))
    .filter((text) => text.trimStart().startsWith('{'))
    .map((text) => JSON.parse(text));
}

function sum(items, count) {
  return items.reduce((total, item) => total + count(item), 0);
}
