/** Not a kernel policy, or one of an unknown version. */
export class PolicyError extends Error {}

/**
 * Defaults of the booleans of a binary policy, by name. The kernel's format has eight symbol tables, the sixth that
 * of the booleans; entries of the others are skipped, and the rules after them are not read.
 */
export function policyBooleans(policy: Buffer): Map<string, boolean> {
  const reader = new Reader(policy);
  const { version, multiLevel } = readHeader(reader);
  readTable(reader, () => skipCommon(reader));
  for (const skip of [skipClass, skipRole, skipType, skipUser]) {
    if (readTable(reader, () => skip(reader, version)) === 0)
      throw new PolicyError('it has no classes, roles, types or users');
  }
  const booleans = readBooleans(reader);
  const sensitivities = readTable(reader, () => skipSensitivity(reader));
  if (multiLevel !== sensitivities > 0) throw new PolicyError('its levels are not as it declares');
  readTable(reader, () => skipCategory(reader));
  if (reader.number() === 0) throw new PolicyError('it has no rules');
  return booleans;
}

/** Booleans are numbered from 1 without gaps, each with one name. */
function readBooleans(reader: Reader): Map<string, boolean> {
  const booleans = new Map<string, boolean>();
  const values = new Set<number>();
  const symbols = readTable(reader, () => {
    const [value = 0, state = 0, length = 0] = reader.numbers(3);
    const name = reader.name(length);
    if (state > 1 || booleans.has(name))
      throw new PolicyError(`the boolean ${JSON.stringify(name)} is damaged or there twice`);
    booleans.set(name, state === 1);
    values.add(value);
    return value;
  });
  if (booleans.size !== symbols || values.size !== symbols)
    throw new PolicyError(`it has not the ${symbols} booleans that it declares`);
  return booleans;
}

const magic = 0xf97cff8c;
const target = 'SE Linux';
/** Commons, classes, roles, types, users, booleans, sensitivities, categories. */
const tables = 8;

/** Versions that changed the layout before the booleans. */
const since = { bounds: 24, objectDefaults: 27, defaultType: 28, constraintNames: 29 } as const;
const oldest = since.bounds;
const newest = 34;

function readHeader(reader: Reader): { version: number; multiLevel: boolean } {
  if (reader.number() !== magic) throw new PolicyError('it does not begin as a policy does');
  const length = reader.number();
  if (length !== target.length || reader.name(length) !== target)
    throw new PolicyError('it is not for the kernel of Linux');
  const [version = 0, flags = 0, symbolTables] = reader.numbers(4);
  if (version < oldest || version > newest)
    throw new PolicyError(`its version ${version} is not one from ${oldest} to ${newest}`);
  if (symbolTables !== tables) throw new PolicyError(`it has ${symbolTables} symbol tables, not ${tables}`);
  reader.skipBitmap(); // capabilities
  reader.skipBitmap(); // permissive types
  return { version, multiLevel: flags % 2 === 1 };
}

/**
 * Reads a table and returns its number of symbols; `entry` reads one entry and returns its value. Each entry takes bytes, so
 * a wrong count cannot keep the reader busy.
 */
function readTable(reader: Reader, entry: () => number): number {
  const [symbols = 0, entries = 0] = reader.numbers(2);
  for (let at = 0; at < entries; at += 1) {
    const value = entry();
    if (value < 1 || value > symbols) throw new PolicyError(`a symbol has the value ${value} of ${symbols}`);
  }
  return symbols;
}

function skipPermissions(reader: Reader, entries: number): void {
  for (let at = 0; at < entries; at += 1) {
    const [length = 0] = reader.numbers(2);
    reader.name(length);
  }
}

function skipCommon(reader: Reader): number {
  const [length = 0, value = 0, , permissions = 0] = reader.numbers(4);
  reader.name(length);
  skipPermissions(reader, permissions);
  return value;
}

function skipClass(reader: Reader, version: number): number {
  const [length = 0, commonLength = 0, value = 0, , permissions = 0, constraints = 0] = reader.numbers(6);
  reader.name(length);
  if (commonLength > 0) reader.name(commonLength);
  skipPermissions(reader, permissions);
  skipConstraints(reader, constraints, version);
  skipConstraints(reader, reader.number(), version); // validatetrans
  if (version >= since.objectDefaults) reader.numbers(3); // user, role, range
  if (version >= since.defaultType) reader.number();
  return value;
}

/** Kinds of terms in the expression of a constraint: not, and, or, a comparison, and one with names. */
const kinds = { first: 1, names: 5 };

function skipConstraints(reader: Reader, entries: number, version: number): void {
  for (let at = 0; at < entries; at += 1) {
    const [, terms = 0] = reader.numbers(2);
    for (let term = 0; term < terms; term += 1) {
      const [kind = 0] = reader.numbers(3);
      if (kind < kinds.first || kind > kinds.names)
        throw new PolicyError(`a constraint has a term of kind ${kind}`);
      if (kind !== kinds.names) continue;
      reader.skipBitmap();
      if (version < since.constraintNames) continue;
      reader.skipBitmap(); // types
      reader.skipBitmap(); // types taken out
      reader.number(); // flags
    }
  }
}

function skipRole(reader: Reader): number {
  const [length = 0, value = 0] = reader.numbers(3); // bounds
  reader.name(length);
  reader.skipBitmap(); // roles it dominates
  reader.skipBitmap(); // types
  return value;
}

function skipType(reader: Reader): number {
  const [length = 0, value = 0] = reader.numbers(4); // properties, bounds
  reader.name(length);
  return value;
}

/** Range and level are there with or without multi-level security. */
function skipUser(reader: Reader): number {
  const [length = 0, value = 0] = reader.numbers(3); // bounds
  reader.name(length);
  reader.skipBitmap(); // roles
  const levels = reader.number();
  if (levels !== 1 && levels !== 2) throw new PolicyError(`a user has a range of ${levels} levels`);
  reader.numbers(levels); // sensitivities
  for (let level = 0; level < levels; level += 1) reader.skipBitmap();
  skipLevel(reader);
  return value;
}

function skipLevel(reader: Reader): number {
  const sensitivity = reader.number();
  reader.skipBitmap(); // categories
  return sensitivity;
}

function skipSensitivity(reader: Reader): number {
  const [length = 0] = reader.numbers(2); // whether it is an alias
  reader.name(length);
  return skipLevel(reader);
}

function skipCategory(reader: Reader): number {
  const [length = 0, value = 0] = reader.numbers(3); // whether it is an alias
  reader.name(length);
  return value;
}

/** Bits of a map are kept in words of 64, each with the number of its first bit. */
const wordBits = 64;
const wordBytes = 12;

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  number(): number {
    return this.#bytes.readUInt32LE(this.#take(4));
  }

  numbers(count: number): number[] {
    const at = this.#take(4 * count);
    return Array.from({ length: count }, (_, index) => this.#bytes.readUInt32LE(at + 4 * index));
  }

  /** Names are C strings: none is empty or has a NUL. */
  name(length: number): string {
    const at = this.#take(length);
    const name = this.#bytes.subarray(at, at + length);
    if (length === 0 || name.includes(0)) throw new PolicyError(`byte ${at} does not begin a name`);
    return name.toString('latin1');
  }

  skipBitmap(): void {
    const at = this.#at;
    const [bits = 0, highest = 0, words = 0] = this.numbers(3);
    if (bits !== wordBits || highest % wordBits !== 0 || words > highest / wordBits)
      throw new PolicyError(`byte ${at} does not begin a map of bits`);
    this.#take(words * wordBytes);
  }

  #take(length: number): number {
    const at = this.#at;
    if (length > this.#bytes.length - at) throw new PolicyError(`it ends within byte ${at} and what follows`);
    this.#at = at + length;
    return at;
  }
}
