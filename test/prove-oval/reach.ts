import type { OvalLookup } from '../../src/comply/oval/lookup.ts';
import type { OvalCriteria } from '../../src/comply/oval/model.ts';

/** Items that a definition refers to, as far as they matter for a difference. */
export interface Reach {
  /** It refers to a definition, test, object, state or variable that the document does not have. */
  dangling: boolean;
  /** Versions that its states compare with. */
  versions: string[];
}

export function reachOf(document: OvalLookup, definition: string): Reach {
  const reach: Reach = { dangling: false, versions: [] };
  const seen = new Set<string>();
  const pending = [definition];
  const lost = () => {
    reach.dangling = true;
  };
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    const found = document.definition(id);
    if (!found) lost();
    else if (found.criteria) follow(found.criteria);
  }
  return reach;

  function follow({ children }: OvalCriteria): void {
    for (const { criteria, test, extend } of children) {
      if (criteria) follow(criteria);
      if (extend !== undefined) pending.push(extend);
      if (test !== undefined) followTest(test);
    }
  }

  function followTest(id: string): void {
    const test = document.test(id);
    const object = test?.object === undefined ? undefined : document.object(test.object);
    if (!test || (!object && !test.type.endsWith('/unknown'))) {
      lost();
      return;
    }
    for (const { variable } of object?.entities ?? [])
      if (variable !== undefined && !document.variable(variable)) lost();
    for (const each of test.states ?? []) {
      const state = document.state(each);
      if (!state) lost();
      for (const { name, value = '' } of state?.entities ?? [])
        if (name === 'evr') reach.versions.push(value.trim());
    }
  }
}
