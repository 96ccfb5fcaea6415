import { expect, it } from 'vitest';
import { NoteBook } from '../../src/image/note-book.ts';

const layer = (name: string, count: number) =>
  Array.from({ length: count }, (_, nth) => [name, `${name} ${nth}`] as const);

it('lists the same places of many, whichever layer is read first', () => {
  const notesOf = (...layers: (readonly (readonly [string, string])[])[]) => {
    const book = new NoteBook();
    for (const [where, detail] of layers.flat()) book.add(where === 'c' ? 'rare' : 'usual', where, detail);
    return book.notes();
  };
  const [a, b, c] = [layer('a', 3), layer('b', 4), layer('c', 6)];
  const notes = notesOf(a, b, c);

  expect(notesOf(c, b, a)).toEqual(notes);
  expect(notesOf(b, a.slice(0, 1), c, a.slice(1))).toEqual(notes);
  expect(notes.filter(({ code }) => code === 'usual').map(({ detail }) => detail)).toEqual([
    ...['a 0', 'a 1', 'a 2', 'b 0', 'b 1'],
    '7 in all',
  ]);
});
