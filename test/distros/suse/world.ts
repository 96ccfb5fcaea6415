import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { tarHeader } from '../../../src/io/tar/write.ts';
import { temporaryFolder } from '../../support/temporary.ts';

/** Product name -> its CPE, as SUSE's documents have them. */
export const products = {
  'SUSE Linux Enterprise Server 15 SP5': 'cpe:/o:suse:sles:15:sp5',
  'SUSE Linux Enterprise Module for Basesystem 15 SP5': 'cpe:/o:suse:sle-module-basesystem:15:sp5',
  'SUSE Linux Enterprise Module for Legacy 15 SP5': 'cpe:/o:suse:sle-module-legacy:15:sp5',
  'SUSE Linux Enterprise Server 15 SP5-LTSS': 'cpe:/o:suse:sles-ltss:15:sp5',
  'SUSE Linux Enterprise Server 15 SP4-LTSS': 'cpe:/o:suse:sles-ltss:15:sp4',
  'SUSE Linux Enterprise Server for SAP Applications 15 SP5': 'cpe:/o:suse:sles_sap:15:sp5',
  'SUSE Linux Enterprise Server 16.0': 'cpe:/o:suse:sles:16:16.0:server',
  'SUSE Linux Enterprise Micro 5.5': 'cpe:/o:suse:sle-micro:5.5',
  'SUSE Linux Enterprise Server 11 SP1': 'cpe:/o:suse:sles:11:sp1',
  'SUSE Manager Server 4.3': 'cpe:/o:suse:suse-manager-server:4.3',
  'openSUSE Leap 15.6': 'cpe:/o:opensuse:leap:15.6',
  'openSUSE Tumbleweed': 'cpe:/o:opensuse:tumbleweed',
} as const;

export type Product = keyof typeof products;

/** Content of a document: key of product_status -> `PRODUCT:PACKAGE` or `PRODUCT:PACKAGE-VERSION-RELEASE`. */
export interface SuseVex {
  id: string;
  status?: Readonly<Record<string, readonly `${Product}:${string}`[]>>;
  severity?: string;
  remediations?: readonly { category: string; product_ids: readonly string[] }[];
  /** Packages have CPEs with their versions, as in documents since 2023. Default: true. */
  cpes?: boolean;
  updated?: string;
  description?: string;
}

/** A document in the form of SUSE's generator: products and packages in one family, a relationship for each pair. */
export function vexDocument(vex: SuseVex): object {
  const { id, status = {}, severity = 'important', remediations = [], cpes = true } = vex;
  const { updated = '2026-11-20T08:00:00Z', description = 'A flaw in a package of this test.' } = vex;
  const pairs = [...new Set(Object.values(status).flat())].map((pair) => {
    const at = pair.indexOf(':');
    return { pair, product: pair.slice(0, at) as Product, pkg: pair.slice(at + 1) };
  });
  const named = [...new Set(pairs.map(({ product }) => product))].map((name) => ({
    category: 'product_name',
    name,
    product: { name, product_id: name, product_identification_helper: { cpe: products[name] } },
  }));
  const packages = [...new Set(pairs.map(({ pkg }) => pkg))].map((name) => {
    const [, version = '*'] = /-([^-]*\d[^-]*)-\d[^-]*$/.exec(name) ?? [];
    const cpe = `cpe:2.3:a:vendor:product:${/bit$/.test(name) ? '*' : version}:*:*:*:*:*:*:*`;
    return {
      category: 'product_version',
      name,
      product: { name, product_id: name, ...(cpes ? { product_identification_helper: { cpe } } : {}) },
    };
  });
  return {
    document: {
      category: 'csaf_vex',
      csaf_version: '2.0',
      aggregate_severity: { text: severity },
      notes: [
        { category: 'summary', text: `SUSE ${id}` },
        { category: 'description', text: description },
      ],
      publisher: { category: 'vendor', name: 'SUSE Product Security Team' },
      title: `SUSE CVE ${id}`,
      tracking: { id, version: '2', status: 'interim', current_release_date: updated },
    },
    ...(pairs.length === 0
      ? {}
      : {
          product_tree: {
            branches: [
              {
                category: 'vendor',
                name: 'SUSE',
                branches: [
                  {
                    category: 'product_family',
                    name: 'SUSE Linux Enterprise',
                    branches: [...named, ...packages],
                  },
                ],
              },
            ],
            relationships: pairs.map(({ pair, product, pkg }) => ({
              category: 'default_component_of',
              full_product_name: { name: `${pkg} as component of ${product}`, product_id: pair },
              product_reference: pkg,
              relates_to_product_reference: product,
            })),
          },
          vulnerabilities: [
            {
              cve: id,
              title: id,
              product_status: status,
              remediations,
              threats: [{ category: 'impact', details: severity }],
            },
          ],
        }),
  };
}

export interface SuseMirror {
  /** Documents in the archive. */
  archive: readonly (SuseVex | { path: string; text: string })[];
  /** Documents of after it, which changes.csv lists. */
  changed?: readonly SuseVex[];
  /** When the archive was made. */
  made?: string;
}

const base = 'ftp.suse.com/pub/projects/security';

/** A mirror with the archive, the list of changes, and the changed documents with their digests. */
export function writeSuseMirror({
  archive,
  changed = [],
  made = '2026-11-20T12:00:00Z',
}: SuseMirror): string {
  const folder = temporaryFolder('suse');
  const write = (path: string, content: string | Buffer) => {
    mkdirSync(dirname(join(folder, base, path)), { recursive: true });
    writeFileSync(join(folder, base, path), content);
  };
  const files = archive.map((item) => ('text' in item ? item : fileOf(item)));
  const members = files.map(({ path, text }) => member(`csaf-vex/${path}`, Buffer.from(text)));
  write('csaf-vex.tar.bz2', Buffer.concat([...members, Buffer.alloc(1024)]));
  for (const vex of changed) {
    const { path, text } = fileOf(vex);
    write(`csaf-vex/${path}`, text);
    // The path of SUSE's own server, as in real files.
    const digest = createHash('sha256').update(text).digest('hex');
    write(`csaf-vex/${path}.sha256`, `${digest}  /mounts/mirror/SuSE/csaf-vex//${path}\n`);
  }
  const lines = changed.map((vex) => `"${fileOf(vex).path}","${vex.updated ?? '2026-11-21T08:00:00Z'}"\n`);
  write('csaf-vex/changes.csv', `"cve-1999-0001.json","2020-01-01T00:00:00Z"\n${lines.join('')}`);
  writeFileSync(join(folder, 'last-modified.json'), JSON.stringify({ [`${base}/csaf-vex.tar.bz2`]: made }));
  return folder;
}

export function fileOf(vex: SuseVex): { path: string; text: string } {
  return { path: `${vex.id.toLowerCase()}.json`, text: JSON.stringify(vexDocument(vex)) };
}

function member(name: string, content: Buffer): Buffer {
  return Buffer.concat([
    tarHeader(name, content.length),
    content,
    Buffer.alloc((512 - (content.length % 512)) % 512),
  ]);
}
