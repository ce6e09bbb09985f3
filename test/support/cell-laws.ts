import { describe, expect, it } from 'vitest';
import { siteLaws } from '../../src/testing/cell-laws.ts';
import { type Feature, featuresOf, isAskable, type OpenSite, type SiteLaw } from '../../src/testing/site-law.ts';

/** Checks a law on its own site, which is closed afterwards. */
async function checkLaw(law: SiteLaw, open: OpenSite): Promise<void> {
  const site = await open();
  try {
    const features = featuresOf(site);
    if (isAskable(law, (name) => features.includes(name))) await law.check(site);
  } finally {
    await site.close?.();
  }
}

/** The titles of the laws that a cell breaks. */
export async function brokenLaws(open: OpenSite): Promise<string[]> {
  const broken: string[] = [];
  for (const law of siteLaws) await checkLaw(law, open).catch(() => broken.push(law.title));
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

    const askable = siteLaws.filter((law) => isAskable(law, (feature) => features.includes(feature)));
    it.each(askable)('$title', { timeout }, (law) => checkLaw(law, open));
  });
}
