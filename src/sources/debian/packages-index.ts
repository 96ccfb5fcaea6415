import { ScapfeedError } from '../../model/index.ts';

/** A binary package of a suite with the source package that made it. */
export interface BinaryPackage {
  name: string;
  version: string;
  source: string;
  sourceVersion: string;
}

/** Stanzas are a few kB; one without end must not fill the memory. */
const maxStanzaBytes = 2 ** 20;

/**
 * The stanzas of a plain `Packages` file (Debian wiki, RepositoryFormat). A stanza without Package or Version is told to
 * `onMalformed` with its number. Throws SOURCE_MALFORMED for a stanza above 1 MiB.
 */
export async function* parsePackagesIndex(
  body: AsyncIterable<Uint8Array>,
  where: string,
  onMalformed: (stanza: number) => void,
): AsyncGenerator<BinaryPackage> {
  let number = 0;
  for await (const stanza of splitStanzas(body, where)) {
    number++;
    const read = readStanza(stanza);
    if (read) yield read;
    else onMalformed(number);
  }
}

async function* splitStanzas(body: AsyncIterable<Uint8Array>, where: string): AsyncGenerator<Buffer> {
  let carry = Buffer.alloc(0);
  for await (const piece of body) {
    const text = Buffer.concat([carry, piece]);
    let start = 0;
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n', start)) {
      if (end > start) yield text.subarray(start, end);
      start = end + 2;
    }
    carry = text.subarray(start);
    if (carry.length > maxStanzaBytes) throw endless(where);
  }
  if (carry.toString('latin1').trim() !== '') yield carry;
}

/**
 * No `Source`: the source has the binary's name and version; `Source` without parentheses: the same version.
 * Strings are copied out of the buffer one by one, so that none keeps a whole index alive.
 */
function readStanza(stanza: Buffer): BinaryPackage | undefined {
  const name = field(stanza, 'Package: ');
  const version = field(stanza, 'Version: ');
  if (name === undefined || version === undefined) return undefined;
  const [source = name, parenthesis] = (field(stanza, 'Source: ') ?? name).split(' ');
  const sourceVersion = parenthesis === undefined ? version : parenthesis.slice(1, -1);
  return { name, version, source, sourceVersion };
}

function field(stanza: Buffer, label: string): string | undefined {
  const found = stanza.indexOf(`\n${label}`);
  const begins = stanza.subarray(0, label.length).equals(Buffer.from(label));
  if (!begins && found === -1) return undefined;
  const start = begins ? label.length : found + 1 + label.length;
  const end = stanza.indexOf(0x0a, start);
  return stanza.toString('latin1', start, end === -1 ? stanza.length : end).trim();
}

function endless(where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: `expected stanzas of at most ${maxStanzaBytes} bytes, found a longer one`,
    where,
    remedy: 'fetch the index again',
  });
}
