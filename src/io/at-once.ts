import pLimit from 'p-limit';

/** Runs tasks, with a limit on how many run at once. */
export type Limit = <T>(task: () => Promise<T>) => Promise<T>;

/** A limit for independent tasks: a failure does not stop the others. */
export function limitTo(width: number): Limit {
  return pLimit(width);
}

/** A limit for tasks that are all needed: after a failure no other task starts, and waiting ones fail with the same error. */
export function limitUntilFailure(width: number): Limit {
  const limit = limitTo(width);
  let failure: { error: unknown } | undefined;
  return (task) =>
    limit(async () => {
      if (failure) throw failure.error;
      try {
        return await task();
      } catch (error) {
        failure ??= { error };
        throw error;
      }
    });
}

/** Limit on concurrent tasks, and the controller to abort when one fails. */
export interface AtOnceOptions {
  width?: number;
  stop?: AbortController;
}

/**
 * Runs a task for each item, a few at once, and returns their results in the order of the items. After a failure no other
 * task starts; the failure is thrown once those that were running have ended.
 */
export async function someAtOnce<Item, Result>(
  items: readonly Item[],
  task: (item: Item, at: number) => Promise<Result>,
  { width = 4, stop }: AtOnceOptions = {},
): Promise<Result[]> {
  const limit = limitUntilFailure(width);
  const results = items.map((item, at) => limit(() => task(item, at)));
  try {
    return await Promise.all(results);
  } catch (error) {
    stop?.abort();
    await Promise.allSettled(results);
    throw error;
  }
}

/**
 * Promise.all that waits for all tasks if one fails, then throws the first failure in the order given. Otherwise running
 * tasks could write to files that the caller has cleaned up.
 */
export async function settled<T extends readonly unknown[] | []>(
  promises: T,
): Promise<{ -readonly [At in keyof T]: Awaited<T[At]> }> {
  const results = await Promise.allSettled([...promises]);
  const rejected = results.find((result): result is PromiseRejectedResult => result.status === 'rejected');
  if (rejected) throw rejected.reason;
  return results.map((result) => (result as PromiseFulfilledResult<unknown>).value) as {
    -readonly [At in keyof T]: Awaited<T[At]>;
  };
}
