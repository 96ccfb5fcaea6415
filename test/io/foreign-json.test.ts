import { describe, expect, it } from 'vitest';
import { JsonBoundError, JsonNameError, parseForeignJson, requireWithin } from '../../src/io/foreign-json.ts';

/** Every value that JSON.parse makes. */
function valuesOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce((sum: number, each) => sum + valuesOf(each), 1);
}

describe('JSON of foreign origin', () => {
  it('is what JSON.parse makes of it, as bytes and as text', () => {
    for (const text of ['null', '[]', '{"a":[1,"\\"],{",{}],"b\\\\":"ä€😀"}', ' [ 1 , 2 ] ']) {
      expect(parseForeignJson(text)).toEqual(JSON.parse(text));
      expect(parseForeignJson(Buffer.from(text), { maxValues: 100, maxDepth: 9 })).toEqual(JSON.parse(text));
    }
  });

  it('is refused for its values before one of them is made, whatever kind they have', () => {
    for (const value of ['{}', '[]', '0', '""', '{"":[]}', 'null']) {
      const text = `{"x":[${Array(2000).fill(value).join(',')}]}`;
      expect(() => parseForeignJson(text, { maxValues: 1000 })).toThrow('at most 1000 values');
      expect(() => requireWithin(Buffer.from(text), { maxValues: 1000 })).toThrow(JsonBoundError);
      expect(() => requireWithin(text, { maxValues: valuesOf(JSON.parse(text)) + 4000 })).not.toThrow();
    }
  });

  it('is refused for its values where it is cut, too', () => {
    expect(() => parseForeignJson('[{},'.repeat(3000), { maxValues: 1000 })).toThrow(JsonBoundError);
    expect(() => parseForeignJson(`"${'{,'.repeat(3000)}`, { maxValues: 1000 })).toThrow(SyntaxError);
  });

  it('does not count what stands in strings', () => {
    const text = JSON.stringify({ [',{['.repeat(1000)]: '"\\,{}[]'.repeat(1000) });
    expect(parseForeignJson(text, { maxValues: 3, maxDepth: 1 })).toEqual(JSON.parse(text));
  });

  it('is refused for its levels, of objects and of arrays', () => {
    for (const open of ['[', '{"a":', '[{"a":'])
      expect(() => parseForeignJson(open.repeat(100_000), { maxDepth: 64 })).toThrow('at most 64 levels');
    expect(parseForeignJson('[[],[[]],[]]', { maxDepth: 3 })).toEqual([[], [[]], []]);
  });

  it('by default a document of 24 MB of empty objects is refused', () => {
    const text = Buffer.from(`[${'{},'.repeat(8_000_000)}{}]`);
    expect(() => parseForeignJson(text)).toThrow('at most 8000000 values');
  });

  it('is refused for a name that an object has twice, if that is asked for', () => {
    const twice = [
      ['{"a":1,"a":2}', 'a'],
      ['[0,{"x":{"a":1},"b":[{"a":1}],"a":1 , "\\u0061"\n:2}]', 'a'],
      ['{"ä":1,"\\u00e4":2}', 'ä'],
      ['{"":1,"":2}', ''],
      ['{"\\"":1,"\\u0022":2}', '"'],
      ['{"__proto__":1,"__proto__":2}', '__proto__'],
    ] as const;
    for (const [text, name] of twice) {
      for (const each of [text, Buffer.from(text)]) {
        expect(parseForeignJson(each)).toEqual(JSON.parse(text));
        expect(() => parseForeignJson(each, { uniqueNames: true })).toThrow(new JsonNameError(name));
      }
    }
    for (const text of [
      '{"a":{"a":["a","a",{"a":"a:"}]},"b":{"a":1},"A":1,"a ":1}',
      '["a","a",{"c":"\\"a\\":1,\\"a\\":2"}]',
      '{"é":1,"e\u0301":2}',
      '"a"',
    ])
      expect(parseForeignJson(text, { uniqueNames: true })).toEqual(JSON.parse(text));
  });

  it('names are compared in 256 levels at most', () => {
    const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
    expect(parseForeignJson(nested(256), { uniqueNames: true })).toEqual(JSON.parse(nested(256)));
    expect(() => parseForeignJson(nested(257), { uniqueNames: true })).toThrow('at most 256 levels');
  });
});
