import { isScapfeedError } from '../../../model/error.ts';

/** 401: what came back is not accepted; 403: the person may do nothing here; 503: the provider does not answer. */
export type SignInStatus = 401 | 403 | 503;

/** Why a person is not signed in. */
export class SignInRefused extends Error {
  readonly status: SignInStatus;
  readonly remedy: string;
  /** The person, if known. */
  readonly person: string | undefined;

  constructor(status: SignInStatus, message: string, remedy = 'sign in again', person?: string) {
    super(message);
    this.status = status;
    this.remedy = remedy;
    this.person = person;
  }
}

/** Codes of openid-client for answers that are none of the protocol. */
const noAnswers: ReadonlySet<string> = new Set([
  ...['OAUTH_RESPONSE_IS_NOT_CONFORM', 'OAUTH_RESPONSE_IS_NOT_JSON', 'OAUTH_PARSE_ERROR', 'OAUTH_TIMEOUT'],
]);

/** Turns an error of openid-client, or of the network below it, into one for a person; another error is returned unchanged. */
export function refusalOf(error: unknown, provider: string): unknown {
  const chain = causesOf(error);
  const refused = chain.find((one) => one instanceof SignInRefused);
  if (refused) return refused;
  const network = chain.find(isScapfeedError);
  const codes = chain.map((one) => (one as { code?: unknown }).code);
  const last = chain.findLast((one) => one instanceof Error);
  if (network || codes.some((code) => typeof code === 'string' && noAnswers.has(code)))
    return new SignInRefused(
      503,
      `${provider} does not answer as it should: ${shortened((network ?? last)?.message)}`,
      'try again later, or sign in with a token',
    );
  const { error: own } = error as { error?: unknown };
  if (own === 'invalid_client' || codes.includes('OAUTH_WWW_AUTHENTICATE_CHALLENGE'))
    return new SignInRefused(
      503,
      `${provider} does not accept this server's client or its secret`,
      'tell the operator: they are those of --oidc-client and --oidc-secret-file',
    );
  // The provider's own error: in the address for the authorization, in its answer for the code.
  if (typeof own === 'string') return new SignInRefused(401, `${provider} refused: ${shortened(own)}`);
  if (
    codes.some((code) => typeof code === 'string' && code.startsWith('OAUTH_')) ||
    error instanceof TypeError
  )
    return new SignInRefused(401, `what ${provider} sent is not accepted: ${shortened(last?.message)}`);
  return error;
}

/** An error and its causes. */
function causesOf(error: unknown): Error[] {
  const found: Error[] = [];
  let next = error;
  while (next instanceof Error && found.length < 10) {
    found.push(next);
    next = next.cause;
  }
  return found;
}

/** Text of others on a page and in a log: one line. */
function shortened(text: unknown): string {
  return String(text)
    .replaceAll(/[^\x20-\x7e]/g, '?')
    .slice(0, 200);
}
