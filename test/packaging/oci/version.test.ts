import { describe, expect, test } from 'vitest';
import { compareContainerTags } from '../../../src/packaging/oci/version.ts';

describe('tags of containers', () => {
  test.each([
    ['release numbers', '2.5.6-4', '2.5.6-8', -1],
    ['equal', 'v3.5.5-4', 'v3.5.5-4', 0],
    ['with and without v', 'v3.5.5-4', '3.5.5-4', 0],
    ['the version outweighs the release', '1.10.0-1', '1.9.2-30', 1],
    [
      'builds of OpenShift by their time',
      'v4.14.0-202312132033.p0.g0ede33d.assembly.stream',
      'v4.14.0-202401050713.p0.g5ed0f8f.assembly.stream',
      -1,
    ],
    ['a release with dashes', '4.6-115.d1788e1.release_4.6', '4.6-116.0000000.release_4.6', -1],
    ['no release', 'v3.5.5', 'v3.5.5-4', undefined],
    ['a floating tag', 'latest', 'v3.5.5-4', undefined],
    ['a digest', 'v3.5.5-4', `sha256:${'0'.repeat(64)}`, undefined],
    ['a release that is no number', '3.5-beta', '3.5-4', undefined],
    ['nothing', '', '3.5-4', undefined],
  ])('%s', (_, a, b, order) => {
    expect(compareContainerTags(a, b)).toBe(order);
    expect(compareContainerTags(b, a)).toBe(order === undefined ? undefined : order === 0 ? 0 : -order);
  });
});
