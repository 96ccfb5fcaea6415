import type { BulletinReader, BulletinRecord } from '../../../../src/distros/bulletin/records.ts';
import { type Bulletin, bulletins } from '../../../../src/distros/bulletins.ts';
import { list, optionalText, record, text } from '../../../../src/sources/fields.ts';

/** A distribution whose data is one document. Imported before the registries, which are made of the records. */
export const testlist: Bulletin = {
  ...{ id: 'testlist', name: 'Testlist Linux', packaging: 'deb', subject: 'source' },
  ...{ cpe: ['testlist', 'linux'], publisher: 'Testlist Project', data: 'Testlist flaws' },
  ...{ input: 'testlist-flaws', licence: 'CC0-1.0', page: 'https://testlist.example/' },
  pages: { flaws: 'https://testlist.example/', advisories: {} },
};

bulletins.push(testlist);

/** `[{flaw, source, fix?, rating?}]` */
export const reader: BulletinReader<BulletinRecord & { fix: string | undefined }> = {
  entries: (document) =>
    list<unknown>(document, '').map((value, at) => ({
      ...{ place: `/${at}`, packages: [] },
      read() {
        const { flaw, source, fix, rating } = record(value, '');
        const [packages, vulnerabilities] = [[text(source, '/source')], [text(flaw, '/flaw')]];
        const said = { fix: optionalText(fix, '/fix'), severity: optionalText(rating, '/rating') };
        return { pointer: `/${at}`, place: `/${at}`, packages, vulnerabilities, ...said };
      },
    })),
  outcome: ({ fix }) =>
    fix === undefined ? { status: 'affected', fixState: 'none_yet' } : { status: 'fixed', fixed: fix },
  evidence: ({ place }) => `${place}/{package}/{vulnerability}`,
};

/** In the place of feeds/testlist.json. */
export const definition = {
  ...{ document: 'https://testlist.example/flaws.json', malformedShare: 0.01, malformedFew: 5 },
  releases: [{ branch: 'rolling' as const, version: '3' }],
};
