export { type CellLaw, cellLaws, type CellLawsOptions } from './cell-laws.ts';
