import { describe, expect, it } from 'vitest';
import { majorsOf, redHatDefinition } from '../../../src/distros/redhat/definition.ts';
import { readDocument } from '../../../src/distros/redhat/document.ts';
import { ScapfeedError } from '../../../src/model/error.ts';
import { branchDepthLimit, relationshipDepthLimit } from '../../../src/sources/csaf/product-tree.ts';
import { erratum, feedVex, legacyVex, recordOf } from './support.ts';

const on = 'BaseOS-9.4.0.Z.MAIN.EUS';

describe('every product id becomes part of a row or of a note', () => {
  it.each([
    [
      'debug packages',
      {
        packages: [
          'gnutls-debuginfo-0:3.8.3-4.el9_4',
          'kernel-debuginfo-common-x86_64-0:5-1.el9',
          'x-debugsource-0:1-1',
        ],
      },
      'debug_package',
      6,
    ],
    ['maven', { packages: ['pkg:maven/org.yaml/snakeyaml@1.33?type=jar'], arch: [''] }, 'purl_type_maven', 1],
    [
      'python packages of a venv (SECDATA-831)',
      { packages: ['pkg:pypi/requests@2.0'], arch: [''] },
      'purl_type_pypi',
      1,
    ],
    ['types of tomorrow', { packages: ['pkg:swift/x@1'], arch: [''] }, 'unknown_purl_type', 1],
    [
      "other people's rpms",
      { packages: ['pkg:rpm/fedora/vim@9-1?arch=src'], arch: ['src'] },
      'foreign_namespace',
      1,
    ],
    ['no purl at all', { packages: ['pkg:'], arch: [''] }, 'malformed_purl', 1],
    [
      'module of no package',
      { packages: ['pkg:rpmmod/redhat/nodejs@18:1:2'], arch: [''] },
      'module_without_package',
      1,
    ],
    ['a fix without version', { packages: ['vim'], arch: ['src'] }, 'fixed_without_version', 1],
    [
      'a fix that rpm cannot order',
      { packages: ['pkg:rpm/redhat/vim@1 0-1?arch=src'], arch: ['src'] },
      'unparsable_version',
      1,
    ],
    [
      'a fix without release',
      { packages: ['pkg:rpm/redhat/vim@1.0?arch=src'], arch: ['src'] },
      'unparsable_version',
      1,
    ],
  ])('%s', (_, said, reason, count) => {
    const record = recordOf(legacyVex('CVE-2024-0001', { fixed: [{ on, ...said }] }));
    expect(record.used).toBe(0);
    expect(record.notes).toMatchObject([{ reason, dropped: true, count }]);
  });

  it('unknown keys of product_status (first_fixed) are counted, not fatal (vuls)', () => {
    const document = structuredClone(legacyVex('CVE-2024-0001', {})) as {
      vulnerabilities: { product_status: object }[];
    };
    document.vulnerabilities[0]!.product_status = { first_fixed: ['a', 'b'], recommended: [], fixed: null };
    expect(recordOf(document).notes).toMatchObject([
      { reason: 'unknown_status', count: 2, detail: 'first_fixed' },
    ]);
  });

  it('ids that the tree lacks, and whole products', () => {
    const document = structuredClone(
      legacyVex('CVE-2023-1017', { known_affected: [{ on, packages: ['SLOF'], arch: ['src'] }] }),
    ) as { vulnerabilities: { product_status: Record<string, string[]> }[] };
    document.vulnerabilities[0]!.product_status['fixed'] = [
      'AppStream-8.6.0.Z.EUS:virt:rhel:8060020230403063348:ad008a3a',
      on,
    ];
    const record = recordOf(document);
    expect(record.used).toBe(1);
    expect(record.notes.map(({ reason }) => reason)).toEqual(['unknown_product', 'whole_product']);
  });

  it('RHEL 5 is not compiled, and says so', () => {
    const record = recordOf(
      legacyVex('CVE-2024-0001', {
        known_affected: [{ on: 'red_hat_enterprise_linux_5', packages: ['vim'] }],
      }),
    );
    expect(record.notes).toMatchObject([{ reason: 'rhel_5_not_compiled', count: 1 }]);
  });
});

describe('rows', () => {
  it("fold architectures, repositories and binaries of the source's version into one", () => {
    const packages = [
      'gnutls-0:3.8.3-4.el9_4',
      'gnutls-dane-0:3.8.3-4.el9_4',
      'gnutls-utils-0:3.8.3-4.el9_4',
    ];
    const record = recordOf(
      legacyVex('CVE-2024-28834', {
        fixed: [
          { on, packages, arch: ['aarch64', 'x86_64'], advisory: 'RHSA-2024:2570' },
          { on, packages: packages.slice(0, 1), arch: ['src'], advisory: 'RHSA-2024:2570' },
        ],
      }),
    );
    expect(record.vulnerabilities[0]!.rows).toEqual([
      {
        stream: { platform: 'rhel-9', minor: 4 },
        status: 'fixed',
        subject: 'source',
        name: 'gnutls',
        source: 'gnutls',
        severity: 'medium',
        fixed: '0:3.8.3-4.el9_4',
        arch: ['aarch64', 'x86_64'],
        advisories: ['RHSA-2024:2570'],
        count: 7,
      },
    ]);
    expect(record.binaries).toEqual({ 'rhel-9': { gnutls: ['gnutls', 'gnutls-dane', 'gnutls-utils'] } });
    expect(record.errata).toEqual({ 'RHSA-2024:2570': '2024-05-01' });
  });

  it.each([
    ['Will not fix', 'will_not_fix', undefined],
    ['Out of support scope', 'end_of_life', 'package'],
    ['Affected', 'none_yet', undefined],
    ['Fix deferred', 'fix_deferred', undefined],
    ['Deferred', 'fix_deferred', undefined],
  ])('%s', (state, fixState, reason) => {
    const saying = { known_affected: [{ on: 'red_hat_enterprise_linux_9', packages: ['vim'], state }] };
    const [row] = recordOf(legacyVex('CVE-2024-0001', saying)).vulnerabilities[0]!.rows;
    expect(row).toMatchObject({ status: 'affected', fixState });
    expect(row?.reason).toBe(reason);
  });

  it('words of a remediation that we do not know stand by their category, with a doubt', () => {
    const state = 'As for now there is no intention to out of the ordinary.';
    const record = recordOf(
      legacyVex('CVE-2022-1705', {
        known_affected: [{ on: 'red_hat_enterprise_linux_9', packages: ['podman'], state }],
      }),
    );
    expect(record.vulnerabilities[0]!.rows).toMatchObject([{ fixState: 'will_not_fix' }]);
    expect(record.notes).toMatchObject([{ reason: 'unknown_fix_state', dropped: false }]);
  });

  // Each is counted with its place and the word itself; the build's summary lists all findings.
  it.each<[string, (document: Record<string, never>, flaw: Record<string, unknown[]>) => void, object]>([
    [
      'category of a document',
      (document) => Object.assign(document['document']!, { category: 'csaf_tomorrow' }),
      { reason: 'unknown_document', pointer: '/document/category', detail: 'csaf_tomorrow' },
    ],
    [
      'category of a threat',
      (_, flaw) => flaw['threats']!.push({ category: 'weather', details: 'Low' }),
      { reason: 'unknown_threat', pointer: '/vulnerabilities/0/threats/0', detail: 'weather' },
    ],
    [
      'category of a remediation',
      (_, flaw) => flaw['remediations']!.push({ category: 'prayer', details: 'Soon', product_ids: ['x'] }),
      { reason: 'unknown_remediation', pointer: '/vulnerabilities/0/remediations/0', detail: 'prayer' },
    ],
    [
      'label of a flag',
      (_, flaw) => flaw['flags']!.push({ label: 'constructor', product_ids: ['x'] }),
      { reason: 'unknown_flag', pointer: '/vulnerabilities/0/flags/0', detail: 'constructor' },
    ],
  ])('unknown %s: counted, and the document is read', (_, change, note) => {
    const saying = { known_affected: [{ on: 'red_hat_enterprise_linux_9', packages: ['vim'] }] };
    const document = legacyVex('CVE-2024-0001', saying) as never as Record<string, never>;
    change(document, document['vulnerabilities']![0]!);
    const record = recordOf(document);
    expect(record.vulnerabilities[0]!.rows).toHaveLength(1);
    expect(record.notes).toEqual([{ ...note, dropped: false, count: 1 }]);
  });

  it('severity is of the product, else of the document; unknown words are a doubt', () => {
    const record = recordOf(
      legacyVex('CVE-2024-0001', {
        severity: 'important',
        known_affected: [
          { on: 'red_hat_enterprise_linux_9', packages: ['vim'], impact: 'Low' },
          { on: 'red_hat_enterprise_linux_8', packages: ['vim'] },
          { on: 'red_hat_enterprise_linux_7', packages: ['vim'], impact: 'Dreadful' },
        ],
      }),
    );
    expect(record.vulnerabilities[0]!.rows.map(({ severity }) => severity)).toEqual(['low', 'high', 'high']);
    expect(record.notes).toMatchObject([{ reason: 'unknown_severity', detail: 'Dreadful' }]);
  });

  it('under_investigation and known exploitation are kept', () => {
    const record = recordOf(
      feedVex('CVE-2024-0001', {
        under_investigation: [{ on: 'rhel-9.7', packages: ['vim'], arch: ['src'] }],
        kev: true,
      }),
    );
    expect(record.vulnerabilities[0]).toMatchObject({
      details: { exploited: true },
      rows: [{ status: 'under_investigation' }],
    });
  });

  it('containers stand under their repository, fixed by tag, apart from RHEL', () => {
    const purl =
      'pkg:oci/ose-console-rhel9@sha256:0123?arch=amd64&repository_url=registry.redhat.io/openshift4/ose-console-rhel9&tag=v4.16.0-202405';
    const rows = recordOf(
      legacyVex('CVE-2024-0001', {
        fixed: [
          { on: '9Base-RHOSE-4.16', packages: [purl], arch: ['amd64'] },
          { on, packages: [purl], arch: ['amd64'] },
        ],
      }),
    ).vulnerabilities[0]!.rows;
    expect(rows).toMatchObject([
      {
        stream: { platform: 'rhel-layered-openshift', channel: 'cpe:/a:redhat:openshift:4.16::el9' },
        name: 'oci:openshift4/ose-console-rhel9',
        fixed: 'v4.16.0-202405',
      },
      { stream: { platform: 'rhel-layered-enterprise-linux' }, name: 'oci:openshift4/ose-console-rhel9' },
    ]);
  });

  it('components of 2021 to 2023 without purl are read from their ids, on RHEL only', () => {
    const without = { withoutPurl: true, arch: [''] };
    const record = recordOf(
      legacyVex('CVE-2022-0011', {
        fixed: [
          { on, packages: ['gnutls-0:3.8.3-4.el9_4.x86_64', 'gnutls-0:3.8.3-4.el9_4.src'], ...without },
        ],
        known_affected: [
          { on: 'red_hat_enterprise_linux_8', packages: ['ruby:2.5/ruby', 'vim'], ...without },
          {
            on: 'red_hat_openshift_container_platform_4',
            packages: ['some/thing', 'postgresql'],
            ...without,
          },
        ],
      }),
    );
    const rows = record.vulnerabilities[0]!.rows.map(({ name, module, subject }) => [name, module, subject]);
    expect(rows).toEqual([
      ['gnutls', undefined, 'source'],
      ['ruby', 'ruby:2.5', 'source'],
      ['vim', undefined, 'source'],
    ]);
    expect(record.notes).toMatchObject([{ reason: 'no_purl', count: 2 }]);
  });

  it('an advisory is told by its id, whatever its category says', () => {
    const fixed = [{ on, packages: ['gnutls-0:3.8.3-4.el9_4'] }];
    const document = erratum('RHSA-2024:2570', {
      'CVE-2024-28834': { fixed },
      'CVE-2024-28835': { fixed },
    }) as {
      document: { category: string };
    };
    document.document.category = 'csaf_vex';
    const record = recordOf(document);
    expect(record.vulnerabilities.map(({ id, rows }) => [id, rows[0]?.advisories])).toEqual([
      ['CVE-2024-28834', ['RHSA-2024:2570']],
      ['CVE-2024-28835', ['RHSA-2024:2570']],
    ]);
  });
});

describe('bytes that are no such document', () => {
  const valid = () =>
    legacyVex('CVE-2024-28834', { fixed: [{ on, packages: ['gnutls-0:3.8.3-4.el9_4'] }] }) as never;
  const failure = (bytes: Buffer): ScapfeedError => {
    try {
      readDocument(bytes, 'redhat-vex', '2024/cve-2024-28834.json', majorsOf(redHatDefinition));
    } catch (error) {
      if (error instanceof ScapfeedError) return error;
      throw error;
    }
    throw new Error('was read');
  };
  const broken = (change: (document: never) => void): Buffer => {
    const document = valid();
    change(document);
    return Buffer.from(JSON.stringify(document));
  };
  const place = 'redhat-vex#2024/cve-2024-28834.json';

  it.each([
    ['no JSON', Buffer.from('<html>'), 'SOURCE_NOT_JSON', ''],
    ['cut off', Buffer.from(JSON.stringify(valid())).subarray(0, 300), 'SOURCE_NOT_JSON', ''],
    ['a list', Buffer.from('[]'), 'SOURCE_MALFORMED', ''],
    [
      'a stub',
      Buffer.from('{"document":{"tracking":{"status":"deleted"}}}'),
      'SOURCE_MALFORMED',
      '/document/tracking/id',
    ],
    [
      'an id of nothing',
      broken(set('document.tracking.id', 'CVE')),
      'SOURCE_MALFORMED',
      '/document/tracking/id',
    ],
    [
      'branches no list',
      broken(set('product_tree.branches', {})),
      'SOURCE_MALFORMED',
      '/product_tree/branches',
    ],
    [
      'a branch of null',
      broken(set('product_tree.branches', [null])),
      'SOURCE_MALFORMED',
      '/product_tree/branches/0',
    ],
    [
      'a relationship of nothing',
      broken(set('product_tree.relationships', [{}])),
      'SOURCE_MALFORMED',
      '/product_tree/relationships/0',
    ],
    [
      'a status no list',
      broken(set('vulnerabilities.0.product_status', { fixed: 'all' })),
      'SOURCE_MALFORMED',
      '/vulnerabilities/0/product_status/fixed',
    ],
    [
      'a product id no text',
      broken(set('vulnerabilities.0.product_status', { fixed: [7] })),
      'SOURCE_MALFORMED',
      '/vulnerabilities/0/product_status/fixed/0',
    ],
    [
      'another CVE name',
      broken(set('vulnerabilities.0.cve', 'X')),
      'SOURCE_MALFORMED',
      '/vulnerabilities/0/cve',
    ],
  ])('%s', (_, bytes, code, pointer) => {
    const error = failure(bytes);
    expect([error.code, error.where]).toEqual([code, place + pointer]);
  });

  it('branches deeper than any tree', () => {
    let branches: object[] = [];
    for (let depth = 0; depth <= branchDepthLimit; depth++) branches = [{ category: 'vendor', branches }];
    expect(failure(broken(set('product_tree.branches', branches))).message).toContain(
      `${branchDepthLimit} levels`,
    );
  });

  it('relationships that go round are dropped by reason', () => {
    const relationship = (product_id: string, relates_to_product_reference: string) => ({
      full_product_name: { product_id },
      product_reference: 'x',
      relates_to_product_reference,
    });
    const bytes = broken((document) => {
      set('product_tree.relationships', [relationship('a', 'b'), relationship('b', 'a')])(document);
      set('vulnerabilities.0.product_status', { fixed: ['a'] })(document);
    });
    const { notes } = readDocument(bytes, 'redhat-vex', 'x', majorsOf(redHatDefinition));
    expect(relationshipDepthLimit).toBeLessThan(10);
    expect(notes).toMatchObject([{ reason: 'relationship_too_deep', count: 1 }]);
  });
});

/** Sets the value at a dotted path. */
function set(path: string, value: unknown): (document: never) => void {
  return (document) => {
    const keys = path.split('.');
    let node = document as Record<string, unknown>;
    for (const key of keys.slice(0, -1)) node = node[key] as Record<string, unknown>;
    node[keys.at(-1)!] = value;
  };
}

it('work grows with the number of product ids, not with its square', () => {
  const document = (count: number) => {
    const packages = Array.from({ length: count }, (_, at) => `lib${at}`);
    const saying = {
      known_not_affected: [{ on: 'red_hat_enterprise_linux_9', packages, arch: ['src', ''] }],
    };
    return Buffer.from(JSON.stringify(legacyVex('CVE-2022-38752', saying)));
  };
  const record = readDocument(document(20_000), 'redhat-vex', 'x', majorsOf(redHatDefinition));
  // Twice 20,000 ids: a reader of quadratic work would not come back within the test's time.
  expect(record.used).toBe(40_000);
  expect(record.vulnerabilities[0]!.rows).toHaveLength(20_000);
});
