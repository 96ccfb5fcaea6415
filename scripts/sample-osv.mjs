// The sample's archives of packages of languages: facts of scripts/sample/osv.tsv as OSV records.
import { zip } from './zip.mjs';

const archives = 'osv-vulnerabilities.storage.googleapis.com';

/** Files of the mirror by path, from rows of osv.tsv; the rows of one id are one record. */
export function osvFiles(rows) {
  const ecosystems = [...new Set(rows.map(([ecosystem]) => ecosystem))];
  return Object.fromEntries(
    ecosystems.map((ecosystem) => {
      const own = rows.filter(([of]) => of === ecosystem);
      const ids = [...new Set(own.map(([, id]) => id))];
      const records = ids.map((id) => [
        `${id}.json`,
        `${JSON.stringify(record(own.filter((row) => row[1] === id)), null, 1)}\n`,
      ]);
      return [`${archives}/${ecosystem}/all.zip`, zip(Object.fromEntries(records))];
    }),
  );
}

function record(rows) {
  const [, id, alias, , , , word, vector, published, summary] = rows[0];
  return {
    schema_version: '1.6.0',
    id,
    aliases: [alias],
    published: `${published}T00:00:00Z`,
    modified: '2026-01-30T00:00:00Z',
    summary,
    severity: [{ type: 'CVSS_V3', score: vector }],
    affected: rows.map(([ecosystem, , , name, introduced, fixed]) => ({
      package: { ecosystem, name },
      ranges: [{ type: ecosystem === 'npm' ? 'SEMVER' : 'ECOSYSTEM', events: [{ introduced }, { fixed }] }],
    })),
    database_specific: { severity: word, github_reviewed: true },
  };
}
