/**
 * Checks, without a schema, that a value is an inventory: what `inventory -o json` printed, or what a stranger wrote.
 * Returns undefined if it is, otherwise the JSON pointer of the first part that is not.
 */
export function inventoryFault(value: unknown): string | undefined {
  return inventoryShape(value, '');
}

/** The pointer of the first fault below `at`. */
type Shape = (value: unknown, at: string) => string | undefined;

const text: Shape = (value, at) => (typeof value === 'string' ? undefined : at);
const count: Shape = (value, at) => (Number.isSafeInteger(value) && Number(value) >= 0 ? undefined : at);
const truth: Shape = (value, at) => (typeof value === 'boolean' ? undefined : at);
const object: Shape = (value, at) => (isRecord(value) ? undefined : at);

const word =
  (...words: readonly string[]): Shape =>
  (value, at) =>
    typeof value === 'string' && words.includes(value) ? undefined : at;

const nullOr =
  (shape: Shape): Shape =>
  (value, at) =>
    value === null ? undefined : shape(value, at);

/** Each of a list, or of an object's members. */
const each =
  (shape: Shape, isWhole: (value: unknown) => boolean = Array.isArray): Shape =>
  (value, at) => {
    if (!isWhole(value)) return at;
    for (const [name, one] of Object.entries(value as object)) {
      const fault = shape(one, `${at}/${name}`);
      if (fault !== undefined) return fault;
    }
    return undefined;
  };

/** An object with some members; others are passed over. */
const members =
  (needed: Readonly<Record<string, Shape>>, optional: Readonly<Record<string, Shape>> = {}): Shape =>
  (value, at) => {
    if (!isRecord(value)) return at;
    for (const [name, shape] of Object.entries({ ...needed, ...optional })) {
      const isThere = Object.hasOwn(value, name) && value[name] !== undefined;
      if (!isThere && Object.hasOwn(optional, name)) continue;
      const fault = shape(isThere ? value[name] : undefined, `${at}/${name}`);
      if (fault !== undefined) return fault;
    }
    return undefined;
  };

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
    context: each(object, isRecord),
  },
);
