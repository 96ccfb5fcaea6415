import {
  each,
  eachMember,
  isRecord,
  itself,
  members,
  nested,
  type Shape,
  text,
  truth,
  word,
} from '../../model/shape.ts';
import type { OvalSection } from '../oval/model.ts';
import { maxDepth } from '../xml/depth.ts';

/** Shapes of OVAL's elements in compiled files, which other programs may have written. Words are any, as in XML. */

/** Without shapes for its parts: a run reads hundreds of definitions, for which these would take a twentieth of its time. */
export function isDefinition(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { version, class: kind, title, deprecated, criteria } = value as { [name: string]: unknown };
  return (
    typeof version === 'string' &&
    typeof kind === 'string' &&
    isTextIfAny(title) &&
    isTruthIfAny(deprecated) &&
    (criteria === undefined || isCriteria(criteria, 0))
  );
}

function isCriteria(value: unknown, depth: number): boolean {
  if (depth === maxDepth || !isRecord(value)) return false;
  const { operator, negate, comment, children } = value as { [name: string]: unknown };
  return (
    isTextIfAny(operator) &&
    isTruthIfAny(negate) &&
    isTextIfAny(comment) &&
    isListOf(children, (child) => isCriterion(child, depth + 1))
  );
}

function isCriterion(value: unknown, depth: number): boolean {
  if (!isRecord(value)) return false;
  const { test, extend, criteria, negate, comment } = value as { [name: string]: unknown };
  return (
    isTextIfAny(test) &&
    isTextIfAny(extend) &&
    isTruthIfAny(negate) &&
    isTextIfAny(comment) &&
    (criteria === undefined || isCriteria(criteria, depth))
  );
}

export function isListOf(value: unknown, is: (each: unknown) => boolean): boolean {
  if (!Array.isArray(value)) return false;
  for (let at = 0; at < value.length; at++) if (!is(value[at])) return false;
  return true;
}

export function isText(value: unknown): boolean {
  return typeof value === 'string';
}

export function isTextIfAny(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}

function isTruthIfAny(value: unknown): boolean {
  return value === undefined || typeof value === 'boolean';
}

const test = members(
  { type: text, version: text, check: text },
  { comment: text, existence: text, stateOperator: text, object: text, states: each(text) },
);

const entity = nested(maxDepth, (inside) =>
  members(
    { name: text },
    {
      ...{ operation: text, datatype: text, value: text, variable: text, variableCheck: text },
      ...{ entityCheck: text, existence: text, nil: truth, mask: truth, fields: each(inside) },
    },
  ),
);

const filters = each(members({ state: text, action: word('exclude', 'include') }));

const set = nested(maxDepth, (inside) =>
  members({ operator: text }, { objects: each(text), sets: each(inside), filters }),
);

const object = members(
  { type: text, version: text, entities: each(entity) },
  { comment: text, behaviors: eachMember(text), filters, set },
);

const state = members({ type: text, version: text, entities: each(entity) }, { operator: text });

const literal = members({ value: text }, { datatype: text });
const field = members({ object: text, field: text }, { record: text });
const reference = members({ variable: text });

const component = nested(maxDepth, (inside) => {
  const call = members({ fn: text, args: each(inside) }, { with: eachMember(text) });
  return (value) => {
    const fn = isRecord(value) ? value['fn'] : undefined;
    if (fn === 'literal') return literal(value);
    if (fn === 'object') return field(value);
    return fn === 'variable' ? reference(value) : call(value);
  };
});

const variable = members(
  { kind: word('constant', 'external', 'local'), datatype: text, version: text },
  { values: each(text), component },
);

export const elementShapes: Readonly<Record<OvalSection, Shape>> = {
  definitions: itself(isDefinition),
  tests: test,
  objects: object,
  states: state,
  variables: variable,
};

const wantedPaths = {
  paths: each(text),
  sets: each(
    members(
      {},
      {
        ...{ names: each(text), namePatterns: each(text), folders: each(text), below: truth },
        ...{ folderPatterns: each(text), pathPatterns: each(text) },
      },
    ),
  ),
};

/** Of the files that content may read. */
export const wantedShape: Shape = members(wantedPaths, {
  digests: members({
    ...wantedPaths,
    algorithms: each(word('md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512')),
  }),
});
