import { describe, expect, test } from 'vitest';
import { readInventory } from '../../../src/inventory/index.ts';
import { signingKeyId } from '../../../src/packaging/rpm/signature.ts';
import { memoryView } from '../../support/memory-view.ts';
import { binary, type RpmSpec, rpmHeader, stringArray } from '../../support/rpm-header.ts';
import { rpmNdb } from '../../support/rpm-ndb.ts';

/** Red Hat's release key 2. */
const keyId = '199e2f91fd431d51';
const key = Buffer.from(keyId, 'hex');
const fingerprint = Buffer.from(`567e347ad0044ade55ba8a5f${keyId}`, 'hex');

const v3 = Buffer.concat([Buffer.from([3, 5, 0, 0x5e, 0, 0, 0]), key, Buffer.from([1, 8, 0x12, 0x34])]);

function v4(hashed: Buffer, unhashed: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from([4, 0, 1, 8]),
    u16(hashed.length),
    hashed,
    u16(unhashed.length),
    unhashed,
  ]);
}

function u16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}

function v6(hashed: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from([6, 0, 1, 8, 0, 0, 0, hashed.length]),
    hashed,
    Buffer.from([0, 0, 0, 0]),
  ]);
}

function subpacket(type: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([content.length + 1, type]), content]);
}

const none = Buffer.alloc(0);
const time = subpacket(2, Buffer.from([0x5e, 0, 0, 0]));
const issuer = subpacket(16, key);
const issuerFingerprint = subpacket(33, Buffer.concat([Buffer.from([4]), fingerprint]));
const laterFingerprint = subpacket(33, Buffer.concat([Buffer.from([6]), key, Buffer.alloc(24, 9)]));

/** Old packet headers with one, two and four bytes of length and with none, then the new form. */
const framings: Record<string, (body: Buffer) => Buffer> = {
  '88': (body) => Buffer.concat([Buffer.from([0x88, body.length]), body]),
  '89': (body) => Buffer.concat([Buffer.from([0x89, 0, body.length]), body]),
  '8a': (body) => Buffer.concat([Buffer.from([0x8a, 0, 0, 0, body.length]), body]),
  '8b': (body) => Buffer.concat([Buffer.from([0x8b]), body]),
  c2: (body) => Buffer.concat([Buffer.from([0xc2, body.length]), body]),
  'c2 long': (body) => Buffer.concat([Buffer.from([0xc2, 255, 0, 0, 0, body.length]), body]),
};

describe('the key that signed', () => {
  test.each(Object.entries(framings))('packet header %s', (_, frame) => {
    expect(signingKeyId(frame(v3))).toBe(keyId);
    expect(signingKeyId(frame(v4(time, issuer)))).toBe(keyId);
  });

  test.each([
    ['version 3', v3],
    ['version 4, issuer not hashed', v4(time, issuer)],
    ['version 4, issuer hashed', v4(Buffer.concat([time, issuer]), none)],
    ['version 4, critical issuer', v4(none, subpacket(16 | 0x80, key))],
    ['version 4, fingerprint only', v4(Buffer.concat([issuerFingerprint, time]), none)],
    ['version 6, fingerprint of a later key', v6(laterFingerprint)],
  ])('%s', (_, body) => {
    expect(signingKeyId(framings['89']!(body))).toBe(keyId);
  });

  test('lengths of two bytes, of a subpacket and of a packet in the new form', () => {
    const filler = Buffer.concat([Buffer.from([192, 201 - 192, 20]), Buffer.alloc(200)]);
    const body = v4(time, Buffer.concat([filler, issuer]));
    const rest = body.length - 192;
    const packet = Buffer.concat([Buffer.from([0xc2, 192 + (rest >> 8), rest & 0xff]), body]);

    expect(signingKeyId(packet)).toBe(keyId);
  });

  test.each([
    ['nothing', none],
    ['no packet', Buffer.from('plain text')],
    ['another packet', Buffer.from([0x99, 0, 1, 4])],
    ['cut off in its length', Buffer.from([0x89, 1])],
    ['cut off in its body', Buffer.from([0x89, 0, 200, 3])],
    ['cut off in the key id', framings['89']!(v3.subarray(0, 10))],
    ['an unknown version', framings['89']!(Buffer.from([5, 0, 0, 0]))],
    ['no issuer', framings['89']!(v4(time, none))],
    ['an area longer than the packet', framings['89']!(Buffer.from([4, 0, 1, 8, 9, 9]))],
    ['an empty subpacket', framings['89']!(v4(Buffer.from([0, 0]), none))],
  ])('is not told by %s', (_, bytes) => {
    expect(signingKeyId(bytes)).toBeUndefined();
  });
});

describe('where a header keeps it', () => {
  const bash: RpmSpec = { name: 'bash', version: '5', release: '1', arch: 'noarch' };
  const signature = framings['89']!(v4(time, issuer));
  const foreign = framings['89']!(v4(time, subpacket(16, Buffer.alloc(8, 0xab))));

  function inventoryOf(spec: Partial<RpmSpec>) {
    return readInventory(
      memoryView({ '/var/lib/rpm/Packages.db': rpmNdb([rpmHeader({ ...bash, ...spec })]) }),
    );
  }

  test.each([
    ['RSAHEADER', { rsaHeader: signature, more: [binary(259, foreign)] }],
    ['DSAHEADER', { more: [binary(267, signature)] }],
    ['SIGPGP', { more: [binary(259, signature)] }],
    ['SIGGPG', { more: [binary(262, signature)] }],
    ['OPENPGP (rpm 6)', { more: [stringArray(278, [signature.toString('base64'), 'x'])] }],
  ])('%s', (_, spec) => {
    const inventory = inventoryOf(spec);

    expect(inventory.packages[0]?.keyId).toBe(keyId);
    expect(inventory.notes).toEqual([]);
  });

  test('an unsigned package has none', () => {
    expect(inventoryOf({}).packages[0]).not.toHaveProperty('keyId');
  });

  test('a signature that names no key is told from none at all', () => {
    const inventory = inventoryOf({ rsaHeader: Buffer.from('?') });

    expect(inventory.packages[0]).not.toHaveProperty('keyId');
    expect(inventory.notes).toEqual([
      { code: 'unknown_signature', where: '/var/lib/rpm/Packages.db record 1', detail: 'bash' },
    ]);
  });
});
