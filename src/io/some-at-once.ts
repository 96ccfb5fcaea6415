/** Does all tasks, `width` at once. After a failure none is begun; it is thrown when those under way have ended. */
export async function someAtOnce<T>(
  items: readonly T[],
  task: (item: T) => Promise<void>,
  width = 4,
): Promise<void> {
  const queue = items.values();
  let failed = false;
  async function work(): Promise<void> {
    try {
      for (const item of queue) {
        if (failed) return;
        await task(item);
      }
    } catch (error) {
      failed = true;
      throw error;
    }
  }
  const results = await Promise.allSettled(Array.from({ length: width }, work));
  const rejected = results.find((result) => result.status === 'rejected');
  if (rejected) throw rejected.reason;
}
