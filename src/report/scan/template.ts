import Mustache from 'mustache';
import { ScapfeedError } from '../../model/error.ts';
import { escapeHtml, escapeXml } from '../../model/markup.ts';
import type { ManyScan, MergedScan } from '../many/scan.ts';
import { safeJson } from '../safe-document.ts';
import { flawFacts } from './flaw-facts.ts';
import { packageNames } from './flaws.ts';
import { scanJson } from './json.ts';
import { filesOf } from './places.ts';
import type { ScanReport } from './report.ts';
import { upgradesOf } from './upgrades.ts';
import { fixVersion, remedyText, stateWord } from './words.ts';

/** Look-ups and repetitions of a rendering; 20 values of each of 100,000 flaws need two million. */
const mostWork = 3_000_000;

/** Characters of a rendering. */
const longestText = 256_000_000;

/**
 * Fills in a Mustache template: values, lists and conditions, no logic and no code. It sees all that the JSON of a scan has,
 * and `flaws` and `upgrades` as other reports list them. `{{x}}` escapes for the format that the name of the template ends
 * with (html, xml, json), `{{{x}}}` does not.
 */
export function scanTemplate(report: ScanReport, template: string, where: string): string {
  return fillTemplate(templateView(report), template, where);
}

/** `data` is plain: nothing in it can be called. */
function fillTemplate(data: object, template: string, where: string): string {
  const writer = new Mustache.Writer();
  const fault = (message: string) => templateFault(message, where);
  let tokens: unknown;
  try {
    tokens = writer.parse(template);
  } catch (error) {
    throw fault((error as Error).message);
  }
  const view = new Counted(data, undefined, { left: mostWork }, fault);
  const partials = (name: string): string => {
    throw fault(`it asks for another template, ${name}, which is not supported`);
  };
  const render = (): string =>
    writer.renderTokens(tokens as string[][], view, partials, template, { escape: escapeFor(where) });
  const text = withinStack(render, () => fault('its sections are nested too deeply'));
  if (text.length > longestText) throw fault('its result has more than 256 million characters');
  return text;
}

/** Mustache renders a section within a section by a call within a call. */
function withinStack(render: () => string, tooDeep: () => ScapfeedError): string {
  try {
    return render();
  } catch (error) {
    throw error instanceof RangeError ? tooDeep() : error;
  }
}

/** Counts the work, so that lists within lists end: a section finds its list in the surrounding ones too. */
class Counted extends Mustache.Context {
  readonly #budget: { left: number };
  readonly #fault: (message: string) => ScapfeedError;

  constructor(
    view: object,
    parent: Mustache.Context | undefined,
    budget: { left: number },
    fault: (message: string) => ScapfeedError,
  ) {
    super(view, parent);
    this.#budget = budget;
    this.#fault = fault;
  }

  override push(view: object): Mustache.Context {
    this.#spend();
    return new Counted(view, this, this.#budget, this.#fault);
  }

  /** Only what the data itself has: Mustache would call inherited functions. */
  override lookup(name: string): unknown {
    this.#spend();
    if (name === '.') return this.view;
    const [first, ...rest] = name.split('.');
    for (let at: Mustache.Context | undefined = this; at; at = at.parent) {
      if (!hasOwn(at.view, first!)) continue;
      let value = at.view[first!];
      for (const part of rest) value = hasOwn(value, part) ? value[part] : undefined;
      return value;
    }
    return undefined;
  }

  #spend(): void {
    this.#budget.left -= 1;
    if (this.#budget.left < 0) throw this.#fault('it repeats lists within lists without an end in sight');
  }
}

function hasOwn(value: unknown, name: string): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name);
}

function templateFault(message: string, where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'USAGE',
    message: `the template cannot be used: ${message}`,
    where,
    remedy: 'correct it; docs/reports.md describes what a template can use',
  });
}

function escapeFor(name: string): (value: unknown) => string {
  const [, ending = ''] = /\.(html?|xml|json|md)(?:\.(?:mustache|hbs|tmpl|tpl))?$/.exec(name) ?? [];
  return (value) => {
    const text = typeof value === 'string' ? value : String(value);
    if (ending === 'json') return safeJson(JSON.stringify(text)).slice(1, -1);
    if (ending === 'xml') return escapeXml(text);
    return ending === '' ? text : escapeHtml(text);
  };
}

/** Plain data only: nothing in it can be called. */
function templateView(report: ScanReport): object {
  const document = JSON.parse([...scanJson(report)].join('')) as object;
  const flaws = report.lines();
  const rows = flaws.map((flaw, at) => {
    const { verdict } = flaw;
    const { known, score, page, links } = flawFacts(report, flaw);
    return {
      vulnerability: verdict.vulnerability,
      severity: verdict.severity,
      title: known?.title ?? '',
      description: known?.description ?? '',
      score: score?.score ?? '',
      source: verdict.package.source.name,
      packages: packageNames(flaw).join(', '),
      installed: verdict.package.source.version,
      fixed: fixVersion(verdict) ?? '',
      paths: filesOf(flaw, report.result).join(', '),
      state: stateWord(verdict),
      remedy: remedyText(flaw),
      advisories: verdict.advisories,
      link: page ?? links[0] ?? '',
      isFailing: report.fails(verdict),
      isLast: at === flaws.length - 1,
    };
  });
  const upgrades = upgradesOf(flaws, report.compare).map(({ flaws: repaired, ...rest }, at, all) => ({
    ...rest,
    packages: rest.packages.join(', '),
    count: repaired,
    isLast: at === all.length - 1,
  }));
  return { ...document, date: report.date ?? '', flaws: rows, upgrades };
}

/** Fills in a template for several images: `targets`, each with all that a template of one image sees, and `totals`. */
export function mergedTemplate(template: string, where: string): MergedScan {
  return {
    part: (report) => [JSON.stringify(templateView(report))],
    whole: ({ targets, ...scan }: ManyScan) => {
      const views = targets.map(({ part, facts, ...target }, at) => ({
        ...(facts ? (JSON.parse([...part()].join('')) as object) : { flaws: [], upgrades: [] }),
        ...target,
        isLast: at === targets.length - 1,
      }));
      return [fillTemplate({ ...scan, targets: views }, template, where)];
    },
  };
}
