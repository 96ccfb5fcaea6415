import { count, each, eachMember, members, nullOr, object, text, truth, word } from '../shape.ts';
import { databaseTypes, ecosystemIds, unstatedFacts } from './inventory.ts';

/**
 * Checks, without a schema, that a value is an inventory: what `inventory -o json` printed, or what a stranger wrote.
 * Returns undefined if it is, otherwise the JSON pointer of the first part that is not.
 */
export function inventoryFault(value: unknown): string | undefined {
  return inventoryShape(value);
}

const release = members(
  { id: text, found: text },
  { versionId: text, codename: text, idLike: each(text), prettyName: text, cpe: text, pointRelease: text },
);

const database = members(
  {
    kind: word(
      ...[
        'apk',
        'chisel',
        'dpkg',
        'dpkg-status.d',
        'pacman',
        'portage',
        'rpm-sqlite',
        'rpm-bdb',
        'rpm-ndb',
        'rpm-manifest',
        'rpm-inventory',
        'sbom',
      ],
    ),
    path: text,
    packages: count,
  },
  { incomplete: truth },
);

const packageOf = (...types: readonly string[]) =>
  members(
    {
      type: word(...types),
      name: text,
      version: text,
      arch: text,
      source: members({ name: text, version: text }),
      database: text,
    },
    {
      ...{ state: text, module: text, modularityLabel: text, vendor: text, keyId: text, layer: count },
      ...{ slot: text, repository: text },
      system: members({ id: text }, { version: text }),
      owner: members({ type: word(...databaseTypes), name: text, version: text, arch: text }),
      program: members({ name: text }, { version: text }),
      unstated: each(word(...unstatedFacts)),
    },
  );

const installed = packageOf(...databaseTypes, 'oci');
const ofLanguage = packageOf(...ecosystemIds);

const product = members(
  { found: text },
  { name: text, component: text, version: text, release: text, architecture: text },
);

const inventoryShape = members(
  {
    os: nullOr(release),
    databases: each(database),
    packages: each(installed),
    notes: each(members({ code: text, where: text }, { detail: text })),
  },
  {
    halfInstalled: each(installed),
    languages: each(ofLanguage),
    unjudged: each(
      members(
        { ecosystem: text, packages: count, places: each(text) },
        { damaged: count, layers: each(count) },
      ),
    ),
    aptSuites: each(text),
    enabledModules: each(text),
    products: each(product),
    context: eachMember(object),
  },
);
