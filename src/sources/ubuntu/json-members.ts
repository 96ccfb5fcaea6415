import { ScapfeedError } from '../../model/index.ts';

export interface JsonMember {
  key: string;
  value: unknown;
}

export interface JsonMembersOptions {
  /** Largest member held; above it SOURCE_TOO_LARGE. */
  maxMemberBytes: number;
  where: string;
}

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;

/**
 * The members of one large JSON object, each parsed by itself: the whole is longer than a string may be.
 * Throws SOURCE_NOT_JSON where the text is no object or ends early.
 */
export async function* jsonMembers(
  chunks: AsyncIterable<Uint8Array>,
  { maxMemberBytes, where }: JsonMembersOptions,
): AsyncGenerator<JsonMember> {
  let depth = 0;
  let inString = false;
  let escaped = false;
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (inString) {
        if (escaped) escaped = false;
        else if (byte === backslash) escaped = true;
        else if (byte === quote) inString = false;
        continue;
      }
      if (byte === quote) inString = true;
      else if (isOpening(byte)) {
        depth += 1;
        if (depth === 1) start = at + 1;
      } else if (isClosing(byte) || (byte === comma && depth === 1)) {
        if (byte !== comma) depth -= 1;
        if (depth > 1 || (byte !== comma && depth === 1)) continue;
        held.push(chunk.subarray(start, at));
        const member = parseMember(Buffer.concat(held), where);
        if (member) yield member;
        held = [];
        heldBytes = 0;
        start = at + 1;
      }
    }
    if (depth === 0) continue;
    held.push(chunk.slice(start));
    heldBytes += chunk.length - start;
    if (heldBytes > maxMemberBytes) throw tooLarge(maxMemberBytes, where);
  }
  if (depth !== 0 || inString) throw notJson('it ends early', where);
}

function isOpening(byte: number): boolean {
  return byte === 0x7b || byte === 0x5b;
}

function isClosing(byte: number): boolean {
  return byte === 0x7d || byte === 0x5d;
}

function parseMember(bytes: Buffer, where: string): JsonMember | undefined {
  const text = bytes.toString('utf8').trim();
  if (text === '') return undefined;
  try {
    const [entry] = Object.entries(JSON.parse(`{${text}}`) as Record<string, unknown>);
    return entry && { key: entry[0], value: entry[1] };
  } catch (cause) {
    throw notJson((cause as Error).message, where);
  }
}

function notJson(reason: string, where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'SOURCE_NOT_JSON',
    message: `expected one JSON object: ${reason}`,
    where,
  });
}

function tooLarge(limit: number, where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'SOURCE_TOO_LARGE',
    message: `expected members of at most ${limit} bytes, found a larger one`,
    where,
  });
}
