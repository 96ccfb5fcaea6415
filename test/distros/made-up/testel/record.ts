import { rebuild, rebuilds } from '../../../../src/distros/rebuilds.ts';

/** A rebuild of RHEL that no other scanner knows. Imported before the registries, which are made of the records. */
export const testel = rebuild({
  id: 'testel',
  name: 'Testel Linux',
  publisher: 'Testel Project',
  licence: 'CC0-1.0',
  page: 'https://errata.testel.example',
  advisories: 'TE[A-Z]A',
  keys: { '7e57e17e57e17e57': 'Testel Linux 9' },
  architectures: ['aarch64', 'noarch', 'x86_64'],
});

rebuilds.push(testel);
