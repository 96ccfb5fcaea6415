import { first } from './0001-first.ts';
import { waivers } from './0002-waivers.ts';
import { pages } from './0003-pages.ts';
import { cheapNights } from './0004-cheap-nights.ts';
import { verifications } from './0005-verifications.ts';
import { packagesUnasked } from './0006-packages-unasked.ts';
import { countsApart } from './0007-counts-apart.ts';
import { sendingTokens } from './0008-sending-tokens.ts';
import { unknown } from './0009-unknown.ts';
import { sessions } from './0010-sessions.ts';
import { harbor } from './0011-harbor.ts';
import { owners } from './0012-owners.ts';
import { audit } from './0013-audit.ts';
import { sla } from './0014-sla.ts';
import { people } from './0015-people.ts';

export interface Migration {
  /** The name of its file. */
  name: string;
  sql: string;
}

/** In the order in which they are applied. A released one is never changed: a later one corrects it. */
export const migrations: readonly Migration[] = [
  { name: '0001-first', sql: first },
  { name: '0002-waivers', sql: waivers },
  { name: '0003-pages', sql: pages },
  { name: '0004-cheap-nights', sql: cheapNights },
  { name: '0005-verifications', sql: verifications },
  { name: '0006-packages-unasked', sql: packagesUnasked },
  { name: '0007-counts-apart', sql: countsApart },
  { name: '0008-sending-tokens', sql: sendingTokens },
  { name: '0009-unknown', sql: unknown },
  { name: '0010-sessions', sql: sessions },
  { name: '0011-harbor', sql: harbor },
  { name: '0012-owners', sql: owners },
  { name: '0013-audit', sql: audit },
  { name: '0014-sla', sql: sla },
  { name: '0015-people', sql: people },
];
