import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readDocuments } from '../../src/comply/eval/read-document.ts';
import { type VendorFlaw, vendorOval } from '../comply/support/vendor-oval.ts';
import { rpmDatabaseMaker } from '../prove/compare.ts';
import { hasOracle, isRoot } from '../support/oracles.ts';
import { compareDocument, compareEmitted } from './main.ts';

// Versions of one package around each other, so that each root has results of both kinds.
const flaws: VendorFlaw[] = Array.from({ length: 60 }, (_, at) => ({
  number: 1000 + at,
  package: `tool${at % 20}`,
  below: `${at % 4}:1.${at % 7}${at % 5 === 0 ? '~rc1' : ''}-${at % 3}.el9`,
  class: at % 2 === 0 ? 'patch' : 'vulnerability',
}));

function document(type: 'rpm' | 'deb') {
  const text = vendorOval(flaws, { type });
  const [read] = readDocuments(text, 'vendor.xml');
  return { name: `${type}.xml`, text: Buffer.from(text), document: read!.document };
}

describe.skipIf(!hasOracle('oscap') || !isRoot())('our engine and oscap agree on every definition', () => {
  it("of a vendor's document on dpkg systems", () => {
    const found = compareDocument(document('deb'), []);

    expect(found.unexplained).toEqual([]);
    expect(found).toMatchObject({ compared: 300, equal: 300 });
    expect(found.held).toBeGreaterThan(30);
  });

  // rpminfo changes its root, and the maker of databases stands beside the test data.
  it.skipIf(!hasOracle('python3', 'rpm') || !existsSync(rpmDatabaseMaker))(
    "of a vendor's document on rpm systems",
    () => {
      const found = compareDocument(document('rpm'), []);

      expect(found.unexplained).toEqual([]);
      expect(found).toMatchObject({ compared: 300, equal: 300 });
      expect(found.held).toBeGreaterThan(30);
    },
  );

  it.each(['debian', 'ubuntu'])('of our own OVAL, and both agree with the index: %s', async (platform) => {
    const found = await compareEmitted(platform, 300);

    expect(found.unexplained).toEqual([]);
    expect(found.equal).toBe(found.compared);
    expect(found.held).toBeGreaterThan(50);
  });
});
