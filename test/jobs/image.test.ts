import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RegistryServer, startRegistry } from '../image/support/servers.ts';
import { project } from '../support/cli.ts';
import { hasOracle, isRoot } from '../support/oracles.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { newMachine } from './support/machine.ts';
import { release } from './support/release.ts';

const canRun =
  isRoot() &&
  hasOracle('rpmbuild', 'qemu-aarch64', 'podman', 'runc', 'skopeo', 'umoci', 'oras', 'docker-registry');

interface Row {
  digest: string;
  artifactType?: string;
  platform?: { architecture: string };
}

/** The container image of a release: made without an engine, judged by those of others. */
describe.skipIf(!canRun)('the container image', () => {
  let layout: string;
  let registry: RegistryServer;
  const run = (command: string, ...args: string[]) =>
    execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const blob = (digest: string) =>
    JSON.parse(readFileSync(join(layout, 'blobs', ...digest.split(':')), 'utf8'));

  beforeAll(async () => {
    layout = join(release(), 'image');
    registry = await startRegistry();
    return () => registry.stop();
  });

  it('runs as nobody special and has labels, for both architectures, by skopeo', () => {
    for (const architecture of ['amd64', 'arm64']) {
      const which = ['--override-os', 'linux', '--override-arch', architecture, 'inspect'];
      const { version } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
      const config = JSON.parse(run('skopeo', ...which, '--config', `oci:${layout}:${version}`));
      expect(config).toMatchObject({
        architecture,
        config: { User: '65532:65532', Entrypoint: ['/usr/bin/scapfeed'] },
      });
      expect(Object.keys(config.config.Labels)).toEqual(
        expect.arrayContaining(['org.opencontainers.image.version', 'org.opencontainers.image.revision']),
      );
    }
  });

  it('is pushed by our client; its bill of materials and provenance are found by oras', () => {
    const place = `${registry.host}/tools/scapfeed:1`;
    run(process.execPath, join(project, 'scripts/push-image.mjs'), layout, `oci://${place}`);
    const [named] = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8')).manifests as Row[];
    const raw = JSON.parse(run('skopeo', 'inspect', '--raw', '--tls-verify=false', `docker://${place}`));
    expect(raw).toEqual(blob(named!.digest));
    for (const { digest, platform } of raw.manifests as Row[]) {
      const found = JSON.parse(
        run(
          'oras',
          'discover',
          '--plain-http',
          '--format',
          'json',
          `${registry.host}/tools/scapfeed@${digest}`,
        ),
      );
      const attached = (found.manifests ?? found.referrers) as Row[];
      expect(attached.map(({ artifactType }) => artifactType).sort()).toEqual([
        'application/vnd.cyclonedx+json',
        'application/vnd.in-toto+json',
      ]);
      for (const row of attached) {
        const [content] = blob(row.digest).layers as Row[];
        const document = blob(content!.digest);
        if (row.artifactType === 'application/vnd.in-toto+json') {
          expect(document.subject[0].digest.sha256).toBe(digest.replace('sha256:', ''));
        } else {
          const deb = `arch=${platform!.architecture}`;
          expect(JSON.stringify(document.components)).toContain(deb);
        }
      }
    }
  });

  it('scans another image by podman, from a read-only root and without a network', {
    timeout: 120_000,
  }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'scapfeed-podman-'));
    chmodSync(folder, 0o755);
    afterAll(() => rmSync(folder, { recursive: true, force: true }));
    const own = [
      ...['--runtime', 'runc', '--cgroup-manager', 'cgroupfs', '--storage-driver', 'vfs'],
      ...['--root', join(folder, 'store'), '--runroot', join(folder, 'run')],
    ];
    const podman = (...args: string[]) =>
      spawnSync('podman', [...own, ...args], {
        encoding: 'utf8',
        env: { ...process.env, PODMAN_IGNORE_CGROUPSV1_WARNING: '1' },
      });
    const image = `${registry.host}/tools/scapfeed:1`;
    expect(podman('pull', '--quiet', '--tls-verify=false', image).status).toBe(0);
    const data = join(folder, 'data');
    mkdirSync(data);
    run(
      process.execPath,
      '-e',
      `import('${join(project, 'scripts/sample-image.mjs')}').then((m) => m.writeSampleImage('${data}/image'))`,
    );
    const inside = (...args: string[]) =>
      podman('run', '--rm', '--read-only', '--network=none', '--volume', `${data}:/data:ro`, ...args);
    // Everything in one run, because what is built is gone with it: the feed is in /tmp, a tmpfs.
    const feed = newMachine();
    feed.does('scapfeed build --source debian --no-ratings --mirror sample: --unsigned-mirror --out feed');
    cpSync(join(feed.home, 'feed'), join(data, 'feed'), { recursive: true });
    const scanned = inside(image, 'scan', 'oci:/data/image:sample', '--feed', '/data/feed', '--max-age', '0');
    expect(scanned.stderr).toBe('');
    expect(scanned.stdout).toContain('20 packages judged, 0 not covered');
    expect(scanned.status).toBe(0);
    const built = inside(
      image,
      'build',
      '--source',
      'debian',
      '--mirror',
      'sample:',
      '--unsigned-mirror',
      '--out',
      '/tmp/feed',
    );
    expect(built.status).toBe(0);
    // The root cannot be written.
    expect(
      inside(
        image,
        'build',
        '--source',
        'debian',
        '--mirror',
        'sample:',
        '--unsigned-mirror',
        '--out',
        '/feed',
      ).status,
    ).not.toBe(0);
  });

  it('for arm64 runs with the libraries in it', () => {
    const folder = temporaryFolder();
    const { version } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
    run(
      'skopeo',
      '--override-arch',
      'arm64',
      'copy',
      '--quiet',
      `oci:${layout}:${version}`,
      `oci:${folder}/one:arm`,
    );
    run('umoci', 'unpack', '--image', `${folder}/one:arm`, `${folder}/bundle`);
    const root = join(folder, 'bundle/rootfs');
    expect(run('qemu-aarch64', '-L', root, join(root, 'usr/bin/scapfeed'), '--version')).toMatch(
      /^scapfeed \d/,
    );
  });

  it('tells scanners, ours too, which packages of Debian are in it', () => {
    const { version } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
    const { out } = newMachine().run(`scapfeed inventory oci:${layout}:${version}`);
    expect(out).toContain('libc6');
  });
});
