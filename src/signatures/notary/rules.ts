/** Checks that a trust policy of the Notary Project may enforce, log or skip; integrity is always enforced. */
export const checkNames = ['authenticity', 'authenticTimestamp', 'expiry', 'revocation'] as const;

export type CheckName = (typeof checkNames)[number];

export const checkActions = ['enforce', 'log', 'skip'] as const;

export type CheckAction = (typeof checkActions)[number];

export type CheckActions = Readonly<Record<CheckName, CheckAction>>;

/** A name by its attributes: `C` and `US`. */
export type DistinguishedName = ReadonlyMap<string, string>;

/** Rules for checking signatures of the Notary Project. */
export interface NotaryRules {
  actions: CheckActions;
  /** Subjects of signers, any of which is enough; absent: everybody below a trusted certificate. */
  identities?: readonly DistinguishedName[];
  /** A timestamp is asked for only where a certificate is no longer valid. */
  timestampAfterExpiry: boolean;
}

/** Rules if options name certificates: revocation cannot be checked without a network, and is reported as unchecked. */
export const usualRules: NotaryRules = {
  actions: {
    authenticity: 'enforce',
    authenticTimestamp: 'enforce',
    expiry: 'enforce',
    revocation: 'skip',
  },
  timestampAfterExpiry: false,
};

export function nameText(name: DistinguishedName): string {
  return [...name].map(([key, value]) => `${key}=${value}`).join(', ');
}
