import { describe, expect, test } from 'vitest';
import { requireToken } from '../../../src/oval/document/xml.ts';

describe('requireToken', () => {
  test.each(['', 'a b', 'naïve', 'a\u0000', 'x\n'])('refuses %j with its place', (text) => {
    expect(() => requireToken(text, 'debian-12/openssl')).toThrow(
      expect.objectContaining({ code: 'SOURCE_MALFORMED', where: 'debian-12/openssl' }),
    );
  });
});
