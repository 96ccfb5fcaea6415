import { childElements, firstChild, isTrue, textOf, type XmlElement } from '../xml/read-xml.ts';
import type { CpeCheck, LogicalTest } from './model.ts';

/** Platforms that a CPE dictionary or a platform specification defines. */
export interface PlatformDefinitions {
  cpeItems: Record<string, CpeCheck[]>;
  platformTests: Record<string, LogicalTest>;
}

/** A CPE 2.x dictionary (`cpe-list`). */
export function cpeListOf(element: XmlElement): Record<string, CpeCheck[]> {
  const items: Record<string, CpeCheck[]> = {};
  for (const item of childElements(element, 'cpe-item')) {
    items[item.attrs['name'] ?? ''] = childElements(item, 'check').map((check) => ({
      href: check.attrs['href'] ?? '',
      definition: textOf(check).trim(),
    }));
  }
  return items;
}

/** A CPE language document (`platform-specification`). */
export function platformSpecificationOf(element: XmlElement): Record<string, LogicalTest> {
  const platforms: Record<string, LogicalTest> = {};
  for (const platform of childElements(element, 'platform')) {
    const test = firstChild(platform, 'logical-test');
    if (test) platforms[platform.attrs['id'] ?? ''] = logicalTestOf(test);
  }
  return platforms;
}

function logicalTestOf(element: XmlElement): LogicalTest {
  const facts = childElements(element, 'fact-ref').map((fact) => fact.attrs['name'] ?? '');
  const tests = childElements(element, 'logical-test').map(logicalTestOf);
  const checks = childElements(element, 'check-fact-ref').map((check) => ({
    href: check.attrs['href'] ?? '',
    definition: check.attrs['id-ref'] ?? '',
  }));
  return {
    operator: element.attrs['operator'] === 'OR' ? 'OR' : 'AND',
    ...(isTrue(element.attrs['negate']) ? { negate: true as const } : {}),
    ...(facts.length > 0 ? { facts } : {}),
    ...(checks.length > 0 ? { checks } : {}),
    ...(tests.length > 0 ? { tests } : {}),
  };
}
