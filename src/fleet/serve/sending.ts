import { setTimeout as pause } from 'node:timers/promises';
import type { Sender } from '../fleet.ts';
import { outlasting } from '../outlasting.ts';
import { sendReady } from '../work.ts';

/** Milliseconds between two looks for news that wait to be sent: each is sent when the pause after its last try is over. */
const lookEvery = 2_000;

/** A receiver that does not answer keeps one of them for its patience. */
const atOnce = 2;

/**
 * Sends news that a receiver did not take before, until `ending` is aborted. The queue gives each message to one process, and to
 * another one if that dies.
 */
export async function keepSending(sender: Sender, ending: AbortSignal): Promise<void> {
  const { queue, tools } = sender;
  const outlast = outlasting(tools.warn);
  const look = async () => {
    await queue.supervise(['news']);
    await Promise.all(Array.from({ length: atOnce }, () => sendReady(sender)));
  };
  while (!ending.aborted) {
    await outlast(look);
    await pause(lookEvery, undefined, { signal: ending }).catch(() => undefined);
  }
}
