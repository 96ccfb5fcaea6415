import { parsePackageUrl } from '../model/index.ts';
import type { VersionRule, VexDocument, VexProduct, VexStatement, VexStatus } from './statement.ts';
import { type Fields, fieldsOf, known, listOf, statedTime, textOf, textsOf } from './values.ts';

const statusOf: Readonly<Record<string, VexStatus>> = {
  not_affected: 'not_affected',
  false_positive: 'not_affected',
  resolved: 'fixed',
  resolved_with_pedigree: 'fixed',
  exploitable: 'affected',
  in_triage: 'under_investigation',
};

/** Reads the vulnerabilities of a CycloneDX document, VEX alone or beside components. */
export function readCycloneDxVex(document: Fields, where: string): VexDocument {
  const metadata = fieldsOf(document['metadata']);
  const components = componentsOf(document, metadata);
  const author = fieldsOf(metadata['supplier'] ?? metadata['manufacturer'] ?? listOf(metadata['authors'])[0]);
  const time = statedTime(metadata['timestamp']);
  return {
    where,
    format: `CycloneDX ${textOf(document['specVersion']) ?? ''}`.trim(),
    ...known({ author: textOf(author['name']) }),
    statements: listOf(document['vulnerabilities']).flatMap((each, at) =>
      statementsOf(fieldsOf(each), `/vulnerabilities/${at}`, components, time),
    ),
  };
}

function statementsOf(
  record: Fields,
  where: string,
  components: ReadonlyMap<string, VexProduct>,
  time: string | undefined,
): VexStatement[] {
  const analysis = fieldsOf(record['analysis']);
  const status = statusOf[textOf(analysis['state']) ?? ''];
  if (status === undefined) return [];
  const references = listOf(record['references']).flatMap((each) => textsOf(fieldsOf(each)['id']));
  return [
    {
      where,
      vulnerabilities: [...new Set([...textsOf(record['id']), ...references])],
      status,
      targets: listOf(record['affects']).map((each) => ({
        product: affectedProduct(fieldsOf(each), status, components),
      })),
      ...known({
        justification: textOf(analysis['justification']),
        detail: textOf(analysis['detail']),
        time: statedTime(analysis['lastUpdated'], analysis['firstIssued'], record['updated'], time),
      }),
    },
  ];
}

/** By a reference in the document, or a BOM-Link whose fragment is the reference in another one, often a package URL. */
function affectedProduct(
  affects: Fields,
  status: VexStatus,
  components: ReadonlyMap<string, VexProduct>,
): VexProduct {
  const ref = textOf(affects['ref']) ?? '';
  const fragment = /^urn:cdx:[^#]*#(.*)$/s.exec(ref)?.[1];
  const plain = fragment === undefined ? ref : decoded(fragment);
  const product = components.get(ref) ?? components.get(plain) ?? { ids: plain === '' ? [] : [plain] };
  const versions = versionsOf(affects['versions'], status);
  return versions.length === 0 ? product : { ...product, versions };
}

/** Versions to which the status applies: a statement `not_affected` lists the unaffected ones. */
function versionsOf(value: unknown, status: VexStatus): VersionRule[] {
  const cleared = status === 'not_affected' || status === 'fixed';
  return listOf(value).flatMap((each): VersionRule[] => {
    const { version, range, status: own } = fieldsOf(each);
    const stated = textOf(own) ?? 'affected';
    if (cleared && stated === 'unknown') return [];
    if (textOf(range) !== undefined) return [{ range: String(range) }];
    return textOf(version) === undefined ? [] : [{ version: String(version) }];
  });
}

function componentsOf(document: Fields, metadata: Fields): Map<string, VexProduct> {
  const found = new Map<string, VexProduct>();
  const pending = [...listOf(document['components']), metadata['component']].map(fieldsOf);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const ref = textOf(next['bom-ref']);
    const purl = textOf(next['purl']);
    const name = [textOf(next['name']), textOf(next['version'])].filter(Boolean).join('@');
    if (ref !== undefined) {
      found.set(ref, { ids: purl === undefined ? (parsePackageUrl(ref) ? [ref] : []) : [purl], name });
    }
    for (const child of listOf(next['components'])) pending.push(fieldsOf(child));
  }
  return found;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
