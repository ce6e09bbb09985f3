/**
 * Shows a text that grows: paragraphs between empty lines, `code` between backticks, emphasis between asterisks, and blocks of code
 * between lines of three backticks. Only the last block changes, so that what somebody has selected above it stays selected.
 *
 * @param seams - the places of the text, as numbers of characters, at which a mark is shown
 */
export function typeset(into: HTMLElement, text: string, seams: readonly number[]): void {
  const blocks = blocksOf(text);
  for (const [n, block] of blocks.entries()) {
    // A block is finished once another one follows it, so it is not rendered again.
    if (n < into.children.length - 1) continue;
    const within = seams.map((at) => at - block.at).filter((at) => at >= 0 && at <= block.text.length);
    const element = blockElement(block.text, within);
    const former = into.children[n];
    if (former) former.replaceWith(element);
    else into.append(element);
  }
}

interface Block {
  readonly at: number;
  readonly text: string;
}

function blocksOf(text: string): Block[] {
  return [...text.matchAll(/```[^]*?(?:```|$)|(?:(?!\n\n|```)[^])+/g)]
    .map(({ index, 0: block }) => ({ at: index + /^\s*/.exec(block)![0].length, text: block.trimStart() }))
    .filter((block) => block.text !== '');
}

function blockElement(text: string, seams: readonly number[]): HTMLElement {
  if (text.startsWith('```')) {
    const code = document.createElement('code');
    code.textContent = text.replace(/^```\n?/, '').replace(/\n?`{1,3}$/, '');
    const block = document.createElement('pre');
    block.tabIndex = 0;
    block.append(code, ...seams.map(seam));
    return block;
  }
  const paragraph = document.createElement('p');
  let at = 0;
  for (const span of text.match(/`[^`]*`?|\*[^*]*\*?|[^`*]+/g) ?? []) {
    const kind = { '`': 'code', '*': 'em' }[span.charAt(0)];
    const parent = kind ? paragraph.appendChild(document.createElement(kind)) : paragraph;
    const cuts = seams.filter((cut) => cut > at && cut <= at + span.length).map((cut) => cut - at);
    let from = 0;
    for (const cut of [...cuts, span.length]) {
      const piece = span.slice(from, cut);
      parent.append(kind ? piece.replaceAll(span.charAt(0), '') : piece);
      if (cuts.includes(cut) && from !== cut) parent.append(seam());
      from = cut;
    }
    at += span.length;
  }
  return paragraph;
}

/** Makes a mark without text, so that the text of the answer stays as the server sent it. */
function seam(): HTMLElement {
  const mark = document.createElement('span');
  mark.className = 'seam';
  mark.ariaHidden = 'true';
  return mark;
}
