import { onlyInforms } from '../distros/vex.ts';
import {
  type InstalledPackage,
  type InventoryNote,
  isOfEcosystem,
  parsePackageUrl,
} from '../model/inventory/index.ts';
import { compareCodeUnits } from '../model/order.ts';
import {
  type Ignored,
  idsOfFlaw,
  signerText,
  type UnusedStatement,
  type VexIssuer,
  type VexUse,
  type ViewedVerdict,
} from '../model/verdict/index.ts';
import { doubtsOf } from './doubts.ts';
import { type ImageIdentity, isImageProduct, isSystemOf, missOfImage } from './match-image.ts';
import { type Miss, missLevels, missOfPackage, missOfProgram } from './match-package.ts';
import {
  clears,
  productText,
  type VexDocument,
  type VexProduct,
  type VexStatement,
  type VexTarget,
} from './statement.ts';
import { Targets } from './targets.ts';
import { timeOf } from './time.ts';

/** Verdicts with what the statements cleared, and what became of each document. */
export interface VexResult {
  verdicts: readonly ViewedVerdict[];
  uses: readonly VexUse[];
  /** Doubts about documents that decided. */
  notes: readonly InventoryNote[];
}

/** Whether an issuer may lift a flaw by a statement of a status. */
export interface VexRights {
  /** The policy that gives them. */
  file: string;
  mayLift(issuer: VexIssuer, verdict: ViewedVerdict, status: 'not_affected' | 'fixed'): boolean;
}

/** A statement that is tried, and how near it came. */
interface Trial {
  statement: VexStatement;
  where: string;
  issuer: VexIssuer;
  order: number;
  /** Why it cannot be used, whatever its target. */
  fault: string | undefined;
  /** Its document is about another image. */
  elsewhere: Miss | undefined;
  /** Its document is about images. */
  isOfImages: boolean;
  targets: Targets;
  /** Bounds by package, null for one that it is not about. */
  byPackage: Map<InstalledPackage, ReadonlySet<string> | null>;
  used: boolean;
  /** Flaws that it would clear if its issuer had the right. */
  notLifted: number;
  nearest: Miss | undefined;
}

/** A statement about a verdict, and what its target is narrowed by: `version`, `image`, a qualifier. */
interface Match {
  trial: Trial;
  bounds: ReadonlySet<string>;
}

/**
 * Clears verdicts by statements `not_affected` and `fixed`. Of several statements about one verdict the last one by time
 * counts, whatever its status; of several of one time one that does not clear, and before one that clears, an earlier one about less. Each statement is used, or has the reason why it is
 * not. `now`: the time of the scan. `rights`: absent, every issuer may lift every flaw.
 */
export function applyVex(
  verdicts: readonly ViewedVerdict[],
  documents: readonly VexDocument[],
  image: ImageIdentity,
  now: Date,
  rights?: VexRights,
): VexResult {
  const trials = documents.map(({ statements, where, subjects, issuer }, at) => {
    const [clearing, other] = [false, true].map((inDoubt) => missOfSubjects(subjects, image, inDoubt));
    return statements.map(
      (statement, index): Trial => ({
        statement,
        where: `${where}#${statement.where}`,
        issuer: issuer ?? { kind: 'file', file: where },
        order: at * 1e6 + index,
        fault: statement.fault ?? faultOfTime(statement, now),
        elsewhere: clears(statement.status) ? clearing : other,
        isOfImages: subjects !== undefined,
        targets: new Targets(statement.targets),
        byPackage: new Map(),
        used: false,
        notLifted: 0,
        nearest: undefined,
      }),
    );
  });
  const byVulnerability = indexed(trials.flat());
  const judged = verdicts.map((verdict) => {
    const asked = askedAbout(verdict, byVulnerability);
    const about = asked.flatMap((trial) => matchOf(trial, verdict, image));
    const [withheld, matching] = [false, true].map((may) =>
      about.filter(({ trial }) => hasRight(trial, verdict, rights) === may),
    ) as [Match[], Match[]];
    const decisive = decisiveOf(matching);
    if (decisive) for (const { trial } of matching) settle(trial, decisive, verdict);
    for (const { trial } of withheld) withhold(trial, rights!.file);
    if (verdict.ignored !== undefined) return verdict;
    const cleared = ignoredBy(decisive);
    if (cleared) return { ...verdict, ignored: cleared };
    const notLifted = ignoredBy(decisiveOf(withheld));
    if (!notLifted) return verdict;
    for (const { trial } of withheld) trial.notLifted += 1;
    return { ...verdict, notLifted };
  });
  const uses = documents.map((document, at) => useOf(document, trials[at]!));
  const notes = documents.flatMap((document, at) => {
    const used = trials[at]!.filter((trial) => trial.used).map(({ statement }) => statement);
    return doubtsOf(document, used, image.os);
  });
  return { verdicts: judged, uses, notes };
}

/** Whether the issuer of a statement may lift this flaw. One that does not clear needs no right. */
function hasRight(
  { issuer, statement: { status } }: Trial,
  verdict: ViewedVerdict,
  rights: VexRights | undefined,
): boolean {
  return rights === undefined || !clears(status) || rights.mayLift(issuer, verdict, status);
}

function withhold(trial: Trial, file: string): void {
  trial.nearest = { level: 8, why: `${file} gives ${issuerText(trial.issuer)} no right to lift it` };
}

/** The name of an issuer in messages. */
function issuerText(issuer: VexIssuer): string {
  switch (issuer.kind) {
    case 'file':
      return issuer.file;
    case 'attached':
      return 'documents attached by anyone';
    case 'repository':
      return `the repository ${issuer.name}`;
    case 'signer':
      return issuer.signer.kind === 'key' ? `the key ${issuer.signer.file}` : signerText(issuer.signer);
  }
}

/** Of each list of a document's subjects one must be the image. */
function missOfSubjects(
  subjects: VexDocument['subjects'] = [],
  image: ImageIdentity,
  inDoubt: boolean,
): Miss | undefined {
  for (const list of subjects) {
    const misses = list.map((each) => missOfImage(each, image, inDoubt));
    if (misses.every((each) => each))
      return misses[0] ?? { level: missLevels.image, why: 'its document is about no image' };
  }
  return undefined;
}

/** A date without a time or a zone may be that of tomorrow, and clocks differ. */
const tolerance = 24 * 60 * 60 * 1000;

/**
 * Why a statement that clears cannot be used at this time: nothing says whether one without its date is the last, and one that is dated
 * ahead would be the last whatever is known later.
 */
function faultOfTime({ time, status }: VexStatement, now: Date): string | undefined {
  if (time === undefined || !clears(status)) return undefined;
  const stated = timeOf(time);
  if (stated === undefined) return `its date ${time.slice(0, 40)} is none`;
  return stated > now.getTime() + tolerance ? `its date ${time} is more than a day ahead` : undefined;
}

function indexed(trials: readonly Trial[]): Map<string, Trial[]> {
  const index = new Map<string, Trial[]>();
  for (const trial of trials) {
    // Of an unknown status, it may say that nothing may be cleared.
    if (trial.fault !== undefined && clears(trial.statement.status)) continue;
    for (const vulnerability of idsOf(trial.statement)) {
      const known = index.get(vulnerability);
      if (known) known.push(trial);
      else index.set(vulnerability, [trial]);
    }
  }
  return index;
}

/** As verdicts have them. One with blanks in it may be several, or one that was broken: a statement that does not clear is about each of these. */
function idsOf({ vulnerabilities, status }: VexStatement): Set<string> {
  const ids = vulnerabilities.map((id) => id.trim().toUpperCase());
  const parts = clears(status)
    ? []
    : ids.flatMap((id) => [id.replaceAll(/\s/g, ''), ...id.split(/[^\w:.-]+/)]);
  return new Set([...ids, ...parts]);
}

/** A record that names other flaws too does not clear this one, but may say that nothing clears it. */
function askedAbout(verdict: ViewedVerdict, index: ReadonlyMap<string, readonly Trial[]>): Trial[] {
  const of = (ids: readonly string[]) => ids.flatMap((id) => index.get(id.toUpperCase()) ?? []);
  const { aliases = [], advisories } = verdict;
  const joined = isOfEcosystem(verdict.package) ? advisories.filter((id) => !aliases.includes(id)) : [];
  const inDoubt = of(joined).filter(({ statement }) => !clears(statement.status));
  return [...new Set([...of(idsOfFlaw(verdict)), ...inDoubt])].filter(
    ({ statement: { status, vulnerabilities } }) =>
      !(clears(status) && onlyInforms(verdict.platform, vulnerabilities)),
  );
}

function matchOf(trial: Trial, { package: pkg }: ViewedVerdict, image: ImageIdentity): Match | [] {
  if (trial.elsewhere) {
    trial.nearest = trial.elsewhere;
    return [];
  }
  // A package has many flaws, and a statement may name all of them.
  const known = trial.byPackage.get(pkg);
  const bounds = known === undefined ? boundsFor(trial, pkg, image) : known;
  if (known === undefined) trial.byPackage.set(pkg, bounds);
  return bounds ? { trial, bounds } : [];
}

/** Bounds of the target that is a package and has most of them. Null: none is. */
function boundsFor(trial: Trial, pkg: InstalledPackage, image: ImageIdentity): ReadonlySet<string> | null {
  const inDoubt = !clears(trial.statement.status);
  let bounds: ReadonlySet<string> | null = null;
  for (const target of trial.targets.near(pkg)) {
    const miss = missOf(target, pkg, image, inDoubt);
    if (!miss) {
      const own = boundsOf(target, trial.isOfImages);
      if (!bounds || own.size > bounds.size) bounds = own;
    } else if (!bounds && (!trial.nearest || miss.level > trial.nearest.level)) trial.nearest = miss;
  }
  return bounds;
}

/** Bounds of a target. A statement with more bounds is about less. */
function boundsOf({ product, inside }: VexTarget, isOfImages: boolean): ReadonlySet<string> {
  const purls = product.ids.flatMap((id) => parsePackageUrl(id) ?? []);
  const hasVersion =
    product.version !== undefined ||
    product.versions !== undefined ||
    purls.some(({ version }) => version !== undefined);
  return new Set([
    ...(hasVersion && !isImageProduct(product) ? ['version'] : []),
    ...(isOfImages || isImageProduct(product) ? ['image'] : []),
    ...(inside === undefined ? [] : [isModule(inside) ? 'program' : 'image']),
    ...(isImageProduct(product) ? [] : purls.flatMap(({ qualifiers }) => qualifiers.map(([name]) => name))),
  ]);
}

function missOf(
  { product, inside }: VexTarget,
  pkg: InstalledPackage,
  image: ImageIdentity,
  inDoubt: boolean,
): Miss | undefined {
  const asImage = isImageProduct(product) ? missOfImage(product, image, inDoubt) : undefined;
  // Of an image that is affected nothing is cleared, whatever it is a part of.
  const isWhole = isImageProduct(product) && (inside === undefined || (inDoubt && product.ids.length > 0));
  if (isWhole && !(asImage && inDoubt)) return asImage;
  const own = missOfPackage(product, pkg, image.os, inDoubt);
  if (own && inside === undefined && !missOfProgram(product, pkg, image.os, inDoubt)) return undefined;
  if (own || inside === undefined) return own && (asImage ?? own);
  if (pkg.type === 'golang' && isModule(inside)) {
    const around = missOfProgram(inside, pkg, image.os, inDoubt);
    if (!around || !inDoubt) return around;
  }
  // Most images do not state the CPE of their system.
  if (image.os?.cpe === undefined && isSystemOf(inside, product, image, inDoubt)) return undefined;
  const around = missOfImage(inside, image, inDoubt);
  return around && { level: missLevels.image, why: around.why };
}

/** Whether a product can only be a module of Go, or a program by its main one. */
function isModule({ ids }: VexProduct): boolean {
  return ids.length > 0 && ids.every((id) => parsePackageUrl(id)?.type === 'golang');
}

/**
 * The last statement. One that clears does not overrule an earlier one that is about less, such as one version of the package: nobody
 * knows whether its author thought of that.
 */
function decisiveOf(matches: readonly Match[]): Trial | undefined {
  const last = matches.map(({ trial }) => trial).reduce<Trial | undefined>(later, undefined);
  if (!last || !clears(last.statement.status)) return last;
  const [clearing, others] = [true, false].map((isClearing) =>
    lastOfBounds(matches.filter(({ trial }) => clears(trial.statement.status) === isClearing)),
  ) as [Match[], Match[]];
  const standing = others.filter((other) => !clearing.some((each) => overrules(each, other)));
  return standing.map(({ trial }) => trial).reduce<Trial | undefined>(later, undefined) ?? last;
}

/** Of statements with the same bounds the last one: a document may have a hundred thousand. */
function lastOfBounds(matches: readonly Match[]): Match[] {
  const byBounds = new Map<string, Match>();
  for (const match of matches) {
    const key = [...match.bounds].sort(compareCodeUnits).join(' ');
    const known = byBounds.get(key);
    if (!known || later(known.trial, match.trial) === match.trial) byBounds.set(key, match);
  }
  return [...byBounds.values()];
}

/** A statement about an image or a program overrules one about packages of any. */
function overrules(clearing: Match, other: Match): boolean {
  if (rankOf(clearing.trial) <= rankOf(other.trial)) return false;
  const isWithin = ['image', 'program'].some(
    (bound) => clearing.bounds.has(bound) && !other.bounds.has(bound),
  );
  return isWithin || [...other.bounds].every((bound) => clearing.bounds.has(bound));
}

/** Statements of one time contradict each other where one clears and another does not: then nothing is cleared. */
function later(last: Trial | undefined, trial: Trial): Trial {
  if (!last) return trial;
  const [before, after] = [rankOf(last), rankOf(trial)];
  if (before !== after) return after > before ? trial : last;
  const [cleared, clearing] = [clears(last.statement.status), clears(trial.statement.status)];
  if (cleared !== clearing) return cleared ? trial : last;
  return trial.order > last.order ? trial : last;
}

/** A statement without a time is the first. One whose time is none may be the last: it does not clear, and so it counts. */
function rankOf({ statement: { time } }: Trial): number {
  return time === undefined ? -Infinity : (timeOf(time) ?? Infinity);
}

function settle(trial: Trial, decisive: Trial, { ignored }: ViewedVerdict): void {
  if (ignored !== undefined)
    trial.nearest = { level: 9, why: `the flaw is put aside already, by ${ignored.where}` };
  else if (trial === decisive) trial.used = trial.fault === undefined;
  else {
    const order = rankOf(trial) - rankOf(decisive);
    const which =
      order > 0
        ? 'an earlier statement about less'
        : order < 0
          ? 'a later statement'
          : 'another statement of the same time';
    trial.nearest = { level: 8, why: `${which} decides: ${decisive.where}` };
  }
}

/** Undefined: it does not clear. */
function ignoredBy(trial: Trial | undefined): Ignored | undefined {
  if (!trial || !clears(trial.statement.status)) return undefined;
  const { where } = trial;
  const { justification, detail, status } = trial.statement;
  const reason = [justification?.replaceAll('_', ' '), detail].filter(Boolean).join('; ');
  const words = status === 'fixed' ? 'fixed' : 'not affected';
  return { by: 'vex', reason: reason === '' ? words : `${words}: ${reason}`, where, status };
}

function useOf({ where, format, author, statements }: VexDocument, trials: readonly Trial[]): VexUse {
  const notLifted = trials.reduce((sum, trial) => sum + trial.notLifted, 0);
  return {
    document: where,
    format,
    ...(author === undefined ? {} : { author }),
    statements: statements.length,
    used: trials.filter(({ used }) => used).length,
    ...(notLifted > 0 ? { notLifted } : {}),
    unused: trials.filter(({ used }) => !used).map(unusedStatement),
  };
}

function unusedStatement({ statement, fault, nearest }: Trial): UnusedStatement {
  const { vulnerabilities, status, targets } = statement;
  const [first] = targets;
  const vulnerability = vulnerabilities[0] ?? 'no vulnerability';
  const more = targets.length > 1 ? ` and ${targets.length - 1} more` : '';
  return {
    where: statement.where,
    vulnerability,
    status,
    product: first === undefined ? 'no product' : `${targetText(first)}${more}`,
    why: fault ?? whyUnused(statement, nearest),
  };
}

function whyUnused({ vulnerabilities, targets }: VexStatement, nearest: Miss | undefined): string {
  if (vulnerabilities.length === 0) return 'it names no vulnerability';
  if (targets.length === 0) return 'it names no product';
  return nearest?.why ?? `no package of the image has ${vulnerabilities[0]}`;
}

function targetText({ product, inside }: VexTarget): string {
  return inside === undefined ? productText(product) : `${productText(product)} in ${productText(inside)}`;
}
