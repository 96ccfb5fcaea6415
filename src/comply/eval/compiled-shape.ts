import { definitionResults } from '../../model/compliance/index.ts';
import { type Severity, severities } from '../../model/feed/index.ts';
import {
  count,
  each,
  isRecord,
  itself,
  members,
  nested,
  object,
  type Shape,
  text,
  truth,
  tuple,
  word,
} from '../../model/shape.ts';
import {
  elementShapes,
  isDefinition,
  isListOf,
  isText,
  isTextIfAny,
  wantedShape,
} from '../content/element-shapes.ts';
import { maxDepth } from '../oval/depth.ts';
import type { OvalSection } from '../oval/model.ts';

/** Shapes of the lines of compiled OVAL, which another program may have written: see compiled-form.ts. */

const place = tuple(count, count);
const result = word(...definitionResults);

/** Each level of criteria, in definitions that extend each other, may be its opposite. */
const mostLevels = 2 * maxDepth + 10;

const logic = nested(mostLevels, (inside) => {
  const operation: Shape = (value) =>
    each(inside)((value as unknown[]).slice(1)) ?? text((value as unknown[])[0]);
  const opposite = members({ not: inside });
  return (value) => {
    if (typeof value === 'number') return count(value);
    if (Array.isArray(value)) return operation(value);
    return isRecord(value) ? opposite(value) : result(value);
  };
});

const platform = nested(mostLevels, (inside) => {
  const expressions = {
    test: members({ test: text }),
    inventory: members({ inventory: text }),
    not: members({ not: inside }),
    operator: members({ operator: text, of: each(inside) }),
  };
  return (value) => {
    if (value === 'free') return undefined;
    if (!isRecord(value)) return '';
    for (const [name, shape] of Object.entries(expressions)) if (name in value) return shape(value);
    return '';
  };
});

const document = members({
  schemaVersion: text,
  testTypes: each(text),
  uncompiled: each(tuple(text, text)),
  platforms: each(tuple(text, platform)),
  groups: each(members({ class: text, logic, count, members: place }, { reached: logic })),
  tests: each(text),
  absent: each(tuple(text, result)),
  forms: each(
    members(
      { check: text, entity: text, operation: text, datatype: text, absent: result },
      { isOrdered: truth },
    ),
  ),
  packages: members({ rpm: place, deb: place }),
  // Its elements are looked at when they are used.
  common: object,
  definitions: place,
  buckets: place,
  bucketCount: count,
});

const info = members({
  name: text,
  sha256: text,
  documents: each(
    members(
      { schemaVersion: text, platforms: each(text) },
      { component: text, product: text, productVersion: text, timestamp: text },
    ),
  ),
});

/**
 * Metadata of a definition, for reports. It and the tests of packages are read by the hundred, and checked without smaller
 * shapes.
 */
function isMetadata(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { severity, vendorSeverity, advisory, vulnerabilities, references, issued } = value as Unknowns;
  return (
    severities.includes(severity as Severity) &&
    isTextIfAny(vendorSeverity) &&
    isTextIfAny(advisory) &&
    isTextIfAny(issued) &&
    isText(vulnerabilities) &&
    isText(references)
  );
}

interface Unknowns {
  [name: string]: unknown;
}

function isPackageTests(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { name, forms, others } = value as Unknowns;
  return isText(name) && isListOf(forms, isFormTests) && isListOf(others, isOtherTest);
}

function isFormTests(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && Number.isSafeInteger(value[0]) && isText(value[1]);
}

function isOtherTest(value: unknown): boolean {
  if (!Array.isArray(value) || value.length !== 3) return false;
  return isText(value[0]) && definitionResults.includes(value[1]) && isText(value[2]);
}

/** Of OVAL's elements, by their sections. */
export const elementShape: Readonly<Record<OvalSection, Shape>> = {
  ...elementShapes,
  definitions: itself((value) => isDefinition(value) && isMetadata((value as Unknowns)['metadata'])),
};

const elementLine = (value: Shape) => members({ key: text, value });

/** Of whole lines. */
export const lineShape = {
  end: members({ head: place, size: count }),
  head: members({ info, wanted: wantedShape, documents: each(document) }),
  packageNames: members({ first: text, places: text }),
  nameLine: members({ names: text }),
  packageTests: itself(isPackageTests),
  members: members({ definitions: text }),
  buckets: members({ places: text }),
  bucket: members({ keys: each(text), places: text }),
  definitionIds: members({ ids: each(text) }),
  definitions: elementLine(elementShape.definitions),
  tests: elementLine(elementShape.tests),
  objects: elementLine(elementShape.objects),
  states: elementLine(elementShape.states),
  variables: elementLine(elementShape.variables),
} as const;
