import { isIP } from 'node:net';
import { hostOf, isOfMachine } from '../io/http/addresses.ts';
import { offLimits } from '../io/http/off-link.ts';
import type { FleetTools } from './fleet.ts';

/**
 * Reads what may have been named by anybody with a token, and is read each night by a machine that can reach more than they can.
 * Its own registries are read where the place names them so, which only its user can have added.
 */
export function fromRegistries<T>(
  { linkLocal = false }: Pick<FleetTools, 'linkLocal'>,
  place: string,
  read: () => Promise<T>,
): Promise<T> {
  return offLimits({ link: !linkLocal, machine: registryOfMachine(place) === undefined }, read);
}

/** The registry if it is named as one of this machine, as by `127.0.0.1:5000/app` or `registry:localhost/app`; a name may lead anywhere. */
export function registryOfMachine(place: string): string | undefined {
  const [authority = ''] = place.replace(/^registry:/, '').split('/');
  const address = `https://${authority}`;
  if (!URL.canParse(address)) return undefined;
  const host = hostOf(new URL(address));
  return host === 'localhost' || (isIP(host) !== 0 && isOfMachine(host)) ? authority : undefined;
}
