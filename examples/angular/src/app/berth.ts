/** The ship at one of the twelve berths. */
export interface Berth {
  readonly berth: number;
  readonly ship: string | null;
  readonly load: number;
}

export type Tile =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'done'; readonly berth: Berth }
  | { readonly kind: 'failed'; readonly why: string };
