import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

/** The anchors that GitHub makes from headings. */
function anchors(text: string): string[] {
  return Array.from(text.matchAll(/^#+ (.*)$/gm), ([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

it.for(globSync(['*.md', 'docs/**/*.md', '{bench,test/conformance,.changeset,.github}/*.md']))(
  'every link of %s has a target that exists',
  (file) => {
    const links = Array.from(readFileSync(file, 'utf8').matchAll(/\]\(([^)\s]+)\)/g), ([, link = '']) => link);
    const broken = links.filter((link) => {
      if (/^https?:/.test(link)) return false;
      const [target = '', anchor] = link.split('#');
      const found = target === '' ? file : path.join(path.dirname(file), target);
      return !existsSync(found) || (anchor !== undefined && !anchors(readFileSync(found, 'utf8')).includes(anchor));
    });
    expect(broken).toEqual([]);
  },
);
