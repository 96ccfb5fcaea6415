import { defaultLimits, type ImageLimits } from '../../image/index.ts';
import { inventoryFault } from '../../model/inventory/inventory-shape.ts';
import { gateExitCodes } from '../../model/verdict/index.ts';
import { type ContentFile, contentOptions } from '../../tasks/content/options.ts';
import { ageOptions } from '../../tasks/feed-options.ts';
import { imageOptions, registryOptions } from '../../tasks/image/options.ts';
import { judgingOptions } from '../../tasks/scan/options.ts';
import { shapesOf } from './option-shapes.ts';
import { options } from './parameter-check.ts';
import {
  anyText,
  anything,
  callback,
  count,
  date,
  isObject,
  kindOf,
  listOf,
  made,
  type OptionShape,
  oneOf,
  type RequiredShape,
  recordOf,
  required,
  signal,
  text,
  that,
  type Wrong,
} from './shape.ts';

// Arguments of several functions. An object that the library made is recognized by the fields that are used first.

export const texts: OptionShape = listOf(text);

const ofReading = 'pass what readInventory or readSbom returned';

const inventoryParts = made('an inventory', ofReading, {
  packages: required(
    listOf(
      made('a package', ofReading, {
        type: required(text),
        name: required(text),
        version: required(text),
        arch: required(text),
        source: required(
          made('a source package', ofReading, { name: required(text), version: required(text) }),
        ),
      }),
    ),
  ),
  databases: required(listOf(made('a package database', ofReading, { kind: required(text) }))),
  notes: required(listOf(anything)),
  os: required(that('a release, or null', (value) => value === null || isObject(value))),
});

/** Faults of the members that are read first are reported as elsewhere; then every other part must be as an inventory's. */
export const inventory: RequiredShape = required({
  wrong: (value: unknown) => inventoryParts.wrong(value) ?? partWrong(value, inventoryFault(value)),
});

function partWrong(value: unknown, pointer: string | undefined): Wrong | undefined {
  if (pointer === undefined) return undefined;
  const steps = pointer.split('/').slice(1);
  const found = steps.reduce<unknown>(
    (at, step) => (typeof at === 'object' && at !== null ? Reflect.get(at, step) : undefined),
    value,
  );
  const at = steps.map((step) => (/^\d+$/.test(step) ? `[${step}]` : `.${step}`)).join('');
  return { at, expected: 'what an inventory has there', found: kindOf(found), remedy: ofReading };
}

const ofOpening = 'pass what openImage or readSbom returned';

export const image: OptionShape = made('an open image', ofOpening, {
  reference: required(text),
  files: required(
    made('a view of files', ofOpening, {
      layers: required(
        listOf(made('a layer', ofOpening, { diffId: text, digest: text, createdBy: anyText })),
      ),
      ...{ open: required(callback), read: required(callback), list: required(callback) },
      ...{ stat: required(callback), real: required(callback), history: required(callback) },
      ...{ digest: required(callback), format: required(callback) },
    }),
  ),
  digest: text,
  architecture: anyText,
  labels: required(recordOf(anyText)),
  env: required(listOf(anyText)),
  notes: required(
    listOf(made('a note', ofOpening, { code: required(text), where: required(anyText), detail: anyText })),
  ),
  close: required(callback),
});

const ofFeeds = 'pass what openFeed returned';

export const feed: RequiredShape = required(
  made('an open feed', ofFeeds, {
    directory: required(text),
    manifest: required(made('a manifest', ofFeeds, { platforms: required(listOf(anything)) })),
    origin: required(made('an origin', ofFeeds, { directory: required(text) })),
    shard: required(callback),
    close: required(callback),
  }),
);

export const reference: RequiredShape = required(text);

export const contentFile: OptionShape = options<ContentFile>({
  file: required(text),
  ...shapesOf(contentOptions),
});

export const signatureGate: OptionShape = made(
  'what was found of signatures',
  'pass gate of checkSignatures',
  {
    verdict: required(oneOf(Object.keys(gateExitCodes))),
    subjects: required(listOf(anything)),
    signatures: required(listOf(anything)),
  },
);

export const runOptions = { signal, onProgress: callback };

export const networkOptions = {
  env: recordOf(that('text', (value) => value === undefined || typeof value === 'string')),
  ...shapesOf(registryOptions),
};

const limits: Readonly<Record<string, OptionShape>> = Object.fromEntries(
  Object.keys(defaultLimits).map((name) => [name, count]),
);

// A folder, where the command has a flag.
const imageShapes = { ...shapesOf(imageOptions), cacheFolder: text };

export const openImageOptions = {
  ...runOptions,
  ...networkOptions,
  ...imageShapes,
  limits: options<Partial<ImageLimits>>(limits as Record<keyof ImageLimits, OptionShape>),
};

const { judgedAs: _, ...judgingShapes } = shapesOf(judgingOptions);

export const verdictOptions = {
  platform: text,
  ...judgingShapes,
  // An object, where the command takes pairs.
  platformMap: recordOf(text),
  ...shapesOf(ageOptions),
  now: date,
};
