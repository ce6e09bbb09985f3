import type { Lane, Segment } from './lane.ts';

/** When a refresh ran; `to` is `null` while it runs. */
export interface RefreshSpan {
  readonly from: number;
  readonly to: number | null;
  readonly failed: boolean;
}

export interface Picture {
  /** When the burst began. */
  readonly start: number;
  readonly lanes: readonly Lane[];
  readonly refreshes: readonly RefreshSpan[];
}

const LEAST_SPAN_MS = 2500;

/** Draws the lanes and, across all of them, the refreshes. Called for each frame while something moves. */
export function drawTimeline(board: HTMLElement, picture: Picture, now: number): void {
  const { start, lanes, refreshes } = picture;
  const ends = lanes.flatMap(({ segments }) => segments.map(({ to }) => to ?? now));
  const span = Math.max(LEAST_SPAN_MS, ...ends.map((end) => end - start)) * 1.04;
  const place = (element: HTMLElement, from: number, to: number): void => {
    element.style.left = `${((100 * (from - start)) / span).toFixed(3)}%`;
    element.style.width = `${((100 * (to - from)) / span).toFixed(3)}%`;
  };
  const bands = childrenOf(board, '.bands', refreshes.length, 'band');
  refreshes.forEach(({ from, to, failed }, index) => {
    const band = bands[index]!;
    band.className = `band${failed ? ' failed' : ''}`;
    place(band, Math.max(from, start), Math.max(to ?? now, start));
  });
  const rows = childrenOf(board, '.lanes', lanes.length, 'lane');
  lanes.forEach((lane, index) => {
    const row = rows[index]!;
    row.setAttribute('role', 'listitem');
    row.setAttribute('aria-label', `Request ${lane.n + 1}: ${lane.ending ?? 'in flight'}`);
    row.title = lane.message;
    row.dataset['ending'] = lane.ending ?? '';
    const bars = childrenOf(row, null, lane.segments.length, 'bar');
    lane.segments.forEach((segment, at) => {
      const bar = bars[at]!;
      bar.className = `bar ${classOf(segment, lane, at)}`;
      place(bar, segment.from, segment.to ?? now);
    });
  });
  drawRuler(board.querySelector<HTMLElement>('.ruler')!, span);
}

function classOf({ kind, refused }: Segment, { ending, segments }: Lane, at: number): string {
  const last = at === segments.length - 1 && ending ? ` ${ending}` : '';
  return `${kind}${refused ? ' refused' : ''}${last}`;
}

/** Adds or removes children until there are `count` of them. */
function childrenOf(parent: HTMLElement, selector: string | null, count: number, className: string): HTMLElement[] {
  const box = selector === null ? parent : parent.querySelector<HTMLElement>(selector)!;
  while (box.childElementCount > count) box.lastElementChild?.remove();
  while (box.childElementCount < count) {
    const child = document.createElement('div');
    child.className = className;
    box.append(child);
  }
  return [...box.children] as HTMLElement[];
}

function drawRuler(ruler: HTMLElement, span: number): void {
  const tick = [250, 500, 1000, 2000, 5000].find((size) => span / size <= 9) ?? 10_000;
  const marks = childrenOf(ruler, null, Math.floor(span / tick) + 1, 'tick');
  marks.forEach((mark, index) => {
    mark.style.left = `${((100 * index * tick) / span).toFixed(3)}%`;
    mark.textContent = `${((index * tick) / 1000).toFixed(tick < 1000 ? 1 : 0)} s`;
  });
}
