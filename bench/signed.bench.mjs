import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  newInstance,
  statementOf,
  usualIdentity,
  usualIssuer,
} from '../test/signatures/support/sigstore-instance.ts';
import { figure, measurePair } from './support.mjs';

const cli = resolve(import.meta.dirname, '../dist/cli.cjs');
const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const manifestType = 'application/vnd.oci.image.manifest.v1+json';

/** One signature by a name, with certificate, log entry and promise, of an image in a layout: over Node's own start. */
export async function run({ quick }) {
  const folder = mkdtempSync(join(tmpdir(), 'scapfeed-bench-signed-'));
  try {
    await writeSigned(folder);
    const asked = [
      '--identity',
      usualIdentity,
      '--issuer',
      usualIssuer,
      '--trusted-root',
      join(folder, 'root.json'),
    ];
    const ours = { command: process.execPath, args: [cli, 'signed', `oci:${folder}:1`, ...asked] };
    const node = { command: process.execPath, args: ['-e', '0'] };
    const { a, b } = await measurePair(ours, node, { runs: quick ? 5 : 15, warmup: 2 });
    if (a.code !== 0) throw new Error(`signed ended with ${a.code}`);
    return [
      figure({
        name: "signed, one keyless signature, over Node's start",
        value: (a.wall - b.wall) * 1000,
        unit: 'ms',
        target: 60,
        kind: 'absolute',
      }),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function writeSigned(folder) {
  const instance = await newInstance();
  mkdirSync(join(folder, 'blobs/sha256'), { recursive: true });
  const put = (value) => {
    const bytes = Buffer.from(JSON.stringify(value));
    const digest = createHash('sha256').update(bytes).digest('hex');
    writeFileSync(join(folder, 'blobs/sha256', digest), bytes);
    return { digest: `sha256:${digest}`, size: bytes.length };
  };
  const manifest = (more) => ({
    mediaType: manifestType,
    ...put({
      schemaVersion: 2,
      mediaType: manifestType,
      config: {
        mediaType: 'application/vnd.oci.image.config.v1+json',
        ...put({ architecture: 'amd64', os: 'linux' }),
      },
      layers: [],
      ...more,
    }),
  });
  const image = manifest({});
  const bundle = put(await instance.signStatement(statementOf(image.digest)));
  const layers = [{ mediaType: bundleType, ...bundle }];
  const attached = manifest({ artifactType: bundleType, layers, subject: image });
  const rows = [
    { ...image, annotations: { 'org.opencontainers.image.ref.name': '1' } },
    { ...attached, artifactType: bundleType },
  ];
  writeFileSync(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: rows }));
  writeFileSync(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(join(folder, 'root.json'), instance.trustedRoot);
}
