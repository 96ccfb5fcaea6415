import { expect, it } from 'vitest';
import { compareCodeUnits, sortedByText } from '../../src/model/order.ts';

it('sorts by texts as compareCodeUnits does, equal ones in their order', () => {
  const texts = ['b', 'a', 'B', '', 'ä', '\u{1f600}', '\uffff', 'a', '10', '9', 'b', 'undefined', 'a b'];
  const items = texts.map((text, at) => ({ text, at }));
  const expected = items.toSorted((one, other) => compareCodeUnits(one.text, other.text));

  expect(sortedByText(items, ({ text }) => text)).toEqual(expected);
});
