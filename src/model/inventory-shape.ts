/**
 * Checks, without a schema, that a value is an inventory: what `inventory -o json` printed, or what a stranger wrote.
 * Returns undefined if it is, otherwise the JSON pointer of the first part that is not.
 */
export function inventoryFault(value: unknown): string | undefined {
  return inventoryShape(value);
}

/** The pointer of the first fault, from the value on; empty: the value itself. Made only where there is one. */
type Shape = (value: unknown) => string | undefined;

const itself = (isRight: (value: unknown) => boolean): Shape => {
  return (value) => (isRight(value) ? undefined : '');
};

const text = itself((value) => typeof value === 'string');
const count = itself((value) => Number.isSafeInteger(value) && Number(value) >= 0);
const truth = itself((value) => typeof value === 'boolean');
const object = itself(isRecord);

const word = (...words: readonly string[]): Shape =>
  itself((value) => typeof value === 'string' && words.includes(value));

const nullOr =
  (shape: Shape): Shape =>
  (value) =>
    value === null ? undefined : shape(value);

/** Each of a list. */
const each =
  (shape: Shape): Shape =>
  (value) => {
    if (!Array.isArray(value)) return '';
    // By its number: an inventory may have a million packages, and a hole in a list is no package.
    for (let at = 0; at < value.length; at++) {
      const fault = shape(value[at]);
      if (fault !== undefined) return `/${at}${fault}`;
    }
    return undefined;
  };

/** Each member of an object. */
const eachMember =
  (shape: Shape): Shape =>
  (value) => {
    if (!isRecord(value)) return '';
    for (const [name, one] of Object.entries(value)) {
      const fault = shape(one);
      if (fault !== undefined) return `/${name}${fault}`;
    }
    return undefined;
  };

/** An object with some members; others are passed over. */
function members(
  needed: Readonly<Record<string, Shape>>,
  optional: Readonly<Record<string, Shape>> = {},
): Shape {
  const shapes = Object.entries({ ...needed, ...optional }).map(([name, shape]) => ({
    ...{ name, shape },
    isOptional: Object.hasOwn(optional, name),
  }));
  return (value) => {
    if (!isRecord(value)) return '';
    for (const { name, shape, isOptional } of shapes) {
      const one = Object.hasOwn(value, name) ? value[name] : undefined;
      if (one === undefined && isOptional) continue;
      const fault = shape(one);
      if (fault !== undefined) return `/${name}${fault}`;
    }
    return undefined;
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const release = members(
  { id: text, found: text },
  { versionId: text, codename: text, idLike: each(text), prettyName: text, cpe: text, pointRelease: text },
);

const database = members(
  {
    kind: word('apk', 'dpkg', 'dpkg-status.d', 'rpm-sqlite', 'rpm-bdb', 'rpm-ndb', 'sbom'),
    path: text,
    packages: count,
  },
  { incomplete: truth },
);

const installed = members(
  {
    type: word('apk', 'deb', 'rpm', 'oci'),
    name: text,
    version: text,
    arch: text,
    source: members({ name: text, version: text }),
    database: text,
  },
  {
    ...{ state: text, module: text, modularityLabel: text, vendor: text, keyId: text, layer: count },
    unstated: each(word('source', 'signature', 'release')),
  },
);

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
    unjudged: each(
      members({ ecosystem: text, packages: count, places: each(text) }, { layers: each(count) }),
    ),
    aptSuites: each(text),
    enabledModules: each(text),
    products: each(product),
    context: eachMember(object),
  },
);
