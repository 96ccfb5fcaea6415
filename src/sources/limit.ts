import pLimit from 'p-limit';

/** Runs tasks a few at once. */
export type Limit = <T>(task: () => Promise<T>) => Promise<T>;

/** A limit for tasks of which every one is needed: after a failure none is begun, and the others fail with it. */
export function limitUntilFailure(width: number): Limit {
  const limit = pLimit(width);
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
