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
