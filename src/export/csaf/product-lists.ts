/** Lists of `product_status`, the worst first: a product may stand in one of them only (CSAF 2.0, 6.1.6). */
export const lists = ['known_affected', 'under_investigation', 'fixed', 'known_not_affected'] as const;

export type List = (typeof lists)[number];
