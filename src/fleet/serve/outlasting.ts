import { isOfDatabase } from '../work.ts';

/** What is done again and again, and outlasts a database that is full or away: told once, until it works again. */
export function outlasting(work: () => Promise<void>, warn: (text: string) => void): () => Promise<void> {
  let isTold = false;
  return async () => {
    try {
      await work();
      isTold = false;
    } catch (error) {
      if (!isOfDatabase(error)) throw error;
      if (!isTold) warn(error.message);
      isTold = true;
    }
  };
}
