import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import advisory from '../../schemas/advisory.schema.json' with { type: 'json' };
import binaries from '../../schemas/binaries.schema.json' with { type: 'json' };
import changes from '../../schemas/changes.schema.json' with { type: 'json' };
import contentList from '../../schemas/content-list.schema.json' with { type: 'json' };
import delta from '../../schemas/delta.schema.json' with { type: 'json' };
import epssLine from '../../schemas/epss-line.schema.json' with { type: 'json' };
import explainedPackages from '../../schemas/explained-packages.schema.json' with { type: 'json' };
import explanation from '../../schemas/explanation.schema.json' with { type: 'json' };
import exploited from '../../schemas/exploited.schema.json' with { type: 'json' };
import imageDiff from '../../schemas/image-diff.schema.json' with { type: 'json' };
import keyFile from '../../schemas/key-file.schema.json' with { type: 'json' };
import manifest from '../../schemas/manifest.schema.json' with { type: 'json' };
import offsets from '../../schemas/offsets.schema.json' with { type: 'json' };
import policy from '../../schemas/policy.schema.json' with { type: 'json' };
import pullConfig from '../../schemas/pull-config.schema.json' with { type: 'json' };
import ratings from '../../schemas/ratings.schema.json' with { type: 'json' };
import scanResult from '../../schemas/scan-result.schema.json' with { type: 'json' };
import scanResults from '../../schemas/scan-results.schema.json' with { type: 'json' };
import scoresLine from '../../schemas/scores-line.schema.json' with { type: 'json' };
import sentinels from '../../schemas/sentinels.schema.json' with { type: 'json' };
import shardLine from '../../schemas/shard-line.schema.json' with { type: 'json' };
import vexLine from '../../schemas/vex-line.schema.json' with { type: 'json' };
import vexList from '../../schemas/vex-list.schema.json' with { type: 'json' };
import vulnerability from '../../schemas/vulnerability.schema.json' with { type: 'json' };
import { ScapfeedError } from '../model/error.ts';

const schemas = {
  advisory,
  binaries,
  changes,
  'content-list': contentList,
  delta,
  'epss-line': epssLine,
  'explained-packages': explainedPackages,
  explanation,
  exploited,
  'image-diff': imageDiff,
  'key-file': keyFile,
  manifest,
  offsets,
  policy,
  'pull-config': pullConfig,
  ratings,
  sentinels,
  'scan-result': scanResult,
  'scores-line': scoresLine,
  'scan-results': scanResults,
  'shard-line': shardLine,
  'vex-line': vexLine,
  'vex-list': vexList,
  vulnerability,
};

export type SchemaName = keyof typeof schemas;

/** The schema of a table that a source declares. */
export interface NamedSchema {
  name: string;
  schema: object;
}

const compiled = new Map<object, ValidateFunction>();

/** Returns all violations of one of our schemas: JSON pointer and message; empty if the value is valid. */
export function schemaErrors(schema: SchemaName | NamedSchema, value: unknown): string[] {
  const object = typeof schema === 'string' ? schemas[schema] : schema.schema;
  const validate = compiled.get(object) ?? compile(object);
  return validate(value) ? [] : (validate.errors ?? []).map(describe);
}

/** @throws SCHEMA_VIOLATION with the first violations, if the value is not valid */
export function assertSchema(schema: SchemaName | NamedSchema, value: unknown, where: string): void {
  const errors = schemaErrors(schema, value);
  if (errors.length === 0) return;
  const name = typeof schema === 'string' ? schema : schema.name;
  throw new ScapfeedError({
    code: 'SCHEMA_VIOLATION',
    message: `breaks schemas/${name}.schema.json: ${errors.slice(0, 3).join('; ')}`,
    where,
    remedy: 'the program that wrote the file is at fault; please report it',
  });
}

let ajv: Ajv2020 | undefined;

function compile(schema: object): ValidateFunction {
  ajv ??= openAjv();
  const validate = ajv.compile(schema);
  compiled.set(schema, validate);
  return validate;
}

/**
 * Data is not changed, and a schema that ajv does not fully understand is an error. A test checks the schemas by their
 * meta-schema; doing so at each start would take a quarter of a small build.
 */
function openAjv(): Ajv2020 {
  const opened = new Ajv2020({
    strict: true,
    allErrors: false,
    strictRequired: false,
    validateSchema: false,
    // A third of the time in which a schema is compiled, after which it judges no faster.
    code: { optimize: false },
  });
  // Another schema refers to it; it is read when it is needed.
  opened.addSchema(scanResult);
  return opened;
}

function describe({ instancePath, message, params }: ErrorObject): string {
  const detail = params['additionalProperty'] ?? params['allowedValues'];
  const extra = detail === undefined ? '' : ` (${[detail].flat().join(', ')})`;
  return `${instancePath || '/'} ${message ?? 'is wrong'}${extra}`;
}
