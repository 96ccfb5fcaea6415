import { describe, expect, it } from 'vitest';
import { compile } from '../../../src/feed/compile/index.ts';
import { unreadCounts } from '../../support/unread.ts';
import {
  collect,
  erratum,
  feedOf,
  feedVex,
  type ImageFacts,
  judge,
  legacyVex,
  recordOf,
  rpm,
} from './support.ts';

/**
 * Mistakes of other readers of this data, each named after its source. A row is an image, a package and the verdict that
 * it must have: `affected …`, `fixed …`, `not_affected`, or none.
 */
type Row = [
  what: string,
  image: ImageFacts | string,
  nevra: string,
  more: object,
  expected: string[] | string,
];

function rows(documents: object[], table: Row[]): void {
  const feed = feedOf(...documents);
  it.each(table)('%s', (_, image, nevra, more, expected) => {
    const facts = typeof image === 'string' ? { version: image } : image;
    expect(judge(feed, facts, rpm(nevra, more))).toEqual(expected);
  });
}

describe('a fix beside "affected" for one stream (trivy#8061, vuls#2173, CVE-2026-7323)', () => {
  rows(
    [
      feedVex('CVE-2026-7323', {
        known_affected: [{ on: 'rhel-10.0.z.eus', packages: ['firefox'], arch: [''], state: 'Affected' }],
        fixed: [
          {
            on: 'rhel-10.0.z.eus',
            packages: ['firefox-0:140.10.1-1.el10_0'],
            arch: [''],
            advisory: 'RHSA-2026:10767',
          },
          {
            on: 'rhel-10.1.z',
            packages: ['firefox-0:140.10.1-1.el10_1'],
            arch: [''],
            advisory: 'RHSA-2026:10766',
          },
        ],
      }),
    ],
    [
      [
        'patched',
        { version: '10.0', stream: 'eus' },
        'firefox-140.10.1-1.el10_0',
        {},
        ['CVE-2026-7323 fixed 0:140.10.1-1.el10_0 eus'],
      ],
      [
        'behind',
        { version: '10.0', stream: 'eus' },
        'firefox-140.9.0-1.el10_0',
        {},
        ['CVE-2026-7323 affected available 0:140.10.1-1.el10_0 eus'],
      ],
      ['main, patched', '10.1', 'firefox-140.10.1-1.el10_1', {}, ['CVE-2026-7323 fixed 0:140.10.1-1.el10_1']],
      ['a package that no row names', '10.1', 'thunderbird-140.9.0-1.el10_1', {}, []],
    ],
  );
});

/** A document whose product tree begins with these nodes too. */
function withNodes(document: object, ...nodes: { category: string; id: string; helper?: object }[]): object {
  const changed = structuredClone(document) as {
    product_tree: { branches: [{ branches: object[] }] };
  };
  changed.product_tree.branches[0].branches.unshift(
    ...nodes.map(({ category, id, helper }) => ({
      ...{ category, name: id },
      product: { name: id, product_id: id, ...(helper && { product_identification_helper: helper }) },
    })),
  );
  return changed;
}

describe('an id that stands twice in a product tree is one product (CVE-2024-6923)', () => {
  const fix = 'python39-0:3.9.20-1.module+el8.10.0+22342+478c159e';
  const document = legacyVex('CVE-2024-6923', {
    fixed: [
      {
        ...{ on: 'AppStream-8.8.0.Z.MAIN.EUS', packages: [fix], arch: ['x86_64'] },
        ...{ module: 'python39:3.9', advisory: 'RHSA-2024:6961' },
      },
    ],
  });
  const component = { category: 'product_version', id: `${fix}.x86_64` };
  const table = (title: string): Row => [
    title,
    '8.8',
    'python39-3.9.16-1.module+el8.8.0+18968+3d7b19f0.1',
    { module: 'python39:3.9' },
    [`CVE-2024-6923 affected available 0:3.9.20-1.module+el8.10.0+22342+478c159e`],
  ];
  const purl =
    'pkg:rpm/redhat/python39@3.9.20-1.module%2Bel8.10.0%2B22342%2B478c159e?arch=x86_64&rpmmod=python39:3.9:8060020240916062113:6a631399';

  rows([document], [table('once')]);
  rows([withNodes(document, { ...component, helper: { purl } })], [table('of another build of the module')]);
  rows([withNodes(document, component)], [table('first without a package URL')]);
  rows(
    [withNodes(document, { category: 'product_name', id: 'AppStream-8.8.0.Z.MAIN.EUS' })],
    [table('a platform, first without a CPE')],
  );
});

describe('an SBOM that leaves out the epoch (openssl 1.0.2k of RHEL 7, CVE-2014-0195)', () => {
  const fix = (...names: string[]) =>
    legacyVex('CVE-2014-0195', {
      fixed: [
        {
          ...{ on: '7Server-7.9.Z', advisory: 'RHSA-2014:0679' },
          packages: names.map((name) => `${name}-1:1.0.1e-34.el7_0.3`),
        },
      ],
    });
  const libs = { from: 'openssl-1.0.2k-19.el7' };
  const old = { from: 'openssl-1.0.1e-30.el7' };
  const affected = ['CVE-2014-0195 affected available 1:1.0.1e-34.el7_0.3'];
  const done = ['CVE-2014-0195 fixed 1:1.0.1e-34.el7_0.3'];
  rows(
    [fix('openssl')],
    [
      ['above the fix of the source', '7.9', 'openssl-libs-1.0.2k-19.el7', libs, done],
      ['below it', '7.9', 'openssl-libs-1.0.1e-30.el7', old, affected],
    ],
  );
  rows(
    [fix('openssl', 'openssl-libs')],
    [
      ['above the fix of the binary', '7.9', 'openssl-libs-1.0.2k-19.el7', libs, done],
      ['below that', '7.9', 'openssl-libs-1.0.1e-30.el7', old, affected],
    ],
  );
});

describe('a score of 0.0 does not take a statement back (claircore)', () => {
  const document = feedVex('CVE-2024-0009', {
    known_affected: [{ on: 'rhel-9.7', packages: ['vim'], arch: ['src'], state: 'Affected' }],
  }) as { vulnerabilities: [{ scores?: object[] }] };
  document.vulnerabilities[0].scores = [
    {
      cvss_v3: {
        ...{ version: '3.1', baseScore: 0 },
        vectorString: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N',
      },
      products: ['rhel-9.7:vim.src'],
    },
  ];
  rows([document], [['listed as affected', '9.7', 'vim-9.0-1.el9', {}, ['CVE-2024-0009 affected none_yet']]]);
});

describe('the highest fix of all minors is not the one to reach (trivy#11199, CVE-2023-38545)', () => {
  rows(
    [
      legacyVex('CVE-2023-38545', {
        fixed: [
          {
            on: 'BaseOS-9.2.0.Z.MAIN.EUS',
            packages: ['curl-0:7.76.1-23.el9_2.4', 'libcurl-0:7.76.1-23.el9_2.4'],
            advisory: 'RHSA-2023:5763',
          },
          {
            on: 'BaseOS-9.3.0.Z.MAIN',
            packages: ['curl-0:7.76.1-26.el9_3.2', 'libcurl-0:7.76.1-26.el9_3.2'],
            advisory: 'RHSA-2023:6745',
          },
        ],
        known_not_affected: [
          {
            on: 'red_hat_enterprise_linux_8',
            packages: ['curl'],
            arch: ['src'],
            flag: 'vulnerable_code_not_present',
          },
        ],
      }),
    ],
    [
      [
        '9.2 build fixed in 9.2',
        '9.2',
        'libcurl-7.76.1-23.el9_2.4',
        { from: 'curl-7.76.1-23.el9_2.4' },
        ['CVE-2023-38545 fixed 0:7.76.1-23.el9_2.4'],
      ],
      [
        '9.3 build above the fix of 9.2 and below its own',
        '9.3',
        'libcurl-7.76.1-26.el9_3.1',
        { from: 'curl-7.76.1-26.el9_3.1' },
        ['CVE-2023-38545 affected available 0:7.76.1-26.el9_3.2'],
      ],
      [
        'RHEL 8',
        '8.9',
        'libcurl-7.61.1-33.el8',
        { from: 'curl-7.61.1-33.el8' },
        ['CVE-2023-38545 not_affected'],
      ],
    ],
  );
});

describe('EUS and the base are not each other (claircore#809, grype#2446, #2840, #2847, #3181)', () => {
  const documents = [
    legacyVex('CVE-2024-33599', {
      fixed: [
        { on: 'BaseOS-9.2.0.Z.EUS', packages: ['glibc-0:2.34-60.el9_2.14'], advisory: 'RHSA-2024:3411' },
        { on: 'BaseOS-9.4.0.Z.MAIN.EUS', packages: ['glibc-0:2.34-100.el9_4.2'], advisory: 'RHSA-2024:3339' },
      ],
    }),
  ];
  rows(documents, [
    [
      '9.4 image, fix of 9.2 EUS is not enough',
      '9.4',
      'glibc-2.34-100.el9',
      {},
      ['CVE-2024-33599 affected available 0:2.34-100.el9_4.2'],
    ],
    [
      '9.2 EUS image, its fix',
      { version: '9.2', stream: 'eus' },
      'glibc-2.34-60.el9_2.14',
      {},
      ['CVE-2024-33599 fixed 0:2.34-60.el9_2.14 eus'],
    ],
    [
      '9.3 held on E4S: only a later minor has a fix',
      { version: '9.3', stream: 'e4s' },
      'glibc-2.34-83.el9_3.7',
      {},
      ['CVE-2024-33599 affected other_channel 0:2.34-100.el9_4.2 main-9.4'],
    ],
  ]);
});

describe('modules', () => {
  describe('a statement of a module is for its packages only (grype#820)', () => {
    rows(
      [
        legacyVex('CVE-2023-30589', {
          fixed: [
            {
              on: 'AppStream-8.8.0.Z.MAIN.EUS',
              packages: ['nodejs-1:16.20.1-1.module+el8.8.0+19315+6544b1f8'],
              module: 'nodejs:16',
              advisory: 'RHSA-2023:4537',
            },
          ],
        }),
      ],
      [
        [
          'its module',
          '8.8',
          'nodejs-1:16.19.1-1.module+el8.7.0+18373+704f5cef',
          { module: 'nodejs:16' },
          ['CVE-2023-30589 affected available 1:16.20.1-1.module+el8.8.0+19315+6544b1f8'],
        ],
        [
          'another stream with a lower version',
          '8.8',
          'nodejs-1:14.21.3-1.module+el8.7.0+18531+81d21ca6',
          { module: 'nodejs:14' },
          [],
        ],
        ['no module', '8.8', 'nodejs-1:10.24.0-1.el8', {}, []],
      ],
    );
  });

  describe('old form: the module is a product of its own (vunnel#836, CVE-2024-7348)', () => {
    rows(
      [
        legacyVex('CVE-2024-7348', {
          fixed: ['12', '13'].map((stream) => ({
            on: 'AppStream-8.10.0.Z.MAIN.EUS',
            packages: [`postgresql-0:${stream}.20-1.module+el8.10.0+22214+9beb89d6`],
            module: `postgresql:${stream}`,
            nested: true,
            advisory: `RHSA-2024:60${stream}`,
          })),
        }),
      ],
      [
        [
          'its stream',
          '8.10',
          'postgresql-12.19-1.module+el8.10.0+1+2',
          { module: 'postgresql:12' },
          ['CVE-2024-7348 affected available 0:12.20-1.module+el8.10.0+22214+9beb89d6'],
        ],
        [
          'fixed',
          '8.10',
          'postgresql-13.20-1.module+el8.10.0+22214+9beb89d6',
          { module: 'postgresql:13' },
          ['CVE-2024-7348 fixed 0:13.20-1.module+el8.10.0+22214+9beb89d6'],
        ],
      ],
    );
  });

  describe('rows that lost their module (vunnel#882, CVE-2023-2454)', () => {
    const lost = (stream: string, build: string, advisory: string) => ({
      on: 'AppStream-8.8.0.Z.MAIN.EUS',
      packages: [
        `postgresql-0:${stream}.11-1.module+el8.8.0+${build}+0a277c66`,
        `pg_repack-0:1.4.${stream}-3.module+el8.5.0+${build}+bcc62552`,
      ],
      advisory,
    });
    const documents = [
      legacyVex('CVE-2023-2454', {
        fixed: [
          lost('13', '11357', 'RHSA-2023:4527'),
          lost('12', '11354', 'RHSA-2023:4535'),
          lost('10', '99999', 'RHSA-2023:4539'),
          { ...lost('10', '99999', 'RHSA-2023:4540'), packages: ['podman-0:4.4-1.module+el8.8.0+99998+1'] },
          {
            on: 'AppStream-9.2.0.Z.MAIN.EUS',
            packages: ['postgresql-0:15.3-1.module+el9.2.0+19113+6f5d9d63'],
            module: 'postgresql:15',
            advisory: 'RHSA-2023:4327',
          },
        ],
        known_affected: [
          {
            on: 'red_hat_enterprise_linux_9',
            packages: ['postgresql:15/postgresql'],
            arch: [''],
            withoutPurl: true,
            state: 'Affected',
          },
        ],
      }),
      legacyVex('CVE-2024-7348', {
        fixed: ['12', '13'].map((stream) => ({
          on: 'AppStream-8.10.0.Z.MAIN.EUS',
          packages: [`postgresql-0:${stream}.20-1.module+el8.10.0+2221${stream}+9beb89d6`],
          module: `postgresql:${stream}`,
          advisory: `RHSA-2024:60${stream}`,
        })),
      }),
    ];
    const only = (verdicts: string[] | string) =>
      Array.isArray(verdicts) ? verdicts.filter((verdict) => verdict.startsWith('CVE-2023-2454')) : verdicts;
    const feed = feedOf(...documents);

    it.each([
      [
        'pg_repack of 13, by the erratum that it shares with postgresql 13',
        '8.8',
        'pg_repack-1.4.6-3.module+el8.5.0+1+2',
        'postgresql:13',
        ['CVE-2023-2454 affected available 0:1.4.13-3.module+el8.5.0+11357+bcc62552'],
      ],
      [
        'pg_repack of 12',
        '8.8',
        'pg_repack-1.4.12-3.module+el8.5.0+11354+bcc62552',
        'postgresql:12',
        ['CVE-2023-2454 fixed 0:1.4.12-3.module+el8.5.0+11354+bcc62552'],
      ],
      ['a stream that no document names', '8.8', 'postgresql-9.1-1.module+el8.8.0+1+2', 'postgresql:9', []],
      [
        'a major-wide "affected" beside the fix of the module',
        '9.2',
        'postgresql-15.3-1.module+el9.2.0+19113+6f5d9d63',
        'postgresql:15',
        ['CVE-2023-2454 fixed 0:15.3-1.module+el9.2.0+19113+6f5d9d63'],
      ],
    ])('%s', (_, version, nevra, module, expected) => {
      expect(only(judge(feed, { version }, rpm(nevra, { module })))).toEqual(expected);
    });

    it('counts what could not be told', () => {
      const findings = collect(...documents).ledger.findings();
      const counts = Object.fromEntries(findings.map(({ reason, count }) => [reason, count]));
      expect(counts).toMatchObject({ module_missing: 2, module_inferred: 6, affected_beside_fix: 1 });
    });
  });

  it('broken modules are findings (SECDATA-1115, RHSA-2023:6529; CVE-2026-7323 rpmmod=rhel10)', () => {
    const purl = 'pkg:rpm/redhat/firefox-flatpak?arch=src&rpmmod=rhel10';
    const record = recordOf(
      feedVex('CVE-2026-7323', { known_affected: [{ on: 'rhel-10.1.z', packages: [purl], arch: ['src'] }] }),
    );
    expect(record.vulnerabilities[0]!.rows).toEqual([]);
    expect(record.notes).toMatchObject([
      { reason: 'malformed_module', dropped: true, count: 1, detail: 'rhel10' },
    ]);
  });

  describe('the vex-feed gives module versions for rpm versions (SECDATA-1295, CVE-2024-6923)', () => {
    const bad = {
      on: 'rhel-8.10.z::appstream',
      packages: ['python39-0:3.9-8100020240826142629.d47b87a4'],
      arch: [''],
      advisory: 'RHSA-2024:5962',
    };
    const good = {
      on: 'AppStream-8.10.0.Z.MAIN.EUS',
      packages: ['python39-0:3.9.19-7.module+el8.10.0+22237+51382d7e'],
      module: 'python39:3.9',
      advisory: 'RHSA-2024:5962',
    };
    const installed = { module: 'python39:3.9' };
    const expected = ['CVE-2024-6923 affected available 0:3.9.19-7.module+el8.10.0+22237+51382d7e'];

    describe('the fix comes from legacy VEX', () => {
      rows(
        [feedVex('CVE-2024-6923', { fixed: [bad] }), legacyVex('CVE-2024-6923', { fixed: [good] })],
        [['behind', '8.10', 'python39-3.9.19-1.module+el8.10.0+1+2', installed, expected]],
      );
    });

    describe('or from the advisory, when there is no legacy VEX', () => {
      rows(
        [
          feedVex('CVE-2024-6923', { fixed: [bad] }),
          erratum('RHSA-2024:5962', { 'CVE-2024-6923': { fixed: [good] } }),
        ],
        [['behind', '8.10', 'python39-3.9.19-1.module+el8.10.0+1+2', installed, expected]],
      );
    });

    it('and each statement says which document it came from', () => {
      const documents = [
        feedVex('CVE-2024-6923', { fixed: [bad] }),
        erratum('RHSA-2024:5962', { 'CVE-2024-6923': { fixed: [good] } }),
      ];
      const { indexes } = compile([collect(...documents)], []);
      expect(indexes[0]!.evidence).toEqual(['redhat-advisories#2024/rhsa-2024_5962.json/vulnerabilities']);
    });
  });

  it('flatpaks are no packages (CVE-2024-1597)', () => {
    const record = recordOf(
      legacyVex('CVE-2024-1597', {
        known_affected: [
          {
            on: 'red_hat_enterprise_linux_8',
            packages: ['postgresql-jdbc'],
            arch: ['src'],
            module: 'libreoffice:flatpak',
            state: 'Affected',
          },
        ],
      }),
    );
    expect(record.notes).toMatchObject([{ reason: 'flatpak', count: 1 }]);
  });
});

describe('names of sources and of binaries', () => {
  describe('unfixed rows with source names only (SECDATA-1097, trivy-db#483)', () => {
    rows(
      [
        legacyVex('CVE-2023-6228', {
          known_affected: [
            { on: 'red_hat_enterprise_linux_9', packages: ['libtiff'], state: 'Fix deferred' },
          ],
        }),
      ],
      [
        [
          'the binary of the same name',
          '9.4',
          'libtiff-4.4.0-10.el9',
          {},
          ['CVE-2023-6228 affected fix_deferred'],
        ],
        [
          'another binary of the source',
          '9.4',
          'libtiff-devel-4.4.0-10.el9',
          { from: 'libtiff-4.4.0-10.el9' },
          ['CVE-2023-6228 affected fix_deferred'],
        ],
        [
          'a package that only begins like it',
          '9.4',
          'libtiff-tools-x-1.0-1.el9',
          { from: 'other-1.0-1.el9' },
          [],
        ],
      ],
    );
  });

  describe('both names in one document are one verdict (vuls#1906)', () => {
    rows(
      [
        legacyVex('CVE-2021-3968', {
          known_affected: [
            { on: 'red_hat_enterprise_linux_8', packages: ['vim'], arch: ['src'], state: 'Will not fix' },
            {
              on: 'red_hat_enterprise_linux_8',
              packages: ['vim-common', 'vim-enhanced'],
              arch: [''],
              state: 'Will not fix',
            },
          ],
        }),
      ],
      [
        [
          'vim-common',
          '8.10',
          'vim-common-2:8.0.1763-19.el8',
          { from: 'vim-8.0.1763-19.el8' },
          ['CVE-2021-3968 affected will_not_fix'],
        ],
        [
          'vim-minimal, which no row names',
          '8.10',
          'vim-minimal-2:8.0.1763-19.el8',
          { from: 'vim-8.0.1763-19.el8' },
          ['CVE-2021-3968 affected will_not_fix'],
        ],
      ],
    );
  });

  describe('the vex-feed: no self link, source rows, names without arch (claircore#1871, #1993)', () => {
    rows(
      [
        feedVex('CVE-2024-6923', {
          fixed: [
            {
              on: 'rhel-9.4.0::baseos',
              packages: ['python3.9-0:3.9.18-3.el9_4.5'],
              arch: ['src', ''],
              advisory: 'RHSA-2024:6163',
            },
            {
              on: 'rhel-br-9.4.0::baseos',
              packages: ['python3.9-0:3.9.18-3.el9_4.5'],
              arch: [''],
              advisory: 'RHSA-2024:6163',
            },
            {
              on: 'rhel-8.10.z::appstream',
              packages: ['python3-0:3.6.8-67.el8_10'],
              arch: [''],
              advisory: 'RHSA-2024:6975',
            },
          ],
          known_affected: [
            {
              on: 'rhel-9.4.z.eus',
              packages: ['python3.9-0:3.9.18-3.el9_4.5'],
              arch: ['src'],
              state: 'Affected',
            },
          ],
        }),
      ],
      [
        [
          'a binary that the feed does not list',
          '9.4',
          'python3-libs-3.9.18-3.el9',
          { from: 'python3.9-3.9.18-3.el9' },
          ['CVE-2024-6923 affected available 0:3.9.18-3.el9_4.5'],
        ],
        [
          'fixed',
          '9.4',
          'python3-libs-3.9.18-3.el9_4.5',
          { from: 'python3.9-3.9.18-3.el9_4.5' },
          ['CVE-2024-6923 fixed 0:3.9.18-3.el9_4.5'],
        ],
        [
          'a name without arch is the source',
          '8.10',
          'platform-python-3.6.8-62.el8_10',
          { from: 'python3-3.6.8-62.el8_10' },
          ['CVE-2024-6923 affected available 0:3.6.8-67.el8_10'],
        ],
        [
          'EUS of the same minor has the fix of main',
          { version: '9.4', stream: 'eus' },
          'python3-libs-3.9.18-3.el9_4.5',
          { from: 'python3.9-3.9.18-3.el9_4.5' },
          ['CVE-2024-6923 fixed 0:3.9.18-3.el9_4.5'],
        ],
      ],
    );
  });

  describe('"affected" of one binary only, "not affected" of another of the same source (kernel-headers)', () => {
    const kernel = { on: 'AppStream-9.4.0.Z.MAIN.EUS', advisory: 'RHSA-2024:3306' };
    rows(
      [
        legacyVex('CVE-2024-26642', {
          fixed: [
            {
              ...kernel,
              packages: ['kernel-0:5.14.0-427.18.1.el9_4', 'kernel-headers-0:5.14.0-427.18.1.el9_4'],
            },
          ],
          known_not_affected: [
            {
              on: 'red_hat_enterprise_linux_9',
              packages: ['kernel-headers'],
              arch: ['x86_64'],
              flag: 'vulnerable_code_not_present',
            },
          ],
        }),
      ],
      [
        [
          'kernel-core',
          '9.4',
          'kernel-core-5.14.0-427.13.1.el9_4',
          { from: 'kernel-5.14.0-427.13.1.el9_4' },
          ['CVE-2024-26642 affected available 0:5.14.0-427.18.1.el9_4'],
        ],
        [
          'kernel-headers',
          '9.4',
          'kernel-headers-5.14.0-427.13.1.el9_4',
          { from: 'kernel-5.14.0-427.13.1.el9_4' },
          ['CVE-2024-26642 not_affected'],
        ],
      ],
    );
  });

  describe('a binary that got a source of its own name (containers-common, RHSA-2023:6939)', () => {
    const fix = (source: string, version: string, cve: string) =>
      legacyVex(cve, {
        fixed: [
          {
            on: 'AppStream-9.4.0.Z.MAIN.EUS',
            packages: [`${source}-${version}`],
            advisory: 'RHSA-2023:6939',
          },
        ],
      });
    const before = { from: 'skopeo-1.9.4-1.el9' };
    rows(
      [
        fix('containers-common', '2:1-54.el9', 'CVE-2023-0001'),
        fix('skopeo', '2:1.13.3-1.el9', 'CVE-2023-0002'),
      ],
      [
        [
          'built from the old source: by its name and by its source',
          '9.4',
          'containers-common-2:1-44.el9',
          before,
          ['CVE-2023-0001 affected available 2:1-54.el9', 'CVE-2023-0002 affected available 2:1.13.3-1.el9'],
        ],
        ['built from its own', '9.4', 'containers-common-2:1-54.el9', {}, ['CVE-2023-0001 fixed 2:1-54.el9']],
      ],
    );
  });

  describe('a binary that moved from one source to another (kernel-rt)', () => {
    const rt = (on: string, source: string, version: string) => ({
      on,
      packages: [`${source}-0:${version}`],
      arch: ['src'],
      advisory: 'RHSA-2024:2394',
    });
    rows(
      [
        legacyVex('CVE-2023-52448', {
          fixed: [
            rt('AppStream-9.2.0.Z.MAIN.EUS', 'kernel-rt', '5.14.0-284.59.1.rt14.344.el9_2'),
            {
              ...rt('AppStream-9.2.0.Z.MAIN.EUS', 'kernel-rt', '5.14.0-284.59.1.rt14.344.el9_2'),
              arch: ['x86_64'],
            },
            rt('AppStream-9.4.0.Z.MAIN.EUS', 'kernel', '5.14.0-427.13.1.el9_4'),
            { ...rt('AppStream-9.4.0.Z.MAIN.EUS', 'kernel-rt', '5.14.0-427.13.1.el9_4'), arch: ['x86_64'] },
          ],
        }),
      ],
      [
        [
          'built from the old source, in an image of 9.3',
          '9.3',
          'kernel-rt-5.14.0-362.24.1.rt14.354.el9_3',
          {},
          ['CVE-2023-52448 affected available 0:5.14.0-427.13.1.el9_4'],
        ],
        [
          'built from the new one',
          '9.4',
          'kernel-rt-5.14.0-427.13.1.el9_4',
          { from: 'kernel-5.14.0-427.13.1.el9_4' },
          ['CVE-2023-52448 fixed 0:5.14.0-427.13.1.el9_4'],
        ],
      ],
    );
  });
});

describe('a version beside "affected" is no fix (CVE-2026-11611)', () => {
  rows(
    [
      legacyVex('CVE-2026-11611', {
        known_affected: [
          {
            on: 'red_hat_enterprise_linux_9',
            packages: ['389-ds-base-0:2.4.5-3.el9'],
            arch: ['src'],
            state: 'Affected',
          },
        ],
      }),
    ],
    [
      ['the build that is named', '9.4', '389-ds-base-2.4.5-3.el9', {}, ['CVE-2026-11611 affected none_yet']],
      ['a later build', '9.4', '389-ds-base-2.5.2-1.el9', {}, ['CVE-2026-11611 affected none_yet']],
    ],
  );
});

describe('what CPEs have in common (claircore#1409, SECDATA-1141)', () => {
  rows(
    [
      legacyVex('CVE-2024-50602', {
        fixed: ['BaseOS-9.4.0.Z.MAIN.EUS', 'AppStream-9.4.0.Z.MAIN.EUS', 'CRB-9.4.0.Z.MAIN.EUS'].map(
          (on) => ({
            on,
            packages: ['expat-0:2.5.0-2.el9_4.2'],
            advisory: 'RHSA-2024:9541',
          }),
        ),
      }),
    ],
    [
      [
        '/o and /a, baseos and appstream: one row, one verdict',
        '9.4',
        'expat-2.5.0-2.el9_4',
        {},
        ['CVE-2024-50602 affected available 0:2.5.0-2.el9_4.2'],
      ],
      [
        'an image without content manifests is of main (trivy-db#435)',
        { version: '9.4', contentSets: [] },
        'expat-2.5.0-1.el9',
        {},
        ['CVE-2024-50602 affected available 0:2.5.0-2.el9_4.2'],
      ],
      [
        'content sets that the map does not know leave it there (SECDATA-966)',
        { version: '9.4', contentSets: ['no-such-repository'] },
        'expat-2.5.0-1.el9',
        {},
        ['CVE-2024-50602 affected available 0:2.5.0-2.el9_4.2'],
      ],
    ],
  );
});

describe('"not affected" read as vulnerable (wazuh#6277, #39202)', () => {
  rows(
    [
      legacyVex('CVE-2023-4154', {
        known_not_affected: [
          {
            on: 'red_hat_enterprise_linux_9',
            packages: ['samba'],
            arch: ['src'],
            flag: 'vulnerable_code_not_present',
          },
        ],
      }),
      legacyVex('CVE-2026-0006', { known_not_affected: [{ on: 'red_hat_products', packages: [] }] }),
    ],
    [['samba', '9.4', 'samba-4.18.6-100.el9', {}, ['CVE-2023-4154 not_affected']]],
  );

  it('the whole portfolio is counted and never expanded (CVE-2024-0001, CVE-2026-0006)', () => {
    const record = recordOf(
      legacyVex('CVE-2026-0006', { known_not_affected: [{ on: 'red_hat_products', packages: [] }] }),
    );
    expect(record.notes).toMatchObject([{ reason: 'whole_portfolio', dropped: true, count: 1 }]);
  });
});

describe('fixes in extended channels only hide the flawed base (vunnel#958, #961, CVE-2026-7323)', () => {
  rows(
    [
      feedVex('CVE-2026-7323', {
        fixed: [
          {
            on: 'rhel-7-els.els',
            packages: ['firefox-0:140.10.1-1.el7_9'],
            arch: ['src'],
            advisory: 'RHSA-2026:10750',
          },
        ],
      }),
    ],
    [
      [
        'base, behind',
        '7.9',
        'firefox-115.12.0-1.el7_9',
        {},
        ['CVE-2026-7323 affected other_channel 0:140.10.1-1.el7_9 els-7 inferred'],
      ],
      [
        'base with the fix of ELS',
        '7.9',
        'firefox-140.10.1-1.el7_9',
        {},
        ['CVE-2026-7323 fixed 0:140.10.1-1.el7_9 els'],
      ],
      [
        'subscribed to ELS',
        { version: '7.9', stream: 'els' },
        'firefox-115.12.0-1.el7_9',
        {},
        ['CVE-2026-7323 affected available 0:140.10.1-1.el7_9 els'],
      ],
    ],
  );

  it('counts what was inferred; AUS alone infers nothing', () => {
    const aus = legacyVex('CVE-2024-0003', {
      fixed: [
        { on: 'AppStream-8.4.0.Z.AUS', packages: ['git-0:2.27.0-4.el8_4'], advisory: 'RHSA-2024:4368' },
      ],
    });
    const { ledger } = collect(aus);
    expect(ledger.findings()).toMatchObject([{ reason: 'base_silent', dropped: false, count: 1 }]);
  });
});

describe('builds of RHEL 7 on Power have a build of their own (vunnel: `ael7b`)', () => {
  rows(
    [
      legacyVex('CVE-2015-0001', {
        fixed: [
          {
            on: '7Server-7.9.Z',
            packages: ['gpgme-0:1.3.2-5.el7_1'],
            arch: ['x86_64', 'src'],
            advisory: 'RHSA-2015:0001',
          },
          {
            on: '7Server-7.9.Z',
            packages: ['gpgme-0:1.3.2-5.ael7b_1'],
            arch: ['ppc64le', 'src'],
            advisory: 'RHSA-2015:0001',
          },
        ],
      }),
    ],
    [
      [
        'x86_64 by its own',
        '7.9',
        'gpgme-1.3.2-5.el7.x86_64',
        {},
        ['CVE-2015-0001 affected available 0:1.3.2-5.el7_1 differs_only_in_dist_tag'],
      ],
      [
        'ppc64le by its own',
        '7.9',
        'gpgme-1.3.2-5.ael7b_1.ppc64le',
        {},
        ['CVE-2015-0001 fixed 0:1.3.2-5.ael7b_1'],
      ],
    ],
  );
});

describe('one malformed entry does not take the others with it (vuls-data-update#720, #817, #839, #868, #916, #920; claircore)', () => {
  const id = 'CVE-2024-6923';
  const on = 'BaseOS-9.4.0.Z.MAIN.EUS';
  const good = { on, packages: ['python3.9-0:3.9.18-3.el9_4.5'], advisory: 'RHSA-2024:6163' };
  const bad = (purl: string) => ({ on, packages: [purl], arch: [''], advisory: 'RHSA-2024:6163' });
  const document = legacyVex(id, {
    fixed: [
      bad('pkg:rpm'),
      bad('pkg:new-type/redhat/thing@1'),
      bad('pkg:rpm/elsewhere/python3.9@3.9-1'),
      bad('pkg:rpm/redhat/python3.9?arch=x86_64'),
      good,
    ],
    known_not_affected: [{ on: 'red_hat_enterprise_linux_8', packages: ['python3.12'], arch: ['src'] }],
  }) as { vulnerabilities: { product_status: Record<string, string[]> }[] };
  Object.assign(document.vulnerabilities[0]!.product_status, {
    first_affected: ['x'],
    known_affected: ['no-such-product'],
  });

  rows(
    [document],
    [
      ['behind', '9.4', 'python3.9-3.9.18-1.el9_4', {}, [`${id} affected available 0:3.9.18-3.el9_4.5`]],
      ['fixed', '9.4', 'python3.9-3.9.18-3.el9_4.5', {}, [`${id} fixed 0:3.9.18-3.el9_4.5`]],
      ['not affected', '8.10', 'python3.12-3.12.1-1.el8', {}, [`${id} not_affected`]],
      ['absent', '9.4', 'thing-1-1', {}, []],
    ],
  );

  it('and each is counted with its reason', () => {
    const findings = collect(document).ledger.findings();
    expect(Object.fromEntries(findings.map(({ reason, count }) => [reason, count]))).toMatchObject({
      malformed_purl: 1,
      unknown_purl_type: 1,
      foreign_namespace: 1,
      fixed_without_version: 1,
      unknown_status: 1,
      unknown_product: 1,
    });
  });
});

describe('what could not be read about a package of which nothing else is said is told of the package', () => {
  const on = 'BaseOS-9.4.0.Z.MAIN.EUS';

  it('a product id of an unknown status', () => {
    const document = legacyVex('CVE-2024-6923', {
      known_affected: [{ on, packages: ['bash'], arch: ['src'], state: 'Affected' }],
    }) as { vulnerabilities: { product_status: Record<string, string[]> }[] };
    const [{ product_status }] = document.vulnerabilities as [(typeof document.vulnerabilities)[number]];
    product_status['first_affected'] = product_status['known_affected']!;
    delete product_status['known_affected'];
    const other = legacyVex('CVE-2024-6924', {
      known_affected: [{ on, packages: ['zlib'], arch: ['src'], state: 'Affected' }],
    });
    const { ledger } = collect(document, other);
    expect(unreadCounts(ledger, 'rhel-9')).toEqual([['bash', 1]]);
    expect(unreadCounts(ledger, 'rhel-8')).toEqual([]);
  });

  it('a fix of a module that no document names', () => {
    const packages = ['postgresql-0:13.11-1.module+el8.8.0+11357+0a277c66'];
    const place = { on: 'AppStream-8.8.0.Z.MAIN.EUS', arch: ['x86_64'], advisory: 'RHSA-2023:4527' };
    const lost = collect(legacyVex('CVE-2023-2454', { fixed: [{ ...place, packages }] }));
    expect(unreadCounts(lost.ledger, 'rhel-8')).toEqual([['postgresql', 1]]);
    const told = collect(
      legacyVex('CVE-2023-2454', { fixed: [{ ...place, packages, module: 'postgresql:13' }] }),
    );
    expect(unreadCounts(told.ledger, 'rhel-8')).toEqual([]);
  });
});

describe('order of documents leaves no trace (vuls#2198)', () => {
  const documents = [
    legacyVex('CVE-2024-28834', {
      fixed: [
        { on: 'BaseOS-9.4.0.Z.MAIN.EUS', packages: ['gnutls-0:3.8.3-4.el9_4'], advisory: 'RHSA-2024:2570' },
        { on: 'BaseOS-9.3.0.Z.MAIN', packages: ['gnutls-0:3.7.6-23.el9_3.4'], advisory: 'RHSA-2024:1879' },
      ],
    }),
    feedVex('CVE-2024-28834', {
      known_affected: [{ on: 'rhel-9.7', packages: ['gnutls'], arch: ['src'], state: 'Affected' }],
    }),
    erratum('RHSA-2024:1879', {
      'CVE-2024-28834': { fixed: [{ on: 'BaseOS-9.3.0.Z.MAIN', packages: ['gnutls-0:3.7.6-23.el9_3.4'] }] },
      'CVE-2024-28835': { fixed: [{ on: 'BaseOS-9.3.0.Z.MAIN', packages: ['gnutls-0:3.7.6-23.el9_3.4'] }] },
    }),
  ];
  const text = (order: object[]) => {
    const collector = collect(...order);
    const { indexes } = compile([collector], []);
    return JSON.stringify([
      indexes.map(({ lines, evidence }) => [lines, evidence]),
      collector.ledger.findings(),
    ]);
  };

  it('in shards and findings', () => {
    const [a, b, c] = documents as [object, object, object];
    for (const order of [
      [c, b, a],
      [b, a, c],
      [a, c, b],
    ])
      expect(text(order)).toBe(text([a, b, c]));
  });
});
