import { wrongScapRoot } from '../../model/compliance/index.ts';
import { otherRoot } from '../xml/other-root.ts';
import {
  childElements,
  childText,
  firstChild,
  isTrue,
  malformed,
  readXmlTree,
  textOf,
  type XmlElement,
} from '../xml/read-xml.ts';
import type { Profile, ProfileChange, RuleRole, RuleSeverity, Tailoring } from './model.ts';
import { requireOwnContent, requireUnique } from './own-content.ts';
import { weightOf } from './read-items.ts';
import { richText } from './rich-text.ts';

export function profileOf(element: XmlElement): Profile {
  const { attrs } = element;
  const description = firstChild(element, 'description');
  const platforms = childElements(element, 'platform').map((platform) => platform.attrs['idref'] ?? '');
  return {
    id: attrs['id'] ?? '',
    title: (childText(element, 'title') ?? '').replace(/\s+/g, ' '),
    ...(description ? { description: richText(description) } : {}),
    ...(attrs['extends'] ? { extends: attrs['extends'] } : {}),
    ...(isTrue(attrs['abstract']) ? { abstract: true as const } : {}),
    ...(platforms.length > 0 ? { platforms } : {}),
    changes: childElements(element).flatMap(changeOf),
  };
}

/** Reads a tailoring file. */
export function readTailoring(source: Uint8Array | string, where: string): Tailoring {
  const root = readXmlTree(source, where);
  if (root.name !== 'Tailoring') throw otherRoot(where, 'a tailoring file', root);
  return tailoringOf(root, where);
}

/** @throws CONTENT_MALFORMED for a Tailoring element of another namespace */
export function tailoringOf(root: XmlElement, where: string): Tailoring {
  const wrong = wrongScapRoot('Tailoring', root);
  if (wrong !== undefined) throw malformed(where, wrong);
  requireOwnContent(root, where);
  const benchmark = firstChild(root, 'benchmark');
  const version = childText(root, 'version');
  const name = benchmark?.attrs['id'] ?? benchmark?.attrs['href'];
  return {
    id: root.attrs['id'] ?? '',
    ...(version ? { version } : {}),
    ...(name ? { benchmark: name } : {}),
    profiles: requireUnique(childElements(root, 'Profile').map(profileOf), where),
  };
}

function changeOf(element: XmlElement): ProfileChange[] {
  const { attrs } = element;
  const id = attrs['idref'] ?? '';
  switch (element.name) {
    case 'select':
      return [{ kind: 'select', id, selected: isTrue(attrs['selected']) }];
    case 'set-value':
      return [{ kind: 'set-value', id, value: textOf(element).trim() }];
    case 'set-complex-value':
      return [
        { kind: 'set-value', id, value: childElements(element, 'item').map((item) => textOf(item).trim()) },
      ];
    case 'refine-value':
      return attrs['selector'] === undefined
        ? []
        : [{ kind: 'refine-value', id, selector: attrs['selector'] }];
    case 'refine-rule':
      return [refineRuleOf(id, attrs)];
    default:
      return [];
  }
}

function refineRuleOf(id: string, attrs: XmlElement['attrs']): ProfileChange {
  const weight = weightOf(attrs['weight']);
  return {
    kind: 'refine-rule',
    id,
    ...(attrs['selector'] === undefined ? {} : { selector: attrs['selector'] }),
    ...(weight === undefined ? {} : { weight }),
    ...(attrs['severity'] === undefined ? {} : { severity: attrs['severity'] as RuleSeverity }),
    ...(attrs['role'] === undefined ? {} : { role: attrs['role'] as RuleRole }),
  };
}
