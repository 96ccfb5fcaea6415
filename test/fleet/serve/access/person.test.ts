import { expect, it } from 'vitest';
import { claimOf, personName } from '../../../../src/fleet/serve/access/person.ts';

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

it.each<[string, unknown]>([
  ['groups', ['a']],
  ['realm_access.roles', ['b']],
  ['resource_access.fleet.roles', ['c']],
  ['https://fleet.example/groups', ['d']],
  ['realm_access.groups', undefined],
  ['realm_access.roles.length', undefined],
  ['realm_access.constructor', undefined],
  ['absent.roles', undefined],
  ['nothing.roles', undefined],
  ['a.b', ['the whole name comes first']],
])('the claim %s is %j', (name, value) => {
  const claims = {
    groups: ['a'],
    realm_access: { roles: ['b'] },
    resource_access: { fleet: { roles: ['c'] } },
    'https://fleet.example/groups': ['d'],
    nothing: null,
    'a.b': ['the whole name comes first'],
    a: { b: ['not this one'] },
  };
  expect(claimOf(claims, name)).toEqual(value);
});
