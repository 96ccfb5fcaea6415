import { ScapfeedError } from '../model/error.ts';

/** `SCHEME:...` or `HOST:PORT/...`: a colon before the first slash. A folder with such a name is written with `./`. */
export function looksLikeAddress(place: string): boolean {
  return /^[^/]+:/.test(place) && !place.startsWith('.');
}

/** The error for an address of an unknown kind; `known`: the kinds that the command takes besides a folder. */
export function unknownAddress(place: string, known: string): ScapfeedError {
  const image = /^(?:docker|registry|oci):\/{0,2}(.*)$/i.exec(place)?.[1];
  const registry = image ?? (/^[^/]+:\d+(\/|$)/.test(place) ? place : undefined);
  return new ScapfeedError({
    code: 'USAGE',
    message: `expected a folder or ${known}, found an address of another kind`,
    where: place,
    remedy:
      registry === undefined
        ? `write a registry as oci://HOST/NAME; if it is a folder, as ./${place}`
        : `write it as oci://${registry}; if it is a folder, as ./${place}`,
  });
}

/**
 * A feed's files are asked for below its address. A login in it would be sent nowhere, and repeated in messages and reports.
 * @throws {ScapfeedError} USAGE, without the address
 */
export function requirePlainAddress(address: string): void {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url && url.username === '' && url.password === '' && !/[?#]/.test(address)) return;
  throw new ScapfeedError({
    code: 'USAGE',
    message: 'expected the address of a feed as http(s)://HOST/PATH, without a login, a query and a fragment',
    remedy: 'leave them out: the files of a feed are signed, and are asked for without a login',
  });
}
