import type { DefinitionFacts } from '../oval/document/components.ts';

/** Ids of XCCDF 1.2 (6.2.3): namespace in reverse DNS, kind, and a name that is an NCName. */
export function xccdfId(kind: 'benchmark' | 'profile' | 'group' | 'rule', name: string): string {
  return `xccdf_org.scapfeed_${kind}_${name}`;
}

export const coverageRule = xccdfId('rule', 'coverage');

/** The rule of a definition, from the definition's own key: `fixed`, `unfixed`, `patch`, `update` or `unread` and what it is about. */
export function ruleId({ key }: Pick<DefinitionFacts, 'key'>): string {
  const [kind = '', ...about] = key.split(' ');
  const name = about.map(ncName).join('_');
  return xccdfId('rule', kind === 'update' || kind === 'unread' ? `${kind}_${name}` : name);
}

/** RHSA-2024:5962 and libstdc++ hold characters that a name in XML may not. */
function ncName(text: string): string {
  return text
    .replaceAll(':', '-')
    .replace(/[^A-Za-z0-9._-]/g, (character) => `.x${character.charCodeAt(0).toString(16)}.`);
}
