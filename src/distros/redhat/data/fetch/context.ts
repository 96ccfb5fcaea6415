import type { FetchContext } from '../../../../sources/contract.ts';
import type { RedHatDefinition } from '../definition.ts';
import type { Tree } from '../parse/record.ts';

/** Context of the steps that fetch one tree. */
export interface TreeFetch {
  tree: Tree;
  /** URL of the tree, with a slash at its end. */
  url: string;
  context: FetchContext;
  definition: RedHatDefinition;
}
