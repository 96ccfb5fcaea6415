import { childElements, firstChild, isTrue, textOf, type XmlElement } from '../xml/read-xml.ts';
import type {
  Check,
  ComplexCheck,
  Group,
  Prose,
  Rule,
  RuleRole,
  RuleSeverity,
  Value,
  XccdfFix,
} from './model.ts';
import { plainText, richText } from './rich-text.ts';

/** Reads a Rule element. */
export function ruleOf(element: XmlElement): Rule {
  const { attrs } = element;
  const complex = firstChild(element, 'complex-check');
  const version = firstChild(element, 'version');
  return {
    kind: 'rule',
    ...itemBase(element, childElements(element)),
    ...unlessDefault<'role', RuleRole>(attrs, 'role', attrs['role'] as RuleRole | undefined, 'full'),
    ...unlessDefault<'severity', RuleSeverity>(
      attrs,
      'severity',
      attrs['severity'] as RuleSeverity | undefined,
      'unknown',
    ),
    ...(version ? { version: textOf(version).trim() } : {}),
    ...(isTrue(attrs['multiple']) ? { multiple: true as const } : {}),
    checks: childElements(element, 'check').map(checkOf),
    ...(complex ? { complexCheck: complexCheckOf(complex) } : {}),
  };
}

/** A Group from its start tag and its own elements; children are added as they are read. */
export function groupOf(element: XmlElement, elements: readonly XmlElement[]): Group {
  return { kind: 'group', ...itemBase(element, elements), children: [] };
}

export function xccdfValueOf(element: XmlElement): Value {
  const { type, extends: base } = element.attrs;
  const options: Record<string, string | string[]> = {};
  for (const option of childElements(element)) {
    if (option.name !== 'value' && option.name !== 'complex-value') continue;
    const chosen =
      option.name === 'value'
        ? textOf(option).trim()
        : childElements(option, 'item').map((item) => textOf(item).trim());
    // The first one is the default unless one has no selector: JavaScript sorts members that are numbers.
    if (base === undefined && Object.keys(options).length === 0) options[''] = chosen;
    options[option.attrs['selector'] ?? ''] = chosen;
  }
  const title = firstChild(element, 'title');
  return {
    id: element.attrs['id'] ?? '',
    ...(type ? { type } : {}),
    ...(title ? { title: textOf(title).trim() } : {}),
    ...(base ? { extends: base } : {}),
    options,
  };
}

function itemBase(element: XmlElement, elements: readonly XmlElement[]) {
  const { attrs } = element;
  const named = (name: string) => elements.filter((child) => child.name === name);
  const platforms = named('platform').map((platform) => platform.attrs['idref'] ?? '');
  const requires = named('requires').map((each) =>
    (each.attrs['idref'] ?? '').split(/\s+/).filter((id) => id !== ''),
  );
  const conflicts = named('conflicts').map((each) => each.attrs['idref'] ?? '');
  const selected = attrs['selected'] === undefined ? undefined : isTrue(attrs['selected']);
  return {
    id: attrs['id'] ?? '',
    ...unlessDefault(attrs, 'selected', selected, true),
    ...unlessDefault(attrs, 'weight', weightOf(attrs['weight']), 1),
    ...(platforms.length > 0 ? { platforms } : {}),
    ...(requires.length > 0 ? { requires } : {}),
    ...(conflicts.length > 0 ? { conflicts } : {}),
    ...(attrs['cluster-id'] ? { cluster: attrs['cluster-id'] } : {}),
    ...(attrs['extends'] ? { extends: attrs['extends'] } : {}),
    ...(isTrue(attrs['abstract']) ? { abstract: true as const } : {}),
    prose: proseOf(elements),
  };
}

/** An attribute that an item states. Its default overrides an inherited value, and says nothing where there is none. */
function unlessDefault<K extends string, T>(
  { extends: base }: XmlElement['attrs'],
  key: K,
  value: T | undefined,
  usual: T,
): { [P in K]?: T } {
  const says = value !== undefined && (value !== usual || base !== undefined);
  return (says ? { [key]: value } : {}) as { [P in K]?: T };
}

/** Undefined for what is no number that JSON has, too. */
export function weightOf(text: string | undefined): number | undefined {
  const weight = text === undefined ? Number.NaN : Number(text);
  return Number.isFinite(weight) ? weight : undefined;
}

function proseOf(elements: readonly XmlElement[]): Prose {
  const named = (name: string) => elements.filter((child) => child.name === name);
  const texts = (name: string) => named(name).map(richText);
  const [title] = named('title');
  const [description] = texts('description');
  const [rationale] = texts('rationale');
  const warnings = texts('warning');
  const idents = named('ident').map((ident) => ({
    system: ident.attrs['system'] ?? '',
    text: textOf(ident).trim(),
  }));
  const references = named('reference').map((reference) => ({
    ...(reference.attrs['href'] ? { href: reference.attrs['href'] } : {}),
    text: textOf(reference).replace(/\s+/g, ' ').trim(),
  }));
  const fixes = named('fix').map(fixOf);
  const fixTexts = texts('fixtext');
  return {
    ...(title ? { title: textOf(title).replace(/\s+/g, ' ').trim() } : {}),
    ...(description ? { description } : {}),
    ...(rationale ? { rationale } : {}),
    ...(warnings.length > 0 ? { warnings } : {}),
    ...(idents.length > 0 ? { idents } : {}),
    ...(references.length > 0 ? { references } : {}),
    ...(fixes.length > 0 ? { fixes } : {}),
    ...(fixTexts.length > 0 ? { fixTexts } : {}),
  };
}

function fixOf(element: XmlElement): XccdfFix {
  const { system, id, platform, disruption, complexity, strategy, reboot } = element.attrs;
  return {
    ...(system ? { system } : {}),
    ...(id ? { id } : {}),
    ...(platform ? { platform } : {}),
    ...(isTrue(reboot) ? { reboot: true as const } : {}),
    ...(disruption ? { disruption } : {}),
    ...(complexity ? { complexity } : {}),
    ...(strategy ? { strategy } : {}),
    text: plainText(element),
  };
}

function checkOf(element: XmlElement): Check {
  const { attrs } = element;
  const exports = childElements(element, 'check-export').map((each) => ({
    value: each.attrs['value-id'] ?? '',
    name: each.attrs['export-name'] ?? '',
  }));
  return {
    system: attrs['system'] ?? '',
    ...(attrs['selector'] ? { selector: attrs['selector'] } : {}),
    ...(isTrue(attrs['negate']) ? { negate: true as const } : {}),
    ...(isTrue(attrs['multi-check']) ? { multi: true as const } : {}),
    contents: childElements(element, 'check-content-ref').map((reference) => ({
      href: reference.attrs['href'] ?? '',
      ...(reference.attrs['name'] === undefined ? {} : { name: reference.attrs['name'] }),
    })),
    ...(exports.length > 0 ? { exports } : {}),
  };
}

function complexCheckOf(element: XmlElement): ComplexCheck {
  const checks = childElements(element).flatMap((child): (Check | ComplexCheck)[] => {
    if (child.name === 'check') return [checkOf(child)];
    return child.name === 'complex-check' ? [complexCheckOf(child)] : [];
  });
  return {
    operator: element.attrs['operator'] === 'OR' ? 'OR' : 'AND',
    ...(isTrue(element.attrs['negate']) ? { negate: true as const } : {}),
    checks,
  };
}
