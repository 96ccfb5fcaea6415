import { isObject, type JsonObject } from '../../image/manifest/bounded-json.ts';
import { parseForeignJson } from '../../io/foreign-json.ts';
import { ScapfeedError } from '../../model/error.ts';

/** Characters of a policy; keys stand in files of their own. */
const maxLength = 4 * 1024 * 1024;

/**
 * Reads a policy in JSON. A member that occurs twice is refused: readers differ in which of the two counts.
 * Errors: TRUST_POLICY_INVALID.
 */
export function readStrictJson(text: string, file: string): JsonObject {
  if (text.length > maxLength) {
    throw policyInvalid(`expected at most ${maxLength} characters, found ${text.length}`, file);
  }
  let document: unknown;
  try {
    document = parseForeignJson(text, { uniqueNames: true });
  } catch (cause) {
    throw policyInvalid(`expected JSON: ${(cause as Error).message}`, file, cause);
  }
  return objectAt(document, file);
}

/** An object whose members are read by name; `end` refuses members that were not read. */
export class Members {
  readonly where: string;
  #object: JsonObject;
  #known = new Set<string>();

  constructor(value: unknown, where: string) {
    this.where = where;
    this.#object = objectAt(value, where);
  }

  get names(): string[] {
    return Object.keys(this.#object);
  }

  at(name: string): string {
    return `${this.where}/${name}`;
  }

  value(name: string): unknown {
    this.#known.add(name);
    return Object.hasOwn(this.#object, name) ? this.#object[name] : undefined;
  }

  text(name: string): string | undefined {
    const value = this.value(name);
    if (value === undefined || (typeof value === 'string' && value !== '')) return value;
    throw policyInvalid('expected a text', this.at(name));
  }

  requiredText(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw policyInvalid(`expected ${name}, found none`, this.where);
    return value;
  }

  texts(name: string): string[] | undefined {
    const value = this.value(name);
    if (value === undefined) return undefined;
    const list = arrayAt(value, this.at(name));
    if (list.length > 0 && list.every((one) => typeof one === 'string' && one !== ''))
      return list as string[];
    throw policyInvalid('expected a list of texts with at least one', this.at(name));
  }

  /** @throws {ScapfeedError} TRUST_POLICY_INVALID for a member that was not asked for */
  end(): void {
    const unknown = this.names.find((name) => !this.#known.has(name));
    if (unknown === undefined) return;
    const known = [...this.#known].join(', ');
    throw policyInvalid(`expected one of ${known}, found ${JSON.stringify(unknown)}`, this.where);
  }
}

function objectAt(value: unknown, where: string): JsonObject {
  if (isObject(value)) return value;
  throw policyInvalid('expected an object', where);
}

export function arrayAt(value: unknown, where: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw policyInvalid('expected an array', where);
}

export function policyInvalid(message: string, where: string, cause?: unknown): ScapfeedError {
  return new ScapfeedError({
    code: 'TRUST_POLICY_INVALID',
    message,
    where,
    remedy: 'correct the policy; nothing was verified',
    cause,
  });
}
