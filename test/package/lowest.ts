/** `>=1.7.0 <2` and `^1.7.0` begin at 1.7.0. */
export function lowest(range: string): string {
  const [version] = /\d+(\.\d+)*/.exec(range) ?? [];
  if (version === undefined) throw new Error(`No version in ${range}`);
  return version;
}
