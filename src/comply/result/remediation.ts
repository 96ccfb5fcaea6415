import type { LoadedContent } from '../content/load.ts';
import { applyProfile } from '../xccdf/apply-profile.ts';
import { findProfile, profilesOf } from '../xccdf/find-profile.ts';
import { allItems } from '../xccdf/read-benchmark.ts';
import { fixesOf } from './compliance-result.ts';

/** The languages of rule fixes. */
export const remediationTypes = ['bash', 'ansible', 'containerfile'] as const;

/** The language of a fix. */
export type RemediationType = (typeof remediationTypes)[number];

/** A rule and its fixes with the values filled in. */
interface FixableRule {
  id: string;
  title: string;
  fixes: readonly { system: string; text: string }[];
}

/** One script of the fixes of some rules, and the rules that have none of that type. */
interface Remediation {
  script: string;
  fixed: number;
  without: string[];
}

const systems: Readonly<Record<RemediationType, string>> = {
  bash: 'urn:xccdf:fix:script:sh',
  ansible: 'urn:xccdf:fix:script:ansible',
  containerfile: 'urn:xccdf:fix:script:sh',
};

/** Writes the fixes of rules as one script of a type, in the order of the rules. */
export function remediate(rules: readonly FixableRule[], type: RemediationType): Remediation {
  const parts: string[] = [];
  const without: string[] = [];
  for (const rule of rules) {
    const texts = rule.fixes.filter(({ system, text }) => system === systems[type] && text.trim() !== '');
    if (texts.length === 0) without.push(rule.id);
    for (const { text } of texts) parts.push(partOf(rule, text, type));
  }
  return { script: `${heads[type]}${parts.join('')}`, fixed: rules.length - without.length, without };
}

/** The fixable rules of a profile, failed or not. */
export function profileRules(content: LoadedContent, name: string | undefined): FixableRule[] {
  const profiles = profilesOf(content.benchmark, content.tailorings);
  const profile = name === undefined ? undefined : findProfile(name, profiles);
  const applied = applyProfile(content.benchmark, profile, profiles);
  return [...allItems(content.benchmark.items)].flatMap((item) => {
    if (item.kind !== 'rule' || !applied.selected.has(item.id)) return [];
    const fixes = fixesOf(content.prose(item.id), applied);
    return [{ id: item.id, title: item.prose.title ?? item.id, fixes }];
  });
}

const heads: Readonly<Record<RemediationType, string>> = {
  bash: '#!/usr/bin/env bash\n# Read before running: each part changes the system that it runs on.\n',
  ansible: '---\n- hosts: all\n  become: true\n  tasks:\n',
  containerfile:
    '# syntax=docker/dockerfile:1\n# Append to the Containerfile of the image; needs a builder that knows here-documents.\nSHELL ["/bin/bash", "-c"]\n',
};

function partOf({ id, title }: FixableRule, text: string, type: RemediationType): string {
  const about = `# ${title.replace(/\s+/g, ' ')}\n# ${id}\n`;
  const body = text.replace(/^\s*\n/, '').trimEnd();
  switch (type) {
    case 'bash':
      return `\n${about}(\n${body}\n)\n`;
    case 'ansible':
      return `\n${indent(about.trimEnd())}\n${indent(body)}\n`;
    case 'containerfile': {
      const end = delimiterFor(body);
      return `\n${about}RUN <<'${end}'\n${body}\n${end}\n`;
    }
  }
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? '' : `    ${line}`))
    .join('\n');
}

/** A delimiter that is not a line of the script. */
function delimiterFor(body: string): string {
  const lines = new Set(body.split('\n'));
  let end = 'FIX';
  while (lines.has(end)) end += 'X';
  return end;
}
