import type { AsyncLocalStorage } from 'node:async_hooks';
import { lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { ScapfeedError } from '../../model/index.ts';
import { hostOf, isOfLink } from './addresses.ts';

let guards: AsyncLocalStorage<true> | undefined;

/**
 * Runs work whose connections go to no link-local address and to no cloud's metadata service, whatever a name, a redirect or a
 * registry's token server says: who may name a host to read from must not reach them.
 */
export function offLink<T>(work: () => Promise<T>): Promise<T> {
  guards ??= new (process.getBuiltinModule('node:async_hooks').AsyncLocalStorage)<true>();
  return guards.run(true, work);
}

/** Whether the work that this is called in is so. */
export function isOffLink(): boolean {
  return guards?.getStore() === true;
}

/** A host that is written as an address is not looked up. @throws {ScapfeedError} FETCH_REFUSED */
export function requireOffLink(url: URL): void {
  const host = hostOf(url);
  if (isIP(host) !== 0 && isOfLink(host)) throw refused(host);
}

/** Looks names up when the connection is made, so that a name cannot change what it stands for in between. */
export const offLinkLookup: LookupFunction = (host, options, done) => {
  lookup(host, { ...options, all: true }, (error, found) => {
    const wrong = found?.find(({ address }) => isOfLink(address));
    if (error) done(error, '', 0);
    else if (wrong) done(refused(wrong.address, host), '', 0);
    else if (options.all) done(null, found);
    else done(null, found[0]!.address, found[0]!.family);
  });
};

function refused(address: string, name?: string): ScapfeedError {
  const what = name === undefined ? address : `${name} is ${address}, which`;
  return new ScapfeedError({
    code: 'FETCH_REFUSED',
    message: `${what} is a link-local address or a cloud's metadata service, where no registry is read (--allow-link-local-registry)`,
    remedy: 'allow it with --allow-link-local-registry if it is a registry of your own',
  });
}
