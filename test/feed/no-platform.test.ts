import { expect, it } from 'vitest';
import { sources } from '../../src/distros/builds.ts';
import { requirePossible } from '../../src/feed/no-platform.ts';

const named = (...ids: string[]) => sources().filter(({ id }) => ids.includes(id));

it('refuses a platform that no source can have', () => {
  const wanted = ['debian-12', 'amzn-20233'];
  expect(() => requirePossible(named('debian', 'amazon'), wanted)).toThrow(/no platform amzn-20233 in /);
});

it('says nothing where a source learns its platforms from its data', () => {
  expect(named('debian', 'redhat')).toHaveLength(2);
  expect(() => requirePossible(named('debian', 'redhat'), ['rhel-99'])).not.toThrow();
});

it('knows the platforms of these sources', () => {
  const known = sources().filter(({ platforms }) => platforms !== undefined);
  expect(known.map(({ id }) => id)).toEqual(
    expect.arrayContaining([
      ...['debian', 'amazon', 'gentoo', 'dhi', 'alpine', 'suse', 'osv'],
      ...['rocky', 'oracle', 'fedora', 'openeuler', 'minimos', 'cleanstart', 'wolfi'],
    ]),
  );
  // Red Hat's and Ubuntu's are those of their documents.
  const learning = sources().filter(({ platforms, contentOnly }) => platforms === undefined && !contentOnly);
  expect(learning.map(({ id }) => id)).toEqual(['redhat', 'ubuntu']);
  for (const source of known)
    for (const { id } of source.platforms!) expect(() => requirePossible([source], [id])).not.toThrow();
});
