import { describe, expect, it } from 'vitest';
import { hasData } from '../support/data.ts';
import { hasOracle, hasSecurityGuide, isRoot } from '../support/oracles.ts';
import { share } from '../support/trials.ts';
import { compareProfile } from './compare.ts';
import { compiledStream, streamOf } from './main.ts';
import { type Flavour, type Product, rootOf } from './roots.ts';

const here = hasData('openscap-tests') && isRoot() && hasOracle('oscap', 'python3') && hasSecurityGuide();

/** Of `npm run prove:comply` each stream on a container and on a host with much to find; a run takes every second stream. */
const cases: [product: Product, runs: [flavour: Flavour, profile: string][]][] = [
  [
    'debian12',
    [
      ['slim-ctr', 'anssi_bp28_high'],
      ['slim-dirty', 'anssi_bp28_high'],
    ],
  ],
  [
    'ubuntu2204',
    [
      ['slim-ctr', 'cis_level2_server'],
      ['slim-dirty', 'stig'],
    ],
  ],
  [
    'ubuntu2404',
    [
      ['slim-ctr', 'cis_level2_server'],
      ['slim-dirty', 'cis_level1_workstation'],
    ],
  ],
  ['rhel8', [['slim-dirty', 'stig']]],
  [
    'rhel9',
    [
      ['slim-ctr', 'cis_server_l1'],
      ['slim-dirty', 'stig'],
    ],
  ],
  ['rhel10', [['slim-dirty', 'anssi_bp28_high']]],
];

describe.skipIf(!here)('rule results equal those of oscap on the same root', () => {
  it.each(share(cases, 3))('%s', async (product, runs) => {
    const content = compiledStream(product);
    for (const [flavour, profile] of runs) {
      const found = await compareProfile(content, streamOf(product), rootOf(product, flavour), profile);
      expect(found.unexplained).toEqual([]);
      expect(found.applicable).toBeGreaterThan(15);
      expect(found.equal).toBeGreaterThan(found.compared * 0.95);
    }
  });
});
