import { recordActs } from '../../fleet/store/audit.ts';
import type { Queries } from '../../fleet/store/database.ts';
import { loginName } from './login-name.ts';

/** Records in the audit log of a fleet what this process changed, as the act of its user: in the words of a command. */
export function recordAct(queries: Queries, act: string, now: Date): Promise<void> {
  return recordActs(queries, [{ actor: loginName(), kind: 'change', act }], now);
}

/** The words for a token that was made. `part`: the owner or the names that it is limited to. */
export function tokenAct(name: string, role: string, part: string | undefined): string {
  return `fleet token add ${name} --role ${role}${part === undefined ? '' : ` of ${part}`}`;
}
