import { expect, it } from 'vitest';
import { personName } from '../../src/fleet/serve/access/person.ts';

it.each([
  [undefined, true],
  [true, true],
  ['true', true],
  [false, false],
  ['false', false],
  [0, false],
  [null, false],
])('an address whose verification is %j names a person: %s', (verified, isShown) => {
  const name = personName(
    '248289',
    { email: 'ann@example.org', email_verified: verified },
    'https://idp.example/',
  );
  expect(name).toBe(isShown ? 'ann@example.org (248289 at idp.example)' : '248289 at idp.example');
});
