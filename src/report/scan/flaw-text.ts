import { isByRansomware } from '../../model/feed/index.ts';
import type { ViewedVerdict } from '../../model/verdict/index.ts';
import { columnsOf } from '../columns.ts';
import { percent, tenths } from '../rating-text.ts';
import { type Flaw, packageNames } from './flaws.ts';
import { fixVersion, stateDetails, stateWord } from './words.ts';

export function severityText({ severity, severitySource }: ViewedVerdict, assessed: boolean): string {
  return assessed && severitySource ? `${severity} ${severitySource}` : severity;
}

/** As wide as `100.0`. */
export const riskWidth = 5;

export function riskText({ risk }: ViewedVerdict): string {
  return (risk === undefined ? '-' : tenths(risk)).padStart(riskWidth);
}

/** As wide as `100.0%`. */
export const epssWidth = 6;

export function epssText({ epss }: ViewedVerdict): string {
  return (epss ? percent(epss.probability) : '-').padStart(epssWidth);
}

/** A flaw's source package, and its installed packages where they fit behind it; otherwise they go to the line below. */
export interface PackageText {
  /** `openssl 3.0.7-1 (libssl3, openssl)` */
  source: string;
  /** `libssl3 +1` */
  below?: string;
}

/** With as many packages as fit into `room` columns. */
export function packageText(flaw: Flaw, room: number): PackageText {
  const pkg = flaw.verdict.package;
  const binaries = packageNames(flaw);
  const source = `${pkg.source.name} ${pkg.source.version}`;
  if (binaries.length === 1 && binaries[0] === pkg.source.name) return { source };
  let list = '';
  let fitting: string | undefined;
  for (let count = 1; count <= binaries.length; count++) {
    list = count === 1 ? binaries[0]! : `${list}, ${binaries[count - 1]}`;
    const text = `${source} (${listText(list, binaries.length - count)})`;
    if (columnsOf(text) <= room) fitting = text;
    else if (columnsOf(source) + columnsOf(list) > room) break;
  }
  return fitting === undefined
    ? { source, below: listText(binaries[0]!, binaries.length - 1) }
    : { source: fitting };
}

function listText(names: string, more: number): string {
  return more > 0 ? `${names} +${more}` : names;
}

/** `KNOWN EXPLOITED, due 2023-12-12; fix available: 3.0.8-1 (DSA-5343-1)` */
export function actionText(verdict: ViewedVerdict, packages?: string): string {
  const { exploited, rejected, vendorSeverity } = verdict;
  let text = stateWithFix(verdict);
  if (vendorSeverity) text = `vendor says ${vendorSeverity}; ${text}`;
  if (rejected) text = `CVE rejected; ${text}`;
  if (exploited) text = `${exploitedText(exploited)}; ${text}`;
  return packages === undefined ? text : `${text}; in ${packages}`;
}

export function exploitedText(exploited: NonNullable<ViewedVerdict['exploited']>): string {
  const { due } = exploited;
  const use = isByRansomware(exploited) ? 'KNOWN EXPLOITED by ransomware' : 'KNOWN EXPLOITED';
  return due === undefined ? use : `${use}, due ${due}`;
}

function stateWithFix(verdict: ViewedVerdict): string {
  const fix = fixVersion(verdict);
  return `${stateWord(verdict)}${fix === undefined ? '' : `: ${fix}`}${stateDetails(verdict)}`;
}
