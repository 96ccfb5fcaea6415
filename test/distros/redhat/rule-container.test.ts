import { describe, expect, test } from 'vitest';
import type { ImageProduct } from '../../../src/model/inventory/index.ts';
import { feedOf, type ImageFacts, judgeContainer, legacyVex } from './support.ts';

const repository = 'openshift4/ose-cluster-network-operator';

/** `pkg:oci/…` as Red Hat writes it; a tag only where the status is `fixed`. */
function oci(tag?: string, arch = 'amd64', path = repository): string {
  const where = `repository_url=registry.redhat.io/${path}`;
  const name = path.split('/').at(-1);
  return tag === undefined
    ? `pkg:oci/${name}?${where}`
    : `pkg:oci/${name}@sha256:${'0'.repeat(64)}?arch=${arch}&${where}&tag=${tag}`;
}

const fixed = 'v4.16.0-202407111006.p0.g0ede33d.assembly.stream.el9';
const feed = feedOf(
  legacyVex('CVE-2024-0001', {
    fixed: [{ on: '9Base-RHOSE-4.16', packages: [oci(fixed)], arch: [''], advisory: 'RHSA-2024:4613' }],
  }),
  legacyVex('CVE-2024-0002', {
    known_affected: [
      { on: 'red_hat_openshift_container_platform_4', packages: [oci()], arch: [''], state: 'Will not fix' },
    ],
  }),
  legacyVex('CVE-2024-0003', {
    known_affected: [
      { on: 'red_hat_openshift_container_platform_4', packages: [oci()], arch: [''], state: 'Affected' },
    ],
    known_not_affected: [
      { on: '9Base-RHOSE-4.16', packages: [oci()], arch: [''], flag: 'vulnerable_code_not_present' },
    ],
  }),
  legacyVex('CVE-2024-0005', {
    fixed: ['v4.16.0-202407111006', 'v4.16.0-202407010001'].map((tag) => ({
      on: '9Base-RHOSE-4.16',
      packages: [oci(tag, 'amd64', 'openshift4/twice')],
      arch: [''],
      advisory: 'RHSA-2024:4613',
    })),
    known_affected: [
      {
        on: '9Base-RHOSE-4.16',
        packages: ['pkg:oci/twice-container?repository_url=registry.redhat.io/twice-container'],
        arch: [''],
        state: 'Affected',
      },
    ],
  }),
  legacyVex('CVE-2024-0004', {
    known_affected: [
      { on: 'red_hat_enterprise_linux_9', packages: ['bash'], arch: ['src'], state: 'Affected' },
    ],
  }),
);

const cpe = 'cpe:/a:redhat:openshift:4.16::el9';
const product: ImageProduct = {
  found: '/root/buildinfo/labels.json',
  name: repository,
  component: 'cluster-network-operator-container',
  version: 'v4.16.0',
  release: '202406200537.p0.g0ede33d.assembly.stream.el9',
  architecture: 'x86_64',
};

function judge(more: Partial<ImageProduct>, image: Partial<ImageFacts> = {}): string[] {
  return judgeContainer(feed, { version: '9.4', cpes: [cpe], products: [{ ...product, ...more }], ...image });
}

const behind = `CVE-2024-0001 affected available ${fixed} ${cpe} container`;
const open = 'CVE-2024-0002 affected will_not_fix cpe:/a:redhat:openshift:4 container';
const spared = `CVE-2024-0003 not_affected ${cpe} container`;

describe('a container of Red Hat is judged as a whole', () => {
  test.each([
    ['behind its fix', {}, [behind, open, spared]],
    [
      'at its fix',
      { release: '202407111006.p0.g0ede33d.assembly.stream.el9' },
      [`CVE-2024-0001 fixed ${fixed} ${cpe} container`, open, spared],
    ],
    [
      'without a release: its fixes cannot be compared, and that is said',
      { release: undefined },
      [open, spared, 'undecidable: 1 fixed in versions that cannot be compared with its own'],
    ],
    ['of another architecture than the fix is of', { architecture: 's390x' }, [open, spared]],
    ['of another name', { name: 'openshift4/ose-other', component: 'other' }, []],
    ['named by its component alone', { name: undefined }, []],
  ])('%s', (_, more, expected) => {
    expect(judge(more as Partial<ImageProduct>)).toEqual(expected);
  });

  test('statements hold for the products that the image names by CPE: 4.1 is not 4.16, el8 not el9', () => {
    const general = 'CVE-2024-0003 affected none_yet cpe:/a:redhat:openshift:4 container';
    for (const other of ['cpe:/a:redhat:openshift:4.1::el9', 'cpe:/a:redhat:openshift:4.16::el8'])
      expect(judge({}, { cpes: [other] })).toEqual([open, general]);
  });

  test('no CPE of a product: what is not looked up is said; UBI is of RHEL itself', () => {
    const rhel = { cpes: ['cpe:/o:redhat:enterprise_linux:9::baseos'] };
    expect(judge({}, rhel)).toEqual(['container_product_unknown']);
    expect(judge({ name: 'ubi9/nodejs-18' }, rhel)).toEqual([]);
    expect(judge({ name: 'ubi8' }, rhel)).toEqual([]);
  });

  test('two fixes and a row under its other name are one verdict: the later fix', () => {
    const twice = { name: 'openshift4/twice', component: 'twice-container', release: '202407050000' };
    expect(judge(twice)).toEqual([`CVE-2024-0005 affected available v4.16.0-202407111006 ${cpe} container`]);
  });

  test('what of the statements about it could not be read is said; another container is not concerned', () => {
    const on = '9Base-RHOSE-4.16';
    const paths = [repository, 'openshift4/read'];
    const document = legacyVex('CVE-2024-0001', {
      known_affected: paths.map((path) => ({
        ...{ on, packages: [oci(undefined, 'amd64', path)], arch: [''], state: 'Affected' },
      })),
      known_not_affected: [{ on: 'red_hat_enterprise_linux_9', packages: ['bash'], arch: ['src'] }],
    }) as { vulnerabilities: { product_status: Record<string, string[]> }[] };
    const { product_status } = document.vulnerabilities[0]!;
    const [unread, read] = product_status['known_affected']!;
    Object.assign(product_status, { known_affected: [read], first_affected: [unread] });
    const feed = feedOf(document);
    const { component: _, ...named } = product;
    const judged = (name: string) =>
      judgeContainer(feed, { version: '9.4', cpes: [cpe], products: [{ ...named, name }] });
    expect(judged(repository)).toEqual([
      "undecidable: 1 of Red Hat's statements about it could not be read when the feed was built",
    ]);
    expect(judged('openshift4/read')).toEqual([`CVE-2024-0001 affected none_yet ${cpe} container`]);
  });

  test('an image that names no product', () => {
    expect(judgeContainer(feed, { version: '9.4', cpes: [cpe] })).toEqual([]);
  });

  test("containers' statements never speak of rpms, nor rpms' of containers", () => {
    expect(judge({ name: 'bash' })).toEqual([]);
  });
});
