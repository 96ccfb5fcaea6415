import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command, type RegistryServer, startRegistry } from '../image/support/servers.ts';
import { hasOracle } from '../support/oracles.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { runCli } from './support/cli.ts';
import { writeNight } from './support/publisher.ts';

const run = promisify(execFile);
const nights = [writeNight(300), writeNight(300, { 'package-0007': '2.0-1' })];

/** Where the publisher's keys are: made once, as their passphrases are slow on purpose. */
const keys = temporaryFolder();

beforeAll(async () => {
  await publisherMachine().scapfeed('keys', 'make');
});

/** One user's machine: logins and feeds below a folder of its own. */
function machine(env: Record<string, string> = {}) {
  const home = temporaryFolder();
  const places = {
    HOME: home,
    XDG_CONFIG_HOME: join(home, 'config'),
    XDG_DATA_HOME: join(home, 'data'),
    XDG_RUNTIME_DIR: join(home, 'run'),
    SCAPFEED_FEED: '',
  };
  return {
    home,
    scapfeed: (...args: string[]) => runCli(args, { env: { ...places, ...env } }),
  };
}

function publisherMachine(env: Record<string, string> = {}) {
  return machine({ XDG_CONFIG_HOME: keys, ...env });
}

function rootOf(home: string): string {
  const published = join(home, 'data/scapfeed/published');
  const [file] = readdirSync(published, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('1.root.json'),
  );
  return join(published, file!);
}

function sbomOf(...names: string[]): string {
  const components = names.map((name) => ({
    type: 'library',
    name,
    version: '0.1-1',
    purl: `pkg:deb/debian/${name}@0.1-1?arch=amd64&distro=debian-12&upstream=${name}`,
  }));
  const system = { type: 'operating-system', name: 'debian', version: '12' };
  return JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.5', components: [system, ...components] });
}

/** Shard of debian-12 in a pulled feed. */
const shard = (feed: string) => readFileSync(join(realpathSync(feed), 'index/debian-12.jsonl'), 'utf8');

describe.skipIf(!hasOracle('docker-registry', 'skopeo', 'oras'))("a feed in Debian's registry", () => {
  let registry: RegistryServer;
  let publisher: ReturnType<typeof machine>;
  let client: ReturnType<typeof machine>;
  let place: string;

  beforeAll(async () => {
    registry = await startRegistry();
    publisher = publisherMachine();
    client = machine();
    place = `${registry.host}/feeds/debian:latest`;
    await publisher.scapfeed('publish', '--feed', nights[0]!, '--to', `oci://${place}`);
  });
  afterAll(() => registry.stop());

  const pull = (...args: string[]) =>
    client.scapfeed('pull', '--trust-root', rootOf(publisher.home), ...args);
  const feed = (name: string) => join(client.home, name, 'feed');

  it('is pulled; the second night is pushed by difference and comes as a delta', async () => {
    expect((await pull('--from', `oci://${place}`)).out).toMatch(/debian-12 .*whole/);

    const published = await publisher.scapfeed('publish', '--feed', nights[1]!, '--to', `oci://${place}`);

    expect(published).toMatchObject({ code: 0, err: '' });
    expect(published.out).toMatch(
      /^pushed \d\d blobs, [\d,]+ bytes; already there: \d\d blobs, [\d,]+ bytes$/m,
    );
    expect(published.out).toMatch(
      /^next: scapfeed pull --from oci:.* --trust-root \S*keys\/1\.root\.json.*\n +give \S+keys\/1\.root\.json to clients/m,
    );
    const pulled = await pull('--from', `oci://${place}`);
    expect(pulled.out).toMatch(/debian-12 .*delta\ndebian-13 .*unchanged/);
    expect(pulled.out).toMatch(/^6 requests,/m);
  });

  it('oras pull brings a platform and what proves it into a folder that pull reads', async () => {
    const folder = join(client.home, 'oras');
    for (const platform of ['debian-12', 'feed']) {
      await command(
        'oras',
        'pull',
        '--plain-http',
        '--platform',
        `scapfeed/${platform}`,
        '-o',
        folder,
        place,
      );
    }

    const pulled = await pull('--from', folder, '--platform', 'debian-12', '--out', feed('oras-feed'));

    expect(pulled).toMatchObject({ code: 0, err: '' });
    expect(shard(feed('oras-feed'))).toContain('package-0299');
    expect(readdirSync(join(folder, 'targets'))).toEqual(['debian-12', 'feed']);
  });

  it('has a layer a target, which oras names by its path', async () => {
    const plain = await command('oras', 'manifest', 'fetch', '--plain-http', place);
    const index = JSON.parse(plain) as {
      manifests: { digest: string; annotations: Record<string, string> }[];
    };
    const [, debian12] = index.manifests;
    expect(index.manifests.map(({ annotations }) => annotations['vnd.scapfeed.platform'])).toEqual([
      'feed',
      'debian-12',
      'debian-13',
    ]);
    const name = `${registry.host}/feeds/debian@${debian12!.digest}`;
    const manifest = JSON.parse(await command('oras', 'manifest', 'fetch', '--plain-http', name)) as {
      artifactType: string;
      layers: { mediaType: string; annotations: Record<string, string> }[];
    };
    expect(manifest.artifactType).toBe('application/vnd.scapfeed.platform.v1');
    const titles = manifest.layers.map(({ annotations }) => annotations['org.opencontainers.image.title']!);
    const published = rootOf(publisher.home).replace(/metadata\/1\.root\.json$/, '');
    for (const title of titles) readFileSync(join(published, title));
    expect(titles.filter((title) => title.endsWith('.debian-12.jsonl.br'))).toHaveLength(1);
    expect([...new Set(manifest.layers.map(({ mediaType }) => mediaType))].sort()).toEqual([
      'application/vnd.scapfeed.delta.v1+br',
      'application/vnd.scapfeed.target.v1+br',
      'application/vnd.scapfeed.target.v1+gz',
      'application/vnd.scapfeed.tuf.v1+json',
    ]);
  });

  it.each<[name: string, copy: (to: string) => string[], from: (to: string) => string]>([
    [
      'skopeo into another repository',
      () => [
        'skopeo',
        'copy',
        '--all',
        '--src-tls-verify=false',
        '--dest-tls-verify=false',
        `docker://${place}`,
        `docker://${registry.host}/copy/x:1`,
      ],
      () => `oci://${registry.host}/copy/x:1`,
    ],
    [
      'skopeo into an OCI layout',
      (to) => ['skopeo', 'copy', '--all', '--src-tls-verify=false', `docker://${place}`, `oci:${to}:latest`],
      (to) => to,
    ],
    [
      'oras into an OCI layout',
      (to) => ['oras', 'copy', '--from-plain-http', place, '--to-oci-layout', `${to}:latest`],
      (to) => to,
    ],
  ])('is pulled from the copy that is made by %s', async (name, copy, from) => {
    const to = join(client.home, name.replaceAll(' ', '-'));
    const [tool, ...args] = copy(to);
    await run(tool!, args);

    const pulled = await pull('--from', from(to), '--out', feed(`${name}-feed`));

    expect(pulled).toMatchObject({ code: 0, err: '' });
    expect(shard(feed(`${name}-feed`))).toContain('package-0299');
  });

  it('has blocks, which a scan asks for by digest, and which a copy by skopeo brings along', async () => {
    const blocks = `${registry.host}/feeds/blocks:latest`;
    const copy = `${registry.host}/copy/blocks:1`;
    const args = ['--feed', nights[1]!, '--to', `oci://${blocks}`, '--blocks'];
    expect(await publisher.scapfeed('publish', ...args)).toMatchObject({ code: 0, err: '' });
    const tls = ['--src-tls-verify=false', '--dest-tls-verify=false'];
    await run('skopeo', ['copy', '--all', ...tls, `docker://${blocks}`, `docker://${copy}`]);

    for (const name of ['feeds/blocks', 'copy/blocks']) {
      const from = `http://${registry.host}/v2/${name}`;
      const tag = name === 'copy/blocks' ? '1' : 'latest';
      const accept = 'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json';
      const read = async (reference: string) =>
        (await (await fetch(`${from}/manifests/${reference}`, { headers: { accept } })).json()) as {
          manifests: { artifactType: string; digest: string }[];
          layers: { digest: string }[];
        };
      const entry = (await read(tag)).manifests.find(({ artifactType }) =>
        /\.blocks\.v1$/.test(artifactType),
      );
      const { layers } = await read(entry!.digest);
      expect(layers.length).toBeGreaterThan(3);
      for (const { digest } of layers)
        expect((await fetch(`${from}/blobs/${digest}`, { method: 'HEAD' })).status).toBe(200);
    }
    const sbom = join(client.home, 'packages.cdx.json');
    writeFileSync(sbom, sbomOf('package-0007', 'package-0299'));
    const scan = (from: string) =>
      client.scapfeed(
        'scan',
        `sbom:${sbom}`,
        '--max-age',
        '0',
        '--feed',
        `oci://${from}`,
        '--trust-root',
        rootOf(publisher.home),
      );
    const scanned = await scan(blocks);
    expect(scanned).toMatchObject({ code: 0, out: expect.stringContaining('CVE-2026-1299') });
    expect(await scan(copy)).toMatchObject({ code: scanned.code, out: scanned.out.replaceAll(blocks, copy) });
  });

  it('a publisher without a folder goes on from the registry; old publications are deleted', async () => {
    const elsewhere = publisherMachine();
    const args = ['publish', '--feed', nights[0]!, '--to', `oci://${place}`, '--keep', '2'];
    await elsewhere.scapfeed(...args);
    const { code, out } = await elsewhere.scapfeed(...args);

    expect({ code, out }).toEqual({
      code: 0,
      out: expect.stringMatching(/^\d old publications? removed from the registry$/m),
    });
    expect((await pull('--from', `oci://${place}`)).out).toMatch(/debian-12 .*delta/);
  });
});

describe.skipIf(!hasOracle('docker-registry', 'htpasswd'))("Debian's registry with a login", () => {
  it('takes a feed from who is logged in, and gives it to who is', async () => {
    const login = { user: 'tester', password: 's3cret:with@signs' };
    const registry = await startRegistry(login);
    try {
      const place = `oci://${registry.host}/feeds/debian:nightly`;
      const docker = temporaryFolder();
      mkdirSync(docker, { recursive: true });
      const auth = Buffer.from(`${login.user}:${login.password}`).toString('base64');
      writeFileSync(join(docker, 'config.json'), JSON.stringify({ auths: { [registry.host]: { auth } } }));
      const publisher = publisherMachine({ DOCKER_CONFIG: docker });
      const stranger = machine();

      expect(await publisher.scapfeed('publish', '--feed', nights[0]!, '--to', place)).toMatchObject({
        code: 0,
        err: '',
      });
      const args = ['pull', '--from', place, '--trust-root', rootOf(publisher.home)];
      expect(await publisher.scapfeed(...args)).toMatchObject({ code: 0, err: '' });
      expect(await stranger.scapfeed(...args)).toMatchObject({
        code: 3,
        err: expect.stringMatching(/asks for a login.*FETCH_REFUSED[\s\S]*docker login 127/),
      });
    } finally {
      await registry.stop();
    }
  });
});
