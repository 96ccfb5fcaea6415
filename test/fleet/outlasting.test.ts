import { expect, it } from 'vitest';
import { throughRestarts } from '../../src/fleet/outlasting.ts';
import { databaseError } from '../../src/fleet/store/database-error.ts';
import { ScapfeedError } from '../../src/model/error.ts';

const limits = { patience: 300, tryEvery: 20, mostLosses: 3 };

/** The error of a statement when the server has ended. */
const lost = () =>
  databaseError('postgres://db', Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }));

function listener() {
  const said: string[] = [];
  return { said, warn: (text: string) => void said.push(text) };
}

const loss = /^the connection to the database was lost: .*; waiting for the database, /;

it('work goes on when the database is back, and both are said once', async () => {
  const person = listener();
  let tries = 0;
  const done = await throughRestarts(
    person,
    async (isBack) => {
      tries += 1;
      if (tries < 4) throw lost();
      isBack();
      return 'done';
    },
    limits,
  );
  expect(done).toBe('done');
  expect(person.said).toEqual([expect.stringMatching(loss), 'the database is back, and the work goes on']);
});

it('a database that does not come back is waited for until the patience is over, and the error says what to do', async () => {
  const person = listener();
  const began = performance.now();
  await expect(throughRestarts(person, async () => Promise.reject(lost()), limits)).rejects.toMatchObject({
    code: 'DATABASE_UNUSABLE',
    remedy: expect.stringContaining('run again'),
  });
  expect(performance.now() - began).toBeGreaterThanOrEqual(limits.patience);
  expect(person.said).toEqual([expect.stringMatching(loss)]);
});

it('a database that ends each time the work is done is not tried for ever', async () => {
  const person = listener();
  let tries = 0;
  const work = throughRestarts(
    person,
    async (isBack) => {
      isBack();
      tries += 1;
      throw lost();
    },
    limits,
  );
  await expect(work).rejects.toMatchObject({ code: 'DATABASE_UNUSABLE' });
  expect(tries).toBe(limits.mostLosses + 1);
});

it('who is told to end does not wait, and other errors are not waited for', async () => {
  const person = listener();
  const end = new AbortController();
  const told = throughRestarts({ ...person, ending: end.signal }, async () => Promise.reject(lost()), {
    ...limits,
    tryEvery: 60_000,
  });
  end.abort();
  await expect(told).rejects.toThrow('aborted');
  const full = new ScapfeedError({ code: 'DISK_FULL', message: 'full', where: 'here', remedy: 'free space' });
  await expect(throughRestarts(person, async () => Promise.reject(full), limits)).rejects.toBe(full);
});
