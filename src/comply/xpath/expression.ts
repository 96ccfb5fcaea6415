/** An XPath 1.0 expression as a tree. */
export type Expression =
  | { kind: 'literal'; value: string | number }
  | { kind: 'negate'; operand: Expression }
  | { kind: 'binary'; operator: Operator; left: Expression; right: Expression }
  | { kind: 'call'; name: string; args: Expression[] }
  /** Steps from the root, from what another expression finds, or from the context node. */
  | { kind: 'path'; from: 'root' | 'context' | Expression; steps: LocationStep[] }
  | { kind: 'filter'; operand: Expression; predicates: Expression[] };

export type Operator =
  | ('or' | 'and' | '=' | '!=' | '<' | '<=' | '>' | '>=')
  | ('+' | '-' | '*' | 'div' | 'mod' | '|');

/** Between the steps of a path. */
export type Separator = '/' | '//';

export interface LocationStep {
  axis: Axis;
  test: NodeTest;
  predicates: Expression[];
}

export const axes = [
  ...(['ancestor', 'ancestor-or-self', 'attribute', 'child', 'descendant', 'descendant-or-self'] as const),
  ...(['following', 'following-sibling', 'parent', 'preceding', 'preceding-sibling', 'self'] as const),
] as const;

export type Axis = (typeof axes)[number];

/** By name (`*` for any), or by kind; comments and processing instructions are never found. */
export type NodeTest =
  | { kind: 'name'; prefix: string; name: string }
  | { kind: 'node' | 'text' | 'comment' | 'processing-instruction' };

/** The expression is invalid, uses something unknown, or needs too much work. */
export class XPathError extends Error {}
