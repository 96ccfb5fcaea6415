import { createReadStream, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { redHatDefinition } from '../../../src/distros/redhat/definition.ts';
import { verifyDetached } from '../../../src/sources/openpgp.ts';
import { dataPath, hasData } from '../../support/data.ts';

const vmaas = 'RedHatInsights__vmaas';
const signature = (name: string) =>
  readFileSync(
    dataPath('redhat', 'signature', 'key', vmaas, 'vmaas/reposcan/redhatcsaf/test', `${name}.asc`),
    'utf8',
  );
const document = (name: string) => dataPath('redhat', 'vex', vmaas, 'vmaas/reposcan/redhatcsaf/test', name);

describe.skipIf(!hasData('redhat', 'signature'))("Red Hat's key, as feeds/redhat.json ships it", () => {
  const verify = (body: Uint8Array | AsyncIterable<Uint8Array>, name: string) =>
    verifyDetached(body, signature(name), redHatDefinition.signingKeys, new Date(), name);

  it('a good signature, of bytes in one piece and in many', async () => {
    const name = 'cve-2026-0006.json';
    await expect(verify(readFileSync(document(name)), name)).resolves.toBeUndefined();
    await expect(
      verify(createReadStream(document(name), { highWaterMark: 100 }), name),
    ).resolves.toBeUndefined();
  });

  it('a document that was edited after it was signed', async () => {
    const name = 'cve-2023-0030.json';
    await expect(verify(readFileSync(document(name)), name)).rejects.toMatchObject({
      code: 'SOURCE_SIGNATURE_WRONG',
      where: name,
    });
  });

  it('one byte more', async () => {
    const bytes = Buffer.concat([readFileSync(document('cve-2026-0006.json')), Buffer.from('\n')]);
    await expect(verify(bytes, 'cve-2026-0006.json')).rejects.toMatchObject({
      code: 'SOURCE_SIGNATURE_WRONG',
    });
  });

  it('the release key that signs packages is another', async () => {
    const other = readFileSync(
      dataPath('redhat', 'signature', 'key', vmaas, 'vmaas/reposcan/redhatcsaf/test/fd431d51.txt'),
      'utf8',
    );
    const name = 'cve-2026-0006.json';
    const refused = verifyDetached(readFileSync(document(name)), signature(name), other, new Date(), name);
    await expect(refused).rejects.toMatchObject({ code: 'SOURCE_SIGNATURE_WRONG' });
  });
});
