import type { Node } from './syntax.ts';

/** How the number of steps of a failing match grows: `2^doublings * length^degree`. */
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
    case 'atom':
      return none;
    case 'sequence':
      return together(node.items.map(growthOf));
    case 'alternatives': {
      const parts = node.branches.map(growthOf);
      return {
        degree: Math.max(...parts.map(({ degree }) => degree)),
        doublings: Math.max(...parts.map(({ doublings }) => doublings)) + Math.log2(parts.length),
      };
    }
    case 'repeat':
      return repeated(growthOf(node.body), node.range);
    case 'backreference':
      return { degree: 1, doublings: 0 };
    case 'call':
      return endless;
    default:
      return growthOf(node.body);
  }
}

function together(parts: readonly Growth[]): Growth {
  return {
    degree: parts.reduce((sum, { degree }) => sum + degree, 0),
    doublings: parts.reduce((sum, { doublings }) => sum + doublings, 0),
  };
}

function repeated(body: Growth, range: string): Growth {
  const [least, most = least] = range.replace(/[{}]/g, '').split(',');
  if (range === '?' || most === '1') return together([body, { degree: 0, doublings: 1 }]);
  if (body.degree > 0 || body.doublings > 0) return endless;
  const counted = range.startsWith('{') && least === most;
  return counted ? none : { degree: 1, doublings: 0 };
}
