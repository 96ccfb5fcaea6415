import { describe, expect, it } from 'vitest';
import { capabilityText, normalCapabilities } from '../../src/verify/capabilities.ts';
import { dir, file, symlink, type TarInput } from '../image/support/make-tar.ts';
import { dpkgDatabase, rpmDatabase } from './support/packages.ts';
import { verifyLayers } from './support/verify.ts';

/** struct vfs_cap_data, second revision: magic and flags, then permitted and inheritable of the low and high words. */
function capability(permitted: bigint, { effective = true, inheritable = 0n } = {}): Buffer {
  const bytes = Buffer.alloc(20);
  bytes.writeUInt32LE(0x0200_0000 + (effective ? 1 : 0), 0);
  bytes.writeUInt32LE(Number(permitted & 0xffff_ffffn), 4);
  bytes.writeUInt32LE(Number(inheritable & 0xffff_ffffn), 8);
  bytes.writeUInt32LE(Number(permitted >> 32n), 12);
  bytes.writeUInt32LE(Number(inheritable >> 32n), 16);
  return bytes;
}

const netRaw = 1n << 13n;

function entry(name: string, mode: number, caps?: Buffer): TarInput {
  const pax = caps && { 'SCHILY.xattr.security.capability': caps.toString('latin1') };
  return { ...file(name, 'x'), mode, ...(pax ? { pax } : {}) };
}

const debs = dpkgDatabase(
  { name: 'mount', files: { '/usr/bin/mount': 'x' } },
  { name: 'iputils-ping', files: { '/usr/bin/ping': 'x' } },
  { name: 'findutils', files: { '/usr/bin/find': 'x' } },
);
const override = file('var/lib/dpkg/statoverride', 'root root 4755 /usr/bin/find\n');
const rpms = rpmDatabase([
  { path: '/usr/bin/su', content: 'x', mode: 0o104755 },
  { path: '/usr/bin/plain', content: 'x', mode: 0o100755 },
  { path: '/usr/bin/ping', content: 'x', mode: 0o100755, capabilities: '= cap_net_raw+ep' },
  { path: '/var/open', mode: 0o040777 },
]);

const cases: { name: string; layer: TarInput[]; found: string[] }[] = [
  {
    name: 'setuid that a package is known for',
    layer: [...debs, entry('usr/bin/mount', 0o4755)],
    found: ['setuid known'],
  },
  {
    name: 'setgid that it is not known for',
    layer: [...debs, entry('usr/bin/mount', 0o6755)],
    found: ['setuid not_recorded !'],
  },
  {
    name: 'setuid of another package',
    layer: [...debs, entry('usr/bin/find', 0o4755)],
    found: ['setuid not_recorded !'],
  },
  {
    name: 'setuid that the administrator asked for',
    layer: [...debs, override, entry('usr/bin/find', 0o4755)],
    found: ['setuid override'],
  },
  {
    name: 'setgid where the administrator asked for setuid',
    layer: [...debs, override, entry('usr/bin/find', 0o6755)],
    found: ['setuid not_as_packaged !'],
  },
  { name: 'setuid of no package', layer: [...debs, entry('opt/x', 0o4755)], found: ['setuid unowned !'] },
  { name: 'setgid of a folder', layer: [...debs, { ...dir('var/mail'), mode: 0o2775 }], found: [] },
  {
    name: 'a file for everybody',
    layer: [...debs, entry('opt/x', 0o666)],
    found: ['world-writable unowned !'],
  },
  {
    name: 'a packaged file for everybody',
    layer: [...debs, entry('usr/bin/find', 0o777)],
    found: ['world-writable not_recorded !'],
  },
  {
    name: 'a folder for everybody',
    layer: [...debs, { ...dir('var/x'), mode: 0o777 }],
    found: ['world-writable unowned !'],
  },
  { name: 'a sticky folder', layer: [...debs, { ...dir('tmp'), mode: 0o1777 }], found: [] },
  { name: 'a link', layer: [...debs, { ...symlink('opt/l', '/x'), mode: 0o777 }], found: [] },
  {
    name: 'a device',
    layer: [...debs, { name: 'dev/null', flag: '3', mode: 0o666 }],
    found: [],
  },
  {
    name: 'capabilities that a package is known for',
    layer: [...debs, entry('usr/bin/ping', 0o755, capability(netRaw))],
    found: ['capability known'],
  },
  {
    name: 'more capabilities than it is known for',
    layer: [...debs, entry('usr/bin/ping', 0o755, capability(netRaw | (1n << 21n)))],
    found: ['capability not_recorded !'],
  },
  {
    name: 'capabilities of no package',
    layer: [...debs, entry('opt/x', 0o755, capability(netRaw))],
    found: ['capability unowned !'],
  },
  {
    name: 'rpm: setuid as packaged',
    layer: [...rpms, entry('usr/bin/su', 0o4755)],
    found: ['setuid as_packaged'],
  },
  {
    name: 'rpm: setuid that is not packaged',
    layer: [...rpms, entry('usr/bin/plain', 0o4755)],
    found: ['setuid not_as_packaged !'],
  },
  {
    name: 'rpm: capabilities as packaged',
    layer: [...rpms, entry('usr/bin/ping', 0o755, capability(netRaw))],
    found: ['capability as_packaged'],
  },
  {
    name: 'rpm: capabilities that are not packaged',
    layer: [...rpms, entry('usr/bin/plain', 0o755, capability(netRaw))],
    found: ['capability not_as_packaged !'],
  },
  {
    name: 'rpm: a folder for everybody as packaged',
    layer: [...rpms, { ...dir('var/open'), mode: 0o777 }],
    found: ['world-writable as_packaged'],
  },
];

describe('rights beyond those of the user', () => {
  it.each(cases)('$name', async ({ layer, found }) => {
    const { deviations, privileged } = await verifyLayers(layer);
    const rights = ['setuid', 'capability', 'world-writable'];

    expect([
      ...privileged.map(({ kind, origin }) => `${kind} ${origin}`),
      ...deviations
        .filter(({ kind }) => rights.includes(kind))
        .map(({ kind, origin }) => `${kind} ${origin} !`),
    ]).toEqual(found);
  });
});

describe('capabilities in words', () => {
  it.each([
    ['one', capability(netRaw), 'cap_net_raw=ep'],
    ['two', capability(netRaw | (1n << 12n)), 'cap_net_admin,cap_net_raw=ep'],
    ['not effective', capability(netRaw, { effective: false }), 'cap_net_raw=p'],
    ['inheritable ones', capability(netRaw, { inheritable: 1n }), 'cap_chown=ei cap_net_raw=ep'],
    ['of the high word', capability(1n << 39n), 'cap_bpf=ep'],
    ['one without a name', capability(1n << 60n), 'cap_60=ep'],
    ['cut off', Buffer.from([1, 0]), '2 bytes that are no capabilities'],
  ])('%s', (_, bytes, text) => {
    expect(capabilityText(bytes)).toBe(text);
  });

  it.each([
    ['cap_net_raw=p', 'cap_net_raw=p'],
    ['= cap_net_raw+ep', 'cap_net_raw=ep'],
    ['cap_net_raw,cap_net_admin=pe', 'cap_net_admin,cap_net_raw=ep'],
    ['cap_setuid=ep cap_setgid+p', 'cap_setuid=ep cap_setgid=p'],
    ['cap_net_raw=ep cap_net_raw-e', 'cap_net_raw=p'],
    ['CAP_NET_RAW=ep', 'cap_net_raw=ep'],
    ['', ''],
  ])('as packagers write them: %s', (written, text) => {
    expect(normalCapabilities(written).split(' ').sort()).toEqual(text.split(' ').sort());
  });
});
