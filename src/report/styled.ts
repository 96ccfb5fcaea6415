/** Addresses that need no escaping (RFC 3986). Nothing in them can end a sequence or pass for another address. */
const plainAddress = /^https:\/\/[A-Za-z0-9.-]+(?:\/[\w.~:/?#@!$&'()*+,;=%-]*)?$/;

/** Gives a printable text a colour of the terminal. */
export function coloured(text: string, color: number): string {
  return `\x1b[${color}m${text}\x1b[0m`;
}

/** Makes a printable text a link of the terminal (OSC 8); it stays as it is if the address has what an address cannot have. */
export function linked(text: string, address: string | undefined): string {
  if (address === undefined || !plainAddress.test(address)) return text;
  return `\x1b]8;;${address}\x1b\\${text}\x1b]8;;\x1b\\`;
}
