import { defaultLimits, type HttpLimits } from '../../io/http/http.ts';

/** The slowest accepted rate; a slower server keeps a client from updates (slow retrieval, TUF specification 1.5.2). */
const slowestBytesPerSecond = 8192;

/**
 * Limits the time that a server takes for one whole pull: the pauses of all attempts of one request, and a second more for
 * every 8 kB received. Time counts during transfers.
 */
export interface Patience {
  /** Runs a transfer and aborts it by its signal when the time is used up. */
  during<T>(transfer: (signal: AbortSignal) => Promise<T>): Promise<T>;
  received(bytes: number): void;
  /** Milliseconds that were allowed so far. */
  readonly allowed: number;
}

export function openPatience({
  idle,
  retries,
}: Pick<HttpLimits, 'idle' | 'retries'> = defaultLimits): Patience {
  const pauses = idle * (retries + 1);
  let bytes = 0;
  let used = 0;
  let underWay = 0;
  let since = 0;
  const allowed = () => Math.ceil(pauses + (bytes / slowestBytesPerSecond) * 1000);
  const left = () => allowed() - used - (underWay > 0 ? performance.now() - since : 0);

  function watch(control: AbortController): () => void {
    let timer: NodeJS.Timeout;
    const look = () => {
      const rest = left();
      if (rest <= 0) control.abort(new DOMException('the server is too slow', 'TimeoutError'));
      else timer = setTimeout(look, Math.max(rest, 1));
    };
    look();
    return () => clearTimeout(timer);
  }

  return {
    async during(transfer) {
      if (underWay++ === 0) since = performance.now();
      const control = new AbortController();
      const stop = watch(control);
      try {
        return await transfer(control.signal);
      } finally {
        stop();
        if (--underWay === 0) used += performance.now() - since;
      }
    },
    received(count) {
      bytes += count;
    },
    get allowed() {
      return allowed();
    },
  };
}

/** Passes the pieces of a body on; each extends the server's time. */
export async function* countedBy(
  patience: Patience,
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  for await (const piece of body) {
    patience.received(piece.length);
    yield piece;
  }
}
