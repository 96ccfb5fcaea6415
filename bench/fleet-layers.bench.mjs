import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { openImage } from '../src/image/index.ts';
import { readForFleet } from '../src/tasks/fleet/read-image.ts';
import { file, makeTar } from '../test/image/support/make-tar.ts';
import { figure } from './support.mjs';

/** A base is small here, 4 MB in 1,000 files: with larger ones more is saved. */
const files = 1000;
const packages = 100;

/** A fleet reads images that stand on few bases and have a layer of their own: with what layers say kept, and every layer anew. */
export async function run({ quick }) {
  const [images, bases] = quick ? [200, 4] : [10_000, 40];
  const folder = mkdtempSync(join(tmpdir(), 'scapfeed-bench-fleet-layers-'));
  try {
    const imageOf = makeFleet(join(folder, 'layout'), bases);
    const kept = await readFleet(imageOf, images, join(folder, 'caches'));
    // Each of these costs the same.
    const some = Math.min(images, 10 * bases);
    const anew = await readFleet(imageOf, some, undefined);
    const name = `${images} images on ${bases} bases are read by a fleet`;
    return [
      figure({
        ...{ name: `${name}: processor time`, value: kept, unit: 's', reference: (images / some) * anew },
        ...{ referenceName: `with every layer read (of ${some} of them)`, target: 0.5 },
      }),
      figure({
        ...{ name: `${name}: stored bytes of layers`, value: imageOf.bytes(images, bases) / 1e6, unit: 'MB' },
        ...{ reference: imageOf.bytes(images, images) / 1e6, referenceName: 'of all', target: 0.1 },
      }),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Seconds of this process, without those of making the images. */
async function readFleet(imageOf, images, caches) {
  let microseconds = 0;
  for (let number = 0; number < images; number++) {
    const reference = imageOf(number);
    const before = process.cpuUsage();
    const { inventory } = await readForFleet(
      reference,
      { open: openImage, caches, verify: false },
      () => false,
    );
    const { user, system } = process.cpuUsage(before);
    microseconds += user + system;
    if (inventory.packages.length !== packages) throw new Error(`image ${number} was not read`);
  }
  return microseconds / 1e6;
}

/** Bases are written once to a layout, an image when it is its turn; gives its reference. */
function makeFleet(layout, bases) {
  const folder = join(layout, 'blobs/sha256');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  const add = (bytes, mediaType) => {
    const digest = digestOf(bytes);
    writeFileSync(join(folder, digest.slice('sha256:'.length)), bytes);
    return { mediaType: `application/vnd.oci.image.${mediaType}`, digest, size: bytes.length };
  };
  const layerOf = (entries) => {
    const tar = makeTar(entries);
    return { diffId: digestOf(tar), row: add(gzipSync(tar, { level: 1 }), 'layer.v1.tar+gzip') };
  };
  const known = Array.from({ length: bases }, (_, base) => layerOf(baseFiles(base)));
  let own;
  const imageOf = (number) => {
    own = layerOf([file(`srv/app${number}`, `application ${number}`)]);
    const layers = [known[number % bases], own];
    const config = {
      ...{ architecture: 'amd64', os: 'linux', config: {} },
      rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    };
    const manifest = {
      ...{ schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json' },
      config: add(Buffer.from(JSON.stringify(config)), 'config.v1+json'),
      layers: layers.map(({ row }) => row),
    };
    const manifests = [add(Buffer.from(JSON.stringify(manifest)), 'manifest.v1+json')];
    writeFileSync(join(layout, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
    return `oci:${layout}`;
  };
  /** Of the layers of so many images, whose base is read so often. */
  imageOf.bytes = (images, times) => images * own.row.size + times * known[0].row.size;
  return imageOf;
}

function baseFiles(base) {
  const status = Array.from(
    { length: packages },
    (_, at) =>
      `Package: package${at}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.${base}-${at}\nDescription: package ${at}\n`,
  );
  return [
    file('etc/os-release', 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n'),
    file('var/lib/dpkg/status', `${status.join('\n')}\n`),
    ...Array.from({ length: files }, (_, at) => file(`usr/share/d${at % 40}/f${at}`, content(base, at))),
  ];
}

/** 4 kB of hexadecimal digits, which gzip halves. */
function content(base, at) {
  let text = '';
  for (let part = 0; text.length < 4096; part++)
    text += createHash('sha256').update(`${base} ${at} ${part}`).digest('hex');
  return text;
}

function digestOf(bytes) {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
