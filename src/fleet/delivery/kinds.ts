/** The ways to deliver news. */
export const deliveryKinds = ['webhook', 'slack', 'mail'] as const;

/** A way to deliver news. */
export type DeliveryKind = (typeof deliveryKinds)[number];
