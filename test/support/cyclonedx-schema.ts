import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';

const schemas = join(
  dirname(createRequire(import.meta.url).resolve('@cyclonedx/cyclonedx-library/package.json')),
  'res/schema',
);

function readSchema(file: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(schemas, file), 'utf8')) as Record<string, unknown>;
}

/** The schema that the specification's own library carries. */
export function cycloneDxErrors(text: string, version: string): unknown {
  const ajv = new Ajv({ allErrors: true, strict: false });
  addFormats.default(ajv);
  ajv.addFormat('iri-reference', true);
  ajv.addFormat('idn-email', true);
  for (const name of ['spdx', 'jsf-0.82', 'cryptography-defs']) {
    const file = `${name}.SNAPSHOT.schema.json`;
    ajv.addSchema(readSchema(file), `http://cyclonedx.org/schema/${file}`);
  }
  const validate = ajv.compile(readSchema(`bom-${version}.SNAPSHOT.schema.json`));
  validate(JSON.parse(text));
  return validate.errors ?? [];
}
