import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ScapfeedError } from '../../../src/model/error.ts';
import { makeTar, type TarInput } from '../../image/support/make-tar.ts';
import { openStream } from '../../image/support/open.ts';
import { readTar } from '../../image/support/read-tar.ts';

const name = fc.stringMatching(/^[a-z./ä]{1,60}$/).filter((text) => !text.endsWith('/'));
const entry: fc.Arbitrary<TarInput> = fc.record({
  name: fc.oneof(
    name,
    fc.constantFrom('var/lib/dpkg/status', 'var/lib/dpkg/.wh.status', '.wh..wh..opq', 'var', 'a'),
  ),
  flag: fc.constantFrom('0', '1', '2', '5', '6', 'S', 'V'),
  link: fc.oneof(name, fc.constantFrom('a', 'var', '/', '..', '.', '')),
  content: fc.string({ maxLength: 1200 }),
  mode: fc.nat(0o7777),
});

/** Runs an act that may fail only in the way that users can be told of. */
async function orderly(act: () => unknown): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof ScapfeedError)) throw error;
    expect(error.where).toBeTruthy();
    expect(['IMAGE_MALFORMED', 'IMAGE_LIMIT_EXCEEDED']).toContain(error.code);
  }
}

describe('whatever a tar holds', () => {
  it('its entries come out as they went in, in pieces of any size', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 8 }), fc.integer({ min: 1, max: 3000 }), (entries, size) => {
        const bytes = makeTar(entries.map((input) => ({ ...input, flag: '0' })));

        const read = readTar(bytes, size);

        expect(read.map(({ name, content }) => [name, content.toString()])).toEqual(
          entries.map(({ name, content }) => [readBack(name), content]),
        );
      }),
    );
  });

  it('flipped and cut bytes lead to an error with a place, or to a reading', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(entry, { minLength: 1, maxLength: 6 }),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 20 }),
        fc.nat(),
        async (entries, flips, cut) => {
          const bytes = makeTar(entries);
          for (const [at, byte] of flips) bytes[at % bytes.length] = byte;

          await orderly(() => readAll(bytes.subarray(0, 1 + (cut % bytes.length))));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('links of any kind lead to a view that answers every question', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { maxLength: 30 }), async (entries) => {
        await orderly(() => readAll(makeTar(entries)));
      }),
      { numRuns: 300 },
    );
  });

  it('bytes of no format at all are refused', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 3000 }), async (bytes) => {
        await orderly(() => readAll(Buffer.from(bytes)));
      }),
    );
  });
});

/** Opens a tar and walks all of it. */
async function readAll(bytes: Buffer): Promise<void> {
  const image = await openStream(bytes);
  const open = ['/'];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    for (const child of image.files.list(path)) {
      const childPath = path === '/' ? `/${child}` : `${path}/${child}`;
      const stat = image.files.stat(childPath, false);
      expect(stat).toBeDefined();
      if (stat?.type === 'directory') open.push(childPath);
      image.files.stat(childPath);
      image.files.history(childPath);
    }
  }
  image.files.read('/var/lib/dpkg/status');
}

/** A ustar name field holds 100 bytes. */
function readBack(name: string): string {
  return Buffer.from(name).subarray(0, 100).toString('utf8');
}
