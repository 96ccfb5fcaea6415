import { defaultLimits, type HttpLimits } from '../../io/http.ts';

/** A link may be this slow; a server that is slower keeps a client from news (slow retrieval, TUF specification 1.5.2). */
const slowestBytesPerSecond = 8192;

/** Milliseconds that a transfer of so many bytes may take, with all its attempts. */
export function patience(bytes: number, { idle }: Pick<HttpLimits, 'idle'> = defaultLimits): number {
  return Math.ceil(idle + (bytes / slowestBytesPerSecond) * 1000);
}
