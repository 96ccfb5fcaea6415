import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openImage } from '../../../src/image/index.ts';
import { ScapfeedError } from '../../../src/model/error.ts';
import type { Image } from '../../../src/model/inventory/index.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { dockerArchive, imageLayout, makeImage, temporaryFile } from '../support/make-image.ts';
import { file, makeTar, symlink, type TarInput } from '../support/make-tar.ts';
import { openStream, text, wanted } from '../support/open.ts';

const status = 'var/lib/dpkg/status';
const layers = [
  [
    { ...file(status, 'Package: a\nVersion: 1\n'), pax: { size: '22', mtime: '1.5' } },
    symlink('etc/os-release', '../usr/lib/os-release'),
  ],
  [file('usr/lib/os-release', 'ID=debian\n'), file('opt/.wh.gone'), file('opt/x', 'x'.repeat(3000))],
];

/** Incompressible, so that the stored layer is of many pieces as well. */
const large = [file(status, 'a'), file('opt/noise', noise(600_000))];

function noise(length: number): Buffer {
  const words = numbers(length);
  return Buffer.from(Uint32Array.from({ length: length / 4 }, () => words.next().value).buffer);
}

function layoutTar(compress: 'gzip' | 'none' | 'zstd', of: TarInput[][] = layers): Buffer {
  const files = imageLayout({ layers: of, compress });
  return makeTar(Object.entries(files).map(([name, bytes]) => file(name, bytes)));
}

const archives: Record<string, Buffer> = {
  'a docker-archive of Docker 24': dockerArchive({ layers }, 'docker 24'),
  'a docker-archive of Docker 25, gzip layers': dockerArchive({ layers }, 'docker 25'),
  'a docker-archive of skopeo': dockerArchive({ layers }, 'skopeo'),
  'an oci-archive of plain layers': layoutTar('none'),
  'an oci-archive of gzip layers': layoutTar('gzip'),
  'an oci-archive of zstd layers': layoutTar('zstd'),
  'an oci-archive of a layer of many pieces': layoutTar('gzip', [large]),
  'a root file system': makeTar(layers[0]!),
  'a gzipped docker-archive': gzipSync(dockerArchive({ layers }, 'docker 24')),
};

/** Numbers that look random and are the same in every run (xorshift). */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    yield state >>> 0;
  }
}

/** One byte changed, a piece taken out, a piece doubled, or the end cut off, at a place that matters more often than not. */
function damaged(bytes: Buffer, random: Iterator<number, never>): Buffer {
  const number = (below: number) => random.next().value % below;
  const at = number(bytes.length);
  const length = [1, 8, 512][number(3)]!;
  switch (number(5)) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    case 2:
      return Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]);
    default: {
      const copy = Buffer.from(bytes);
      copy[at] = copy[at]! ^ (1 + number(255));
      return copy;
    }
  }
}

type Outcome = { status: string | undefined } | { error: unknown };

async function outcome(opening: Promise<Image>): Promise<Outcome> {
  try {
    return { status: text(await opening, `/${status}`) };
  } catch (error) {
    return { error };
  }
}

/** Waits no longer than anything here could take. */
async function settled(opening: Promise<Image>): Promise<Outcome | 'never settles'> {
  let timer: NodeJS.Timeout | undefined;
  const never = new Promise<'never settles'>((resolve) => {
    timer = setTimeout(() => resolve('never settles'), 5000);
  });
  const first = await Promise.race([outcome(opening), never]);
  clearTimeout(timer);
  return first;
}

function isOrderly(result: Outcome | 'never settles'): boolean {
  if (result === 'never settles') return false;
  if (!('error' in result)) return true;
  return result.error instanceof ScapfeedError && result.error.code !== 'INTERNAL';
}

it('a gzip layer that zeros pad is read as without them, on stdin and from a file', async () => {
  const { layers: blobs, config } = makeImage({ layers });
  const padded = blobs.map(({ bytes }) => Buffer.concat([bytes, Buffer.alloc(300_000)]));
  const manifest = [{ Config: 'c.json', RepoTags: null, Layers: ['0.tar', '1.tar'] }];
  const archive = makeTar([
    ...padded.map((bytes, at) => file(`${at}.tar`, bytes)),
    file('c.json', config.bytes),
    file('manifest.json', JSON.stringify(manifest)),
  ]);
  const path = temporaryFile('x.tar', archive);

  for (const image of [await openStream(archive), await openImage(path, { wanted })]) {
    expect(text(image, `/${status}`)).toBe('Package: a\nVersion: 1\n');
  }
});

describe.each(Object.entries(archives))('%s', (_, bytes) => {
  it('comes to a result or an error on stdin, whatever is damaged, and to no other result than as a file', async () => {
    const random = numbers(bytes.length);
    const path = join(temporaryFolder(), 'x.tar');
    for (let run = 0; run < 400; run++) {
      const broken = damaged(bytes, random);

      const streamed = await settled(openStream(broken));

      expect(streamed, `run ${run}`).toSatisfy(isOrderly);
      if (streamed === 'never settles' || !('status' in streamed)) continue;
      writeFileSync(path, broken);
      const whole = await settled(openImage(path, { wanted }));
      if (whole === 'never settles' || 'status' in whole) expect(whole, `run ${run}`).toEqual(streamed);
    }
  });
});
