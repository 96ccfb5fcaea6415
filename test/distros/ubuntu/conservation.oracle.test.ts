import { createReadStream, readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { decompress } from '../../../src/io/decompress.ts';
import { tarFiles } from '../../../src/io/tar/files.ts';
import { dataPath, hasData } from '../../support/data.ts';
import { hasOracle } from '../../support/oracles.ts';
import { platformIds, read, recorded, tar } from './support.ts';

/** Every document of the data folder by its kind, under names of an archive of that kind. */
interface Documents {
  osv: Record<string, string>;
  vex: Record<string, string>;
  tracker: Record<string, string>;
}

/** Sorts the folder's files and the members of its archives by what they hold, not by where they lie. */
async function collect(): Promise<Documents> {
  const documents: Documents = { osv: {}, vex: {}, tracker: {} };
  let count = 0;
  function add(path: string, text: string): void {
    const file = path.slice(path.lastIndexOf('/') + 1);
    count += 1;
    if (/^Candidate:/m.test(text) && /^CVE-\d{4}-\d+$/.test(file)) {
      const folder = /\/(active|retired|ignored)\//.exec(path)?.[1] ?? 'active';
      documents.tracker[`${count}/${folder}/${file}`] = text;
    }
    if (!file.endsWith('.json')) return;
    const json = JSON.parse(text) as Record<string, unknown>;
    if (typeof json !== 'object' || json === null) return;
    if ('schema_version' in json && 'id' in json)
      documents.osv[`${count}/osv/${kindOf(String(json['id']))}/${file}`] = text;
    else if (Array.isArray(json['statements'])) documents.vex[`${count}/${file}`] = text;
  }
  const files = readdirSync(dataPath('ubuntu'), { recursive: true, withFileTypes: true });
  for (const entry of files.filter((file) => file.isFile())) {
    const path = `${entry.parentPath}/${entry.name}`;
    if (/\.tar\.(xz|gz)$/.test(entry.name)) {
      const plain = decompress(createReadStream(path), { maxBytes: 1 << 30, where: path });
      for await (const member of tarFiles(plain, { where: path })) {
        if (/\/00boilerplate|\/README/.test(member.name)) continue;
        add(`${path}/${member.name}`, member.content.toString('utf8'));
      }
    } else if (/\.json$|^CVE-|example_ubuntu_cve/.test(entry.name)) add(path, readFileSync(path, 'utf8'));
  }
  return documents;
}

function kindOf(id: string): string {
  return /^(USN|LSN)-/.exec(id)?.[1]?.toLowerCase() ?? 'cve';
}

/** Records as the documents themselves tell them, counted without our parsers. */
function expectedRecords({ osv, vex, tracker }: Documents): number {
  const osvRecords = Object.entries(osv).map(([name, text]) => {
    if (!name.includes('/osv/cve/')) return 1;
    return Math.max(1, (JSON.parse(text) as { affected?: unknown[] }).affected?.length ?? 0);
  });
  const vexRecords = Object.values(vex).map(
    (text) => (JSON.parse(text) as { statements: unknown[] }).statements.length,
  );
  const rows = Object.values(tracker).map((text) =>
    Math.max(1, text.match(/^[a-z][a-z0-9./-]*_[a-z0-9][^\s_:]*\s*:/gm)?.length ?? 0),
  );
  return [...osvRecords, ...vexRecords, ...rows].reduce((sum, count) => sum + count, 0);
}

describe.skipIf(!hasData('ubuntu') || !hasOracle('xz'))('every record is used or a finding', () => {
  let documents: Documents;

  beforeAll(async () => {
    documents = await collect();
  });

  it('in all OSV, VEX and tracker documents of the data folder', async () => {
    const { ledger } = await read({
      'ubuntu-osv': tar(documents.osv),
      'ubuntu-vex': tar(documents.vex),
      'ubuntu-tracker': tar(documents.tracker),
    });
    expect(Object.keys(documents.tracker).length).toBeGreaterThan(12_380);
    expect(Object.keys(documents.osv).length).toBeGreaterThan(150);
    expect(ledger.records).toBe(expectedRecords(documents));
    expect(ledger.records).toBe(ledger.used + ledger.dropped);
    const dropped = ledger.findings().filter((finding) => finding.dropped);
    expect(dropped.reduce((sum, { count }) => sum + count, 0)).toBe(ledger.dropped);
    expect(dropped.map(({ reason }) => reason)).toEqual([
      'absurd_version',
      'duplicate_record',
      'livepatch',
      'no_status_row',
      'no_unfixed_row',
      'not_shipped',
      'rejected',
      'row_of_no_release',
      'withdrawn',
    ]);
  });

  it('in the recorded archives and the tracker of June 2020', async () => {
    const collector = await read({
      'ubuntu-osv': recorded.osv(),
      'ubuntu-vex': recorded.vex(),
      'ubuntu-usn': dataPath(
        'ubuntu/aboutcode-org+vulnerablecode/vulnerabilities/tests/test_data/ubuntu_usn_db/database-all.json.bz2',
      ),
      'ubuntu-tracker': recorded.tracker(),
    });
    const { ledger } = collector;
    expect(ledger.records).toBe(ledger.used + ledger.dropped);
    // The tracker alone has 498,250 status rows.
    expect(ledger.records).toBeGreaterThan(498_000);
    // Interim releases and those past their support too: every six months from 10.04 on, and what came before.
    const newest = ['20.04', '22.04', '24.04', '24.10', '25.04', '25.10', '26.04'];
    const named = Array.from(
      { length: 20 },
      (_, half) => `${10 + (half >> 1)}.${half % 2 === 0 ? '04' : '10'}`,
    );
    const oldest = ['6.06', '6.10', '7.04', '7.10', '8.04', '8.10', '9.04', '9.10'];
    expect(platformIds(collector).sort()).toEqual(
      [...oldest, ...named, ...newest].map((version) => `ubuntu-${version}`).sort(),
    );
  });
});
