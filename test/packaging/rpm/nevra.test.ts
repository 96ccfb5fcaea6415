import { expect, test } from 'vitest';
import { parseRpmNevra } from '../../../src/packaging/rpm/nevra.ts';

test.each([
  ['libtiff-4.4.0-12.el9.x86_64', ['libtiff', '', '4.4.0', '12.el9', 'x86_64']],
  [
    'NetworkManager-libnm-1:1.22.8-5.el8_2.x86_64',
    ['NetworkManager-libnm', '1', '1.22.8', '5.el8_2', 'x86_64'],
  ],
  ['fonts-filesystem-2.0.5-12.fc39', ['fonts-filesystem', '', '2.0.5', '12.fc39', '']],
  ['gcc-gdb-plugin-0:8.5.0-20.el8.s390x', ['gcc-gdb-plugin', '0', '8.5.0', '20.el8', 's390x']],
  ['perl-Pod-Escapes-1.07-395.el8.noarch', ['perl-Pod-Escapes', '', '1.07', '395.el8', 'noarch']],
  [
    'nodejs-1:18.20.4-1.module+el8.10.0+22202+761b9a65.src',
    ['nodejs', '1', '18.20.4', '1.module+el8.10.0+22202+761b9a65', 'src'],
  ],
])('%s', (text, [name, epoch, version, release, arch]) => {
  expect(parseRpmNevra(text)).toEqual({ name, epoch, version, release, arch });
});

test.each(['', 'bash', 'bash-5.1', '-1-1', '1-1.x86_64', 'bash-5.1-', 'bash-a:1-1'])(
  'no NEVRA: %j',
  (text) => {
    expect(parseRpmNevra(text)).toBeUndefined();
  },
);
