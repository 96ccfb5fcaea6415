import type { AsyncLocalStorage } from 'node:async_hooks';
import { lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { ScapfeedError } from '../../model/error.ts';
import { hostOf, isOfLink, isOfMachine } from './addresses.ts';

/** Where connections do not go. */
export interface OffLimits {
  /** Link-local addresses, and the metadata services of clouds. */
  link: boolean;
  /** This machine. */
  machine: boolean;
}

let guards: AsyncLocalStorage<OffLimits> | undefined;

/**
 * Runs work whose connections do not go there, whatever a name, a redirect or a registry's token server says: who may name a
 * host to read from must not reach them.
 */
export function offLimits<T>(off: OffLimits, work: () => Promise<T>): Promise<T> {
  guards ??= new (process.getBuiltinModule('node:async_hooks').AsyncLocalStorage)<OffLimits>();
  return guards.run(off, work);
}

/** Of the work that this is called in; undefined: nothing is. */
export function currentOffLimits(): OffLimits | undefined {
  return guards?.getStore();
}

/** A host that is written as an address is not looked up. @throws {ScapfeedError} FETCH_REFUSED */
export function requireReachable(url: URL, off: OffLimits): void {
  const host = hostOf(url);
  if (isIP(host) !== 0 && isOff(host, off)) throw refused(host);
}

/** Looks names up when the connection is made, so that a name cannot change what it stands for in between. */
export function lookupWithin(off: OffLimits): LookupFunction {
  return (host, options, done) => {
    lookup(host, { ...options, all: true }, (error, found) => {
      if (error) done(error, '', 0);
      else if (found.some(({ address }) => isOff(address, off))) done(refused(host), '', 0);
      else if (options.all) done(null, found);
      else done(null, found[0]!.address, found[0]!.family);
    });
  };
}

function isOff(address: string, { link, machine }: OffLimits): boolean {
  return (link && isOfLink(address)) || (machine && isOfMachine(address));
}

/** One answer for all of them, which reveals nothing about what is there. */
function refused(host: string): ScapfeedError {
  return new ScapfeedError({
    code: 'FETCH_REFUSED',
    message:
      `${host} is this machine, a link-local address or a cloud's metadata service, ` +
      'where no registry is read (--allow-link-local-registry)',
    remedy:
      'add a registry on this machine by its address with `scapfeed fleet add 127.0.0.1:5000/app:1`; allow a link-local one of your own with --allow-link-local-registry',
  });
}
