import { ScapfeedError } from '../model/error.ts';
import { type SchemaName, schemaErrors } from '../validate/json-schema.ts';

/** Throws USAGE where a file that the user wrote breaks its schema. */
export function requireShape(name: SchemaName, value: unknown, file: string): void {
  const errors = schemaErrors(name, value);
  if (errors.length === 0) return;
  throw new ScapfeedError({
    code: 'USAGE',
    message: `the file does not match its schema: ${errors.slice(0, 3).join('; ')}`,
    where: file,
    remedy: `correct it; its schema is schemas/${name}.schema.json`,
  });
}
