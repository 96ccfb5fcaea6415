import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as basic from '@secvisogram/csaf-validator-lib/basic.js';
import validateCsaf from '@secvisogram/csaf-validator-lib/validate.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

type RowParts = Pick<Claim, 'module' | 'status' | 'fixed' | 'fixState' | 'advisories' | 'reason'>;

/** A statement as text, in one form for all authors. */
function rowText(
  id: string,
  name: string,
  {
    platform,
    minor,
    channel,
  }: { platform: string; minor?: number | undefined; channel?: string | undefined },
  { module, status, fixed, fixState, advisories = [], reason }: RowParts,
): string {
  const where = [id, platform, minor, channel, name, module];
  return JSON.stringify([...where, status, fixed, fixState, advisories, reason]);
}

import { beforeAll, describe, expect, test } from 'vitest';
import { debianExport } from '../../../src/distros/debian/export.ts';
import { majorsOf, redHatDefinition } from '../../../src/distros/redhat/definition.ts';
import { readDocument } from '../../../src/distros/redhat/document.ts';
import { csafDocuments } from '../../../src/export/csaf/documents.ts';
import { publisherOf } from '../../../src/export/csaf/publisher.ts';
import { ExportInexactList } from '../../../src/export/rows/inexact.ts';
import { shardLines } from '../../../src/feed/read/whole-file.ts';
import type { Claim } from '../../../src/model/feed/index.ts';
import { openFeed } from '../../../src/runtime/node.ts';
import { writeSuseMirror } from '../../distros/suse/world.ts';
import { scapfeed } from '../../support/cli.ts';
import { dataPath, hasData } from '../../support/data.ts';
import { hasNotus, hasOracle } from '../../support/oracles.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { allTrials, turn } from '../../support/trials.ts';

const address = 'https://feeds.example/public/exports';
const work = temporaryFolder();
const sampleSources = 'debian,redhat,nvd,kev,epss,cve-records';

function buildFeed(name: string, ...args: string[]): string {
  const out = join(work, name);
  const built = scapfeed([
    'build',
    '--unsigned-mirror',
    '--no-oval',
    ...['--snapshots', join(work, `${name}-snapshots`), '--out', out],
    ...args,
  ]);
  expect(built.err, built.out).not.toMatch(/scapfeed: /);
  return out;
}

function exportFeed(feed: string, name: string, ...args: string[]): string {
  const out = join(work, name);
  const { code, err } = scapfeed(['export', '--feed', feed, '--out', out, '--url', address, ...args]);
  expect(code, err).toBe(0);
  return out;
}

function documentsOf(exports: string, distribution: string): string[] {
  const folder = join(exports, 'csaf', distribution);
  const index = readFileSync(join(folder, 'index.txt'), 'utf8').trim().split('\n');
  return index.map((path) => join(folder, path));
}

function readJson(file: string): Record<string, unknown> {
  return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
}

/** Faults by the BSI's validator: the schema of CSAF 2.0 and its mandatory tests. */
async function faultsOf(name: string, document: unknown): Promise<string[]> {
  const { tests } = await validateCsaf(Object.values(basic), document);
  return tests.flatMap(({ name: by, errors }) =>
    errors.length > 0 ? [`${name} ${by} ${JSON.stringify(errors[0])}`] : [],
  );
}

async function faultsIn(files: readonly string[]): Promise<string[]> {
  const faults: string[] = [];
  for (const file of files) faults.push(...(await faultsOf(file, readJson(file))));
  return faults;
}

describe("documents keep CSAF's schema and its mandatory tests", () => {
  test('of the sample feed: all', async () => {
    const feed = buildFeed('sample', '--mirror', 'feeds/sample', '--source', sampleSources);
    const exports = exportFeed(feed, 'sample-exports', '--to', 'csaf');

    const files = ['debian', 'redhat'].flatMap((name) => documentsOf(exports, name));
    expect(await faultsIn(files)).toEqual([]);
    expect(files.length).toBeGreaterThan(20);
  });

  test("of SUSE and openSUSE, by SUSE's own CPEs: service packs, LTSS, Tumbleweed", async () => {
    const mirror = writeSuseMirror({
      archive: [
        {
          id: 'CVE-2026-1000',
          status: {
            recommended: [
              'SUSE Linux Enterprise Server 15 SP5:bash-4.4-150400.27.1',
              'SUSE Linux Enterprise Server 15 SP5-LTSS:bash-4.4-150400.29.1',
              'openSUSE Tumbleweed:bash-5.3.3-1.1',
            ],
            known_affected: ['SUSE Linux Enterprise Micro 5.5:bash'],
            known_not_affected: ['SUSE Linux Enterprise Server 16.0:bash'],
          },
        },
      ],
    });
    const exports = exportFeed(
      buildFeed('suse', '--mirror', mirror, '--source', 'suse'),
      'suse-exports',
      ...['--to', 'csaf'],
    );

    const files = ['suse', 'opensuse'].flatMap((name) => documentsOf(exports, name));
    expect(await faultsIn(files)).toEqual([]);
    expect(files).toHaveLength(2);
    const [suse, openSuse] = files.map((file) => readFileSync(file, 'utf8'));
    expect(suse).toContain('cpe:/o:suse:sles:15:sp5');
    expect(openSuse).toContain('cpe:/o:opensuse:tumbleweed');
  });

  test.skipIf(!hasData('mirror'))('of real Debian: some hundreds of 35,641 documents', async () => {
    const feed = openFeed(
      buildFeed('real-debian', '--mirror', dataPath('mirror'), '--source', 'debian', '--no-ratings'),
    );
    const { platforms, created: current } = feed.manifest;
    const documents = csafDocuments(
      { layout: debianExport.csaf, platforms, current },
      {
        feed,
        inexact: new ExportInexactList(),
        address,
        publisher: publisherOf(address),
        toolVersion: '0.0.0',
      },
    );
    const step = allTrials ? 20 : 100;
    let count = 0;
    const faults: string[] = [];
    for (const [path, text] of documents) {
      if (count++ % step === turn % step) faults.push(...(await faultsOf(path, JSON.parse(text))));
    }
    expect(faults).toEqual([]);
    expect(count).toBeGreaterThan(30_000);
    feed.close();
  });
});

describe.skipIf(!hasData('mirror'))('real documents of Red Hat', () => {
  let feedFolder: string;
  let files: string[];
  beforeAll(() => {
    feedFolder = buildFeed('real-redhat', '--mirror', dataPath('mirror'), '--source', 'redhat');
    files = documentsOf(exportFeed(feedFolder, 'real-redhat-exports', '--to', 'csaf'), 'redhat');
  });

  test("keep CSAF's schema and its mandatory tests", async () => {
    expect(await faultsIn(files)).toEqual([]);
  });

  test("are read back by the reader of Red Hat's own documents: statements about sources", () => {
    const feed = openFeed(feedFolder);
    const expected = new Set<string>();
    for (const { id: platform } of feed.manifest.platforms) {
      for (const { package: name, claims } of shardLines(feed, platform)) {
        for (const { ids, subject, arch, ...claim } of claims) {
          if (subject === 'binary' || arch !== undefined) continue;
          // Derived from statements about other streams; a repository without a CPE of its own.
          if (claim.fixState === 'other_channel' || platform.endsWith('-hypervisor')) continue;
          const { minor, channel } = claim;
          for (const id of ids) expected.add(rowText(id, name, { platform, minor, channel }, claim));
        }
      }
    }
    const majors = majorsOf(redHatDefinition);
    const read = new Set<string>();
    for (const file of files) {
      // Its tracking ids are those of vulnerabilities.
      const text = readFileSync(file, 'utf8').replace('"id":"redhat-CVE-', '"id":"CVE-');
      const record = readDocument(Buffer.from(text), 'redhat-vex', '2024/cve-2024-1.json', majors);
      for (const { id, rows } of record.vulnerabilities) {
        for (const row of rows)
          if (row.subject === 'source') read.add(rowText(id, row.name, row.stream, row));
      }
    }
    expect([...expected].filter((each) => !read.has(each))).toEqual([]);
    expect(expected.size).toBeGreaterThan(500);
    feed.close();
  });
});

describe.skipIf(!hasOracle('gpg'))('with a given OpenPGP key', () => {
  const home = join(work, 'gnupg');
  const gpg = (...args: string[]) =>
    execFileSync('gpg', ['--batch', '--homedir', home, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const key = join(work, 'key.asc');
  const passphrase = join(work, 'passphrase');
  let exports: string;

  beforeAll(() => {
    mkdirSync(home, { mode: 0o700 });
    writeFileSync(passphrase, 'a long passphrase of a test\n', { mode: 0o600 });
    const secret = ['--pinentry-mode', 'loopback', '--passphrase-file', passphrase];
    gpg(
      '--faked-system-time',
      '20250101T000000',
      ...secret,
      '--quick-gen-key',
      'exports@example.test',
      'ed25519',
      'sign',
      'never',
    );
    writeFileSync(key, gpg(...secret, '--armor', '--export-secret-keys'), { mode: 0o600 });
    const feed = buildFeed('signed', '--mirror', 'feeds/sample', '--source', sampleSources);
    const settings = ['--openpgp-key', key, '--passphrase-file', passphrase];
    exports = exportFeed(feed, 'signed-exports', '--to', 'csaf,notus', ...settings);
    const again = exportFeed(feed, 'signed-again', '--to', 'csaf,notus', ...settings);
    expect(spawnSync('diff', ['-r', exports, again]).status).toBe(0);
  });

  test('gpg finds good signatures, and the digests are those of the documents', () => {
    const folder = join(exports, 'csaf/debian');
    const files = [
      ...documentsOf(exports, 'debian').slice(0, 5),
      ...documentsOf(exports, 'redhat').slice(0, 5),
    ];
    const archive = readFileSync(join(folder, 'archive_latest.txt'), 'utf8').trim();
    for (const file of [...files, join(folder, archive)]) {
      gpg('--verify', `${file}.asc`, file);
      for (const sum of ['sha256', 'sha512'])
        execFileSync(`${sum}sum`, ['--check', '--quiet', `${file}.${sum}`], { cwd: join(file, '..') });
    }
    const [changed] = files as [string];
    const other = join(work, 'changed.json');
    copyFileSync(changed, other);
    appendFileSync(other, ' ');
    expect(() => gpg('--verify', `${changed}.asc`, other)).toThrow(/BAD signature/);
    for (const suffix of ['', '.sha256', '.sha512', '.asc'])
      expect(readdirSync(join(changed, '..'))).toContain(`${changed.split('/').at(-1)}${suffix}`);
  });

  test.skipIf(!hasData('schemas'))("provider-metadata.json keeps CSAF's schema and names the key", () => {
    const schemas = dataPath('schemas/oasis-tcs+csaf/csaf_2.0/json_schema');
    const ajv = new Ajv2020({
      strict: false,
      allErrors: true,
      validateSchema: false,
      loadSchema: undefined,
    } as never);
    addFormats.default(ajv);
    const any = (id: string) => ajv.addSchema({ $id: id });
    for (const version of ['2.0', '3.0', '3.1']) any(`https://www.first.org/cvss/cvss-v${version}.json`);
    ajv.addSchema(readJson(join(schemas, 'csaf_json_schema.json')));
    const validate = ajv.compile(readJson(join(schemas, 'provider_json_schema.json')));
    const metadata = readJson(join(exports, 'csaf/provider-metadata.json'));

    validate(metadata);
    expect(validate.errors ?? []).toEqual([]);
    const [own] = metadata['public_openpgp_keys'] as [{ fingerprint: string; url: string }];
    const file = own.url.replace(address, exports);
    expect(gpg('--with-colons', '--show-keys', file)).toContain(`fpr:::::::::${own.fingerprint}:`);
    expect(metadata['role']).toBe('csaf_trusted_provider');
  });

  test.skipIf(!hasNotus())("Greenbone's own verifier takes the signed checksums, and no changed file", () => {
    const script = join(import.meta.dirname, '../../prove-exports/notus-verify.py');
    const verify = (folder: string) =>
      execFileSync('/usr/bin/python3', [script, folder, home], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
    const folder = join(exports, 'notus');
    const each = (word: string) =>
      ['11', '12', '13'].map((version) => `debian_${version}.notus ${word}\n`).join('');
    expect(verify(folder)).toBe(each('SUCCESS'));

    const copy = join(work, 'notus-copy');
    execFileSync('cp', ['-r', folder, copy]);
    appendFileSync(join(copy, 'debian_12.notus'), ' ');
    expect(verify(copy)).toBe(
      'debian_11.notus SUCCESS\ndebian_12.notus INVALID_HASH\ndebian_13.notus SUCCESS\n',
    );
    appendFileSync(join(copy, 'sha256sums'), `${'0'.repeat(64)}  other.notus\n`);
    expect(verify(copy)).toBe('no good signature\n');
  });

  test('a wrong passphrase, a public key and a file that others may read are refused', () => {
    const feed = join(work, 'signed');
    const run = (...args: string[]) =>
      scapfeed(['export', '--feed', feed, '--to', 'notus', '--out', join(work, 'none'), ...args]);
    const wrong = join(work, 'wrong');
    writeFileSync(wrong, 'wrong\n', { mode: 0o600 });
    expect(run('--openpgp-key', key, '--passphrase-file', wrong).err).toContain('[KEY_PASSPHRASE_WRONG]');
    const open = join(work, 'open.asc');
    writeFileSync(open, readFileSync(key), { mode: 0o644 });
    expect(run('--openpgp-key', open, '--passphrase-file', passphrase).err).toContain('[KEY_NOT_PRIVATE]');
    const publicKey = join(work, 'public.asc');
    writeFileSync(publicKey, gpg('--armor', '--export'), { mode: 0o600 });
    expect(run('--openpgp-key', publicKey).err).toContain('[KEY_MALFORMED]');
    expect(run('--openpgp-key', join(work, 'absent')).err).toContain('[KEY_MISSING]');
  });
});
