export interface Ship {
  readonly name: string;
  readonly flag: string;
  readonly tonnes: number;
}
