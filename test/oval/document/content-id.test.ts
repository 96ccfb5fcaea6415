import { describe, expect, test } from 'vitest';
import { fingerprint, IdRegister } from '../../../src/oval/document/content-id.ts';

describe('fingerprint', () => {
  // Ids of published definitions: a change here renames every definition of every user.
  test.each([
    ['inventory', '543219952662068'],
    ['fixed CVE-2023-0286 openssl', '501614479832908'],
    ['patch DSA-5343-1', '309635217507197'],
  ])('%s keeps its id', (text, id) => {
    expect(fingerprint(text).digits).toBe(id);
  });

  test('400,000 keys that differ by little have as many ids, all of them valid', () => {
    const ids = new Set<string>();
    for (let at = 0; at < 400_000; at++)
      ids.add(fingerprint(`fixed CVE-${2000 + (at % 27)}-${at} openssl`).digits);

    expect(ids.size).toBe(400_000);
    expect([...ids].every((id) => /^[1-9]\d{8,14}$/.test(id))).toBe(true);
  });
});

describe('IdRegister', () => {
  test('knows an item again and grows', () => {
    const register = new IdRegister();

    for (let at = 0; at < 10_000; at++) expect(register.register(fingerprint(`a${at}`), '')).toBe(true);
    for (let at = 0; at < 10_000; at++) expect(register.register(fingerprint(`a${at}`), '')).toBe(false);

    expect(register.size).toBe(10_000);
  });

  test('two items of one id are refused with the place of the second', () => {
    const register = new IdRegister();
    register.register({ high: 7, low: 10_000_000, check: 1 }, 'first');

    expect(() => register.register({ high: 7, low: 10_000_000, check: 2 }, 'second')).toThrow(
      expect.objectContaining({ code: 'SOURCE_MALFORMED', where: 'second' }),
    );
  });
});
