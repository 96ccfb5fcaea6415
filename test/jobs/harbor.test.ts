import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, expect, inject, it } from 'vitest';
import { imageLayout, writeFiles } from '../image/support/make-image.ts';
import { startRegistry } from '../image/support/servers.ts';
import { harborFeed, harborImage } from '../support/harbor.ts';
import { harborScan } from '../support/harbor-client.ts';
import { hasOracle } from '../support/oracles.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { freePort } from './support/free-port.ts';
import { newMachine } from './support/machine.ts';

const robot = { user: 'robot$scanner+x', password: 's3cret:with@signs' };

it.skipIf(!hasOracle('docker-registry', 'skopeo', 'htpasswd'))(
  'Harbor registers the server, scans a private image by its robot account, gets its SBOM, and the server ends cleanly',
  async () => {
    const registry = await startRegistry(robot);
    afterAll(() => registry.stop());
    const layout = writeFiles(temporaryFolder(), imageLayout(harborImage()));
    const login = ['--dest-tls-verify=false', `--dest-creds=${robot.user}:${robot.password}`];
    execFileSync('skopeo', ['copy', ...login, `oci:${layout}:latest`, `docker://${registry.host}/lab/x:1`]);
    const source = ['--tls-verify=false', `--creds=${robot.user}:${robot.password}`];
    const inspected = execFileSync('skopeo', ['inspect', ...source, `docker://${registry.host}/lab/x:1`]);
    const { Digest: digest } = JSON.parse(inspected.toString()) as { Digest: string };

    const machine = newMachine();
    const token = machine.does('scapfeed fleet token add harbor --role write').trim();
    const listen = `127.0.0.1:${await freePort()}`;
    const options = [
      '--harbor',
      '--harbor-registry',
      registry.host,
      '--feed',
      harborFeed(),
      '--max-age',
      '0',
    ];
    const server = spawn('scapfeed', ['fleet', 'serve', '--listen', listen, ...options], {
      env: { PATH: `${inject('installation')}/bin:/usr/bin:/bin`, HOME: machine.home },
    });
    let told = '';
    server.stderr.on('data', (piece) => {
      told += piece;
    });
    const ended = once(server, 'exit');
    try {
      const registration = { url: `http://${listen}`, auth: { authorization: `Bearer ${token}` } };
      const metadata = async () =>
        fetch(`${registration.url}/api/v1/metadata`, { headers: registration.auth });
      await expect
        .poll(async () => (await metadata().catch(() => undefined))?.status, { timeout: 60_000 })
        .toBe(200);
      expect(await (await metadata()).json()).toMatchObject({
        scanner: { name: 'scapfeed' },
        properties: {
          'harbor.scanner-adapter/vulnerability-database-updated-at': '2026-11-20T00:00:00.000Z',
        },
      });
      const request = {
        registry: {
          url: `http://${registry.host}`,
          authorization: `Basic ${Buffer.from(`${robot.user}:${robot.password}`).toString('base64')}`,
        },
        artifact: {
          ...{ repository: 'lab/x', digest, tag: '1' },
          mime_type: 'application/vnd.oci.image.manifest.v1+json',
        },
      };
      const { report, times } = await harborScan(registration, request);
      expect(report).toMatchObject({
        severity: 'High',
        vulnerabilities: [{ id: 'CVE-2026-0001' }, { id: 'CVE-2026-0002' }],
      });
      const sbom = await harborScan(registration, request, {
        accept: 'application/vnd.security.sbom.report+json; version=1.0',
        query: '?sbom_media_type=application%2Fspdx%2Bjson',
      });
      expect(sbom.report).toMatchObject({ sbom: { spdxVersion: 'SPDX-2.3' } });
      expect(Math.max(...times, ...sbom.times)).toBeLessThan(2_000);
    } finally {
      server.kill('SIGTERM');
    }
    expect(await ended).toEqual([0, null]);
    expect(told).not.toContain(robot.password);
  },
  240_000,
);
