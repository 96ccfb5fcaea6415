import { isDeepStrictEqual } from 'node:util';
import { type Fields, fieldsOf, known, listOf } from '../io/json-parts.ts';
import { parsePackageUrl } from '../model/inventory/index.ts';
import { each, nested, object, text as words } from '../model/shape.ts';
import { digestOf } from './identity.ts';
import { invalidVex } from './invalid.ts';
import { maxLevels, other, record, requireMembers, text, texts } from './members.ts';
import {
  clears,
  type VersionRule,
  type VexDocument,
  type VexProduct,
  type VexStatement,
  type VexStatus,
  type VexSubject,
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
const conclusion = record({ field: text, concludedValue: words });
// Inventories write an empty text for a version that they do not know.
const component = nested(maxLevels, (inside) =>
  record({
    ...{ type: text, group: words },
    'bom-ref': words,
    name: words,
    version: words,
    purl: words,
    cpe: words,
    hashes: each(record({ alg: text, content: text })),
    ...unconfirmed,
    // One until 1.5, a list since.
    evidence: record({
      identity: (value) => (Array.isArray(value) ? each(conclusion) : conclusion)(value),
    }),
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
    ...known({
      author: textOf(author['name']),
      subjects: components.image && [[components.image]],
      about: components.image ? undefined : aboutOf(fieldsOf(metadata['component'])),
    }),
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
  const isClearing = clears(state);
  // A list without an entry lists no version.
  const isAny = affects['versions'] === undefined || (entries.length === 0 && !isClearing);
  if (isAny) return { product, apart: [] };
  // Without a status an entry has the one that the schema gives it, affected; writers leave it out where they list what the state is about.
  const isThat = ({ status }: Fields) =>
    isClearing ? status === 'unaffected' || status === undefined : status !== 'unaffected';
  const those = entries.filter(isThat);
  if (!isClearing) return { product: those.length === 0 ? product : inVersions(product, those), apart: [] };
  // Nobody knows what another status says: it clears nothing.
  const apart = entries
    .filter((entry) => !isThat(entry))
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
  /** The subject of the document, if that is an image. */
  image: VexProduct | undefined;
}

function componentsOf(document: Fields, metadata: Fields, where: string): Components {
  const found = new Map<string, VexProduct>();
  const pending = [...listOf(document['components']), metadata['component']].map(fieldsOf);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const ref = textOf(next['bom-ref']);
    if (ref !== undefined) {
      const product = productOf(next);
      // Red Hat names its subject among the components, too.
      if (!isDeepStrictEqual(found.get(ref) ?? product, product))
        throw invalidVex(`expected one component of the bom-ref ${ref.slice(0, 200)}, found two`, where);
      found.set(ref, product);
    }
    for (const child of listOf(next['components'])) pending.push(fieldsOf(child));
  }
  const serial = (textOf(document['serialNumber']) ?? '').replace(/^urn:uuid:/i, '');
  return {
    byRef: found,
    document: `${serial}/${String(document['version'] ?? 1)}`.toLowerCase(),
    image: imageOf(fieldsOf(metadata['component'])),
  };
}

function productOf(component: Fields): VexProduct {
  const ref = textOf(component['bom-ref']) ?? '';
  const purl = textOf(component['purl']);
  // A reference may be any text, and is the package URL in most documents.
  const urls = parsePackageUrl(ref) ? [ref] : [];
  const ids = purl === undefined ? urls : [purl];
  const evidence = evidenceOf(component);
  const cpes = [...textsOf(component['cpe']), ...evidence.cpes];
  const hashes = hashesOf(component);
  const other = Object.keys(unconfirmed).find((name) => component[name] !== undefined);
  return {
    ids,
    others: [...urls, ...evidence.purls],
    name: [textOf(component['name']), textOf(component['version'])].filter(Boolean).join('@'),
    ...known({
      version: textOf(component['version']),
      // Alone it would be that of a system.
      cpes: ids.length > 0 && cpes.length > 0 ? cpes : undefined,
      hashes: ids.length > 0 && hashes.length > 0 ? hashes : undefined,
      fault:
        faultOfPurls([...ids, ...evidence.purls]) ??
        (other && `its ${other} cannot be confirmed`) ??
        evidence.fault,
    }),
  };
}

/** Identity of a component by its evidence, which binds as the component's own members do. */
function evidenceOf(component: Fields): { purls: string[]; cpes: string[]; fault?: string } {
  const { identity } = fieldsOf(component['evidence']);
  const found = (Array.isArray(identity) ? identity : [identity]).map(fieldsOf);
  const nameOf = (field: unknown) => (textOf(field) ?? '').toLowerCase();
  const concluded = (asked: string) =>
    found.flatMap(({ field, concludedValue: value }) => (nameOf(field) === asked ? textsOf(value) : []));
  const others = found.flatMap(({ field, concludedValue: value }) => {
    const [name, stated] = [nameOf(field), textOf(value)];
    if (stated === undefined || name === 'purl' || name === 'cpe' || stated === component[name]) return [];
    return [`its evidence of ${name.slice(0, 40)}, ${stated.slice(0, 200)}, cannot be confirmed`];
  });
  return { purls: concluded('purl'), cpes: concluded('cpe'), ...known({ fault: others[0] }) };
}

/** The image that a component is, by its package URL, or by its type: then its version may be the digest, and its name that of the image. */
function imageOf(component: Fields): VexProduct | undefined {
  const product = productOf(component);
  const isContainer = textOf(component['type'])?.toLowerCase() === 'container';
  const urls = [...product.ids, ...(product.others ?? [])].filter(isLikeImageUrl);
  if (product.ids.length > 0 || urls.length > 0) {
    const ids = product.ids.length > 0 ? product.ids : urls;
    return isContainer || urls.length > 0 ? { ...product, ids } : undefined;
  }
  if (!isContainer) return undefined;
  const version = textOf(component['version']);
  const name = textsOf([component['group'], component['name']]).join('/');
  const isWhole = version === undefined || /[:@]/.test(name.slice(name.lastIndexOf('/') + 1));
  const isDigest = version !== undefined && digestOf(version) !== undefined;
  const id = isDigest ? version : isWhole ? name : `${name}:${version}`;
  const hashes = hashesOf(component);
  return { ...product, ids: [id], ...(hashes.length > 0 ? { hashes } : {}) };
}

/** A subject that is no image. */
function aboutOf({ type, group, name, version, purl }: Fields): VexSubject | undefined {
  const whole = textsOf([group, name]).join('/');
  const about = known({
    ...{ type: textOf(type), name: whole || undefined, version: textOf(version) },
    purl: textOf(purl),
  });
  return Object.keys(about).length > 0 ? about : undefined;
}

/** One that is malformed is that of an image, too: nothing is cleared in a document about it. */
function isLikeImageUrl(text: string): boolean {
  return /^\s*pkg:\/*(?:oci|docker)\b/i.test(text);
}

function hashesOf(component: Fields): string[] {
  return listOf(component['hashes'])
    .map(fieldsOf)
    .map(({ alg, content }) => hashOf(textOf(alg) ?? '', textOf(content) ?? ''));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
