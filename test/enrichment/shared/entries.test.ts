import { expect, it } from 'vitest';
import { readEntries } from '../../../src/enrichment/shared/entries.ts';
import { ScapfeedError } from '../../../src/model/error.ts';

const read = (...items: unknown[]) =>
  readEntries(
    items,
    ['list.json', '/entries'],
    (item) => {
      if (typeof item === 'string') return item;
      throw new ScapfeedError({
        code: 'SOURCE_MALFORMED',
        message: 'not a string',
        where: '#id',
        remedy: '-',
      });
    },
    (id) => id,
  );

it('each entry is read once or counted, and its place is named', () => {
  expect(read('CVE-1', 2, 'CVE-1', 'CVE-3')).toEqual({
    entries: ['CVE-1', 'CVE-3'],
    refused: [
      { where: 'list.json#/entries/1#id', message: 'not a string' },
      { where: 'list.json#/entries/2', message: 'CVE-1 is listed twice' },
    ],
  });
});

it('a list of which nothing can be read is refused: its form has changed', () => {
  expect(() => read(1, 2)).toThrow('expected an entry that can be read, found none: not a string');
});
