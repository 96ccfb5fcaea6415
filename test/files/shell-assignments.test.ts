import { expect, it } from 'vitest';
import { parseAssignments } from '../../src/files/shell-assignments.ts';

it.each([
  ['ID=debian', 'debian'],
  ['ID="Debian GNU"', 'Debian GNU'],
  ["ID='$HOME'", '$HOME'],
  [String.raw`ID="a\"b\$c\d"`, String.raw`a"b$c\d`],
  ['  ID=debian\r', 'debian'],
  ['ID="debian', '"debian'],
  ['ID="', '"'],
  ['ID=', ''],
  ['ID=old\nID=new', 'new'],
  ['# ID=debian', undefined],
  ['ID debian', undefined],
])('%j sets %j', (text, value) => {
  expect(parseAssignments(text).get('ID')).toBe(value);
});
