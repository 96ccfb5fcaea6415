/** A violation of the format. `TarRules.error` makes an error with a code of it for each kind of archive. */
export class TarFault extends Error {}

/** The archive ends before what its headers promise. */
export class TarCut extends TarFault {}

/** The bytes are of another kind altogether. */
export class NotTar extends TarFault {
  readonly kind: string;

  constructor(kind: string) {
    super(`expected a tar, found ${kind}`);
    this.kind = kind;
  }
}
