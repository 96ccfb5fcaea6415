import { gzipSync } from 'node:zlib';
import almaLinuxDefinition from '../../../feeds/almalinux.json' with { type: 'json' };
import anolisDefinition from '../../../feeds/anolis.json' with { type: 'json' };
import azureDefinition from '../../../feeds/azurelinux.json' with { type: 'json' };
import oracleDefinition from '../../../feeds/oracle.json' with { type: 'json' };
import photonDefinition from '../../../feeds/photon.json' with { type: 'json' };
import rockyDefinition from '../../../feeds/rocky.json' with { type: 'json' };
import { alpineDefinition } from '../../../src/distros/alpine/definition.ts';
import { readPackageIndex } from '../../../src/distros/alpine/package-index.ts';
import { readAlpine } from '../../../src/distros/alpine/read.ts';
import { sourceOf as vendor } from '../../../src/distros/builds.ts';
import type { RebuildDefinition } from '../../../src/distros/rebuild/definition.ts';
import { readRebuild } from '../../../src/distros/rebuild/source.ts';
import {
  almaLinux,
  anolis,
  azureLinux,
  oracle,
  photon,
  type Rebuild,
  rocky,
} from '../../../src/distros/rebuilds.ts';
import { readOsv } from '../../../src/ecosystems/osv/read.ts';
import { Collector, compile } from '../../../src/feed/compile/index.ts';
import { readPrimary } from '../../../src/sources/repodata/primary.ts';
import { parseRepomd } from '../../../src/sources/repodata/repomd.ts';
import { openSnapshotStore, type SnapshotStore, type SourceInput } from '../../../src/sources/snapshots.ts';
import { readUpdates } from '../../../src/sources/updateinfo/read.ts';
import { packageIndex, secdb } from '../../distros/alpine/world.ts';
import { avg } from '../../distros/arch/world.ts';
import { glsaArchive, glsaText } from '../../distros/gentoo/world.ts';
import { errataText, erratum, osvRecord } from '../../distros/rebuild/almalinux/world.ts';
import { ansaOval } from '../../distros/rebuild/anolis/world.ts';
import { flawOval } from '../../distros/rebuild/azurelinux/world.ts';
import { elsaOval } from '../../distros/rebuild/oracle/world.ts';
import { phsaOval } from '../../distros/rebuild/photon/world.ts';
import { pageText, osvRecord as rockyOsv } from '../../distros/rebuild/rocky/world.ts';
import { componentRecord } from '../../distros/rolling/components-world.ts';
import { fixRecord, recordsZip } from '../../distros/rolling/records-world.ts';
import { rollingSecdb, sourceOf } from '../../distros/rolling/world.ts';
import { affects, before } from '../../ecosystems/world.ts';
import { primaryText, repomdText } from '../../support/repodata.ts';
import { bodyOf } from '../../support/sources.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { updatesText } from '../../support/updateinfo.ts';
import { zipOf } from '../../support/zip.ts';
import { damageBytes, damageJson, damageMarkup } from '../mutate.ts';
import type { Target } from '../target.ts';

type Reader = (inputs: readonly SourceInput[], store: SnapshotStore, out: Collector) => Promise<void>;

/** Documents by id, read by a vendor's source and compiled: how many records became statements, of how many. */
async function readDocuments(
  source: string,
  documents: Readonly<Record<string, Buffer>>,
  read: Reader,
): Promise<string> {
  const store = openSnapshotStore(temporaryFolder('fuzz'));
  const inputs: SourceInput[] = [];
  for (const [id, bytes] of Object.entries(documents))
    inputs.push(await store.save({ id, source, url: `https://example.test/${id}.zip` }, bodyOf(bytes)));
  return compiled(source, inputs, store, read);
}

async function compiled(
  source: string,
  inputs: readonly SourceInput[],
  store: SnapshotStore,
  read: Reader,
): Promise<string> {
  const collector = new Collector(source);
  await read(inputs, store, collector);
  compile([collector], inputs);
  const { records, used } = collector.ledger;
  if (records < used) throw new Error(`${used} records used of ${records}`);
  return `${used} of ${records}`;
}

const errata = Buffer.from(
  errataText([
    erratum('9', {
      id: 'ALSA-2023:5363',
      cves: ['CVE-2023-32002', 'CVE-2023-32006'],
      description: '* nodejs: a flaw (CVE-2023-32002)',
      modules: [{ name: 'nodejs', stream: '18', arch: 'x86_64', version: '1', context: 'c' }],
      packages: [
        'nodejs-1:18.17.1-1.module_el9.2.0+36+853e48f5.x86_64 nodejs:18:1:c:x86_64',
        'npm-1:9.6.7-1.18.17.1.1.module_el9.2.0+36+853e48f5.x86_64',
      ],
    }),
    erratum('9', { id: 'ALBA-2023:1', type: 'bugfix', packages: ['bash-5.1.8-6.el9.x86_64'] }),
  ]),
);
const readErrata = (documents: Readonly<Record<string, Buffer>>) =>
  readDocuments('almalinux', documents, (inputs, store, out) =>
    readRebuild(inputs, store, out, { rebuild: almaLinux, definition: almaLinuxDefinition }),
  );

const page = Buffer.from(
  pageText([
    {
      name: 'RLSA-2023:5363',
      cves: ['CVE-2023-32002'],
      description: '* nodejs: a flaw (CVE-2023-32002)',
      packages: [
        'nodejs-1:18.17.1-1.module+el9.2.0+36+853e48f5.x86_64 nodejs:18',
        'npm-1:9.6.7-1.18.17.1.1.module+el9.2.0+36+853e48f5.x86_64',
        'nodejs-1:18.17.1-1.module+el9.2.0+36+853e48f5.src nodejs:18',
      ],
    },
    { name: 'RLBA-2023:1', kind: 'Bug Fix', packages: ['bash-5.1.8-6.el9.x86_64'] },
  ]),
);

/** A page as the only one of its set. */
async function readRockyPage(bytes: Buffer, osv?: Buffer): Promise<string> {
  const store = openSnapshotStore(temporaryFolder('fuzz'));
  const origin = (id: string) => ({ id, source: 'rocky', url: `https://example.test/${id}` });
  const document = { name: 'page-00001.json', ...(await store.put(bodyOf(bytes))) };
  const inputs: SourceInput[] = [await store.saveSet(origin('rocky-advisories'), [document])];
  if (osv) inputs.push(await store.save(origin('rocky-osv'), bodyOf(osv)));
  return compiled('rocky', inputs, store, (all, from, out) =>
    readRebuild(all, from, out, { rebuild: rocky, definition: rockyDefinition }),
  );
}

const osvText = Buffer.from(
  JSON.stringify({
    id: 'GHSA-aaaa',
    modified: '2026-11-20T00:00:00Z',
    aliases: ['CVE-2026-1000', 'PYSEC-2026-1'],
    affected: [
      affects(
        'npm',
        '@scope/shop',
        [...before('1.4.0'), { introduced: '2.0.0' }, { last_affected: '2.3.0' }],
        {
          versions: ['1.3.9', '3.0.0-rc.1', 'no version'],
        },
      ),
    ],
    severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' }],
    references: [{ type: 'WEB', url: 'https://example.test' }],
    database_specific: { severity: 'HIGH' },
  }),
);

const elsas = Buffer.from(
  elsaOval([
    {
      id: 'ELSA-2021-4451',
      cves: ['CVE-2021-20231'],
      releases: {
        8: {
          x86_64: ['gnutls < 0:3.6.16-5.el8', 'gnutls < 10:3.6.16-4.0.1.el8_fips fips'],
          aarch64: ['hivex < 0:1.3.18-21.module+el8.7.0+21037+8ee66348 virt:kvm_utils'],
        },
      },
    },
    { id: 'ELSA-2024-1', releases: { 9: { x86_64: ['bash < 0:5.1.8-9.el9'] } } },
  ]),
);

const phsas = Buffer.from(
  phsaOval(
    [
      { page: '5.0-1', cves: ['CVE-2024-1000'], rows: ['bash < 0:5.2-3.ph5', 'curl < 0:8.1.2-4.ph5'] },
      { cves: ['CVE-2024-1001'], rows: ['linux < 0:6.1.10-1.ph5'] },
    ],
    '5',
  ),
);

const ansas = Buffer.from(
  ansaOval(
    [
      {
        id: 'ANSA-2025:0186',
        cves: ['CVE-2024-11187'],
        rows: ['bind < 32:9.18.34-1.an23', 'bind-chroot < 32:chroot-9.18.34-1.an23'],
      },
      { id: 'ANSA-2025:2', cves: ['CVE-2024-2'], rows: ['bash < 0:5.2-1.an8'], installedOn: '8' },
    ],
    '23',
  ),
);

const flaws = Buffer.from(
  flawOval([
    { id: 1, cve: 'CVE-2024-24258', name: 'freeglut', builds: ['< 0:3.4.0-1.azl3'] },
    { id: 2, cve: 'CVE-2024-24259', name: 'freeglut', builds: ['<= 0:3.4.0-1.azl3'] },
    { id: 3, cve: 'CVE-2023-29404', name: 'golang', builds: ['< 0:1.20.7-1.azl3', '> 0:1.19.0.azl3'] },
  ]),
);

const fixes = Buffer.from(
  secdb('v3.20/main', {
    openssl: { '3.3.1-r1': ['CVE-2024-5535'], '0': ['CVE-2022-0001'] },
    xen: { '4.10.0-r1': ['CVE-2017-17564 XSA-248 (partial)'] },
  }),
);

const wolfiFixes = Buffer.from(
  rollingSecdb('wolfi', {
    openssl: { '3.3.1-r1': ['CVE-2024-5535', 'GHSA-8rwr-x37p-mx23'], '0': ['CVE-2022-0001'] },
    glibc: { '2.39-209': ['CVE-2025-5702'], '2.40-r1': ['CVE-2025-5702'] },
  }),
);

const primary = Buffer.from(
  primaryText(['bash-5.1.8-9.el9.x86_64', 'perl-Errno-4:1.3-1.el9.noarch perl-5.32.1-481.el9.src.rpm']),
);

const updates = Buffer.from(
  updatesText([
    {
      id: 'ALAS2-2026-1',
      cves: ['CVE-2026-1'],
      packages: ['bash-4.2.46-34.amzn2.x86_64', 'bash-doc-1:4.2-1.noarch'],
    },
    { id: 'FEDORA-2026-0a1b2c3d4e', type: 'bugfix', packages: ['zlib-1.3.1-2.fc43.src'] },
  ]),
);

const target = (
  name: string,
  seeds: Record<string, Buffer>,
  run: Target['run'],
  mutate = damageJson,
): Target => ({ name, seeds: async () => seeds, mutate, run });

interface OvalOf {
  rebuild: Rebuild;
  definition: RebuildDefinition;
  release: string;
  oval: Buffer;
  /** Text of its ids, by which it is told from others. */
  mark: string;
}

/** OVAL of releases, each read as its vendor's. */
const ovalTarget = (name: string, vendors: readonly [OvalOf, ...OvalOf[]]): Target =>
  target(
    name,
    Object.fromEntries(vendors.map(({ rebuild: { id }, oval }) => [id, oval])),
    (input) => {
      const { rebuild, definition, release } = vendors.find(({ mark }) => input.includes(mark)) ?? vendors[0];
      return readDocuments(rebuild.id, { [`${rebuild.id}-oval-${release}`]: input }, (inputs, store, out) =>
        readRebuild(inputs, store, out, { rebuild, definition }),
      );
    },
    damageMarkup,
  );

const groups = Buffer.from(
  JSON.stringify([
    avg(1000, 'curl lib32-curl', { advisories: ['ASA-202401-1'] }),
    avg(1001, 'zlib', { status: 'Vulnerable', fixed: null }),
    avg(1002, 'vim', { status: 'Testing' }),
  ]),
);

const advisories = Buffer.from(
  JSON.stringify({
    curl: { 'CVE-2024-11053': { fixed_version: '7.88.1-10+deb12u8', severity: 'HIGH' }, 'CVE-2024-1000': {} },
    zlib: { 'CVE-2024-1001': { fixed_version: '0' } },
  }),
);

export const vendorTargets: readonly Target[] = [
  target('osv-record', { 'GHSA-aaaa.json': osvText }, (input) =>
    readDocuments('osv', { 'osv-npm': zipOf({ 'GHSA-aaaa.json': input }) }, readOsv),
  ),
  target('almalinux-errata', { errata }, (input) => readErrata({ 'almalinux-errata-9': input })),
  target(
    'almalinux-osv',
    {
      osv: Buffer.from(JSON.stringify(osvRecord('ALSA-2023:5363', '9', ['CVE-2023-32002'], { npm: '1:9' }))),
    },
    (input) =>
      readErrata({
        'almalinux-errata-9': errata,
        'almalinux-osv': zipOf({ 'all/ALSA-2023:5363.json': input }),
      }),
  ),
  ovalTarget('azurelinux-oval', [
    { rebuild: azureLinux, definition: azureDefinition, release: '3.0', oval: flaws, mark: '' },
  ]),
  ovalTarget('patch-oval', [
    { rebuild: oracle, definition: oracleDefinition, release: '8', oval: elsas, mark: 'com.oracle.elsa' },
    { rebuild: photon, definition: photonDefinition, release: '5.0', oval: phsas, mark: 'com.vmware.phsa' },
    { rebuild: anolis, definition: anolisDefinition, release: '23', oval: ansas, mark: 'cn.openanolis' },
  ]),
  target('rocky-page', { page }, (input) => readRockyPage(input)),
  target(
    'rocky-osv',
    { osv: Buffer.from(JSON.stringify(rockyOsv('RLSA-2023:5363', '9', ['CVE-2023-32002'], { npm: '1:9' }))) },
    (input) => readRockyPage(page, zipOf({ 'all/RLSA-2023:5363.json': input })),
  ),
  target('alpine-secdb', { fixes }, (input) =>
    readDocuments('alpine', { 'alpine-secdb-v3.20-main': input }, (inputs, store, out) =>
      readAlpine(inputs, store, out, alpineDefinition),
    ),
  ),
  target('wolfi-secdb', { fixes: wolfiFixes }, (input) =>
    readDocuments('wolfi', { 'wolfi-secdb': input }, sourceOf('wolfi').read),
  ),
  target(
    'chainguard-osv',
    { record: Buffer.from(JSON.stringify(componentRecord(1, { name: 'curl', cve: 'CVE-2026-1001' }))) },
    (input) =>
      readDocuments(
        'wolfi',
        {
          'wolfi-osv': recordsZip([componentRecord(2, { name: 'zlib', cve: 'CVE-2026-1002' }), input]),
        },
        vendor('wolfi')!.read,
      ),
  ),
  target(
    'package-osv',
    {
      record: Buffer.from(
        JSON.stringify(
          fixRecord(1, 'curl', '8.4.0-r0', ['CVE-2023-38545', 'GHSA-8rwr-x37p-mx23'], {
            aliases: ['CVE-2023-38546'],
            withdrawn: null,
          }),
        ),
      ),
    },
    (input) =>
      readDocuments(
        'cleanstart',
        // Another record, so that a damaged one is not all that there is.
        { 'cleanstart-osv': recordsZip([fixRecord(2, 'zlib', '1.3-r0', ['CVE-2026-2']), input]) },
        vendor('cleanstart')!.read,
      ),
  ),
  target('arch-groups', { groups }, (input) =>
    readDocuments('arch', { 'arch-groups': input }, vendor('arch')!.read),
  ),
  target('echo-advisories', { advisories }, (input) =>
    readDocuments('echo', { 'echo-advisories': input }, vendor('echo')!.read),
  ),
  target(
    'gentoo-glsa',
    {
      glsa: Buffer.from(
        glsaText('202405-01', {
          cves: ['CVE-2024-1000', 'CVE-2024-1001'],
          packages: ['dev-lang/python: lt 3.12.4 slot 3.12, not ge 3.12.4 slot 3.12', 'app-misc/a: le 2'],
        }),
      ),
    },
    (input) =>
      readDocuments(
        'gentoo',
        { 'gentoo-glsa': glsaArchive({ 'glsa-202405-01.xml': input }) },
        vendor('gentoo')!.read,
      ),
    damageMarkup,
  ),
  target(
    'alpine-index',
    { index: packageIndex(['libssl3 3.3.1-r1 openssl', 'musl 1.2.5-r0'], 1_790_000_000) },
    async (input) => {
      let malformed = 0;
      const packages = await readPackageIndex(bodyOf(input), 'x', () => {
        malformed += 1;
      });
      return String(packages.length + malformed);
    },
    damageBytes,
  ),
  target(
    'rpm-repomd',
    {
      repomd: Buffer.from(repomdText({ href: 'repodata/x-primary.xml.gz', digest: 'a'.repeat(64), size: 9 })),
    },
    async (input) => JSON.stringify(await parseRepomd(input, 'x')),
    damageMarkup,
  ),
  target('rpm-primary', { plain: primary, packed: gzipSync(primary) }, readPackages, (seed, random) =>
    seed === primary ? damageMarkup(seed, random) : damageBytes(seed, random),
  ),
  target('rpm-updateinfo', { plain: updates, packed: gzipSync(updates) }, readUpdateList, (seed, random) =>
    seed === updates ? damageMarkup(seed, random) : damageBytes(seed, random),
  ),
];

/** The updates of a list, a line each; one that is not used is told as well. */
async function readUpdateList(input: Buffer): Promise<string> {
  const lines: string[] = [];
  await readUpdates(bodyOf(input), 'x', (read) => void lines.push(JSON.stringify(read)));
  return lines.join('\n');
}

/** The sources of a list of packages, a line each; one that is not used is told as well. */
async function readPackages(input: Buffer): Promise<string> {
  const lines: string[] = [];
  const told = (at: number, detail: string) => void lines.push(`${at} ${detail}`);
  await readPrimary(bodyOf(input), 'x', {
    source: ({ name, version }) => void lines.push(`${name} ${version}`),
    malformed: told,
    repeated: told,
  });
  return lines.join('\n');
}
