import { isObject, type JsonObject } from '../../image/manifest/bounded-json.ts';
import { uriWithoutLogin } from '../../model/login.ts';
import type { AttestedFacts } from '../../model/verdict/index.ts';
import { readObject, shown } from '../bounded-document.ts';
import { signatureLimits } from '../limits.ts';
import { Refused } from '../refused.ts';

/** Type of a payload that is a statement. */
export const statementType = 'application/vnd.in-toto+json';

/** An in-toto statement, before anything is known of who made it. */
export interface InTotoStatement {
  predicateType: string;
  /** Digests of its subjects: `sha256:HEX`. */
  digests: ReadonlySet<string>;
  predicate: JsonObject;
  /** The whole statement, as it was signed. */
  payload: Buffer;
}

/** https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md; both versions have the members that are read here. */
export function readStatement(type: string, payload: Buffer): InTotoStatement {
  if (type !== statementType) {
    throw new Refused('SIGNATURE_FORM_UNKNOWN', `expected a payload ${statementType}, found ${type}`);
  }
  const { _type, subject, predicateType, predicate } = readObject(payload, 'statement');
  if (typeof _type !== 'string' || !/^https:\/\/in-toto\.io\/Statement\/v(0\.1|1)$/.test(_type)) {
    throw new Refused('SIGNATURE_FORM_UNKNOWN', `expected an in-toto statement, found ${shown(_type)}`);
  }
  if (typeof predicateType !== 'string' || predicateType === '') {
    throw new Refused('SIGNATURE_MALFORMED', 'statement: expected a predicateType, found none');
  }
  return {
    predicateType,
    digests: digestsOf(subject),
    predicate: isObject(predicate) ? predicate : {},
    payload,
  };
}

function digestsOf(subject: unknown): Set<string> {
  const digests = new Set<string>();
  for (const one of Array.isArray(subject) ? subject : []) {
    const digest = isObject(one) && isObject(one['digest']) ? one['digest'] : {};
    for (const [algorithm, hex] of Object.entries(digest)) {
      if (typeof hex === 'string') digests.add(`${algorithm}:${hex}`);
    }
  }
  return digests;
}

/** The facts that a verified statement attests. */
export function statementFacts({ predicateType, predicate }: InTotoStatement): AttestedFacts {
  const builder = textAt(predicate, ['runDetails', 'builder', 'id']) ?? textAt(predicate, ['builder', 'id']);
  const source =
    textAt(predicate, ['buildDefinition', 'externalParameters', 'workflow', 'repository']) ??
    textAt(predicate, ['invocation', 'configSource', 'uri']);
  return {
    predicateType,
    ...(builder !== undefined && { builder: uriWithoutLogin(builder) }),
    ...(source !== undefined && { source: uriWithoutLogin(source) }),
    materials: materialsOf(predicate).flatMap(materialText).slice(0, signatureLimits.materials),
  };
}

/** SLSA's resolvedDependencies (v1) and materials (v0.2). */
export function materialsOf(predicate: JsonObject): JsonObject[] {
  const list = valueAt(predicate, ['buildDefinition', 'resolvedDependencies']) ?? predicate['materials'];
  return (Array.isArray(list) ? list : []).filter(isObject);
}

function materialText({ uri, digest }: JsonObject): string[] {
  if (typeof uri !== 'string') return [];
  const [known] = isObject(digest) ? Object.entries(digest) : [];
  const shownUri = uriWithoutLogin(uri);
  return [known === undefined ? shownUri : `${shownUri} ${known[0]}:${shown(known[1])}`];
}

function textAt(object: JsonObject, path: readonly string[]): string | undefined {
  const value = valueAt(object, path);
  return typeof value === 'string' ? value : undefined;
}

function valueAt(object: JsonObject, path: readonly string[]): unknown {
  let value: unknown = object;
  for (const name of path) value = isObject(value) ? value[name] : undefined;
  return value;
}
