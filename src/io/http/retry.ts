import { setTimeout as sleep } from 'node:timers/promises';
import { ScapfeedError } from '../../model/error.ts';
import type { HttpHeaders, HttpLimits, HttpResponse } from './http.ts';

/** Status codes for which a retry may help: time-outs, too many requests, server errors. */
export const retryStatuses: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

/**
 * Milliseconds before the retry after `attempt` (0 is the first): the doubled delay or Retry-After, whichever is longer.
 * Undefined: the server asks for a longer wait than the limit.
 */
export function retryDelay(
  limits: Pick<HttpLimits, 'firstDelay' | 'longestDelay'>,
  attempt: number,
  headers: HttpHeaders = {},
): number | undefined {
  const asked = retryAfter(headers);
  if (asked !== undefined && asked > limits.longestDelay) return undefined;
  return Math.max(asked ?? 0, Math.min(limits.firstDelay * 2 ** attempt, limits.longestDelay));
}

/** RFC 9110 10.2.3: seconds, or a date, which is compared with the server's own clock. */
function retryAfter(headers: HttpHeaders): number | undefined {
  const text = headers['retry-after'];
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const wait = Date.parse(text) - Date.parse(headers['date'] ?? '');
  return Number.isNaN(wait) ? undefined : Math.max(wait, 0);
}

/** Waits before a retry. @throws FETCH_TIMEOUT if the time for the whole transfer ends meanwhile */
export async function pause(delay: number | undefined, signal: AbortSignal, url: string): Promise<void> {
  try {
    await sleep(delay, undefined, { signal });
  } catch {
    const { reason } = signal;
    throw reason instanceof Error && reason.name === 'TimeoutError' ? tooLong(url, reason) : reason;
  }
}

/** The error for a transfer that takes too long. */
export function tooLong(where: string, cause: Error): ScapfeedError {
  return new ScapfeedError({
    code: 'FETCH_TIMEOUT',
    message: 'the whole transfer took too long',
    where,
    cause,
  });
}

/** True for a network failure, for which a retry may succeed. */
export function isTransient(error: unknown): boolean {
  return error instanceof ScapfeedError && transient.has(error);
}

const transient = new WeakSet<ScapfeedError>();

/** Marks an error as one for which a retry may succeed. */
export function asTransient(error: ScapfeedError): ScapfeedError {
  transient.add(error);
  return error;
}

/** The error for a response that is not a document. */
export function statusError({ status, headers }: HttpResponse, url: string): ScapfeedError {
  if (status === 404 || status === 410) {
    return new ScapfeedError({
      code: 'FETCH_NOT_FOUND',
      message: `expected a document, the server has none at this address (status ${status})`,
      where: url,
      remedy: 'check the address in feeds/, or the layout of the mirror (MIRROR/HOST/PATH)',
    });
  }
  const patience = headers['retry-after']
    ? `; it asks to come back later (retry-after: ${headers['retry-after']})`
    : '';
  return new ScapfeedError({
    code: 'FETCH_FAILED',
    message: `expected status 200, the server answered ${status}${patience}`,
    where: url,
    remedy: 'try again later, or build from the stored snapshots with --offline',
  });
}
