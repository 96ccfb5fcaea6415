/** How news are sent. */
export const deliveryKinds = ['webhook', 'slack', 'mail'] as const;

/** One of these ways. */
export type DeliveryKind = (typeof deliveryKinds)[number];
