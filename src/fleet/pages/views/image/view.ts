import type { ViewedImage } from '../../../view/image.ts';
import type { Html } from '../../html.ts';
import type { ViewRequest } from '../../page.ts';
import type { Table } from '../../table.ts';

/** One part of the page about an image: what stands above its tables, and the tables. */
export interface ImageView {
  body?: Html;
  tables: readonly Table[];
}

export type ViewMaker = (image: ViewedImage, asked: ViewRequest) => Promise<ImageView>;
