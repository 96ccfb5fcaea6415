import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AdvisoryIndex } from '../../../src/distros/debian/advisory-index.ts';
import { debianDefinition } from '../../../src/distros/debian/definition.ts';
import { normalizePair } from '../../../src/distros/debian/normalize.ts';
import { source as debian } from '../../../src/distros/debian/source.ts';
import { parseTracker } from '../../../src/distros/debian/tracker.ts';
import { createHttp } from '../../../src/io/http/create-http.ts';
import { Ledger, type Statement } from '../../../src/model/feed/index.ts';
import { openSnapshotStore } from '../../../src/sources/snapshots.ts';
import { dataPath, hasData } from '../../support/data.ts';
import { bodyOf, collectingSink, findingCounts } from '../../support/sources.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const vulnerablecode = 'vulnerabilities/tests/test_data';
const vuls = 'MaineK00n+vuls-data-update/pkg/fetch/debian/tracker/api/testdata';
const vunnel = 'anchore+vunnel/tests/unit/providers/debian/test-fixtures';

/** Every document of the tracker's shape that the data has. */
const documents = [
  `aboutcode-org+vulnerablecode/${vulnerablecode}/debian.json`,
  ...['', '.379a9a6f', '.843d4384', '.4c8723dc', '.da8e78fc', '.bcd81d07'].map(
    (blob) => `aboutcode-org+vulnerablecode@history/${vulnerablecode}/debian.json${blob}`,
  ),
  `${vunnel}/input/debian.json`,
  `${vuls}/fixtures/advisory.json`,
  'MaineK00n+vuls-data-update@history/pkg/fetch/debian/tracker/testdata/fixtures/unexpected_code.json',
  'google+osv.dev@retyped/vulnfeeds/test_data/debian/debian_security_tracker_mock.json',
].map((path) => join('debian', path));
const trackerOfMirror = 'mirror/security-tracker.debian.org/tracker/data/json';
const releases = new Map(debianDefinition.releases.map((release) => [release.codename, release]));

describe.skipIf(!hasData('debian') || !hasData('mirror'))('conservation on real data', () => {
  it.each([...documents, trackerOfMirror])(
    '%s: rows in = statements + findings, per reason',
    async (path) => {
      const text = readFileSync(dataPath(path), 'utf8');
      const ledger = new Ledger('debian');

      const statements = await statementsOf(text, ledger);

      const expected = account(JSON.parse(text) as TrackerJson);
      expect(statementCounts(statements)).toEqual(expected.statements);
      expect(droppedCounts(ledger)).toEqual(expected.dropped);
      expect(ledger.records).toBe(sum(expected.statements) + sum(expected.dropped));
    },
  );

  it('the whole mirror: every row and every line of the lists is in the account', async () => {
    const http = createHttp({ mirror: dataPath('mirror') });
    const store = openSnapshotStore(temporaryFolder());
    const sink = collectingSink('debian');

    await debian.read(
      await debian.fetch({ http, store, now: new Date(), progress: () => {}, unsignedMirror: true }),
      store,
      sink,
    );

    const rows = account(JSON.parse(readFileSync(dataPath(trackerOfMirror), 'utf8')) as TrackerJson);
    const lines = ['DSA', 'DLA'].map((list) =>
      listRecords(
        readFileSync(
          dataPath(
            'mirror/salsa.debian.org/security-tracker-team/security-tracker/-/raw/master/data',
            list,
            'list',
          ),
          'utf8',
        ),
      ),
    );
    const { ledger } = sink;
    expect(ledger.records).toBe(sum(rows.statements) + sum(rows.dropped) + lines[0]! + lines[1]!);
    expect(ledger.used + ledger.dropped).toBe(ledger.records);
    expect(sink.platforms.map(({ platform }) => platform.id)).toEqual([
      'debian-7',
      'debian-8',
      'debian-9',
      // Not debian-10: the tracker lacks it, and by these lists of 2023 its support is not over.
      'debian-11',
      'debian-12',
      'debian-13',
      'debian-sid',
    ]);
    const found = findingCounts(ledger);
    expect(found).not.toHaveProperty('-list_line_not_understood');
    expect(found).not.toHaveProperty('packages_stanza_malformed');
  });
});

describe.skipIf(!hasData('debian'))('others read the same', () => {
  /** vunnel's own results of its input: release, package, id -> fixed version ('None': none). */
  it.each([
    { id: 'CVE-2025-53603', release: '12' },
    { id: 'CVE-2025-53603', release: '13' },
    { id: 'CVE-2025-53603', release: '11' },
    { id: 'CVE-2022-0456', release: '12' },
    { id: 'CVE-2022-0456', release: '9' },
    { id: 'CVE-2005-3111', release: '9' },
    { id: 'CVE-2007-2383', release: '8' },
    { id: 'CVE-2008-7220', release: 'unstable' },
  ])('vunnel: $id in debian:$release', async ({ id, release }) => {
    const input = readFileSync(dataPath('debian', vunnel, 'input/debian.json'), 'utf8');
    const snapshot = dataPath('debian', vunnel, `snapshots/debian:${release}/${id.toLowerCase()}.json`);
    const theirs = JSON.parse(readFileSync(snapshot, 'utf8')) as VunnelResult;

    const statements = await statementsOf(input, new Ledger('debian'));

    const platform = release === 'unstable' ? 'debian-sid' : `debian-${release}`;
    const ours = statements.filter(
      (statement) => statement.platform === platform && statement.vulnerability === id,
    );
    expect(ours.map((statement) => [statement.package, versionOf(statement)])).toEqual(
      theirs.item.Vulnerability.FixedIn.map(({ Name, Version }) => [Name, Version]),
    );
  });
});

interface VunnelResult {
  item: { Vulnerability: { FixedIn: { Name: string; Version: string }[] } };
}

function versionOf({ status, fixed }: Statement): string {
  if (status === 'not_affected') return '0';
  return fixed ?? 'None';
}

async function statementsOf(text: string, ledger: Ledger): Promise<Statement[]> {
  const statements: Statement[] = [];
  const context = { input: 'debian-tracker', releases, advisories: new AdvisoryIndex(), ledger };
  for await (const pair of parseTracker(bodyOf(text, 65_536), ledger, {
    input: 'debian-tracker',
    where: 'json',
  })) {
    statements.push(...normalizePair(pair, context));
  }
  return statements;
}

type TrackerJson = Record<string, Record<string, { releases?: Record<string, TrackerJsonRow> | [] }>>;
type TrackerJsonRow = {
  status: string;
  fixed_version?: string;
  urgency?: string;
  nodsa_reason?: string;
  nodsa?: string;
};

/** Expected results of a document, counted by plain rules from JSON.parse; no document of the data has worse records. */
function account(document: TrackerJson) {
  const statements: Record<string, number> = {};
  const dropped: Record<string, number> = {};
  const count = (counts: Record<string, number>, key: string) => {
    counts[key] = (counts[key] ?? 0) + 1;
  };
  for (const pairs of Object.values(document)) {
    for (const [id, { releases: rows = {} }] of Object.entries(pairs)) {
      const known = /^(CVE-\d{4}-\d+|TEMP-\d+-[0-9A-F]+)$/.test(id);
      if (Object.keys(rows).length === 0) count(dropped, 'no_releases');
      for (const [release, row] of Object.entries(rows)) {
        if (!known) count(dropped, 'unknown_vulnerability_id');
        else if (!releases.has(release)) count(dropped, 'release_not_configured');
        else if (!['resolved', 'open', 'undetermined'].includes(row.status)) count(dropped, 'unknown_status');
        else count(statements, expectedStatus(row));
      }
    }
  }
  return { statements, dropped };
}

function expectedStatus({ status, fixed_version, urgency, nodsa, nodsa_reason }: TrackerJsonRow): string {
  if (status === 'resolved') return fixed_version === '0' ? 'not_affected' : 'fixed';
  if (status === 'undetermined') return 'under_investigation';
  if (urgency === 'end-of-life') return 'affected end_of_life package';
  if (nodsa_reason === 'ignored') return 'affected will_not_fix';
  if (nodsa_reason === 'postponed') return 'affected fix_deferred';
  return nodsa === undefined ? 'affected none_yet' : 'affected none_yet minor';
}

function statementCounts(statements: readonly Statement[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, fixState, reason } of statements) {
    const key = status === 'affected' ? [status, fixState, reason].filter(Boolean).join(' ') : status;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

function droppedCounts(ledger: Ledger): Record<string, number> {
  const dropped = ledger.findings().filter((finding) => finding.dropped);
  return Object.fromEntries(dropped.map(({ reason, count }) => [reason, count]));
}

/** A fix of an advisory counts once for each of its vulnerabilities, an advisory without fixes once. */
function listRecords(text: string): number {
  const advisories = text.split(/^(?=\[)/m).filter((part) => part.trim() !== '');
  return advisories.reduce((total, part) => {
    const ids = new Set(part.match(/CVE-\d{4}-\d+(?=[^\n]*\})/g)).size;
    const fixes = part.match(/^\s+(NOTE: )?\[[a-z]+\]\s+- /gm)?.length ?? 0;
    return total + (fixes === 0 ? 1 : fixes * Math.max(ids, 1));
  }, 0);
}

function sum(counts: Record<string, number>): number {
  return Object.values(counts).reduce((a, b) => a + b, 0);
}
