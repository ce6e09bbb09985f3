import { describe, expect, it } from 'vitest';
import { type CellLaw, type Feature, featuresOf, type OpenSite } from './cell-law.ts';
import { coherenceLaws } from './coherence-laws.ts';
import { sharedStoreLaws } from './shared-store-laws.ts';
import { turnLaws } from './turn-laws.ts';

/** All laws that a cell must keep for `sharedStore` to work on it. */
export const cellLaws: readonly CellLaw[] = [...coherenceLaws, ...turnLaws, ...sharedStoreLaws];

const isAskable = ({ needs = [] }: CellLaw, features: readonly Feature[]): boolean =>
  needs.every((feature) => features.includes(feature));

/** Checks a law on its own site, which is closed afterwards. */
async function checkLaw(law: CellLaw, open: OpenSite): Promise<void> {
  const site = await open();
  try {
    if (isAskable(law, featuresOf(site))) await law.check(site);
  } finally {
    await site.close?.();
  }
}

/** The titles of the laws that a cell breaks. */
export async function brokenLaws(open: OpenSite): Promise<string[]> {
  const broken: string[] = [];
  for (const law of cellLaws) await checkLaw(law, open).catch(() => broken.push(law.title));
  return broken;
}

/** Tests that a cell keeps every law that its site allows to check, including those of a shared store on it. */
export function describeCellLaws(
  name: string,
  open: OpenSite,
  features: readonly Feature[],
  timeout: number = 5_000,
): void {
  describe(name, () => {
    it(`the laws for cells are given a cell with ${features.join(', ')}`, { timeout }, async () => {
      const site = await open();
      expect(featuresOf(site).sort()).toEqual([...features].sort());
      await site.close?.();
    });

    const askable = cellLaws.filter((law) => isAskable(law, features));
    it.each(askable)('$title', { timeout }, (law) => checkLaw(law, open));
  });
}
