import { refusal } from '../refusal.ts';
import type { FleetView } from '../view/fleet-view.ts';
import type { Caller } from './context.ts';

/** The part of the fleet that a caller sees. */
export function seenBy(view: FleetView, caller: Caller | undefined): FleetView {
  return caller?.owner === undefined ? view : view.of(caller.owner);
}

/** The owner whose part is asked for; a team gets its own and no other. @throws NOT_ALLOWED */
export function ownerSeen(caller: Caller | undefined, asked: string | undefined): string | undefined {
  const own = caller?.owner;
  if (own === undefined || asked === undefined || asked === own) return own ?? asked;
  throw refusal('NOT_ALLOWED', `${caller!.name} sees images of ${own} only`, 'leave the owner out');
}
