import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { compileOval } from '../../src/comply/index.ts';
import { openCompilable } from '../../src/tasks/compile/run.ts';
import { toolVersion } from '../../src/tasks/tool-version.ts';
import { vendorOval } from '../comply/support/vendor-oval.ts';

const folder = mkdtempSync(join(tmpdir(), 'scapfeed-compile-large-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A document so large that a second thread makes its index. */
const document = vendorOval(
  Array.from({ length: 2000 }, (_, at) => ({
    number: 1000 + at,
    package: `p${at % 300}`,
    below: `0:${at % 17}-${at % 5}`,
    severity: 'Low',
  })),
  { type: 'deb' },
);

/** The output of `compile` when it reads the text from a file. */
async function compiled(text: string | Buffer): Promise<Buffer> {
  const file = join(folder, 'vendor.oval.xml');
  writeFileSync(file, text);
  const content = await openCompilable({ file });
  const parts: Buffer[] = [];
  if (content.kind === 'definitions') await content.compile((bytes) => parts.push(Buffer.from(bytes)));
  return Buffer.concat(parts);
}

describe('a large document of OVAL definitions', () => {
  it('is compiled by two threads to the bytes that one makes', async () => {
    expect(document.length).toBeGreaterThan(1 << 19);
    for (const bytes of [Buffer.from(document), Buffer.from(document.replaceAll('Acme', 'Äcmé'))]) {
      const from = { name: 'vendor.oval.xml', where: 'vendor.oval.xml', tool: `scapfeed ${toolVersion}` };
      expect((await compiled(bytes)).equals(compileOval(bytes, from))).toBe(true);
    }
    expect(readFileSync(join(folder, 'vendor.oval.xml')).length).toBeGreaterThan(document.length);
  });

  it('is refused for its first fault, whichever thread finds it', async () => {
    const ids = [...document.matchAll(/<definition id="([^"]*)"/g)].map(([, id]) => id!);
    const twice = document.replace(`id="${ids[3]}"`, `id="${ids[2]}"`);

    await expect(compiled(twice)).rejects.toMatchObject({
      code: 'CONTENT_MALFORMED',
      message: `ids are unique, found ${ids[2]} twice`,
    });
    await expect(compiled(`${twice}<`)).rejects.toMatchObject({
      message: `ids are unique, found ${ids[2]} twice`,
    });
    await expect(compiled(document.slice(0, -20))).rejects.toMatchObject({ code: 'CONTENT_MALFORMED' });
  });
});
