import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson } from '../../src/io/json.ts';
import { readMembers } from '../../src/io/json-members.ts';

const where = 'data.json';

describe('parseJson', () => {
  it('gives what JSON.parse gives', () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: 'binary' }), (text) => {
        expect(parseJson(text, { where })).toEqual(JSON.parse(text));
      }),
    );
  });

  it('accepts and refuses what JSON.parse accepts and refuses', () => {
    const scraps = fc.string({
      unit: fc.constantFrom('{', '}', '[', ']', '"', ':', ',', '1', '-', '.', 'e', 'true', ' ', '\\', 'n'),
    });
    fc.assert(
      fc.property(scraps, (text) => {
        const ours = outcome(() => parseJson(text, { where }));
        const native = outcome(() => JSON.parse(text));
        expect(ours).toEqual(native);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    { text: '', found: 'expected a value, found the end of the text' },
    { text: '<html>', found: 'expected a value, found "<html>"' },
    { text: '{"a": 1', found: 'expected "," or "}", found the end of the text' },
    { text: '{"a": [1, 2,]}', found: 'expected a member after ",", found "]}"' },
    { text: '{"a" 1}', found: 'expected ":", found "1}"' },
    { text: '"a', found: 'expected the closing quote of a string, found the end of the text' },
    { text: '"\\x"', found: 'expected an escape that JSON knows, found "\\\\x\\""' },
    { text: '"a\nb"', found: 'expected no control character in a string, found "\\nb\\""' },
    { text: '{} {}', found: 'expected the end, found "{}"' },
    { text: 'NaN', found: 'expected a value, found "NaN"' },
    { text: '01', found: 'expected the end, found "1"' },
  ])('says what is wrong with $text', ({ text, found }) => {
    expect(() => parseJson(text, { where })).toThrow(
      expect.objectContaining({
        code: 'SOURCE_NOT_JSON',
        message: found,
        where: expect.stringContaining(where),
      }),
    );
  });

  it('says where, by JSON pointer', () => {
    expect(() => parseJson('{"a/b": [{"c~d": tru}]}', { where })).toThrow(
      expect.objectContaining({ where: 'data.json#/a~1b/0/c~0d (character 17)' }),
    );
  });

  it('tells every name that stands twice, and the last value holds', () => {
    const found: string[] = [];

    const value = parseJson('{"a": {"b": 1, "b": 2}, "c": [{"d": 1, "d": 1}], "a": 3}', {
      where,
      onDuplicate: (pointer) => found.push(pointer),
    });

    expect(value).toEqual({ a: 3, c: [{ d: 1 }] });
    expect(found).toEqual(['/a/b', '/c/0/d', '/a']);
  });

  it('keeps __proto__ a name like any other', () => {
    const value = parseJson('{"__proto__": {"polluted": true}}', { where }) as Record<string, unknown>;

    expect(Object.keys(value)).toEqual(['__proto__']);
    expect(value['polluted']).toBeUndefined();
  });

  it('refuses deep nesting before the stack does', () => {
    expect(() => parseJson('['.repeat(100_000), { where })).toThrow(
      expect.objectContaining({
        code: 'SOURCE_MALFORMED',
        message: expect.stringContaining('at most 64 levels'),
      }),
    );
  });
});

describe('readMembers', () => {
  it('gives the members of JSON.parse, however the bytes are cut', async () => {
    const documents = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ stringUnit: 'binary' }));
    await fc.assert(
      fc.asyncProperty(documents, fc.integer({ min: 1, max: 9 }), async (document, size) => {
        const text = JSON.stringify(document, null, size % 2);

        expect(await members(text, size)).toEqual(Object.entries(JSON.parse(text) as object));
      }),
    );
  });

  it.each([
    { text: '', message: 'expected a whole JSON object, found nothing' },
    {
      text: '{"a": {"b": 1}, "c": {"d"',
      message: 'expected a whole JSON object, found one that stops at " \\"c\\": {\\"d\\""',
    },
    { text: '[1, 2]', message: 'expected a JSON object, found "["' },
    { text: '<!DOCTYPE html><html>', message: 'expected a JSON object, found "<"' },
    { text: '{"a": 1} x', message: 'expected the end, found "x"' },
    { text: '{"a": 1,}', message: 'expected a member after ","' },
    { text: '{,"a": 1}', message: 'expected a member after ","' },
    { text: '{"a": [1}}', message: 'expected "," or "]", found "}}"' },
  ])('refuses $text', async ({ text, message }) => {
    await expect(members(text, 5)).rejects.toMatchObject({ code: 'SOURCE_NOT_JSON', message });
  });

  it('gives both values of a name that stands twice, and tells it', async () => {
    const found: string[] = [];

    const read = await members('{"a": 1, "b/c": 2, "a": 3, "b/c": 4}', 3, (pointer) => found.push(pointer));

    expect(read).toEqual([
      ['a', 1],
      ['b/c', 2],
      ['a', 3],
      ['b/c', 4],
    ]);
    expect(found).toEqual(['/a', '/b~1c']);
  });

  it('holds one member at most: a line without end is refused at the bound', async () => {
    let given = 0;
    async function* endless() {
      yield Buffer.from('{"a": "');
      for (; given < 10_000_000; given += 65_536) yield Buffer.alloc(65_536, 'x');
    }

    const read = drain(readMembers(endless(), { where, maxMemberBytes: 1_000_000 }));

    await expect(read).rejects.toMatchObject({ code: 'SOURCE_TOO_LARGE', where });
    expect(given).toBeLessThan(2_000_000);
  });
});

function outcome(run: () => unknown): unknown {
  try {
    return { value: run() };
  } catch {
    return 'refused';
  }
}

async function members(text: string, size: number, onDuplicate = (_: string) => {}): Promise<unknown[]> {
  return drain(
    readMembers(inPieces(Buffer.from(text), size), { where, maxMemberBytes: 2 ** 20, onDuplicate }),
  );
}

async function drain(items: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const item of items) all.push(item);
  return all;
}

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
