import type { Platform } from '../../model/feed/index.ts';
import type { Criteria, Criterion, Definition, Extend, Test, TextObject } from '../document/components.ts';
import { escapePattern } from './dpkg-patterns.ts';
import { coverageKey, inventoryKey } from './rows.ts';

/** The platform is this release. `cpe` names it for XCCDF. */
export function inventoryDefinition(platform: Platform, cpe: string | undefined, test: Test): Definition {
  return {
    facts: {
      class: 'inventory',
      key: inventoryKey,
      title: platform.name,
      platform: platform.name,
      references: cpe === undefined ? [] : [{ source: 'CPE', id: cpe }],
      description: `The system is ${platform.name}, by its own files.`,
    },
    criteria: { operator: 'AND', of: [{ test }] },
  };
}

/**
 * True only if the platform is this one and its package database lists a package. Without a database every other definition
 * is false, which would read as clean: this one is in every profile to show it.
 */
export function coverageDefinition(platform: Platform, listed: Test): Definition {
  return {
    facts: {
      class: 'compliance',
      key: coverageKey,
      title: `${platform.name} with a readable package database`,
      platform: platform.name,
      references: [],
      description:
        `The system is ${platform.name} and at least one installed package is listed. When this is false, the other ` +
        'definitions of this file say nothing of the system.',
    },
    criteria: { operator: 'AND', of: [ofThisRelease(platform), { test: listed }] },
  };
}

export function ofThisRelease(platform: Platform): Extend {
  return { definition: inventoryKey, comment: platform.name };
}

/** The release, and any of the items. */
export function inRelease(release: Extend, items: readonly (Criteria | Criterion)[]): Criteria {
  const [only] = items;
  const any = items.length === 1 && only ? only : ({ operator: 'OR', of: items } as const);
  return { operator: 'AND', of: [release, any] };
}

/**
 * Reads os-release, so that derivatives with their own ID do not match. `versionId`: PCRE of VERSION_ID, for distributions whose
 * platforms are named by a part of it.
 */
export function osReleaseTest(platform: Platform, versionId?: string): Test {
  const { os } = platform;
  const object: TextObject = {
    kind: 'text',
    file: { filepath: '/etc/os-release' },
    pattern:
      versionId === undefined
        ? osReleasePattern(os)
        : String.raw`\A${field('ID', escapePattern(os.id))}${field('VERSION_ID', versionId)}`,
    singleline: true,
    instance: 'first',
  };
  return { comment: `os-release says ${platform.name}`, object };
}

/**
 * A release has VERSION_ID; Debian testing and sid have none and both carry testing's codename, so the files cannot distinguish
 * them: testing is matched by its codename, and the file for sid, to be chosen by hand, by VERSION_ID's absence.
 */
function osReleasePattern({ id, version, codename }: Platform['os']): string {
  const exactly = (name: string, value: string) => field(name, escapePattern(value));
  const unversioned = '(?!.*^VERSION_ID=)';
  const byCodename =
    codename === undefined || codename === 'sid'
      ? unversioned
      : unversioned + exactly('VERSION_CODENAME', codename);
  const release =
    version === undefined
      ? byCodename
      : codename === undefined
        ? exactly('VERSION_ID', version)
        : `(?:${exactly('VERSION_ID', version)}|${byCodename})`;
  return String.raw`\A${exactly('ID', id)}${release}`;
}

function field(name: string, pattern: string): string {
  return `(?=.*^${name}=["']?${pattern}["']?$)`;
}
