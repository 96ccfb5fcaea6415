import { type Fields, fieldsOf, known, listOf } from '../io/json-parts.ts';
import type { BuiltFrom } from './built-from.ts';
import type { SbomComponent, SbomDocument, SbomSubject, StatedSystem } from './document.ts';
import {
  assertedText,
  digestIn,
  ownerOf,
  recordsOf,
  textOf,
  unstatedOf,
  withoutBrackets,
  writtenText,
} from './values.ts';

/** A package of SPDX 2, with the names of its JSON form. */
export function spdxComponent(record: Fields, place: string): SbomComponent {
  const references = recordsOf(record['externalRefs'], `${place}/externalRefs`);
  const located = (type: RegExp) =>
    references.flatMap(({ referenceType, referenceLocator }) =>
      type.test(String(referenceType)) ? (writtenText(referenceLocator) ?? []) : [],
    );
  const purls = located(/(?:^|\/)purl$/i);
  const cpes = located(/(?:^|\/)cpe2[23]Type$/i);
  return {
    name: textOf(record['name']) ?? '',
    purls,
    role: roleOf(record, purls),
    place,
    ...known({
      id: textOf(record['SPDXID']),
      version: assertedText(record['versionInfo']),
      source: builtFrom(textOf(record['sourceInfo'])),
      location: locationIn(textOf(record['sourceInfo'])),
      // syft and Red Hat name the vendor as the originator, trivy as the supplier.
      vendor: personOf(record['originator']) ?? personOf(record['supplier']),
      layer: layerOf(record),
      keyId: fact(record, 'keyId'),
      modularityLabel: fact(record, 'modularityLabel'),
      module: fact(record, 'module'),
      owner: ownerOf(fact(record, 'owner')),
      state: fact(record, 'state'),
      unstated: unstatedOf(fact(record, 'unstated')),
      losses: annotated(record, /^scapfeed:database:incomplete: (.*)$/s),
      unread: annotated(record, /^scapfeed:packages:unread: (.*)$/s),
      damaged: annotated(record, /^scapfeed:packages:damaged: (.*)$/s),
      unsearched: annotated(record, /^scapfeed:packages:unsearched: (.*)$/s),
      cpes: cpes.length > 0 ? cpes : undefined,
    }),
  };
}

export function spdxSystem(record: Fields, place: string): StatedSystem {
  return {
    name: textOf(record['name']) ?? '',
    found: place,
    ...known({ version: assertedText(record['versionInfo']) }),
  };
}

/** The image, if a package is the one; otherwise by the document's name, as syft's `NAME@sha256:…`. */
export function spdxSubject(document: string | undefined, images: readonly SbomComponent[]): SbomSubject {
  const [image] = images;
  return known({
    name: document,
    digest: digestIn(...(image?.purls ?? []), image?.version, document),
  });
}

/** `Tool: syft-0.62.3`, `Creator: Tool: …` in the tag-value form. */
function spdxWriters(creators: readonly unknown[]): string[] {
  return creators.flatMap((creator) => /^Tool: *(\S.*)$/.exec(String(creator))?.[1] ?? []);
}

/** Adds a relationship, if it is one between a package and its source. */
export function spdxRelation(builtFrom: BuiltFrom, from: string, type: string, to: string): void {
  if (type === 'GENERATED_FROM') builtFrom.relate(from, to);
  else if (type === 'GENERATES') builtFrom.relate(to, from);
}

export function spdxDocument(
  version: string,
  creators: readonly unknown[],
  name: string | undefined,
  components: readonly SbomComponent[],
  systems: readonly StatedSystem[],
  builtFrom: BuiltFrom,
): SbomDocument {
  for (const { id, purls } of components) builtFrom.name(id, purls[0]);
  const layers = components.flatMap(({ layer, role }) => (role === 'package' && layer ? [layer] : []));
  return {
    format: `SPDX ${version.replace(/^SPDX-/, '')}`,
    writers: spdxWriters(creators),
    subject: spdxSubject(
      name,
      components.filter(({ role }) => role === 'image'),
    ),
    systems,
    components,
    losses: components.flatMap(({ losses = [] }) => losses),
    unread: components.flatMap(({ unread = [] }) => unread),
    damaged: components.flatMap(({ damaged = [] }) => damaged),
    unsearched: components.flatMap(({ unsearched = [] }) => unsearched),
    builtFrom: builtFrom.resolved(),
    // The order of layers is not stated: they are distinguished, not numbered.
    layers: [...new Set(layers)].length === 1 ? layers.slice(0, 1) : [],
  };
}

function roleOf(record: Fields, purls: readonly string[]): SbomComponent['role'] {
  const purpose = String(record['primaryPackagePurpose'] ?? '').replaceAll('_', '-');
  const id = String(record['SPDXID'] ?? '');
  if (purpose === 'OPERATING-SYSTEM' || id.startsWith('SPDXRef-OperatingSystem-')) return 'system';
  if (purpose === 'CONTAINER' || id.startsWith('SPDXRef-ContainerImage-') || purls[0]?.startsWith('pkg:oci/'))
    return 'image';
  if (purls.length > 0) return 'package';
  if (purpose === 'FILE') return 'file';
  // Without a package URL the kind of package is unknown; trivy lists lock files in the same way.
  return 'other';
}

/** trivy: `built package from: openssl 1:1.1.1k-7.el8_6`. */
function builtFrom(info: string | undefined): SbomComponent['source'] {
  const [, name, version] = /^built package from: (\S+)(?: (\S+))?$/.exec(info ?? '') ?? [];
  return name === undefined ? undefined : { name, ...known({ version }) };
}

/** `Organization: Red Hat, Inc.` without the kind; a mail address in brackets is left out. */
function personOf(value: unknown): string | undefined {
  const name = assertedText(value)?.replace(/^(?:Organization|Person): */, '');
  if (name === undefined) return undefined;
  const bare = withoutBrackets(name);
  const bracketed = name.slice(bare.length).trim();
  return bracketed === '()' || bracketed.includes('@') ? bare : name;
}

function annotationsOf(record: Fields): string[] {
  return listOf(record['annotations']).map((each) => String(fieldsOf(each)['comment']));
}

/** A fact about a package in an annotation of ours: `scapfeed:package:NAME: VALUE`. */
function fact(record: Fields, name: string): string | undefined {
  const start = `scapfeed:package:${name}: `;
  return annotationsOf(record)
    .find((text) => text.startsWith(start))
    ?.slice(start.length);
}

/** The values of our annotations of one name. */
function annotated(record: Fields, form: RegExp): string[] | undefined {
  const found = annotationsOf(record).flatMap((text) => form.exec(text)?.[1] ?? []);
  return found.length > 0 ? found : undefined;
}

/** trivy writes the layer into an attribution or an annotation: `LayerDiffID: sha256:…`. */
function layerOf(record: Fields): string | undefined {
  const notes = [...listOf(record['attributionTexts']).map(String), ...annotationsOf(record)];
  return digestIn(
    notes.find((text) => text.startsWith('LayerDiffID: ')),
    notes.find((text) => text.startsWith('LayerDigest: ')),
  );
}

/** syft's sentence about where it found a package: `acquired package info from installed node module manifest file: /a/package.json`. */
function locationIn(sourceInfo: string | undefined): string | undefined {
  return /^acquired package info from [^:]*: (\/[^,]+)/.exec(sourceInfo ?? '')?.[1];
}
