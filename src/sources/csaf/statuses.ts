import type { Severity, Status } from '../../model/feed/index.ts';
import { dayOrNone, list, malformed, record, textOrNone, texts } from '../fields.ts';
import type { CsafFlag, CsafRemediation, CsafThreat, CsafVulnerability } from './document.ts';
import type { Notes } from './notes.ts';
import type { Product, ProductTree, Target } from './product-tree.ts';
import type { NamedPackage, Unread } from './unread.ts';
import {
  adviceCategories,
  type CsafVocabulary,
  type FixStateWords,
  justifications,
  threatCategories,
} from './vocabulary.ts';

/** One target in one status list, with the data of the vulnerability's other lists about it. */
export interface Gathered {
  target: Target;
  /** The key of product_status, and our word for it. */
  key: string;
  status: Status;
  severity: Severity;
  arch: Set<string>;
  /** At least one product id names no architecture. */
  anyArch: boolean;
  advisories: Set<string>;
  fixState: FixStateWords | undefined;
  reason: string | undefined;
  count: number;
}

export interface StatusContext {
  tree: ProductTree;
  vocabulary: CsafVocabulary;
  notes: Notes;
  unread: Unread;
  /** JSON pointer of the vulnerability. */
  pointer: string;
  /** Severity of the whole document, for products without their own. */
  severity: Severity;
  /** The document is this advisory, so that every fix is its own. */
  advisory: string | undefined;
  /** Called with each advisory id and its release date. */
  advisories(id: string, date: string): void;
}

/** Product_status by target, one list per status, joined with remediations, threats and flags by product id. */
export function gatherStatuses(vulnerability: CsafVulnerability, context: StatusContext): Gathered[][] {
  const gathered: ByKey = new Map(Object.keys(context.vocabulary.statuses).map((key) => [key, new Map()]));
  const total = readProductStatus(vulnerability, context, gathered);
  readRemediations(vulnerability, context, gathered);
  readThreats(vulnerability, context, gathered, total);
  readFlags(vulnerability, context, gathered);
  return Array.from(gathered.values(), (byTarget) => [...byTarget.values()]);
}

/** By key of product_status. */
type ByKey = ReadonlyMap<string, Map<Target, Gathered>>;

/** Those that have a status. */
function withStatus(gathered: ByKey, status: Status, { statuses }: CsafVocabulary): Map<Target, Gathered>[] {
  return Array.from(gathered).flatMap(([key, byTarget]) => (statuses[key] === status ? [byTarget] : []));
}

function readProductStatus(
  vulnerability: CsafVulnerability,
  context: StatusContext,
  gathered: ByKey,
): number {
  const { tree, vocabulary, notes, unread, pointer, advisory } = context;
  let total = 0;
  for (const [key, value] of Object.entries(
    record(vulnerability.product_status ?? {}, `${pointer}/product_status`),
  )) {
    const place = `${pointer}/product_status/${key}`;
    const ids = list<unknown>(value, place);
    const byTarget = gathered.get(key);
    if (!byTarget) {
      if (ids.length > 0) notes.drop('unknown_status', place, key, ids.length);
      for (const id of ids)
        if (typeof id === 'string') unread.add('unknown_status', aboutOf(tree.product(id)));
      continue;
    }
    const status = vocabulary.statuses[key]!;
    let last: Gathered | undefined;
    total += ids.length;
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i];
      if (typeof id !== 'string') throw malformed(`${place}/${i}`, 'a product id', id);
      const product = tree.product(id);
      if ('reason' in product) {
        notes.drop(product.reason, place, product.detail ?? id);
        unread.add(product.reason, product.about);
        continue;
      }
      const { target, arch } = product;
      if (last?.target !== target) {
        last = byTarget.get(target);
        if (!last) {
          const unusable = status === 'fixed' ? whyNoFix(target, vocabulary) : undefined;
          if (unusable !== undefined) {
            notes.drop(unusable, place, id);
            unread.add(unusable, aboutOf(product));
            continue;
          }
          last = newGathered(target, key, status, context.severity, advisory);
          byTarget.set(target, last);
        }
      }
      last.count += 1;
      if (arch === undefined) last.anyArch = true;
      else last.arch.add(arch);
    }
  }
  return total;
}

/** The platform and package that a product id names, as far as it can be read. */
function aboutOf(product: Product): NamedPackage | undefined {
  if ('reason' in product) return product.about;
  const { stream, name } = product.target;
  return { platform: stream.platform, name };
}

function newGathered(
  target: Target,
  key: string,
  status: Status,
  severity: Severity,
  advisory: string | undefined,
): Gathered {
  return {
    target,
    key,
    status,
    severity,
    arch: new Set(),
    anyArch: false,
    advisories: new Set(status === 'fixed' && advisory !== undefined ? [advisory] : []),
    fixState: undefined,
    reason: undefined,
    count: 0,
  };
}

/** A fix without a version, or with one that cannot be ordered, gives no threshold. */
function whyNoFix({ name, version }: Target, { isVersion }: CsafVocabulary): string | undefined {
  if (version === undefined) return 'fixed_without_version';
  if (name.startsWith('oci:')) return undefined;
  return isVersion(version) ? undefined : 'unparsable_version';
}

/** Advisories are in vendor_fix remediations; a product id may be in several if one was issued again. */
function readRemediations(vulnerability: CsafVulnerability, context: StatusContext, gathered: ByKey): void {
  const { vocabulary, notes, pointer, advisory } = context;
  const remediations = list<CsafRemediation | null>(vulnerability.remediations, `${pointer}/remediations`);
  remediations.forEach((remediation, at) => {
    const place = `${pointer}/remediations/${at}`;
    const category = textOrNone(remediation?.category) ?? '';
    if (adviceCategories.has(category)) return;
    const ids = texts(remediation?.product_ids, `${place}/product_ids`);
    if (category === 'vendor_fix') {
      const id = vocabulary.advisoryOf(textOrNone(remediation?.url)) ?? advisory;
      if (id === undefined) return;
      context.advisories(id, dayOrNone(remediation?.date) ?? '');
      forEachTarget(ids, context, withStatus(gathered, 'fixed', vocabulary), (row) => {
        row.advisories.add(id);
      });
      return;
    }
    const details = (textOrNone(remediation?.details) ?? '').toLowerCase();
    const { fixStates, fixStateOfCategory, freeDetails = false } = vocabulary;
    const words = Object.hasOwn(fixStates, details) ? fixStates[details] : undefined;
    const state =
      words ?? (Object.hasOwn(fixStateOfCategory, category) ? fixStateOfCategory[category] : undefined);
    if (!state) {
      notes.doubt('unknown_remediation', place, category, Math.max(1, ids.length));
      return;
    }
    if (!words && !freeDetails)
      notes.doubt('unknown_fix_state', place, textOrNone(remediation?.details), Math.max(1, ids.length));
    forEachTarget(ids, context, withStatus(gathered, 'affected', vocabulary), (row) => {
      if (row.fixState && row.fixState !== state && row.fixState.fixState !== state.fixState) {
        notes.doubt('two_fix_states', place, `${row.fixState.fixState} and ${state.fixState}`);
      } else row.fixState = state;
    });
  });
}

/** `impact` is the severity of each product; products of no list keep the document's. */
function readThreats(
  vulnerability: CsafVulnerability,
  context: StatusContext,
  gathered: ByKey,
  total: number,
): void {
  const { vocabulary, notes, pointer } = context;
  const threats = list<CsafThreat | null>(vulnerability.threats, `${pointer}/threats`);
  /** Of the last threat about every product: those before it decide nothing. */
  let ofAll: Severity | undefined;
  let single: { ids: readonly string[]; severity: Severity }[] = [];
  threats.forEach((threat, at) => {
    const place = `${pointer}/threats/${at}`;
    const category = textOrNone(threat?.category) ?? '';
    if (!threatCategories.has(category)) notes.doubt('unknown_threat', place, category);
    if (!threat || category !== 'impact') return;
    const severity = vocabulary.severityOf(textOrNone(threat.details));
    const ids = texts(threat.product_ids, `${place}/product_ids`);
    if (severity === undefined) {
      notes.doubt('unknown_severity', place, textOrNone(threat.details), Math.max(1, ids.length));
      return;
    }
    const all = ids.length === 0 || (threats.length === 1 && ids.length >= total);
    if (all) {
      ofAll = severity;
      single = [];
    } else single.push({ ids, severity });
  });
  const lists = [...gathered.values()];
  if (ofAll !== undefined) for (const rows of lists) for (const row of rows.values()) row.severity = ofAll;
  for (const { ids, severity } of single)
    forEachTarget(ids, context, lists, (row) => {
      row.severity = severity;
    });
}

/** Justifications of known_not_affected. */
function readFlags(vulnerability: CsafVulnerability, context: StatusContext, gathered: ByKey): void {
  const { vocabulary, notes, pointer } = context;
  const notAffected = withStatus(gathered, 'not_affected', vocabulary);
  /** Every row has its reason: the first flag counts. */
  let allHave = false;
  list<CsafFlag | null>(vulnerability.flags, `${pointer}/flags`).forEach((flag, at) => {
    const place = `${pointer}/flags/${at}`;
    const label = textOrNone(flag?.label) ?? '';
    if (!justifications.has(label)) notes.doubt('unknown_flag', place, label);
    const ids = texts(flag?.product_ids, `${place}/product_ids`);
    if (label === '' || allHave) return;
    if (ids.length === 0) {
      allHave = true;
      for (const rows of notAffected) for (const row of rows.values()) row.reason ??= label;
    } else {
      forEachTarget(ids, context, notAffected, (row) => {
        row.reason ??= label;
      });
    }
  });
}

function forEachTarget(
  ids: readonly string[],
  { tree }: StatusContext,
  lists: readonly ReadonlyMap<Target, Gathered>[],
  visit: (row: Gathered) => void,
): void {
  const filled = lists.filter(({ size }) => size > 0);
  if (filled.length === 0) return;
  let last: Target | undefined;
  for (const id of ids) {
    const product = tree.product(id);
    if ('reason' in product || product.target === last) continue;
    last = product.target;
    for (const rows of filled) {
      const row = rows.get(last);
      if (row) visit(row);
    }
  }
}
