import { describe, expect, it } from 'vitest';
import { limitTo, limitUntilFailure, someAtOnce } from '../../src/io/at-once.ts';

const soon = () => new Promise((resolve) => setTimeout(resolve, 1));

describe('some tasks at once', () => {
  it('are never more than the width, and their results keep the order of the items', async () => {
    let running = 0;
    let most = 0;
    const results = await someAtOnce(
      [5, 1, 4, 2, 3],
      async (item, at) => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setTimeout(resolve, item));
        running--;
        return `${at}: ${item}`;
      },
      { width: 2 },
    );

    expect(most).toBe(2);
    expect(results).toEqual(['0: 5', '1: 1', '2: 4', '3: 2', '4: 3']);
  });

  it('after a failure: none starts, those that run end first, and the first failure in time is thrown', async () => {
    const stop = new AbortController();
    const seen: string[] = [];
    const work = someAtOnce(
      ['slow', 'fails', 'waits'],
      async (item) => {
        seen.push(`${item} starts`);
        await soon();
        if (item === 'fails') throw new Error('first');
        while (!stop.signal.aborted) await soon();
        seen.push(`${item} ends`);
        throw new Error('second');
      },
      { width: 2, stop },
    );

    await expect(work).rejects.toThrow('first');
    expect(seen).toEqual(['slow starts', 'fails starts', 'slow ends']);
  });
});

it('a limit until failure starts nothing after one; a plain limit goes on', async () => {
  const outcomes = async (limit: ReturnType<typeof limitTo>) => {
    const started: number[] = [];
    await Promise.allSettled(
      [0, 1, 2].map((n) =>
        limit(async () => {
          started.push(n);
          if (n === 0) throw new Error('no');
        }),
      ),
    );
    return started;
  };

  expect(await outcomes(limitUntilFailure(1))).toEqual([0]);
  expect(await outcomes(limitTo(1))).toEqual([0, 1, 2]);
});
