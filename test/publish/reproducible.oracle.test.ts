import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { feedTables } from '../../src/distros/builds.ts';
import type { Manifest } from '../../src/model/feed/index.ts';
import { checkFeed } from '../../src/validate/feed-files.ts';
import { writeAmazonMirror } from '../distros/amazon/world.ts';
import { avg, writeArchMirror } from '../distros/arch/world.ts';
import { writeEchoMirror } from '../distros/echo/world.ts';
import { writeGentooMirror } from '../distros/gentoo/world.ts';
import { writeAnolisMirror } from '../distros/rebuild/anolis/world.ts';
import { writeAzureMirror } from '../distros/rebuild/azurelinux/world.ts';
import { writeBottlerocketMirror } from '../distros/rebuild/bottlerocket/world.ts';
import { bodhiUpdate, writeFedoraMirror } from '../distros/rebuild/fedora/world.ts';
import { writeOpenEulerMirror } from '../distros/rebuild/openeuler/world.ts';
import { writeOracleMirror } from '../distros/rebuild/oracle/world.ts';
import { writePhotonMirror } from '../distros/rebuild/photon/world.ts';
import { writeRockyMirror } from '../distros/rebuild/rocky/world.ts';
import { writeRollingMirror } from '../distros/rolling/world.ts';
import { affects, before, osvHost, writeOsvMirror } from '../ecosystems/world.ts';
import { dataPath, hasData } from '../support/data.ts';
import { hasOtherNode, otherNode } from '../support/other-node.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { allTrials } from '../support/trials.ts';
import { type CliOptions, runProcess } from './support/cli.ts';

/** SCAPFEED_TRIALS=all proves every machine by every Node, twice; else one that differs in everything. */
const everyMachine = allTrials;

/** Debian of the sample, the others of real documents: one of every kind of file that a feed has. */
const platforms = ['debian-12', 'debian-sid', 'rhel-8', 'rhel-layered-openshift', 'ubuntu-22.04'];

const sample = resolve(import.meta.dirname, '../../feeds/sample');
const realHosts = [
  'security.access.redhat.com',
  'security-metadata.canonical.com',
  'secdb.alpinelinux.org',
  'errata.almalinux.org',
  'ftp.suse.com',
];

interface Machine extends CliOptions {
  name: string;
}

const first: Machine = {
  name: 'UTC, C, umask 022',
  env: { TZ: 'UTC', LC_ALL: 'C', LANG: 'C' },
  umask: '022',
};
const differing: Machine[] = [
  {
    name: 'another time zone, locale and umask',
    env: { TZ: 'Pacific/Kiritimati', LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8' },
    umask: '077',
  },
  ...(everyMachine
    ? [
        { name: 'west of Greenwich', env: { TZ: 'America/St_Johns', LC_ALL: 'C' }, umask: '022' },
        { name: 'a locale with commas in numbers', env: { TZ: 'UTC', LC_ALL: 'de_DE.UTF-8' }, umask: '027' },
      ]
    : []),
];

const home = temporaryFolder();
/** On tmpfs a directory lists its newest entry first, so that another order of writing is another order of reading. */
const memory = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'scapfeed-test-'));
const at = (name: string) => join(home, name);
const publishArgs = ['--date', '2026-11-24', '--keys', at('keys')];

describe.skipIf(!hasData('mirror') || !hasOtherNode())('the same bytes on another machine', () => {
  beforeAll(async () => {
    mkdirSync(at('mirror'));
    const link = (from: string, name: string) => {
      // Of some vendors there is a sample too.
      rmSync(join(at('mirror'), name), { force: true });
      symlinkSync(join(from, name), join(at('mirror'), name));
    };
    for (const name of readdirSync(sample)) if (!realHosts.includes(name)) link(sample, name);
    for (const name of realHosts) link(dataPath('mirror'), name);
    // Of the real pages there are the first and the last only, which are no list.
    const told = { name: 'RLSA-2024:1', cves: ['CVE-2024-1000'], packages: ['bash-5.1.8-9.el9.x86_64'] };
    link(writeRockyMirror({ advisories: [told] }), 'apollo.build.resf.org');
    // Of Oracle's document there is a cut of those of all releases only.
    const elsa = {
      id: 'ELSA-2024-1',
      cves: ['CVE-2024-1000'],
      releases: { 8: { x86_64: ['bash < 0:4.4.20-5.el8'] } },
    };
    link(writeOracleMirror({ 8: [elsa] }), 'linux.oracle.com');
    // Of CBL-Mariner 2.0 there is a cut only.
    const flaw = { id: 1, cve: 'CVE-2024-1000', name: 'bash', builds: ['< 0:5.2.15-3.azl3'] };
    const own = writeAzureMirror({ 'azurelinux-3.0': [flaw], 'cbl-mariner-2.0': [flaw] });
    link(own, 'raw.githubusercontent.com');
    // Of Photon's documents there are cuts, at another host.
    const phsa = { page: '5.0-1', cves: ['CVE-2024-1000'], rows: ['bash < 0:5.2-3.ph5'] };
    link(writePhotonMirror({ 5: [phsa] }), 'packages.broadcom.com');
    // Of Anolis's document there is a cut, at no mirror.
    const ansa = { id: 'ANSA-2025:1', cves: ['CVE-2024-1000'], rows: ['bash < 0:5.2.15-9.an23'] };
    link(writeAnolisMirror({ 23: [ansa] }), 'anas.openanolis.cn');
    // Of openEuler's documents there are three.
    const fixed = { '24.03-LTS': ['bash-5.2.15-9.oe2403.x86_64'] };
    link(writeOpenEulerMirror([{ cve: 'CVE-2024-1000', fixed }]), 'repo.openeuler.org');
    link(writeArchMirror([avg(1000, 'bash')]), 'security.archlinux.org');
    const secfixes = { bash: { '5.2.37-r0': ['CVE-2024-1000'] } };
    link(writeRollingMirror('minimos', secfixes), 'packages.mini.dev');
    link(writeRollingMirror('secureos', secfixes), 'security.secureos.io');
    const brsa = { id: 'BRSA-1', cves: ['CVE-2024-1000'], packages: ['bash-1:5.3-1.br1.x86_64'] };
    link(writeBottlerocketMirror([brsa]), 'advisories.bottlerocket.aws');
    link(writeEchoMirror({ bash: { 'CVE-2024-1000': {} } }), 'advisory.echohq.com');
    const glsa = { cves: ['CVE-2024-1000'], packages: ['app-shells/bash: lt 5.3, not ge 5.3'] };
    link(writeGentooMirror({ '202405-01': glsa }), 'gitweb.gentoo.org');
    // Amazon's real lists are cuts, or have no mirror.
    const alas = { id: 'ALAS2-2024-1', cves: ['CVE-2024-1000'], packages: ['bash-4.2.46-35.amzn2.x86_64'] };
    link(writeAmazonMirror({ '2 core': [alas] }), 'cdn.amazonlinux.com');
    const update = {
      id: 'FEDORA-2026-1',
      packages: ['bash-5.3-3.fc43.x86_64'],
      bugs: ['CVE-2024-1000 bash: a flaw'],
    };
    link(writeFedoraMirror({ 43: { x86_64: [bodhiUpdate(update)], aarch64: [] } }), 'dl.fedoraproject.org');
    const records = { 'GHSA-aaaa': { affected: [affects('npm', 'shop', before('2.0.0'))] } };
    link(writeOsvMirror({ npm: records }), osvHost);
    const args = [
      'build',
      '--mirror',
      at('mirror'),
      '--unsigned-mirror',
      '--snapshots',
      at('snapshots'),
      '--out',
      at('out'),
    ];
    const built = await run(first, ...args, '--scap', ...platforms.flatMap((id) => ['--platform', id]));
    expect(built.code, built.err).toBe(0);
    await run(first, 'keys', 'make', '--keys', at('keys'));
    const published = await run(first, 'publish', '--feed', at('out'), '--to', at('site'), ...publishArgs);
    expect(published.code, published.err).toBe(0);
    copyReversed(at('snapshots'), join(memory, 'snapshots'));
    copyReversed(at('out'), join(memory, 'out'));
  });

  afterAll(() => {
    rmSync(memory, { recursive: true, force: true });
  });

  const nodes = [otherNode(), ...(everyMachine ? [process.execPath] : [])];
  const machines = differing.flatMap((machine) =>
    nodes.map((node) => ({ ...machine, node, name: `${machine.name}, ${node}` })),
  );

  it.each(machines)('rebuild: $name', async (machine) => {
    for (let time = 0; time < (everyMachine ? 2 : 1); time++) {
      const rebuilt = await run(
        machine,
        'validate',
        '--rebuild',
        at('out'),
        '--snapshots',
        join(memory, 'snapshots'),
      );
      expect(rebuilt, rebuilt.err).toMatchObject({
        code: 0,
        out: expect.stringMatching(/every byte the same/),
      });
    }
  });

  it.each(machines)('publish: $name', async (machine) => {
    const to = join(temporaryFolder(), 'site');
    const feed = join(memory, 'out');
    const { code, err } = await run(machine, 'publish', '--feed', feed, '--to', to, ...publishArgs);
    expect(code, err).toBe(0);
    expect(filesOf(to)).toEqual(filesOf(at('site')));
    for (const file of filesOf(to)) {
      expect(readFileSync(join(to, file)).equals(readFileSync(join(at('site'), file))), file).toBe(true);
    }
  });

  it('the manifest says what the feed was made of, by what, and on whose terms', () => {
    const manifest = JSON.parse(readFileSync(at('out/manifest.json'), 'utf8')) as Manifest;
    const { version } = JSON.parse(
      readFileSync(resolve(import.meta.dirname, '../../package.json'), 'utf8'),
    ) as { version: string };
    expect(manifest.tool).toEqual({ name: 'scapfeed', version });
    expect(manifest.sources.map(({ id }) => id)).toEqual([
      ...[
        'almalinux',
        'alpine',
        'amazon',
        'anolis',
        'arch',
        'azurelinux',
        'bottlerocket',
        'cleanstart',
        'cve-records',
        'debian',
        'dhi',
        'echo',
        'epss',
        'fedora',
        'gentoo',
        'kev',
        'mariner',
        'minimos',
      ],
      ...['nvd', 'openeuler', 'oracle', 'osv', 'photon', 'redhat', 'rocky', 'secureos', 'suse', 'ubuntu'],
    ]);
    for (const { licence, attribution } of manifest.sources) {
      expect(licence).not.toBe('');
      expect(attribution).not.toBe('');
    }
    expect(manifest.sources.find(({ id }) => id === 'redhat')!.licence).toMatch(/CC.BY.4\.0/);
    for (const { url, sha256 } of manifest.inputs) {
      expect(url).toMatch(/^https:/);
      expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    }
  });

  it('a changed byte, a missing snapshot and another tool are told apart', async () => {
    const small = [
      '--source',
      'debian',
      '--no-oval',
      '--mirror',
      sample,
      '--unsigned-mirror',
      '--snapshots',
      at('debian'),
    ];
    expect((await run(first, 'build', ...small, '--out', at('forged'))).code).toBe(0);
    const manifest = JSON.parse(readFileSync(at('forged/manifest.json'), 'utf8')) as Manifest;
    // A forger writes the manifest anew as well.
    const output = manifest.outputs[0]!;
    const forged = Buffer.concat([readFileSync(at(`forged/${output.path}`)), Buffer.from('\n')]);
    writeFileSync(at(`forged/${output.path}`), forged);
    Object.assign(output, { sha256: digest(forged), size: forged.length });
    writeFileSync(at('forged/manifest.json'), JSON.stringify(manifest, undefined, 1));
    const verify = (snapshots: string) =>
      run(first, 'validate', '--rebuild', at('forged'), '--snapshots', at(snapshots));
    expect(await verify('debian')).toMatchObject({
      code: 3,
      err: expect.stringMatching(/REBUILD_DIFFERS[\s\S]*do not trust it/),
    });
    const other = { ...manifest, tool: { ...manifest.tool, version: '0.0.1' } };
    writeFileSync(at('forged/manifest.json'), JSON.stringify(other, undefined, 1));
    expect((await verify('debian')).err).toMatch(/made by scapfeed 0\.0\.1.*verify it with that version/);
    expect(await verify('nowhere')).toMatchObject({
      code: 3,
      err: expect.stringContaining('SNAPSHOT_MISSING'),
    });
  });

  it('pulled on the other machine, every index file is as it was built, tables of a source included', async () => {
    const out = join(temporaryFolder(), 'feed');
    const root = at('site/metadata/1.root.json');
    const machine = { ...differing[0]!, node: otherNode() };
    const args = ['--from', at('site'), '--trust-root', root, '--out', out, '--max-age', '9999d'];
    const pulled = await run(machine, 'pull', ...args);
    expect(pulled.code, pulled.err).toBe(0);
    await checkFeed(out, feedTables());
    const built = filesOf(at('out')).filter((file) => file.startsWith('index/'));
    expect(built).toContain('index/redhat-repositories.jsonl');
    expect(filesOf(realpathSync(out)).filter((file) => file.startsWith('index/'))).toEqual(built);
    for (const file of built)
      expect(readFileSync(join(out, file)).equals(readFileSync(join(at('out'), file))), file).toBe(true);
  });
});

function run({ env, umask, node }: CliOptions, ...args: string[]) {
  return runProcess(args, {
    env: { XDG_CONFIG_HOME: at('config'), XDG_DATA_HOME: at('data'), XDG_CACHE_HOME: at('cache'), ...env },
    ...(umask === undefined ? {} : { umask }),
    ...(node === undefined ? {} : { node }),
  });
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => statSync(join(folder, file)).isFile())
    .sort();
}

function copyReversed(from: string, to: string): void {
  for (const file of filesOf(from).reverse()) {
    mkdirSync(dirname(join(to, file)), { recursive: true });
    cpSync(join(from, file), join(to, file));
  }
}

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
