import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { examplesPerReason, Ledger } from '../../../src/model/feed/index.ts';

describe('the account of a source', () => {
  it('balances: records = used + dropped; a doubt is no record', () => {
    const ledger = new Ledger('test');
    ledger.use(3);
    ledger.drop('unknown_status', '/a');
    ledger.drop('debug_package', '/b', undefined, 4);
    ledger.doubt('stale_note', '/c', 'fixed in sid before');

    expect(ledger).toMatchObject({ records: 8, used: 3, dropped: 5 });
    expect(ledger.findings().map(({ reason, count, dropped }) => [reason, count, dropped])).toEqual([
      ['debug_package', 4, true],
      ['stale_note', 1, false],
      ['unknown_status', 1, true],
    ]);
  });

  it('cuts places and details of any length', () => {
    const ledger = new Ledger('test');
    const long = 'x'.repeat(1_000_000);
    ledger.drop('bad', long, long, 1, { package: 'a' });
    const cut = { where: `${'x'.repeat(1000)}…`, detail: `${'x'.repeat(1000)}…` };
    expect(ledger.findings()[0]!.examples).toEqual([cut]);
    expect(ledger.unreadOf('test-1').get('a')!.records).toEqual([{ reason: 'bad', ...cut }]);
  });

  it('keeps the same examples whatever the order, and counts all', () => {
    const places = Array.from({ length: 40 }, (_, at) => [`/record/${at % 30}`, `detail ${at}`] as const);
    const account = (order: readonly (readonly [string, string])[]) => {
      const ledger = new Ledger('test');
      for (const [where, detail] of order) {
        ledger.drop('bad', where, detail);
        ledger.doubt('bad', where, detail);
      }
      return ledger.findings();
    };
    const expected = account(places);

    expect(expected.map(({ count, examples }) => [count, examples.length])).toEqual([
      [40, examplesPerReason],
      [40, examplesPerReason],
    ]);
    fc.assert(
      fc.property(fc.shuffledSubarray([...places], { minLength: 40 }), (shuffled) => {
        expect(account(shuffled)).toEqual(expected);
      }),
    );
  });
});
