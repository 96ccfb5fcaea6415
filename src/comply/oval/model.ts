/**
 * OVAL 5.x definitions as plain data: what a document says, without its XML. The same objects are written into a
 * compiled benchmark, so every default is an absent field.
 */
export interface OvalDocument {
  /** `5.11` of the generator's schema_version. */
  schemaVersion: string;
  definitions: Record<string, OvalDefinition>;
  tests: Record<string, OvalTest>;
  objects: Record<string, OvalObject>;
  states: Record<string, OvalState>;
  variables: Record<string, OvalVariable>;
}

export type OvalClass = 'compliance' | 'inventory' | 'miscellaneous' | 'patch' | 'vulnerability';

export interface OvalDefinition {
  version: string;
  class: OvalClass;
  title?: string;
  deprecated?: true;
  /** Absent: the definition has no criteria and its result is `not evaluated`. */
  criteria?: OvalCriteria;
}

export type OvalOperator = 'AND' | 'OR' | 'ONE' | 'XOR';

export interface OvalCriteria {
  /** Default `AND`. */
  operator?: OvalOperator;
  negate?: true;
  comment?: string;
  children: OvalCriterion[];
}

/** One branch: exactly one of `criteria`, `test` and `extend` is present. */
export interface OvalCriterion {
  criteria?: OvalCriteria;
  test?: string;
  extend?: string;
  negate?: true;
  comment?: string;
}

export type OvalCheck = 'all' | 'at least one' | 'none exist' | 'none satisfy' | 'only one';
export type OvalExistence =
  | 'all_exist'
  | 'any_exist'
  | 'at_least_one_exists'
  | 'none_exist'
  | 'only_one_exists';

export interface OvalTest {
  /** Family and name without suffix: `independent/textfilecontent54`. */
  type: string;
  version: string;
  comment?: string;
  check: OvalCheck;
  /** Default `at_least_one_exists`. */
  existence?: OvalExistence;
  /** Default `AND`. */
  stateOperator?: OvalOperator;
  object?: string;
  states?: string[];
}

export interface OvalEntity {
  name: string;
  /** Default `equals`. */
  operation?: string;
  /** Default `string`. */
  datatype?: string;
  /** Absent: empty. */
  value?: string;
  variable?: string;
  /** Default `all`. */
  variableCheck?: OvalCheck;
  /** State only, default `all`. */
  entityCheck?: OvalCheck;
  /** State only, default `at_least_one_exists`. */
  existence?: OvalExistence;
  nil?: true;
  /** Values are not to be shown in results. */
  mask?: true;
  /** Fields of a record entity. */
  fields?: OvalEntity[];
}

export interface OvalFilter {
  state: string;
  action: 'exclude' | 'include';
}

export interface OvalSet {
  operator: 'UNION' | 'INTERSECTION' | 'COMPLEMENT';
  /** One or two operands, by id or nested. */
  objects?: string[];
  sets?: OvalSet[];
  filters?: OvalFilter[];
}

export interface OvalObject {
  type: string;
  version: string;
  comment?: string;
  behaviors?: Record<string, string>;
  entities: OvalEntity[];
  filters?: OvalFilter[];
  set?: OvalSet;
}

export interface OvalState {
  type: string;
  version: string;
  /** Default `AND`. */
  operator?: OvalOperator;
  entities: OvalEntity[];
}

export interface OvalVariable {
  kind: 'constant' | 'external' | 'local';
  datatype: string;
  version: string;
  /** Constant values. */
  values?: string[];
  /** The component that computes a local variable. */
  component?: OvalComponent;
}

/** A component of a local variable: a value source or a function of components. */
export type OvalComponent =
  | { fn: 'literal'; value: string; datatype?: string }
  | { fn: 'object'; object: string; field: string; record?: string }
  | { fn: 'variable'; variable: string }
  | { fn: string; args: OvalComponent[]; with?: Record<string, string> };

/** Values given to external variables from outside, by variable id. */
export type ExternalVariables = ReadonlyMap<string, readonly string[]>;

/** `family/name` of an OVAL element from its namespace and its local name without suffix. */
export function ovalType(ns: string, name: string): string {
  const family = ns.includes('#') ? ns.slice(ns.lastIndexOf('#') + 1) : 'common';
  return `${family}/${name.replace(/_(test|object|state|item)$/, '')}`;
}

export function emptyOvalDocument(): OvalDocument {
  return { schemaVersion: '5.11', definitions: {}, tests: {}, objects: {}, states: {}, variables: {} };
}

/** Elements of a document by what they are. */
export const ovalSectionNames = ['definitions', 'objects', 'states', 'tests', 'variables'] as const;

export type OvalSection = (typeof ovalSectionNames)[number];
