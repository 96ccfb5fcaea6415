import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { rpmDatabaseMaker } from '../../prove/compare.ts';
import { hasData } from '../../support/data.ts';
import { hasOracle, isRoot } from '../../support/oracles.ts';
import { allTrials, share } from '../../support/trials.ts';
import { type BothOutputs, bothOutputs, compareRoot } from './both-ways.ts';
import { documentRoots } from './document-roots.ts';
import { realDocuments } from './real-documents.ts';
import { rhelRoot } from './roots.ts';

const able =
  hasOracle('oscap', 'python3', 'rpm', 'xz') &&
  hasData('redhat', 'vex') &&
  existsSync(rpmDatabaseMaker) &&
  isRoot();

describe.skipIf(!able)(
  'fixed builds of the documents: the index and oscap on the OVAL of the same documents',
  () => {
    let outputs: BothOutputs;
    beforeAll(async () => {
      outputs = await bothOutputs(realDocuments());
    });

    test.each([7, 8, 9, 10])('RHEL %i', (major) => {
      const index = outputs.indexes.find(({ platform }) => platform.id === `rhel-${major}`)!;
      const roots = documentRoots(index);
      const chosen = share(roots, 4);
      const total = { roots: 0, packages: 0, compared: 0, affected: 0, listed: new Map<string, number>() };
      for (const { name, release, packages, modules } of chosen) {
        const found = compareRoot(outputs, index.platform.id, rhelRoot(release, packages, modules));
        expect(found.unexplained, name).toEqual([]);
        total.roots += 1;
        total.packages += packages.length;
        total.compared += found.compared;
        total.affected += found.affected;
        for (const [cause, count] of found.listed)
          total.listed.set(cause, (total.listed.get(cause) ?? 0) + count);
      }
      if (allTrials)
        console.log(
          index.platform.id,
          JSON.stringify({ ...total, of: roots.length, listed: [...total.listed] }),
        );
      expect(total.affected).toBeGreaterThan(0);
    });
  },
);
