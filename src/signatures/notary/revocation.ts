import type { ChainLink } from './chain.ts';

/** Where lists of revoked certificates are, and who answers whether one is revoked. */
const pointers = ['2.5.29.31', '1.3.6.1.5.5.7.1.1'];

/** True if a certificate below the root names a place where its revocation can be checked. */
export function canBeRevoked(chain: readonly ChainLink[]): boolean {
  const below = chain.length > 1 ? chain.slice(0, -1) : chain;
  return below.some(({ extensions }) => pointers.some((oid) => extensions.extension(oid) !== undefined));
}
