import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OvalEngine } from '../../../src/comply/oval/engine.ts';
import { lookupOf } from '../../../src/comply/oval/lookup.ts';
import { readOval } from '../../../src/comply/oval/read-oval.ts';
import { imageCollector } from '../../../src/comply/probes/image-collector.ts';
import {
  childElements,
  firstChild,
  readXmlTree,
  textOf,
  type XmlElement,
} from '../../../src/comply/xml/read-xml.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { systemOf } from './roots.ts';

const oval = 'http://oval.mitre.org/XMLSchema/oval-definitions-5';

/** An OVAL document of tests, objects, states and variables, with one definition of all tests. */
export function ovalDocument(sections: {
  tests?: string;
  objects?: string;
  states?: string;
  variables?: string;
}): string {
  const part = (name: string, inside = '') => (inside === '' ? '' : `<${name}>${inside}</${name}>`);
  const ids = [...(sections.tests ?? '').matchAll(/_test id="([^"]+)"/g)].map(([, id]) => id);
  const criteria = ids.map((id) => `<criterion test_ref="${id}"/>`).join('');
  return `<oval_definitions xmlns="${oval}" xmlns:ind="${oval}#independent" xmlns:unix="${oval}#unix" xmlns:linux="${oval}#linux" xmlns:oval="http://oval.mitre.org/XMLSchema/oval-common-5">
<generator><oval:schema_version>5.11.1</oval:schema_version><oval:timestamp>2026-01-01T00:00:00</oval:timestamp></generator>
<definitions><definition id="oval:x:def:1" version="1" class="compliance"><metadata><title>x</title><description>x</description></metadata><criteria>${criteria}</criteria></definition></definitions>
${part('tests', sections.tests)}${part('objects', sections.objects)}${part('states', sections.states)}${part('variables', sections.variables)}
</oval_definitions>`;
}

/** Items of an object: its flag, and their chosen entities as text, sorted. */
export interface Collected {
  flag: string;
  items: string[];
}

/** Items of a document's objects by us and by oscap, and their tests' results. */
export interface BesideOscap {
  ours: { tests: Record<string, string>; objects: Record<string, Collected> };
  oscap: { tests: Record<string, string>; objects: Record<string, Collected> };
}

/** Evaluates a document on a root file system with ours and with oscap. */
export function besideOscap(document: string, root: string, entities: readonly string[]): BesideOscap {
  const parsed = readOval(document, 'oval.xml');
  const engine = new OvalEngine({
    document: lookupOf(parsed),
    collect: imageCollector(systemOf(root)),
    now: Math.floor(Date.now() / 1000),
  });
  const tests = Object.fromEntries(Object.keys(parsed.tests).map((id) => [id, engine.test(id).result]));
  const objects = Object.fromEntries(
    Object.keys(parsed.objects).map((id) => {
      const { flag, items } = engine.object(id);
      const texts = items.map((item) =>
        textOfItem(
          entities.map(
            (name) =>
              [
                name,
                (item.get(name) ?? [])
                  .filter(({ status }) => (status ?? 'exists') === 'exists')
                  .map(({ value, fields }) =>
                    fields
                      ? textOfItem(
                          Object.entries(fields).map(
                            ([key, held]) => [key, held.map((each) => each.value)] as const,
                          ),
                        )
                      : value,
                  ),
              ] as const,
          ),
        ),
      );
      return [id, { flag, items: texts.sort() }];
    }),
  );
  return { ours: { tests, objects }, oscap: runOscap(document, root, entities) };
}

function textOfItem(values: readonly (readonly [string, readonly string[]])[]): string {
  return JSON.stringify(Object.fromEntries(values.filter(([, list]) => list.length > 0)));
}

function runOscap(document: string, root: string, entities: readonly string[]): BesideOscap['oscap'] {
  const folder = temporaryFolder('beside');
  try {
    const [content, results] = [join(folder, 'oval.xml'), join(folder, 'results.xml')];
    writeFileSync(content, document);
    const run = spawnSync('oscap', ['oval', 'eval', '--skip-validation', '--results', results, content], {
      encoding: 'utf8',
      env: { ...process.env, OSCAP_PROBE_ROOT: root, TZ: 'UTC' },
      timeout: 60_000,
    });
    if (run.status !== 0) throw new Error(`oscap ended with ${run.status ?? run.signal}: ${run.stderr}`);
    return readResults(readXmlTree(readFileSync(results), results), entities);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readResults(root: XmlElement, entities: readonly string[]): BesideOscap['oscap'] {
  const system = descend(root, 'results', 'system');
  const tests = childElements(descend(system, 'tests')).map(
    ({ attrs }) => [attrs['test_id'] as string, attrs['result'] as string] as const,
  );
  const characteristics = descend(system, 'oval_system_characteristics');
  const items = new Map(
    childElements(descend(characteristics, 'system_data')).map((item) => [item.attrs['id'], item]),
  );
  const objects: Record<string, Collected> = {};
  for (const object of childElements(descend(characteristics, 'collected_objects'))) {
    const references = childElements(object, 'reference').map(({ attrs }) => items.get(attrs['item_ref']));
    const found = references.filter(
      (item) => item !== undefined && (item.attrs['status'] ?? 'exists') === 'exists',
    );
    objects[object.attrs['id'] as string] = {
      flag: object.attrs['flag'] as string,
      items: found.map((item) => readItem(item as XmlElement, entities)).sort(),
    };
  }
  return { tests: Object.fromEntries(tests), objects };
}

function readItem(item: XmlElement, entities: readonly string[]): string {
  const existing = ({ attrs }: XmlElement) => (attrs['status'] ?? 'exists') === 'exists';
  const entityText = (entity: XmlElement): string => {
    const fields = childElements(entity, 'field');
    if (fields.length === 0) return textOf(entity);
    const names = [...new Set(fields.map(({ attrs }) => attrs['name'] as string))];
    const held = (name: string) => fields.filter((field) => field.attrs['name'] === name && existing(field));
    return textOfItem(names.map((name) => [name, held(name).map(textOf)] as const));
  };
  return textOfItem(
    entities.map((name) => [name, childElements(item, name).filter(existing).map(entityText)] as const),
  );
}

function descend(from: XmlElement, ...names: string[]): XmlElement {
  return names.reduce((at, name) => firstChild(at, name) ?? { ns: '', name, attrs: {}, children: [] }, from);
}
