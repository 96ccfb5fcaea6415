import { isDeepStrictEqual } from 'node:util';
import { type Fields, fieldsOf, known, listOf } from '../io/value-parts.ts';
import { parsePackageUrl } from '../model/index.ts';
import { each, nested, object, text as words } from '../model/shape.ts';
import { invalidVex } from './invalid.ts';
import { maxLevels, other, record, requireMembers, text, texts } from './members.ts';
import {
  clears,
  type VersionRule,
  type VexDocument,
  type VexProduct,
  type VexStatement,
  type VexStatus,
  type VexTarget,
} from './statement.ts';
import { faultOfPurls, hashOf, statedTime, textOf, textsOf } from './values.ts';

const statusOf: Readonly<Record<string, VexStatus>> = {
  not_affected: 'not_affected',
  false_positive: 'not_affected',
  resolved: 'fixed',
  resolved_with_pedigree: 'fixed',
  exploitable: 'affected',
  in_triage: 'under_investigation',
};

/** Those with vulnerabilities: what another version means by a state is not known. */
const versions: readonly unknown[] = ['1.4', '1.5', '1.6', '1.7'];

const named = record({ name: words });
/** Identifiers of a component that no package database has. */
const unconfirmed = { swid: object, omniborId: texts, swhid: texts, versionRange: text };
// Inventories write an empty text for a version that they do not know.
const component = nested(maxLevels, (inside) =>
  record({
    'bom-ref': words,
    name: words,
    version: words,
    purl: words,
    cpe: words,
    hashes: each(record({ alg: text, content: text })),
    ...unconfirmed,
    components: each(inside),
  }),
);
const shape = record({
  serialNumber: other,
  metadata: record({
    timestamp: other,
    supplier: named,
    manufacturer: named,
    authors: each(named),
    component,
  }),
  components: each(component),
  vulnerabilities: each(
    record({
      id: text,
      references: each(record({ id: text })),
      updated: other,
      analysis: record({
        ...{ state: words, justification: words, detail: words },
        ...{ firstIssued: other, lastUpdated: other },
      }),
      affects: each(
        record({
          ref: text,
          versions: each(record({ version: text, range: text, status: text })),
        }),
      ),
    }),
  ),
});

/**
 * Reads the vulnerabilities of a CycloneDX document, VEX alone or beside components.
 * @throws {ScapfeedError} VEX_INVALID for a version of CycloneDX that is not known, a member of another type, a `bom-ref` of two components, and an entry of
 * `versions` with both a version and a range
 */
export function readCycloneDxVex(document: Fields, where: string): VexDocument {
  const version = document['specVersion'];
  if (!versions.includes(version))
    throw invalidVex(
      `expected CycloneDX ${versions.join(', ')}, found ${String(textOf(version) ?? 'no version').slice(0, 40)}`,
      where,
    );
  requireMembers(document, shape, where);
  const metadata = fieldsOf(document['metadata']);
  const components = componentsOf(document, metadata, where);
  const author = fieldsOf(metadata['supplier'] ?? metadata['manufacturer'] ?? listOf(metadata['authors'])[0]);
  const time = statedTime(metadata['timestamp']);
  return {
    where,
    format: `CycloneDX ${version}`,
    ...known({ author: textOf(author['name']) }),
    statements: listOf(document['vulnerabilities']).flatMap((each, at) => {
      const record = fieldsOf(each);
      const pointer = `/vulnerabilities/${at}`;
      requireOneOfEach(record, `${where}#${pointer}`);
      return statementsOf(record, pointer, components, time);
    }),
  };
}

/**
 * One statement of the state, and one for each other status that entries of `versions` have: a version that is stated as affected
 * stays so, whatever the state says of others.
 */
function statementsOf(
  record: Fields,
  where: string,
  components: Components,
  time: string | undefined,
): VexStatement[] {
  const analysis = fieldsOf(record['analysis']);
  const stated = analysis['state'];
  if (typeof stated !== 'string') return [];
  const isKnown = Object.hasOwn(statusOf, stated);
  // Nobody knows what another one says: it clears nothing.
  const state = isKnown ? statusOf[stated]! : 'under_investigation';
  const references = listOf(record['references']).flatMap((each) => textsOf(fieldsOf(each)['id']));
  const affects = listOf(record['affects']).map((each) => affectsOf(fieldsOf(each), state, components));
  const shared = {
    vulnerabilities: [...new Set([...textsOf(record['id']), ...references])],
    ...known({
      fault: isKnown ? undefined : `its state ${stated.slice(0, 40)} is none of CycloneDX`,
      detail: textOf(analysis['detail']),
      time: statedTime(analysis['lastUpdated'], analysis['firstIssued'], record['updated'], time),
    }),
  };
  const about = (status: VexStatus, at: string, targets: readonly VexTarget[]): VexStatement => ({
    ...shared,
    where: at,
    status,
    targets,
    ...(status === state ? known({ justification: textOf(analysis['justification']) }) : {}),
  });
  const others = affects.flatMap(({ apart }, at) =>
    apart.map(({ status, product }) => about(status, `${where}/affects/${at}/versions`, [{ product }])),
  );
  return [
    about(
      state,
      where,
      affects.map(({ product }) => ({ product })),
    ),
    ...others,
  ];
}

/** An entry of `affects`: the product in the versions that the state is about, and in those of another status. */
interface Affects {
  product: VexProduct;
  apart: { status: VexStatus; product: VexProduct }[];
}

/** By a reference in the document, or a BOM-Link whose fragment is the reference in another one, often a package URL. */
function affectsOf(affects: Fields, state: VexStatus, components: Components): Affects {
  const ref = textOf(affects['ref']) ?? '';
  const [, document, fragment] = /^urn:cdx:([^#]*)#(.*)$/s.exec(ref) ?? [];
  const plain = fragment === undefined ? ref : decoded(fragment);
  const isOwn = document === undefined || document.toLowerCase() === components.document;
  const product = (isOwn ? components.byRef.get(plain) : undefined) ?? unresolved(plain);
  const entries = listOf(affects['versions']).map(fieldsOf);
  if (entries.length === 0) return { product, apart: [] };
  const isClearing = clears(state);
  // Without a status an entry has the one that the schema gives it, affected; writers leave it out where they list what the state is about.
  const those = entries.filter(({ status }) =>
    isClearing ? status === 'unaffected' || status === undefined : status !== 'unaffected',
  );
  if (!isClearing) return { product: those.length === 0 ? product : inVersions(product, those), apart: [] };
  // Nobody knows what another status says: it clears nothing.
  const apart = entries
    .filter((entry) => !those.includes(entry))
    .map((entry) => ({
      status: entry['status'] === 'affected' ? ('affected' as const) : ('under_investigation' as const),
      product: inVersions(product, [entry]),
    }));
  return { product: { ...product, versions: those.flatMap(ruleOf) }, apart };
}

/** A reference to nothing in the document: a package URL or a digest still says what it is about, another text does not. */
function unresolved(ref: string): VexProduct {
  const isKnown = parsePackageUrl(ref) !== undefined || /^sha256:[0-9a-f]{64}$/.test(ref);
  return {
    ids: ref === '' ? [] : [ref],
    ...(isKnown ? {} : { fault: `${ref.slice(0, 200)} is no component` }),
  };
}

/** A product that must not be cleared: in every version if an entry states none. */
function inVersions(product: VexProduct, entries: readonly Fields[]): VexProduct {
  const rules = entries.map(ruleOf);
  return rules.some((each) => each.length === 0) ? product : { ...product, versions: rules.flat() };
}

/** The schema allows a version or a range. */
function requireOneOfEach({ affects }: Fields, where: string): void {
  for (const { versions: entries } of listOf(affects).map(fieldsOf))
    for (const { version, range } of listOf(entries).map(fieldsOf))
      if (version !== undefined && range !== undefined)
        throw invalidVex('expected a version or a range in an entry of versions, found both', where);
}

function ruleOf({ version, range }: Fields): VersionRule[] {
  return [
    ...textsOf(version).map((text) => ({ version: text })),
    ...textsOf(range).map((text) => ({ range: text })),
  ];
}

/** Components by their references. */
interface Components {
  byRef: ReadonlyMap<string, VexProduct>;
  /** Serial number and version, as BOM-Links to it have them. */
  document: string;
}

function componentsOf(document: Fields, metadata: Fields, where: string): Components {
  const found = new Map<string, VexProduct>();
  const pending = [...listOf(document['components']), metadata['component']].map(fieldsOf);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const ref = textOf(next['bom-ref']);
    const purl = textOf(next['purl']);
    const name = [textOf(next['name']), textOf(next['version'])].filter(Boolean).join('@');
    if (ref !== undefined) {
      // A reference may be any text, and is the package URL in most documents.
      const urls = parsePackageUrl(ref) ? [ref] : [];
      const ids = purl === undefined ? urls : [purl];
      const cpes = textsOf(next['cpe']);
      const hashes = listOf(next['hashes'])
        .map(fieldsOf)
        .map(({ alg, content }) => hashOf(textOf(alg) ?? '', textOf(content) ?? ''));
      const other = Object.keys(unconfirmed).find((name) => next?.[name] !== undefined);
      const product: VexProduct = {
        ids,
        others: urls,
        name,
        ...known({
          version: textOf(next['version']),
          // Alone it would be that of a system.
          cpes: ids.length > 0 && cpes.length > 0 ? cpes : undefined,
          hashes: ids.length > 0 && hashes.length > 0 ? hashes : undefined,
          fault: faultOfPurls(ids) ?? (other && `its ${other} cannot be confirmed`),
        }),
      };
      // Red Hat names its subject among the components, too.
      if (!isDeepStrictEqual(found.get(ref) ?? product, product))
        throw invalidVex(`expected one component of the bom-ref ${ref.slice(0, 200)}, found two`, where);
      found.set(ref, product);
    }
    for (const child of listOf(next['components'])) pending.push(fieldsOf(child));
  }
  const serial = (textOf(document['serialNumber']) ?? '').replace(/^urn:uuid:/i, '');
  return { byRef: found, document: `${serial}/${String(document['version'] ?? 1)}`.toLowerCase() };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
