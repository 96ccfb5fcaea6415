import { describe, expect, test } from 'vitest';
import { redHatContext } from '../../../src/distros/redhat/image.ts';
import { readInventory } from '../../../src/inventory/index.ts';
import { type MemoryLayer, memoryView } from '../../support/memory-view.ts';

const manifests = '/root/buildinfo/content_manifests';

function read(files: MemoryLayer) {
  return readInventory(memoryView(files));
}

describe('content sets', () => {
  test('of all manifests, the image and those it was built on', () => {
    const inventory = read({
      [`${manifests}/base.json`]:
        '{"content_sets": ["rhel-9-for-x86_64-baseos-eus-rpms__9_DOT_4"], "image_contents": []}',
      [`${manifests}/app.json`]:
        '{"content_sets": ["rhocp-4.16-for-rhel-9-x86_64-rpms", "rhel-9-for-x86_64-baseos-eus-rpms__9_DOT_4"]}',
    });

    expect(redHatContext(inventory).contentSets).toEqual([
      'rhel-9-for-x86_64-baseos-eus-rpms__9_DOT_4',
      'rhocp-4.16-for-rhel-9-x86_64-rpms',
    ]);
  });

  test('in the newer place, which also holds the labels', () => {
    const inventory = read({
      '/usr/share/buildinfo/content-sets.json': '{"content_sets": ["rhel-9-for-x86_64-appstream-rpms"]}',
      '/usr/share/buildinfo/labels.json': '{"name": "ubi9", "content_sets": ["no"]}',
    });

    expect(redHatContext(inventory).contentSets).toEqual(['rhel-9-for-x86_64-appstream-rpms']);
  });

  test.each([
    ['of some', '["rhel-9-for-x86_64-baseos-rpms"]', ['rhel-9-for-x86_64-baseos-rpms']],
    ['of none: the image is on main', '[]', []],
  ])(
    'with from_dnf_hint, which sends others to the history of dnf, are those that it lists: %s',
    (_, sets, found) => {
      const inventory = read({
        '/usr/share/buildinfo/content-sets.json': `{"metadata": {"icm_version": 1}, "from_dnf_hint": true, "content_sets": ${sets}}`,
      });

      expect(redHatContext(inventory).contentSets).toEqual(found);
      expect(inventory.notes).toEqual([]);
    },
  );

  test.each([
    ['an object', (dependencies: object[]) => ({ dependencies })],
    ['a list', (dependencies: object[]) => [{ dependencies }]],
  ])('from purls where the manifest has none (image_contents is %s): not those of sources', (_, contents) => {
    const image_contents = contents([
      { purl: 'pkg:rpm/redhat/zstd@1.5.1-2.el9?arch=src&repository_id=rhel-9-baseos-source-rpms' },
      { purl: 'pkg:rpm/redhat/zstd@1.5.1-2.el9?arch=x86_64&repository_id=rhel-9-for-x86_64-baseos-rpms' },
      { purl: 'pkg:golang/x@1?repository_id=no' },
      { purl: 'pkg:rpm/redhat/bash@5' },
      {},
    ]);

    expect(
      redHatContext(read({ [`${manifests}/x.json`]: JSON.stringify({ image_contents }) })).contentSets,
    ).toEqual(['rhel-9-for-x86_64-baseos-rpms']);
  });

  test.each(['broken', '"text"', ''])(
    'a manifest that cannot be read is a note, the others count: %j',
    (text) => {
      const inventory = read({
        [`${manifests}/a.json`]: text,
        [`${manifests}/b.json`]: '{"content_sets": ["x", 1, null]}',
      });

      expect(redHatContext(inventory).contentSets).toEqual(['x']);
      expect(inventory.notes).toEqual([{ code: 'broken_content_manifest', where: `${manifests}/a.json` }]);
    },
  );

  test('none', () => {
    expect(read({ '/etc/os-release': 'ID=rhel\n' })).not.toHaveProperty('contentSets');
  });
});

describe('product', () => {
  const name = 'openshift-gitops-1/gitops-rhel8-operator';
  const cpe = 'cpe:/a:redhat:openshift_gitops:1.16::el8';

  test.each([
    ['plain', { name, cpe, architecture: 'x86_64' }],
    ['with quotation marks inside', { name: `"${name}"`, cpe, architecture: '"x86_64"' }],
  ])('labels.json, %s', (_, labels) => {
    const inventory = read({ '/root/buildinfo/labels.json': JSON.stringify(labels) });

    const found = '/root/buildinfo/labels.json';
    expect(inventory).toMatchObject({
      products: [{ found, name, architecture: 'x86_64' }],
      context: { rhel: { cpes: [cpe] } },
    });
  });

  test('a broken labels.json is a note', () => {
    expect(read({ '/root/buildinfo/labels.json': '[' }).notes).toEqual([
      { code: 'broken_labels', where: '/root/buildinfo/labels.json' },
    ]);
  });

  test.each([
    ['/root/buildinfo/labels.json', '{"toString": 1, "valueOf": 1}'],
    ['/usr/share/buildinfo/labels.json', 'null'],
    ['/root/buildinfo/labels.json', '["a"]'],
    ['/root/buildinfo/labels.json', '{"__proto__": null}'],
  ])('a label of %s that is no text, %s, is a note; the others count', (path, value) => {
    const inventory = read({ [path]: `{"name": ${value}, "version": "9.5", "release": 1}` });

    expect(inventory.notes).toEqual([{ code: 'broken_labels', where: path, detail: 'no texts: "name"' }]);
    expect(inventory.products).toEqual([{ found: path, version: '9.5', release: '1' }]);
  });

  test('the Dockerfile of older images', () => {
    const inventory = read({
      '/root/buildinfo/Dockerfile-ubi8-8.3-227':
        'FROM scratch\nLABEL maintainer="Red Hat, Inc."\nLABEL com.redhat.component="ubi8-container" \\\n' +
        '      name="ubi8" \\\n      version="8.3"\nLABEL "release"="227" architecture=x86_64\nENV name=no\n',
    });

    expect(inventory.products).toEqual([
      {
        found: '/root/buildinfo/Dockerfile-ubi8-8.3-227',
        component: 'ubi8-container',
        name: 'ubi8',
        version: '8.3',
        release: '227',
        architecture: 'x86_64',
      },
    ]);
  });

  test('an image that was built on another is both', () => {
    const inventory = read({
      '/root/buildinfo/Dockerfile-ubi8-8.4-1': 'LABEL name="ubi8" version="8.4" release="1"\n',
      '/root/buildinfo/Dockerfile-quay-clair-rhel8-v3.5.5-4':
        'LABEL name="quay/clair-rhel8" version="v3.5.5" release="4"\n',
    });

    expect(inventory.products?.map(({ name }) => name)).toEqual(['quay/clair-rhel8', 'ubi8']);
  });

  const url =
    'https://access.redhat.com/containers/#/registry.access.redhat.com/ubi9/nodejs-18/images/1-87.1695741533';
  // A Dockerfile FROM nodejs-18 inherits all labels and sets `version` to its own.
  const inherited = {
    name: 'ubi9/nodejs-18',
    version: '3.2.1',
    release: '87.1695741533',
    architecture: 'x86_64',
  };

  test.each([
    [
      'url, and not the version that anybody may overwrite',
      { ...inherited, url },
      [
        {
          found: 'label url',
          name: 'ubi9/nodejs-18',
          version: '1',
          release: '87.1695741533',
          architecture: 'x86_64',
        },
      ],
    ],
    ['none without url', inherited, undefined],
    [
      'none with a url of another form',
      { ...inherited, url: 'https://catalog.redhat.com/en/search' },
      undefined,
    ],
  ])('labels of the configuration: %s', (_, labels, products) => {
    expect(readInventory(memoryView({}), labels).products).toEqual(products);
  });

  test('what Red Hat wrote into the image outweighs the configuration', () => {
    const files = {
      '/usr/share/buildinfo/labels.json': '{"name": "ubi9/nodejs-20", "version": "9.5", "release": "1"}',
    };

    expect(readInventory(memoryView(files), { url }).products?.map(({ name }) => name)).toEqual([
      'ubi9/nodejs-20',
    ]);
  });
});

test('a label of the Dockerfile may hang on variables', () => {
  const inventory = read({
    '/root/buildinfo/Dockerfile-jboss-base-7-base-1.1-3': `ENV base jboss-base\nARG arch\nLABEL BZComponent="\${base}-7-docker" Name="jboss-base-7/base" Architecture=$arch\n`,
  });

  expect(inventory.products).toMatchObject([{ component: 'jboss-base-7-docker', name: 'jboss-base-7/base' }]);
  expect(inventory.products?.[0]).not.toHaveProperty('architecture');
});

describe('variables of a Dockerfile that double each other', () => {
  const path = '/root/buildinfo/Dockerfile-x';
  const doubling = (times: number) =>
    `ENV a0=x\n${Array.from({ length: times }, (_, at) => `ENV a${at + 1}=$a${at}$a${at}\n`).join('')}`;

  test.each([28, 2000])('%i times: the label is left out with a note, and no memory is taken', (times) => {
    const before = process.memoryUsage().rss;
    const inventory = read({ [path]: `${doubling(times)}LABEL version=$a${times} name=app release=$a12\n` });

    expect(inventory.notes).toEqual([
      { code: 'broken_labels', where: path, detail: 'variables make a value too long' },
    ]);
    expect(inventory.products).toEqual([{ found: path, name: 'app', release: 'x'.repeat(4096) }]);
    expect(process.memoryUsage().rss - before).toBeLessThan(100 << 20);
  });

  test('many values that are each short enough are bounded together', () => {
    const many = Array.from({ length: 50_000 }, (_, at) => `ENV b${at}=$a12\n`).join('');
    const before = process.memoryUsage().rss;
    const inventory = read({ [path]: `${doubling(12)}${many}LABEL name=app version=$b49999\n` });

    expect(inventory.notes).toMatchObject([{ code: 'broken_labels' }]);
    expect(inventory.products).toEqual([{ found: path, name: 'app' }]);
    expect(process.memoryUsage().rss - before).toBeLessThan(100 << 20);
  });

  test('a variable may stand in its own new value; one that became unknown has no old value', () => {
    const text = 'ENV v=1\nENV v=$v.2\nENV r=1\nENV r=$BUILD\nLABEL name=app version=$v release=$r\n';

    expect(read({ [path]: text }).products).toEqual([{ found: path, name: 'app', version: '1.2' }]);
  });
});

test('modules that dnf has enabled', () => {
  const inventory = read({
    '/etc/dnf/modules.d/nodejs.module': '[nodejs]\nname=nodejs\nstream=18\nprofiles=common\nstate=enabled\n',
    '/etc/dnf/modules.d/perl.module':
      '[perl]\nname = perl\nstream = "5.26"\nstate = enabled\n\n[x]\nstream=1\nstate=disabled\n',
    '/etc/dnf/modules.d/README': '[y]\nstream=1\nstate=enabled\n',
  });

  expect(inventory.enabledModules).toEqual(['nodejs:18', 'perl:5.26']);
});
