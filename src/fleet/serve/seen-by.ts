import type { OwnersSeen } from '../../model/fleet/index.ts';
import { refusal } from '../refusal.ts';
import type { FleetView } from '../view/fleet-view.ts';
import type { Caller } from './context.ts';

/** The part of the fleet that a caller sees; who is unknown sees nothing. */
export function seenBy(view: FleetView, caller: Caller | undefined): FleetView {
  return view.of(caller?.seen ?? []);
}

/** Owners to which a request is limited; a team sees only its own. @throws NOT_ALLOWED */
export function ownersSeen(caller: Caller | undefined, asked: string | undefined): OwnersSeen {
  const own = caller?.seen ?? [];
  if (asked === undefined) return own;
  if (own === 'all' || own.includes(asked)) return [asked];
  throw refusal('NOT_ALLOWED', `${caller?.name} sees images of ${ownWords(own)} only`, 'leave the owner out');
}

/**
 * Owner to which a waiver is limited. A team waives for itself; a caller with several owners has to name one. An empty object: all
 * images, which requires a caller who sees all. @throws NOT_ALLOWED, REQUEST_INVALID
 */
export function waivingOwner(caller: Caller | undefined, asked: string | undefined): { owner?: string } {
  const seen = ownersSeen(caller, asked);
  if (seen === 'all') return {};
  const [owner, ...others] = seen;
  if (owner === undefined) throw refusal('NOT_ALLOWED', `${caller?.name} has no images to waive in`);
  if (others.length === 0) return { owner };
  throw refusal(
    'REQUEST_INVALID',
    `expected the owner in whose images the waiver acts, found none of ${seen.join(', ')}`,
    'name one of them as the owner',
  );
}

function ownWords(owners: readonly string[]): string {
  return owners.length === 0 ? 'nobody' : owners.join(' and ');
}
