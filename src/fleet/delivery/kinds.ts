/** How news are sent. */
export const deliveryKinds = ['webhook', 'slack', 'mail'] as const;

export type DeliveryKind = (typeof deliveryKinds)[number];
