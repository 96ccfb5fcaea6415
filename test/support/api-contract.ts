import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { TestFleetServer } from './fleet-server.ts';

interface Operation {
  responses: Record<string, { content?: Record<string, { schema: object }> }>;
}

/** A server's description of its API, and the check of its answers against it. */
export interface ApiContract {
  document: { openapi: string; paths: Record<string, Record<string, Operation>> };
  /** Faults by the validator of the OpenAPI initiative's schema; undefined: none. */
  faults: unknown;
  /** Asks, and fails if the status or the body is not as described. */
  ask(
    path: string,
    options?: RequestInit & { token?: string },
  ): Promise<{ status: number; body: unknown; headers: Headers }>;
}

export async function apiContract(server: TestFleetServer): Promise<ApiContract> {
  const document = (await (await server.ask('/api/v1/openapi.json')).json()) as ApiContract['document'];
  const { valid, errors } = await new Validator().validate(structuredClone(document) as never);
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  (addFormats as unknown as (ajv: Ajv2020) => void)(ajv);
  return {
    document,
    faults: valid ? undefined : errors,
    async ask(path, options = {}) {
      const answer = await server.ask(path, options);
      const method = (options.method ?? 'GET').toLowerCase();
      const { responses } = operationOf(document, path.split('?')[0]!, method);
      const described = responses[answer.status];
      if (!described) throw new Error(`${method} ${path}: ${answer.status} is not described`);
      const text = await answer.text();
      const type = (answer.headers.get('content-type') ?? '').split(';')[0]!;
      if (described.content === undefined)
        return { status: answer.status, body: undefined, headers: answer.headers };
      const body: unknown = text === '' ? undefined : JSON.parse(text);
      const schema = described.content[type]?.schema;
      if (!schema) throw new Error(`${method} ${path}: ${answer.status} as ${type} is not described`);
      if (!ajv.validate(schema, body))
        throw new Error(`${method} ${path}: ${ajv.errorsText()}\n${text.slice(0, 2000)}`);
      return { status: answer.status, body, headers: answer.headers };
    },
  };
}

function operationOf({ paths }: ApiContract['document'], path: string, method: string): Operation {
  for (const [template, operations] of Object.entries(paths)) {
    const pattern = new RegExp(`^${template.replace(/\{[^}]+\}/g, '[^/]+')}$`);
    const operation = pattern.test(path) ? operations[method] : undefined;
    if (operation) return operation;
  }
  throw new Error(`${method} ${path} is not described`);
}
