import { dateOfIndex } from '../model/data-date.ts';
import type { PlatformIndex, Severity } from '../model/feed/index.ts';
import { escapeXml } from '../model/markup.ts';
import type { DefinitionFacts } from '../oval/document/components.ts';
import { ovalTime } from '../oval/document/document.ts';
import { Section } from '../oval/document/section.ts';
import { attribute } from '../oval/document/xml.ts';

/** Ids of XCCDF 1.2 (6.2.3): namespace in reverse DNS, kind, and a name that is an NCName. */
function xccdfId(kind: 'benchmark' | 'profile' | 'group' | 'rule', name: string): string {
  return `xccdf_org.scapfeed_${kind}_${name}`;
}

const coverageRule = xccdfId('rule', 'coverage');

/** The rule of a definition, from the definition's own key: `fixed`, `unfixed`, `patch`, `update` or `unread` and what it is about. */
function ruleId({ key }: Pick<DefinitionFacts, 'key'>): string {
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

/**
 * Severities as groups, worst first; `suppressed` has what the vendor rates as no flaw of the binary package, `unread` the packages
 * about which statements could not be read.
 */
const ranks = ['critical', 'high', 'medium', 'low', 'negligible', 'unknown', 'suppressed', 'unread'] as const;

type Rank = (typeof ranks)[number];

/** Whether an update removes the flaw. */
type Kind = 'fixable' | 'unfixed';

const kinds: readonly Kind[] = ['fixable', 'unfixed'];

interface ProfilePlan {
  name: string;
  title: string;
  description: string;
  takes(kind: Kind, rank: Rank): boolean;
}

/**
 * Every profile also has the coverage rule, because all others pass without a package database. Statements that could not be read
 * may be about a flaw of any severity.
 */
const profiles: readonly ProfilePlan[] = [
  {
    name: 'fixable-only',
    title: 'Updates that are missing',
    description: 'Every flaw that an update of this platform removes.',
    takes: (kind) => kind === 'fixable',
  },
  {
    name: 'critical',
    title: 'Critical flaws',
    description: 'Flaws rated critical, with or without an update.',
    takes: (_, rank) => rank === 'critical' || rank === 'unread',
  },
  {
    name: 'important-and-up',
    title: 'Important and critical flaws',
    description: 'Flaws rated important (high) or critical, with or without an update.',
    takes: (_, rank) => rank === 'critical' || rank === 'high' || rank === 'unread',
  },
  {
    name: 'all',
    title: 'Everything known',
    description: 'Every flaw, also those without an update and those that the vendor rates as unimportant.',
    takes: () => true,
  },
];

export interface BenchmarkSummary {
  rules: number;
  fixable: number;
  unfixed: number;
  profiles: string[];
}

/** The OVAL file of the data stream that has a rule's definition. */
export interface CheckSource {
  href: string;
  definitionId(key: string): string;
}

/**
 * An XCCDF 1.2 benchmark that grows rule by rule. Rules are in groups by kind and severity: a profile selects groups, so
 * its size does not depend on the number of rules.
 */
export class BenchmarkWriter {
  readonly #index: PlatformIndex;
  readonly #groups = new Map<string, Section>();
  readonly #counts = { fixable: 0, unfixed: 0 };
  readonly #path: string;
  readonly #cpe: string | undefined;

  /** `cpe`: of the platform, where evaluators find a dictionary with it beside the benchmark. */
  constructor(index: PlatformIndex, path: string, { cpe }: { cpe?: string | undefined }) {
    this.#index = index;
    this.#path = path;
    this.#cpe = cpe;
  }

  add(kind: Kind, facts: DefinitionFacts, check: CheckSource): void {
    const rank = facts.unread ? 'unread' : facts.suppressed ? 'suppressed' : (facts.severity ?? 'unknown');
    this.#group(kind, rank).write(renderRule(facts, check));
    this.#counts[kind] += 1;
  }

  /** Writes the whole benchmark into the section; its own parts are gone afterwards. */
  writeTo(out: Section, coverage: DefinitionFacts, check: CheckSource): BenchmarkSummary {
    const used = profiles.filter(({ takes }) =>
      kinds.some((kind) => ranks.some((rank) => takes(kind, rank) && this.#groups.has(`${kind}-${rank}`))),
    );
    out.write(this.#head());
    for (const profile of used) out.write(this.#profile(profile));
    out.write(renderCoverage(coverage, check));
    for (const kind of kinds) this.#writeKind(out, kind);
    out.write('</Benchmark>');
    const { fixable, unfixed } = this.#counts;
    return { rules: fixable + unfixed + 1, fixable, unfixed, profiles: used.map(({ name }) => name) };
  }

  abandon(): void {
    for (const section of this.#groups.values()) section.discard();
  }

  #group(kind: Kind, rank: Rank): Section {
    const name = `${kind}-${rank}`;
    let group = this.#groups.get(name);
    if (!group) {
      group = new Section(`${this.#path}.${name}.partial`);
      this.#groups.set(name, group);
    }
    return group;
  }

  #head(): string {
    const { platform, source } = this.#index;
    const date = dateOfIndex(this.#index);
    const day = date.slice(0, 10);
    return (
      '<Benchmark xmlns="http://checklists.nist.gov/xccdf/1.2" xmlns:dc="http://purl.org/dc/elements/1.1/"' +
      `${attribute('id', xccdfId('benchmark', platform.id))} resolved="true" xml:lang="en" style="SCAP_1.2">` +
      `<status date="${day}">accepted</status>` +
      `<title>Known flaws of ${escapeXml(platform.name)}</title>` +
      `<description>What the vendor says of ${escapeXml(platform.name)}, by update and by flaw.</description>` +
      `<notice id="data">Compiled from the data of ${escapeXml(source)}.</notice>` +
      '<reference href="https://www.npmjs.com/package/scapfeed">scapfeed</reference>' +
      `<version${attribute('time', ovalTime(date))}>${day.replaceAll('-', '.')}</version>` +
      '<metadata><dc:publisher>scapfeed</dc:publisher><dc:creator>scapfeed</dc:creator>' +
      '<dc:contributor>scapfeed</dc:contributor><dc:source>https://www.npmjs.com/package/scapfeed</dc:source></metadata>\n'
    );
  }

  #profile({ name, title, description, takes }: ProfilePlan): string {
    let selects = `<select idref="${coverageRule}" selected="true"/>`;
    for (const kind of kinds) {
      for (const rank of ranks) {
        if (!this.#groups.has(`${kind}-${rank}`)) continue;
        const selected = takes(kind, rank);
        if (selected || isDefault(kind))
          selects += `<select idref="${xccdfId('group', `${kind}-${rank}`)}" selected="${selected}"/>`;
      }
    }
    return (
      `<Profile${attribute('id', xccdfId('profile', name))}><title>${title}</title>` +
      `<description>${description}</description>${selects}</Profile>\n`
    );
  }

  #writeKind(out: Section, kind: Kind): void {
    const present = ranks.filter((rank) => this.#groups.has(`${kind}-${rank}`));
    if (present.length === 0) return;
    const title = kind === 'fixable' ? 'Updates' : 'Flaws without an update';
    // Not on the benchmark: on a foreign release the coverage rule must fail, where a rule that does not apply is silent.
    // Without a dictionary nothing would apply; the definitions themselves look at the release.
    const platform = this.#cpe === undefined ? '' : `<platform${attribute('idref', this.#cpe)}/>`;
    out.write(
      `<Group id="${xccdfId('group', kind)}"><title>${title}</title><description>${title}</description>${platform}\n`,
    );
    for (const rank of present) {
      const heading = `${title}: ${rank}`;
      out.write(
        `<Group id="${xccdfId('group', `${kind}-${rank}`)}" selected="${isDefault(kind)}"><title>${heading}</title>`,
      );
      out.write(`<description>${heading}</description>\n`);
      out.append(this.#groups.get(`${kind}-${rank}`)!);
      out.write('</Group>\n');
    }
    out.write('</Group>\n');
  }
}

/** Without a profile, a benchmark is about updates: one that selected nothing would score a full mark on any system. */
function isDefault(kind: Kind): boolean {
  return kind === 'fixable';
}

/** XCCDF knows no critical (6.4.4.2). */
const severityWords: Record<Severity, string> = {
  critical: 'high',
  high: 'high',
  medium: 'medium',
  low: 'low',
  negligible: 'info',
  unknown: 'unknown',
};

function renderRule(facts: DefinitionFacts, check: CheckSource): string {
  const { title, description, references, severity = 'unknown' } = facts;
  let links = '';
  let idents = '';
  for (const { source, id, url } of references) {
    if (url !== undefined) links += `<reference${attribute('href', url)}>${escapeXml(id)}</reference>`;
    if (source === 'CVE') idents += `<ident system="http://cve.mitre.org">${escapeXml(id)}</ident>`;
  }
  return (
    `<Rule${attribute('id', ruleId(facts))} severity="${severityWords[severity]}"><title>${escapeXml(title)}</title>` +
    `<description>${escapeXml(description)}</description>${links}${idents}${renderCheck(facts, check)}</Rule>\n`
  );
}

function renderCoverage(facts: DefinitionFacts, check: CheckSource): string {
  return (
    `<Rule id="${coverageRule}" severity="high"><title>${escapeXml(facts.title)}</title>` +
    `<description>${escapeXml(facts.description)}</description>${renderCheck(facts, check)}</Rule>\n`
  );
}

function renderCheck({ key }: DefinitionFacts, { href, definitionId }: CheckSource): string {
  return (
    '<check system="http://oval.mitre.org/XMLSchema/oval-definitions-5">' +
    `<check-content-ref${attribute('href', href)}${attribute('name', definitionId(key))}/></check>`
  );
}
