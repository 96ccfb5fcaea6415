import { describe, expect, it } from 'vitest';
import { inventoryFault } from '../../../src/model/inventory/inventory-shape.ts';

const bash = {
  type: 'deb',
  name: 'bash',
  version: '5.2',
  arch: 'amd64',
  source: { name: 'bash', version: '5.2' },
  database: '/var/lib/dpkg/status',
};
const good = {
  os: { id: 'debian', versionId: '12', found: '/etc/os-release' },
  databases: [{ kind: 'dpkg', path: '/var/lib/dpkg/status', packages: 1 }],
  packages: [bash],
  notes: [],
};

describe('inventoryFault', () => {
  it('finds none in an inventory, which may have members that are not known', () => {
    expect(inventoryFault(good)).toBeUndefined();
    expect(inventoryFault({ ...good, image: { reference: 'x' }, context: { ubuntu: {} } })).toBeUndefined();
    expect(inventoryFault({ ...good, os: null })).toBeUndefined();
  });

  it.each<[string, unknown]>([
    ['', undefined],
    ['', []],
    ['/packages/0', { ...good, packages: [null] }],
    ['/packages/0/source', { ...good, packages: [{ ...bash, source: 'bash' }] }],
    ['/packages/0/source/name', { ...good, packages: [{ ...bash, source: {} }] }],
    ['/packages/0/version', { ...good, packages: [{ ...bash, version: 5 }] }],
    ['/packages/0/type', { ...good, packages: [{ ...bash, type: 'constructor' }] }],
    ['/packages/0/module', { ...good, packages: [{ ...bash, module: {} }] }],
    ['/packages', { ...good, packages: { length: 1 } }],
    ['/databases/0', { ...good, databases: ['dpkg'] }],
    ['/databases/0/packages', { ...good, databases: [{ ...good.databases[0], packages: -1 }] }],
    ['/os/id', { ...good, os: {} }],
    ['/os/id', { ...good, os: JSON.parse('{"__proto__": {"id": "debian"}, "found": "x"}') }],
    ['/notes', { ...good, notes: undefined }],
    ['/notes/0/where', { ...good, notes: [{ code: 'x' }] }],
    ['/aptSuites', { ...good, aptSuites: 'bookworm' }],
    ['/products/0/found', { ...good, products: [{}] }],
    ['/context', { ...good, context: [] }],
    ['/context/rhel', { ...good, context: { rhel: null } }],
  ])('is at "%s" in what a stranger wrote', (pointer, value) => {
    expect(inventoryFault(value)).toBe(pointer);
  });
});
