import { isLoopbackHost } from '../io/http/addresses.ts';
import { answersTls } from '../io/http/answers-tls.ts';

/** The user's settings for connections to registries. */
export interface PlainChoice {
  /** Hosts for which plain http is used; true: every host; false: none, not even a loopback address. */
  insecure?: boolean | readonly string[] | undefined;
  /** PEM text of the user's certificate authorities. If present, TLS is used on the loopback address too. */
  ca?: string | undefined;
}

/** Whether a registry is reached by plain http: one that is named, and one on the loopback address that does not use TLS. */
export async function usesPlainHttp(host: string, { insecure = [], ca }: PlainChoice): Promise<boolean> {
  if (typeof insecure === 'boolean') return insecure;
  if (insecure.includes(host)) return true;
  return ca === undefined && isLoopbackHost(host.replace(/:\d+$/, '')) && !(await answersTls(host));
}
