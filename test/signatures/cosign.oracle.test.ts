import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { imageLayout, writeFiles } from '../image/support/make-image.ts';
import { file } from '../image/support/make-tar.ts';
import { command, type RegistryServer, startRegistry } from '../image/support/servers.ts';
import { scapfeed } from '../support/cli.ts';
import { hasOracle } from '../support/oracles.ts';
import { temporaryFolder } from '../support/temporary.ts';

const run = promisify(execFile);
const ready = hasOracle('cosign', 'skopeo', 'oras', 'docker-registry');

/** Images signed and attested by cosign are verified by cosign and by us; what cosign refuses, we refuse. */
describe.skipIf(!ready)('images that cosign signed', () => {
  let registry: RegistryServer;
  let folder: string;
  let image: string;
  let pinned: string;
  let digest: string;

  beforeAll(async () => {
    registry = await startRegistry();
    folder = temporaryFolder();
    image = `${registry.host}/lab/app:1`;
    digest = await push('app');
    pinned = `${registry.host}/lab/app@${digest}`;
    await cosign('generate-key-pair');
    writeFileSync(join(folder, 'bom.json'), '{"bomFormat":"CycloneDX","specVersion":"1.5","components":[]}');
    // cosign believes no log here, and would fetch the public one's root.
    const empty = 'application/vnd.dev.sigstore.trustedroot+json;version=0.1';
    writeFileSync(join(folder, 'empty.json'), JSON.stringify({ mediaType: empty }));
    const attest = ['attest', ...signing, '--type', 'cyclonedx', '--predicate', 'bom.json'];
    await cosign('sign', ...signing, pinned);
    await cosign(...attest, pinned);
    await cosign(...attest, '--new-bundle-format', pinned);
  });
  afterAll(() => registry.stop());

  const signing = ['-y', '--key', 'cosign.key', '--tlog-upload=false'];

  it('are verified by both', async () => {
    await cosign('verify', '--key', 'cosign.pub', '--insecure-ignore-tlog=true', image);

    const { code, signatures } = signed(image, '--key', 'cosign.pub');

    expect(code).toBe(0);
    expect(signatures.map(({ form, place, outcome }) => [form, place, outcome.state])).toEqual([
      ['sigstore-bundle', 'fallback-tag', 'not_asked'],
      ['cosign-signature', 'legacy-tag', 'verified'],
      ['cosign-attestation', 'legacy-tag', 'not_asked'],
    ]);
  });

  it('are attested in both forms for both', async () => {
    const asked = ['--key', 'cosign.pub', '--insecure-ignore-tlog=true', '--type', 'cyclonedx'];
    await cosign('verify-attestation', ...asked, image);
    await cosign(
      'verify-attestation',
      '--new-bundle-format',
      '--trusted-root',
      'empty.json',
      ...asked,
      image,
    );

    const { code, signatures } = signed(image, '--key', 'cosign.pub', '--attestation', 'cyclonedx');

    expect(code).toBe(0);
    expect(signatures.map(({ outcome }) => outcome.state)).toEqual(['verified', 'not_asked', 'verified']);
  });

  it('are refused by both with another key', async () => {
    await cosign('generate-key-pair', '--output-key-prefix', 'other');
    const verified = cosign('verify', '--key', 'other.pub', '--insecure-ignore-tlog=true', image);
    await expect(verified).rejects.toThrow();

    expect(signed(image, '--key', 'other.pub')).toMatchObject({ code: 1 });
  });

  it('do not lend their signature to another image under its tag', async () => {
    const other = await push('other');
    const tag = (of: string) => `docker://${registry.host}/lab/app:${of.replace(':', '-')}.sig`;
    const tls = ['--src-tls-verify=false', '--dest-tls-verify=false'];
    await command('skopeo', 'copy', ...tls, tag(digest), tag(other));
    const moved = `${registry.host}/lab/app@${other}`;
    const verified = cosign('verify', '--key', 'cosign.pub', '--insecure-ignore-tlog=true', moved);
    await expect(verified).rejects.toThrow();

    const { code, signatures } = signed(moved, '--key', 'cosign.pub');

    expect(code).toBe(1);
    expect(signatures[0]?.outcome).toMatchObject({ refusal: { code: 'SIGNS_OTHER' } });
  });

  it('keep their signatures in a layout that oras or cosign writes', async () => {
    const layout = join(folder, 'by-oras');
    const saved = join(folder, 'by-cosign');
    await command('oras', 'cp', '-r', '--from-plain-http', image, '--to-oci-layout', `${layout}:1`);
    await cosign('save', '--dir', saved, image);

    const asked = ['--key', 'cosign.pub', '--attestation', 'cyclonedx'];
    expect(signed(`oci:${layout}`, ...asked)).toMatchObject({ code: 0 });
    expect(signed(`oci:${saved}`, '--key', 'cosign.pub')).toMatchObject({ code: 0 });
  });

  it('are found as a bundle over the bytes of their manifest, which oras attached', async () => {
    const signedByBlob = await push('blob');
    const name = `${registry.host}/lab/app@${signedByBlob}`;
    const manifest = join(folder, 'manifest.json');
    writeFileSync(
      manifest,
      await command('skopeo', 'inspect', '--raw', '--tls-verify=false', `docker://${name}`),
    );
    const bundle = join(folder, 'bundle.json');
    await cosign('sign-blob', ...signing, '--new-bundle-format', '--bundle', bundle, manifest);
    const type = 'application/vnd.dev.sigstore.bundle.v0.3+json';
    const attach = ['attach', '--plain-http', '--disable-path-validation', '--artifact-type', type];
    await command('oras', ...attach, name, `${bundle}:${type}`);

    const { code, signatures } = signed(name, '--key', 'cosign.pub');

    expect(readFileSync(bundle, 'utf8')).toContain('messageSignature');
    expect(signatures.map(({ form, outcome }) => [form, outcome.state])).toEqual([
      ['sigstore-bundle', 'verified'],
    ]);
    expect(code).toBe(0);
  });

  /** Pushes an image of one file; returns the digest of its manifest. */
  async function push(name: string): Promise<string> {
    const layout = writeFiles(temporaryFolder(), imageLayout({ layers: [[file('etc/name', name)]] }));
    const to = `docker://${registry.host}/lab/app:${name === 'app' ? '1' : name}`;
    await command('skopeo', 'copy', '--dest-tls-verify=false', `oci:${layout}:latest`, to);
    const told = await command('skopeo', 'inspect', '--tls-verify=false', '--format', '{{.Digest}}', to);
    return told.trim();
  }

  async function cosign(...args: string[]): Promise<void> {
    const env = { PATH: process.env['PATH'], HOME: folder, COSIGN_PASSWORD: '' };
    await run('cosign', args, { cwd: folder, env });
  }

  function signed(reference: string, ...options: string[]) {
    const insecure = ['--insecure-registry', registry.host, '-o', 'json'];
    const { code, out } = scapfeed(['signed', reference, ...options, ...insecure], {}, folder);
    return { code, signatures: (JSON.parse(out) as { signatures: Found[] }).signatures };
  }
});

interface Found {
  form: string;
  place: string;
  outcome: { state: string };
}
