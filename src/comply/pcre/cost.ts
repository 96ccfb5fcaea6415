import { childrenOf } from './parse.ts';
import type { Node } from './syntax.ts';

/** Growth of the number of steps of a failing match: `2^doublings * length^degree`. */
export interface Growth {
  /** Number of loops that can divide the same text between them; infinite for nested loops. */
  degree: number;
  /** Choices that do not depend on the text's length, as powers of two. */
  doublings: number;
}

const none: Growth = { degree: 0, doublings: 0 };
const endless: Growth = { degree: Number.POSITIVE_INFINITY, doublings: 0 };

/** An upper bound of a pattern's backtracking at one place of a text. */
export function growthOf(node: Node): Growth {
  switch (node.kind) {
    case 'alternatives': {
      const parts = node.branches.map(growthOf);
      return {
        degree: Math.max(...parts.map(({ degree }) => degree)),
        doublings: Math.max(...parts.map(({ doublings }) => doublings)) + Math.log2(parts.length),
      };
    }
    case 'repeat':
      return repeated(growthOf(node.body), node.min, node.max);
    case 'backreference':
      return { degree: 1, doublings: 0 };
    case 'call':
      return endless;
    default:
      return together(childrenOf(node).map(growthOf));
  }
}

function together(parts: readonly Growth[]): Growth {
  return {
    degree: parts.reduce((sum, { degree }) => sum + degree, 0),
    doublings: parts.reduce((sum, { doublings }) => sum + doublings, 0),
  };
}

function repeated(body: Growth, min: number, max: number): Growth {
  if (max === 1) return together([body, { degree: 0, doublings: 1 }]);
  if (body.degree > 0 || body.doublings > 0) return endless;
  return min === max ? none : { degree: 1, doublings: 0 };
}

/**
 * The least number of bytes that PCRE2 compiles a pattern to: two for a character, three for each end of a group, and repeated
 * groups are copied.
 */
export function leastSize(node: Node): number {
  const inside = childrenOf(node).reduce((sum, child) => sum + leastSize(child), 0);
  switch (node.kind) {
    case 'sequence':
      return inside;
    case 'alternatives':
      return inside + 3 * (node.branches.length - 1);
    case 'repeat': {
      if (node.body.kind === 'set') return inside;
      const copies = node.max === Number.POSITIVE_INFINITY ? Math.max(node.min, 1) : node.max;
      return copies * inside;
    }
    case 'set':
      return node.set.length === 2 && node.set[0] === node.set[1] ? 2 : 1;
    case 'anchor':
    case 'keep':
    case 'fail':
      return 1;
    case 'backreference':
    case 'call':
      return 3;
    default:
      return inside + 6;
  }
}
