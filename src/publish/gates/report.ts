import { type AcceptedGate, compareCodeUnits } from '../../model/index.ts';
import type { GateFinding, GateName } from './gates.ts';

/** `--accept GATE[:PLATFORM] --reason TEXT`. */
export interface GateAcceptance {
  gate: GateName;
  /** Default: every platform. */
  platform?: string;
  reason: string;
}

/** What the gates said of one publish. */
export interface GateReport {
  date: string;
  /** Platforms that did not go out, with every reason. */
  held: Record<string, GateFinding[]>;
  /** Findings that a person let pass. */
  accepted: AcceptedGate[];
}

/** A feed that breaks its own schema cannot be accepted: what reads it would fail or misread it. */
export function canAccept(gate: GateName): boolean {
  return gate !== 'validity';
}

/** Parts findings into what is held back and what was accepted. */
export function sortFindings(
  findings: readonly GateFinding[],
  acceptances: readonly GateAcceptance[],
  date: string,
): GateReport {
  const held: GateReport['held'] = {};
  const accepted: AcceptedGate[] = [];
  for (const finding of findings) {
    const { gate, platform, message } = finding;
    const acceptance = acceptances.find(
      (candidate) => candidate.gate === gate && (candidate.platform ?? platform) === platform,
    );
    if (acceptance && canAccept(gate)) {
      accepted.push({ gate, platform, found: message, reason: acceptance.reason });
    } else {
      held[platform] = [...(held[platform] ?? []), finding];
    }
  }
  const sorted = Object.entries(held).sort(([a], [b]) => compareCodeUnits(a, b));
  return { date, held: Object.fromEntries(sorted), accepted };
}

/** The report for a person. */
export function gateText({ held, accepted }: GateReport): string {
  const lines = [
    ...Object.values(held)
      .flat()
      .map(({ platform, gate, message }) => `held back: ${platform}, gate ${gate}: ${message}\n`),
    ...accepted.map(
      ({ platform, gate, found, reason }) =>
        `accepted: ${platform}, gate ${gate}: ${found}; reason given: ${reason}\n`,
    ),
  ];
  return lines.join('');
}
