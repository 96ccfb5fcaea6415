import { recordActs } from '../fleet/store/audit.ts';
import type { Queries } from '../fleet/store/database.ts';
import { loginName } from '../tasks/fleet/login-name.ts';

/** Records what a command changed in the audit log of a fleet, as the act of this user. */
export function recordCommand(queries: Queries, act: string, now: Date): Promise<void> {
  return recordActs(queries, [{ actor: loginName(), kind: 'change', act }], now);
}
