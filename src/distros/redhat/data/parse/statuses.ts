import type { Severity } from '../../../../model/index.ts';
import { parseRpmEvr } from '../../../../packaging/rpm/version.ts';
import type {
  CsafFlag,
  CsafRemediation,
  CsafThreat,
  CsafVulnerability,
} from '../../../../sources/csaf/document.ts';
import type { Notes } from '../../../../sources/csaf/notes.ts';
import { list, malformed, record, textOrNone, texts } from '../../../../sources/fields.ts';
import type { ProductTree, Target } from './product-tree.ts';
import {
  adviceCategories,
  type FixStateWords,
  fixStateOfCategory,
  fixStateWords,
  justifications,
  type StatusKey,
  severityOf,
  statusKeys,
  statusWords,
  threatCategories,
} from './vocabulary.ts';

/** One target in one status list, with the data of the vulnerability's other lists about it. */
export interface Gathered {
  target: Target;
  status: StatusKey;
  severity: Severity;
  arch: string[];
  /** At least one product id names no architecture. */
  anyArch: boolean;
  advisories: string[];
  fixState: FixStateWords | undefined;
  reason: string | undefined;
  count: number;
}

export interface StatusContext {
  tree: ProductTree;
  notes: Notes;
  /** JSON pointer of the vulnerability. */
  pointer: string;
  /** Severity of the whole document, for products without their own. */
  severity: Severity;
  /** The document is this erratum, so that every fix is its own. */
  erratum: string | undefined;
  /** Called with each erratum id and its release date. */
  errata(id: string, date: string): void;
}

/** Product_status by target, one list per status, joined with remediations, threats and flags by product id. */
export function gatherStatuses(vulnerability: CsafVulnerability, context: StatusContext): Gathered[][] {
  const gathered: ByStatus = {
    fixed: new Map(),
    known_affected: new Map(),
    known_not_affected: new Map(),
    under_investigation: new Map(),
  };
  const total = readProductStatus(vulnerability, context, gathered);
  readRemediations(vulnerability, context, gathered);
  readThreats(vulnerability, context, gathered, total);
  readFlags(vulnerability, context, gathered);
  return statusKeys.map((status) => [...gathered[status].values()]);
}

type ByStatus = Record<StatusKey, Map<Target, Gathered>>;

function readProductStatus(
  vulnerability: CsafVulnerability,
  context: StatusContext,
  gathered: ByStatus,
): number {
  const { tree, notes, pointer, erratum } = context;
  let total = 0;
  for (const [key, value] of Object.entries(
    record(vulnerability.product_status ?? {}, `${pointer}/product_status`),
  )) {
    const place = `${pointer}/product_status/${key}`;
    const ids = list<unknown>(value, place);
    if (!Object.hasOwn(statusWords, key)) {
      if (ids.length > 0) notes.drop('unknown_status', place, key, ids.length);
      continue;
    }
    const status = key as StatusKey;
    const byTarget = gathered[status];
    let last: Gathered | undefined;
    total += ids.length;
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i];
      if (typeof id !== 'string') throw malformed(`${place}/${i}`, 'a product id', id);
      const product = tree.product(id);
      if ('reason' in product) {
        notes.drop(product.reason, place, product.detail ?? id);
        continue;
      }
      const { target, arch } = product;
      if (last?.target !== target) {
        last = byTarget.get(target);
        if (!last) {
          const unusable = status === 'fixed' ? whyNoFix(target) : undefined;
          if (unusable !== undefined) {
            notes.drop(unusable, place, id);
            continue;
          }
          last = newGathered(target, status, context.severity, erratum);
          byTarget.set(target, last);
        }
      }
      last.count += 1;
      if (arch === undefined) last.anyArch = true;
      else if (!last.arch.includes(arch)) last.arch.push(arch);
    }
  }
  return total;
}

function newGathered(
  target: Target,
  status: StatusKey,
  severity: Severity,
  erratum: string | undefined,
): Gathered {
  return {
    target,
    status,
    severity,
    arch: [],
    anyArch: false,
    advisories: status === 'fixed' && erratum !== undefined ? [erratum] : [],
    fixState: undefined,
    reason: undefined,
    count: 0,
  };
}

/** A fix without a version, or with one that rpm cannot order, gives no threshold. */
function whyNoFix({ name, version }: Target): string | undefined {
  if (version === undefined) return 'fixed_without_version';
  if (name.startsWith('oci:')) return undefined;
  return parseRpmEvr(version)?.release === undefined ? 'unparsable_version' : undefined;
}

/** Errata are in vendor_fix remediations; a product id may be in several if an erratum was issued again. */
function readRemediations(
  vulnerability: CsafVulnerability,
  context: StatusContext,
  gathered: ByStatus,
): void {
  const { notes, pointer, erratum } = context;
  const remediations = list<CsafRemediation | null>(vulnerability.remediations, `${pointer}/remediations`);
  remediations.forEach((remediation, at) => {
    const place = `${pointer}/remediations/${at}`;
    const category = textOrNone(remediation?.category) ?? '';
    if (adviceCategories.has(category)) return;
    const ids = texts(remediation?.product_ids, `${place}/product_ids`);
    if (category === 'vendor_fix') {
      const id = erratumOf(textOrNone(remediation?.url)) ?? erratum;
      if (id === undefined) return;
      context.errata(id, textOrNone(remediation?.date)?.slice(0, 10) ?? '');
      forEachTarget(ids, context, gathered.fixed, (row) => {
        if (!row.advisories.includes(id)) row.advisories.push(id);
      });
      return;
    }
    const details = (textOrNone(remediation?.details) ?? '').toLowerCase();
    const words = Object.hasOwn(fixStateWords, details) ? fixStateWords[details] : undefined;
    const state =
      words ?? (Object.hasOwn(fixStateOfCategory, category) ? fixStateOfCategory[category] : undefined);
    if (!state) {
      notes.doubt('unknown_remediation', place, category, Math.max(1, ids.length));
      return;
    }
    if (!words)
      notes.doubt('unknown_fix_state', place, textOrNone(remediation?.details), Math.max(1, ids.length));
    forEachTarget(ids, context, gathered.known_affected, (row) => {
      if (row.fixState && row.fixState !== state && row.fixState.fixState !== state.fixState) {
        notes.doubt('two_fix_states', place, `${row.fixState.fixState} and ${state.fixState}`);
      } else row.fixState = state;
    });
  });
}

/** `https://access.redhat.com/errata/RHSA-2024:5962` */
function erratumOf(url: string | undefined): string | undefined {
  return url === undefined ? undefined : /RH[SBE]A-\d{4}:\d+$/.exec(url)?.[0];
}

/** `impact` is the severity of each product; products of no list keep the document's. */
function readThreats(
  vulnerability: CsafVulnerability,
  context: StatusContext,
  gathered: ByStatus,
  total: number,
): void {
  const { notes, pointer } = context;
  const threats = list<CsafThreat | null>(vulnerability.threats, `${pointer}/threats`);
  threats.forEach((threat, at) => {
    const place = `${pointer}/threats/${at}`;
    const category = textOrNone(threat?.category) ?? '';
    if (!threatCategories.has(category)) notes.doubt('unknown_threat', place, category);
    if (!threat || category !== 'impact') return;
    const severity = severityOf(textOrNone(threat.details));
    const ids = texts(threat.product_ids, `${place}/product_ids`);
    if (severity === undefined) {
      notes.doubt('unknown_severity', place, textOrNone(threat.details), Math.max(1, ids.length));
      return;
    }
    const all = ids.length === 0 || (threats.length === 1 && ids.length >= total);
    for (const status of statusKeys) {
      if (all) for (const row of gathered[status].values()) row.severity = severity;
      else
        forEachTarget(ids, context, gathered[status], (row) => {
          row.severity = severity;
        });
    }
  });
}

/** Justifications of known_not_affected. */
function readFlags(vulnerability: CsafVulnerability, context: StatusContext, gathered: ByStatus): void {
  const { notes, pointer } = context;
  list<CsafFlag | null>(vulnerability.flags, `${pointer}/flags`).forEach((flag, at) => {
    const place = `${pointer}/flags/${at}`;
    const label = textOrNone(flag?.label) ?? '';
    if (!justifications.has(label)) notes.doubt('unknown_flag', place, label);
    const ids = texts(flag?.product_ids, `${place}/product_ids`);
    if (label === '') return;
    const rows = gathered.known_not_affected;
    if (ids.length === 0) for (const row of rows.values()) row.reason ??= label;
    else
      forEachTarget(ids, context, rows, (row) => {
        row.reason ??= label;
      });
  });
}

function forEachTarget(
  ids: readonly string[],
  { tree }: StatusContext,
  rows: ReadonlyMap<Target, Gathered>,
  visit: (row: Gathered) => void,
): void {
  if (rows.size === 0) return;
  let last: Target | undefined;
  for (const id of ids) {
    const product = tree.product(id);
    if ('reason' in product || product.target === last) continue;
    last = product.target;
    const row = rows.get(last);
    if (row) visit(row);
  }
}
