import { expect, it } from 'vitest';
import { compareCodeUnits, pushTo, sortedByText } from '../../src/model/order.ts';

it('sorts by texts as compareCodeUnits does, equal ones in their order', () => {
  const texts = ['b', 'a', 'B', '', 'ä', '\u{1f600}', '\uffff', 'a', '10', '9', 'b', 'undefined', 'a b'];
  const items = texts.map((text, at) => ({ text, at }));
  const expected = items.toSorted((one, other) => compareCodeUnits(one.text, other.text));

  expect(sortedByText(items, ({ text }) => text)).toEqual(expected);
});

it('the list of a key grows in place', () => {
  const lists = new Map<string, number[]>();
  pushTo(lists, 'a', 1);
  const list = lists.get('a');
  pushTo(lists, 'b', 2);
  pushTo(lists, 'a', 3);
  expect(lists.get('a')).toBe(list);
  expect([...lists]).toEqual([
    ['a', [1, 3]],
    ['b', [2]],
  ]);
});
