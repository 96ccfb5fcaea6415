import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll } from 'vitest';
import { parse } from 'yaml';
import { writeAmazonMirror } from '../../distros/amazon/world.ts';
import { writeArchMirror } from '../../distros/arch/world.ts';
import { writeDhiMirror } from '../../distros/dhi/world.ts';
import { glsaArchive, retoldGlsas, writeGentooMirror } from '../../distros/gentoo/world.ts';
import { keptElsas } from '../../distros/rebuild/oracle/kept.ts';
import { elsaOval, writeOracleMirror } from '../../distros/rebuild/oracle/world.ts';
import { writePhotonMirror } from '../../distros/rebuild/photon/world.ts';
import { writeCleanstartMirror } from '../../distros/rolling/records-world.ts';
import { rollingSecdb, writeRollingMirror } from '../../distros/rolling/world.ts';
import { writeOsvMirror } from '../../ecosystems/world.ts';
import { project } from '../../support/cli.ts';
import { dataPath, jsonIn, unpackData } from '../../support/data.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { zipOf } from '../../support/zip.ts';

const text = (path: string) => readFileSync(dataPath(path), 'utf8');
const unpacked = (path: string) =>
  execFileSync('xz', ['-dc', dataPath(path)], { encoding: 'utf8', maxBuffer: 2 ** 28 });
const fixtures = (vendor: string, kind = '') =>
  join('vendors2', vendor, 'MaineK00n+vuls-data-update/pkg/fetch', vendor, kind, 'testdata/fixtures/happy');
const vunnel = (vendor: string, file: string) =>
  `vendors2/${vendor}/anchore+vunnel/tests/unit/providers/${vendor}/test-fixtures/input/${file}`;

/** A mirror with one file. */
function mirrorOf(address: string, content: string | Buffer): string {
  const mirror = temporaryFolder('mirror');
  mkdirSync(dirname(join(mirror, address)), { recursive: true });
  writeFileSync(join(mirror, address), content);
  return mirror;
}

/** What stands in the data as the servers have it, below this address. */
function kept(address: string): string {
  const mirror = temporaryFolder('mirror');
  cpSync(dataPath('mirror', address), join(mirror, address), { recursive: true });
  return mirror;
}

const microsoft = 'raw.githubusercontent.com/microsoft/AzureLinuxVulnerabilityData/main';
const ratings = 'github.com/CVEProject/cvelistV5/releases/download/cve_2026-01-30_0000Z';

/** How each source is served from the data at hand: mirrors, which are laid over each other. */
const mirrors: Readonly<Record<string, () => readonly string[]>> = {
  amazon: () => {
    const list = (path: string) => unpacked(`vendors2/amazon/rebuilt/${path}/updateinfo.xml.xz`);
    const topics = readdirSync(dataPath('vendors2/amazon/rebuilt/2/extras'));
    return [
      writeAmazonMirror({
        '2018.03 updates': list('1/updates'),
        '2 core': list('2/core'),
        ...Object.fromEntries(topics.map((topic) => [`2 extras ${topic}`, list(`2/extras/${topic}`)])),
        '2023 core': list('2023/core'),
        '2023 kernel-livepatch': list('2023/kernel-livepatch'),
        '2023 nvidia': undefined,
      }),
    ];
  },
  anolis: () => [
    mirrorOf(
      'anas.openanolis.cn/api/data/OVAL/anolis-23.oval.xml',
      text(`${fixtures('anolis', 'oval')}/anolis-23.oval.xml`),
    ),
  ],
  arch: () => [writeArchMirror(unpacked('vendors2/arch/rebuilt/all.json.xz'))],
  azurelinux: () => [kept(`${microsoft}/azurelinux-3.0-oval.xml`)],
  bottlerocket: () => [
    mirrorOf(
      'advisories.bottlerocket.aws/updateinfo.xml.gz',
      readFileSync(dataPath(fixtures('bottlerocket'), 'updateinfo.xml.gz')),
    ),
  ],
  chainguard: () => [
    writeRollingMirror('chainguard', text(`${fixtures('chainguard', 'secdb')}/security.json`)),
  ],
  cleanstart: () => [writeCleanstartMirror(jsonIn('vendors2/cleanstart/advisories.tar.xz'))],
  dhi: () => [
    writeDhiMirror(
      ['debian-affected-no-fixed/osv', 'e2e-alpine/osv'].flatMap(
        (folder) => jsonIn(`vendors2/dhi/retyped/${folder}`) as { id: string }[],
      ),
    ),
  ],
  echo: () => [mirrorOf('advisory.echohq.com/data.json', text(vunnel('echo', 'echo-advisories/data.json')))],
  fedora: () => [sampled('dl.fedoraproject.org')],
  gentoo: () => [writeGentooMirror(glsaArchive(retoldGlsas(jsonIn('vendors2/gentoo/glsa-json.tar.xz'))))],
  mariner: () => [
    kept(`${microsoft}/cbl-mariner-1.0-oval.xml`),
    mirrorOf(
      `${microsoft}/cbl-mariner-2.0-oval.xml`,
      text(
        'oval/azure/anchore+vunnel/tests/unit/providers/mariner/test-fixtures/mariner-truncated-2.0-oval.xml',
      ),
    ),
  ],
  minimos: () => [writeRollingMirror('minimos', text(`${fixtures('minimos', 'secdb')}/security.json`))],
  openeuler: () => [kept('repo.openeuler.org/security/data/csaf/cve')],
  oracle: () => [
    writeOracleMirror({ 7: elsaOval(keptElsas('7')) }),
    mirrorOf(
      'linux.oracle.com/security/oval/com.oracle.elsa-ol8.xml.bz2',
      readFileSync(dataPath('mirror/linux.oracle.com/security/oval/com.oracle.elsa-all.xml.bz2')),
    ),
  ],
  osv: () => [
    writeOsvMirror(
      Object.fromEntries([
        ...['Go', 'Maven', 'NuGet', 'Packagist', 'PyPI', 'RubyGems', 'crates.io', 'npm'].map((name) => [
          name,
          byId(jsonIn(`interchange2/osv/${name}`)),
        ]),
        ['Bitnami', byId(jsonIn('vendors2/bitnami/vulndb.tar.xz'))],
      ]),
    ),
  ],
  photon: () => [
    writePhotonMirror({
      3: text('oval/photon/quay+claircore/photon/testdata/com.vmware.phsa-photon3.xml'),
      5: gunzipSync(
        readFileSync(
          dataPath(
            'mirror/packages.vmware.com/photon/photon_oval_definitions/com.vmware.phsa-photon5.xml.gz',
          ),
        ),
      ).toString(),
    }),
  ],
  secureos: () => [writeRollingMirror('secureos', text(vunnel('secureos', 'secdb/secdb.json')))],
  suse: () => [kept('ftp.suse.com/pub/projects/security/csaf-vex.tar.bz2')],
  ubuntu: () => [kept('security-metadata.canonical.com')],
  wolfi: () => [writeRollingMirror('wolfi', rollingSecdb('wolfi', wolfiFixes()))],
};

const fromArchive = ['almalinux', 'alpine', 'debian', 'redhat', 'rocky'];

/** Sources without platforms. */
export const rating: readonly string[] = ['cve-records', 'epss', 'kev', 'nvd'];

/** Every source of the registry but EU KEV, of which nothing is at hand; `share`: those with the smaller documents. */
export function everySource(share: boolean): string[] {
  return [...Object.keys(mirrors), ...(share ? [] : [...fromArchive, ...rating])].sort();
}

/** A mirror of these sources, as `build --mirror` reads it. */
export function everyMirror(share: boolean): string {
  const mirror = mkdtempSync(join(tmpdir(), 'scapfeed-every-'));
  afterAll(() => rmSync(mirror, { recursive: true, force: true }));
  if (!share) unpackData('real/mirror-real.tar.zst', mirror);
  const serving = [...Object.values(mirrors), ...(share ? [] : [ratingMirrors])];
  for (const serve of serving) for (const from of serve()) cpSync(from, mirror, { recursive: true });
  return mirror;
}

function sampled(host: string): string {
  const mirror = temporaryFolder('mirror');
  cpSync(join(project, 'feeds/sample', host), join(mirror, host), { recursive: true });
  return mirror;
}

function byId(records: readonly object[]): Record<string, object> {
  return Object.fromEntries(records.map((record) => [(record as { id: string }).id, record]));
}

interface MelangeAdvisories {
  package: { name: string };
  advisories?: {
    id: string;
    aliases?: string[];
    events: { type: string; timestamp: string; data?: { 'fixed-version'?: string } }[];
  }[];
}

/** Fixes of Wolfi's advisories: by the newest event, a false positive is fixed in version 0. */
function wolfiFixes(): Record<string, Record<string, string[]>> {
  const folder = temporaryFolder('advisories');
  unpackData('vendors2/wolfi/advisories-yaml.tar.xz', folder);
  const fixes: Record<string, Record<string, string[]>> = {};
  for (const name of readdirSync(folder).sort()) {
    const document = parse(readFileSync(join(folder, name), 'utf8')) as MelangeAdvisories;
    const own: Record<string, string[]> = {};
    for (const { id, aliases = [], events } of document.advisories ?? []) {
      const { type, data } = [...events].sort((a, b) => (a.timestamp < b.timestamp ? 1 : -1))[0]!;
      const version =
        type === 'false-positive-determination'
          ? '0'
          : type === 'fixed'
            ? data?.['fixed-version']
            : undefined;
      if (version !== undefined) own[version] = [...(own[version] ?? []), [...aliases, id][0]!];
    }
    if (Object.keys(own).length > 0) fixes[document.package.name] = own;
  }
  return fixes;
}

function ratingMirrors(): string[] {
  const zip = `${ratings}/2026-01-30_all_CVEs_at_midnight.zip.zip`;
  const folder = dataPath('enrichment/cvelistV5');
  const records = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => ({ name, content: readFileSync(join(folder, name)) }));
  const latest = { assets: [{ browser_download_url: `https://${zip}` }] };
  return [
    mirrorOf('api.github.com/repos/CVEProject/cvelistV5/releases/latest', JSON.stringify(latest)),
    mirrorOf(zip, zipOf([{ name: 'cves.zip', content: zipOf(records) }])),
    mirrorOf(
      'epss.empiricalsecurity.com/epss_scores-current.csv.gz',
      readFileSync(dataPath('mirror/epss.empiricalsecurity.com/epss_scores-2026-01-30.csv.gz')),
    ),
    kept('nvd.nist.gov'),
    kept('www.cisa.gov'),
  ];
}
