import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkSignatures, exportFeed, openFeed, publish } from '../../src/library/index.ts';
import { type RegistryServer, startRegistry } from '../image/support/servers.ts';
import { ecKeys, publicPem } from '../signatures/support/sigstore-instance.ts';
import { hasOracle } from '../support/oracles.ts';
import { passphrase, workshop } from './support/workshop.ts';

const execute = promisify(execFile);
const schemas = '/usr/share/openscap/schemas';

describe.skipIf(!hasOracle('docker-registry', 'skopeo', 'cosign'))('publish to a registry', () => {
  let registry: RegistryServer;
  let folder: string;
  const at = (path: string) => join(folder, path);

  beforeAll(async () => {
    folder = workshop();
    registry = await startRegistry();
    const { publicKey, privateKey } = ecKeys();
    writeFileSync(at('own.key'), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    writeFileSync(at('own.pub'), publicPem(publicKey));
    writeFileSync(at('other.pub'), publicPem(ecKeys().publicKey));
    return () => registry.stop();
  }, 120_000);

  it("signs by cosignKey, and puts Trivy's database where Trivy looks for it", async () => {
    const feed = openFeed(at('feed'));
    await exportFeed(feed, { out: at('exports'), targets: ['trivy', 'debsecan'] });
    feed.close();
    const steps: string[] = [];
    const result = await publish({
      feeds: [at('feed')],
      to: `oci://${registry.host}/feeds/library:1`,
      work: at('work'),
      keys: at('keys'),
      passphrase,
      exports: at('exports'),
      cosignKey: { file: at('own.key') },
      insecureRegistries: [registry.host],
      ...(existsSync(schemas) ? { official: schemas } : {}),
      onProgress: ({ step }) => steps.push(step),
    });
    const repository = `${registry.host}/feeds/library/trivy-db`;
    expect(result).toMatchObject({ exports: ['trivy', 'debsecan'], trivy: { repository } });
    expect(steps).toContain("pushing Trivy's database");
    const raw = ['inspect', '--raw', '--tls-verify=false', `docker://${repository}:2`];
    const { layers } = JSON.parse((await execute('skopeo', raw)).stdout) as { layers: { size: number }[] };
    expect(layers.map(({ size }) => size > 1000)).toEqual([true]);

    const name = `${registry.host}/feeds/library:1`;
    const asked = ['verify', '--insecure-ignore-tlog=true', name, '--key'];
    const env = { ...process.env, HOME: folder };
    await execute('cosign', [...asked, at('own.pub')], { env });
    await expect(execute('cosign', [...asked, at('other.pub')], { env })).rejects.toThrow();
    const access = { insecureRegistries: [registry.host], platform: 'scapfeed/debian-12' };
    const verdictBy = async (key: string) =>
      (await checkSignatures(name, { keys: [at(key)], ...access })).result.verdict;
    expect([await verdictBy('own.pub'), await verdictBy('other.pub')]).toEqual(['signed', 'refused']);
  }, 120_000);

  it('a cosignKey for a folder, and one that cannot be read, are refused before anything is published', async () => {
    const how = { feeds: [at('feed')], keys: at('keys'), passphrase };
    await expect(publish({ ...how, to: at('x'), cosignKey: { file: at('own.key') } })).rejects.toMatchObject({
      code: 'USAGE',
    });
    const to = `oci://${registry.host}/feeds/none:1`;
    const registries = { work: at('work-none'), insecureRegistries: [registry.host] };
    const refused = publish({ ...how, ...registries, to, cosignKey: { file: at('none.key') } });
    await expect(refused).rejects.toMatchObject({ code: 'KEY_MISSING' });
    expect(existsSync(at('work-none'))).toBe(false);
  });
});
