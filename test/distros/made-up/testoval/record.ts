import { rebuild, rebuilds } from '../../../../src/distros/rebuilds.ts';

/** A distribution of which there is OVAL, about source packages. Imported before the registries, which are made of the records. */
export const testoval = rebuild({
  id: 'testoval',
  name: 'Testoval Linux',
  publisher: 'Testoval Project',
  licence: 'CC0-1.0',
  page: 'https://oval.testoval.example',
  ownSources: true,
  oval: { file: 'testoval-{release}.xml', flaws: { inclusive: 'unfixed' } },
  keys: { '7e570a17e570a17e': 'Testoval Linux 2' },
  architectures: ['noarch', 'x86_64'],
  scanners: { trivy: { bucket: 'testoval', errata: 'Testoval OVAL', fixes: 'source' } },
});

rebuilds.push(testoval);

/** In the place of feeds/testoval.json. */
export const definition = {
  oval: 'https://oval.testoval.example',
  packages: 'https://packages.testoval.example',
  malformedShare: 0.01,
  malformedFew: 5,
  releases: [
    { major: '2', life: [{ phase: 'security' as const, until: '2031-01-31' }], repositories: ['2'] },
  ],
};
