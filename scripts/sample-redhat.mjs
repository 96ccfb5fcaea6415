// Red Hat's part of the sample: facts of scripts/sample/redhat.tsv as CSAF documents in an archive of the VEX tree.
import { tar } from './oci-layout.mjs';
import { zstdStored } from './zstd-stored.mjs';

const tree = 'security.access.redhat.com/data/csaf/v2/vex';
const archive = 'csaf_vex_2026-11-24.tar.zst';
const date = '2026-11-24T00:00:00+00:00';

const contentSets = {
  'rhel-9-for-x86_64-baseos-rpms': ['cpe:/o:redhat:enterprise_linux:9::baseos'],
  'rhel-9-for-x86_64-appstream-rpms': ['cpe:/a:redhat:enterprise_linux:9::appstream'],
  'rhel-9-for-x86_64-baseos-eus-rpms__9_DOT_2': ['cpe:/o:redhat:rhel_eus:9.2::baseos'],
};

/** Files of the mirror by path, from rows of redhat.tsv. */
export function redHatFiles(rows) {
  const documents = {};
  for (const cve of new Set(rows.map(([id]) => id))) {
    const path = `${cve.slice(4, 8)}/${cve.toLowerCase()}.json`;
    documents[path] = `${JSON.stringify(
      document(
        cve,
        rows.filter(([id]) => id === cve),
      ),
    )}\n`;
  }
  const data = Object.fromEntries(Object.entries(contentSets).map(([id, cpes]) => [id, { cpes }]));
  return {
    [`${tree}/archive_latest.txt`]: `${archive}\n`,
    [`${tree}/${archive}`]: zstdStored(tar(documents)),
    [`${tree}/changes.csv`]: '',
    'security.access.redhat.com/data/metrics/repository-to-cpe.json': `${JSON.stringify({ data })}\n`,
  };
}

function document(cve, rows) {
  const product_status = {};
  const remediations = [];
  const threats = [];
  const branches = new Map();
  const relationships = [];
  for (const [, severity, status, platform, cpe, source, said] of rows) {
    const component = `${source}.src`;
    const product = `${platform}:${component}`;
    branches.set(platform, node('product_name', platform, { cpe }));
    branches.set(component, node('product_version', component, { purl: purl(source) }));
    relationships.push({
      category: 'default_component_of',
      full_product_name: { name: product, product_id: product },
      product_reference: component,
      relates_to_product_reference: platform,
    });
    product_status[status] = [...(product_status[status] ?? []), product];
    remediations.push(remediation(status, said, product));
    threats.push({ category: 'impact', details: severity, product_ids: [product] });
  }
  return {
    document: {
      category: 'csaf_vex',
      title: cve,
      tracking: {
        id: cve,
        current_release_date: date,
        initial_release_date: date,
        generator: { engine: { name: 'Red Hat SDEngine', version: '5.3.8' } },
        status: 'final',
      },
    },
    product_tree: {
      branches: [{ category: 'vendor', name: 'Red Hat', branches: [...branches.values()] }],
      relationships,
    },
    vulnerabilities: [{ cve, product_status, remediations, threats }],
  };
}

function node(category, name, product_identification_helper) {
  return { category, name, product: { name, product_id: name, product_identification_helper } };
}

function purl(source) {
  const [, name = source, version] = /^(.+)-0:(.+)$/.exec(source) ?? [];
  return `pkg:rpm/redhat/${name}${version === undefined ? '' : `@${version}`}?arch=src`;
}

function remediation(status, said, product) {
  const common = { details: said, product_ids: [product] };
  if (status !== 'fixed') return { category: 'none_available', ...common };
  return { category: 'vendor_fix', url: `https://access.redhat.com/errata/${said}`, ...common };
}
