import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect, test } from 'vitest';
import { rpmDatabaseMaker } from '../prove/compare.ts';
import { debianTrial, ubuntuTrial } from '../prove/dpkg-trials.ts';
import { suseTrial } from '../prove/suse-trials.ts';
import { osvJudge, zipRecords } from '../prove-exports/osv.ts';
import { proveTrial } from '../prove-exports/prove-trial.ts';
import { scapfeed } from '../support/cli.ts';
import { dataPath, hasData } from '../support/data.ts';
import { hasOracle } from '../support/oracles.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

const size = { packages: 150, flawsPerPackage: 12 };

const maker = hasData('rpm-lists') && existsSync(rpmDatabaseMaker) && hasOracle('python3', 'rpm');

test.skipIf(!maker).each([
  ['SUSE:Linux Enterprise Server 15 SP5', 'sles-15.5'],
  ['openSUSE:Leap 15.6', 'opensuse-leap-15.6'],
])('OSV records, evaluated as the schema says, find what scan finds: %s', async (ecosystem, id) => {
  const found = await proveTrial(suseTrial(1, size, id), osvJudge(ecosystem));

  expect(found.unexplained).toEqual([]);
  expect(found.equal).toBeGreaterThan(700);
});

test.each([
  ['Debian:12', debianTrial(1, size)],
  ['Ubuntu:22.04:LTS', ubuntuTrial(1, size)],
])('OSV records, evaluated as the schema says, find what scan finds: %s', async (ecosystem, trial) => {
  const found = await proveTrial(trial, osvJudge(ecosystem));

  expect(found.unexplained).toEqual([]);
  expect(found.equal).toBeGreaterThan(800);
});

test.skipIf(!hasData('schemas/ossf+osv-schema'))("every OSV record is valid by OSV's own schema", () => {
  const schema = JSON.parse(readFileSync(dataPath('schemas/ossf+osv-schema/validation/schema.json'), 'utf8'));
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  const validate = ajv.compile(schema);
  const work = temporaryFolder();
  const feed = join(work, 'feed');
  const built = scapfeed(
    [
      'build',
      '--mirror',
      'feeds/sample',
      '--unsigned-mirror',
      '--no-oval',
      '--snapshots',
      join(work, 'snapshots'),
      '--out',
      feed,
    ],
    { XDG_CACHE_HOME: join(work, 'cache') },
  );
  expect([0, 3], built.err).toContain(built.code);
  expect(scapfeed(['export', '--feed', feed, '--to', 'osv', '--out', join(work, 'exports')]).code).toBe(0);
  for (const name of ['Debian', 'Red Hat']) {
    const zip = join(work, 'exports/osv/osv-scalibr', name, 'all.zip');
    expect(existsSync(zip)).toBe(true);
    const records = zipRecords(zip);
    expect(records.length).toBeGreaterThan(0);
    for (const record of records) {
      expect(validate(record), `${record.id}: ${ajv.errorsText(validate.errors)}`).toBe(true);
      // protojson drops a record with a field that the reader's schema does not have.
      expect(Object.keys(record).filter((field) => !(field in schema.properties))).toEqual([]);
    }
  }
});

test('odd ids are left out of records and counted', () => {
  const feed = writeSmallFeed([
    {
      platform: bookworm,
      statements: [
        { vulnerability: 'CVE-2024-1 "', package: 'zlib', status: 'affected', fixState: 'none_yet' },
        { vulnerability: 'TEMP-0841856-B18BAF', package: 'bash', status: 'affected', fixState: 'none_yet' },
      ],
    },
  ]);
  const out = join(temporaryFolder(), 'exports');
  expect(scapfeed(['export', '--feed', feed, '--to', 'osv,debsecan', '--out', out]).code).toBe(0);
  const [osv] = JSON.parse(readFileSync(join(out, 'osv.inexact.json'), 'utf8')).platforms;

  expect(zipRecords(join(out, 'osv/osv-scalibr/Debian/all.zip')).map(({ id }) => id)).toEqual([
    'DEBIAN-TEMP-0841856-B18BAF',
  ]);
  expect(osv.left_out).toBe(1);
});
