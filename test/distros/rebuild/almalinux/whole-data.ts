import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { unpackData } from '../../../support/data.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

/** Parts of a document, taken apart: of elements with nothing in them nothing is left. */
export interface OvalParts {
  definitions: Definition[];
  tests: Part[];
  objects: Part[];
  states: Part[];
}

export interface Definition {
  id: string;
  version: string;
  class: string;
  metadata: {
    Title: string;
    Description?: string;
    reference: { ref_id: string; source: string; ref_url?: string }[];
    advisory: { Severity?: string; issued: { date: string }; updated: { date: string } };
  };
  criteria: Criteria;
}

export interface Criteria {
  operator: string;
  criterias?: Criteria[];
  criterions?: { test_ref: string; comment?: string }[];
}

/** A test, an object or a state; `kind`: its element. */
export interface Part {
  kind: string;
  id: string;
  version?: unknown;
  attrversion?: string;
  check?: string;
  comment?: string;
  object?: { object_ref: string };
  state?: { state_ref?: string };
  [entity: string]: unknown;
}

/** AlmaLinux 8's whole OVAL of 2025-02, in the parts that it is kept in. */
export function wholeOval(): OvalParts {
  const root = temporaryFolder('whole');
  unpackData('real/alma-oval-8.tar.zst', root);
  const folder = join(root, '8');
  const read = (section: string): Part[] =>
    readdirSync(join(folder, section), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.json'))
      .sort()
      .map((name) => ({
        ...(JSON.parse(readFileSync(join(folder, section, name), 'utf8')) as Part),
        kind: name.slice(0, Math.max(0, name.indexOf('/'))),
      }));
  return {
    definitions: read('definitions') as unknown as Definition[],
    tests: read('tests'),
    objects: read('objects'),
    states: read('states'),
  };
}

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** The document of the parts. Keys are lost in states, and named in the comments of their tests. */
export function ovalOf({ definitions, tests, objects, states }: OvalParts): string {
  const keys = new Map(
    tests.flatMap(({ comment = '', state, kind }) => {
      const key = /\(([0-9a-f]{16})\)$/.exec(comment)?.[1];
      return kind === 'rpminfo_test' && key && state?.state_ref ? [[state.state_ref, key] as const] : [];
    }),
  );
  const prefix = (kind: string) => (kind.startsWith('textfile') ? 'ind-def' : 'red-def');
  const versionOf = ({ version, attrversion }: Part) => attrversion ?? (version as string);
  const criteria = ({ operator, criterions = [], criterias = [] }: Criteria): string =>
    `<criteria operator="${operator}">${criterions.map(({ test_ref: test }) => `<criterion test_ref="${test}"/>`).join('')}${criterias.map(criteria).join('')}</criteria>`;
  const notEntities = ['kind', 'id', 'attrversion'];
  const entities = (part: Part) =>
    Object.entries(part)
      .filter(
        ([name, value]) => !notEntities.includes(name) && !(name === 'version' && value === versionOf(part)),
      )
      .map(([name, value]) => {
        const tag = `${prefix(part.kind)}:${name[0]!.toLowerCase()}${name.slice(1)}`;
        if (typeof value === 'string') return `<${tag}>${escaped(value)}</${tag}>`;
        const told = value as Record<string, string>;
        const isKey = name === 'signature_keyid' && keys.has(part.id);
        if (isKey) return `<${tag} operation="equals">${keys.get(part.id)}</${tag}>`;
        if (Object.keys(told).length === 0) return '';
        const attributes = Object.entries(told)
          .filter(([key]) => name === 'behaviors' || key === 'operation' || key === 'datatype')
          .map(([key, each]) => ` ${key}="${escaped(each)}"`);
        return `<${tag}${attributes.join('')}>${escaped(told['text'] ?? '')}</${tag}>`;
      })
      .join('');
  const element = (part: Part) => {
    const tag = `${prefix(part.kind)}:${part.kind}`;
    return `<${tag} id="${part.id}" version="${versionOf(part)}">${entities(part)}</${tag}>`;
  };
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<oval_definitions xmlns="http://oval.mitre.org/XMLSchema/oval-definitions-5" xmlns:oval="http://oval.mitre.org/XMLSchema/oval-common-5" xmlns:red-def="http://oval.mitre.org/XMLSchema/oval-definitions-5#linux" xmlns:ind-def="http://oval.mitre.org/XMLSchema/oval-definitions-5#independent">',
    '<generator><oval:schema_version>5.10</oval:schema_version><oval:timestamp>2025-02-15T00:00:00</oval:timestamp></generator>',
    '<definitions>',
    ...definitions.map(({ id, version, class: kind, metadata, criteria: own }) => {
      const { Title, Description = '', reference, advisory } = metadata;
      return [
        `<definition id="${id}" version="${version}" class="${kind}"><metadata><title>${escaped(Title)}</title>`,
        ...reference.map(
          ({ ref_id: ref, source, ref_url: url = '' }) =>
            `<reference ref_id="${ref}" source="${source}" ref_url="${escaped(url)}"/>`,
        ),
        `<description>${escaped(Description)}</description><advisory><severity>${advisory.Severity ?? ''}</severity>`,
        `<issued date="${advisory.issued.date}"/><updated date="${advisory.updated.date}"/></advisory></metadata>`,
        `${criteria(own)}</definition>`,
      ].join('');
    }),
    '</definitions><tests>',
    ...tests.map((test) => {
      const tag = `${prefix(test.kind)}:${test.kind}`;
      const of = prefix(test.kind);
      return `<${tag} id="${test.id}" version="${versionOf(test)}" check="${test.check}" comment="${escaped(test.comment ?? '')}"><${of}:object object_ref="${test.object!.object_ref}"/><${of}:state state_ref="${test.state!.state_ref}"/></${tag}>`;
    }),
    '</tests><objects>',
    ...objects.map(element),
    '</objects><states>',
    ...states.map(element),
    '</states></oval_definitions>\n',
  ].join('\n');
}

/** A mirror of the real errata of AlmaLinux 8, with its OVAL or without. */
export function wholeMirror(oval?: string): string {
  const folder = temporaryFolder('whole');
  unpackData('real/mirror-real.tar.zst', folder, './errata.almalinux.org/8');
  if (oval === undefined) return folder;
  const path = join(folder, 'security.almalinux.org/oval');
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'org.almalinux.alsa-8.xml.bz2'), gzipSync(oval));
  return folder;
}
