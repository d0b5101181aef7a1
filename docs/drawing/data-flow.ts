/**
 * The page DataFlow: topics are pipes from left to right, services stand above them, and what one of them writes or reads is
 * an arrow at the pipe. Below, what the topologies keep.
 */
import { drawLegend } from './legend.ts';
import { COLUMNS, STATE, TOPICS, type Topic } from './flows.ts';
import { Sheet, type Box } from './sheet.ts';
import { ALERT, ORDER, type Step } from './story.ts';

const LEFT = 20;
const PIPES = { x: LEFT, label: 306, top: 176, height: 22, step: 34, gap: 14 };
const HEADS = { y: 84, h: 54 };
/** From the left of a column. */
const TRACK = { reads: 22, writes: 72 };
const STEP = 17;
const PANEL = { gap: 24, width: 336 };
const CARDS = { gap: 16, height: 200, row: 44 };

export function dataFlow(): Sheet {
  const right = COLUMNS.reduce((x, { width }) => x + width, LEFT + PIPES.label);
  const width = right + PANEL.gap + PANEL.width + LEFT;
  const sheet = new Sheet('DataFlow', width, 1040);
  sheet.box('title', 'Data flow', { x: LEFT, y: 20, w: 400, h: 30 });
  sheet.box(
    'text',
    '',
    { x: LEFT, y: 84, w: PIPES.label - 16, h: 60 },
    {
      lines: [
        'At an arrowhead the service above writes,',
        'from a dot it reads; other lines only pass by.',
        'Numbers are told at the right.',
      ],
    },
  );
  checkSteps();
  const topics = drawTopics(sheet, right);
  drawColumns(sheet, topics);
  drawPanel(sheet, right + PANEL.gap);
  const bottom = Math.max(...sheet.boxes.map(({ y, h }) => y + h));
  drawState(sheet, bottom + 26);
  drawLegend(sheet, LEFT, sheet.height - 44, [
    'order-step',
    'alert-step',
    'service',
    'topology',
    'processor',
    'topic',
    'changelog',
    'store',
    'writes',
    'reads',
    'keeps',
    'logs',
  ]);
  return sheet;
}

/** @throws RangeError for a number at an arrow that is not there */
function checkSteps(): void {
  for (const [service, does, topic] of [...ORDER, ...ALERT].flatMap(({ at }) => at)) {
    const column = COLUMNS.find((each) => each.service === service);
    if (!column?.[does].includes(topic))
      throw new RangeError(
        `a step says that '${service}' ${does} '${topic}': no such arrow is drawn`,
      );
  }
}

function drawTopics(sheet: Sheet, right: number): Map<Topic, Box> {
  const topics = new Map<Topic, Box>();
  let y = PIPES.top;
  for (const group of TOPICS) {
    for (const name of group) {
      const area = { x: PIPES.x, y, w: right - PIPES.x, h: PIPES.height };
      topics.set(name, sheet.box('topic', name, area));
      y += PIPES.step;
    }
    y += PIPES.gap;
  }
  return topics;
}

function drawColumns(sheet: Sheet, topics: ReadonlyMap<Topic, Box>): void {
  let x = LEFT + PIPES.label;
  for (const { service, kind, lines, width, writes, reads } of COLUMNS) {
    const area = { x: x + 4, y: HEADS.y, w: width - 8, h: HEADS.h };
    const box = sheet.box(kind, service, area, { lines });
    const isBoth = writes.length > 0 && reads.length > 0;
    const tracks = isBoth ? TRACK : { reads: width / 2, writes: width / 2 };
    for (const topic of reads)
      sheet.arrow('reads', topics.get(topic)!, box, {
        at: x + tracks.reads,
        inset: PIPES.height / 2,
      });
    for (const topic of writes)
      sheet.arrow('writes', box, topics.get(topic)!, { at: x + tracks.writes });
    for (const [name, topic] of topics)
      drawSteps(sheet, service, name, {
        reads: x + tracks.reads,
        writes: x + tracks.writes,
        y: topic.y + topic.h / 2,
      });
    x += width;
  }
}

/** The numbers beside an arrow, those of the order first. */
function drawSteps(
  sheet: Sheet,
  service: string,
  topic: string,
  place: { readonly reads: number; readonly writes: number; readonly y: number },
): void {
  for (const does of ['reads', 'writes'] as const) {
    let x = place[does] + 9;
    const stepsOf = (steps: readonly Step[]) =>
      [...steps.keys()].filter((i) =>
        steps[i]!.at.some(
          ([who, what, where]) => who === service && what === does && where === topic,
        ),
      );
    const put = (kind: 'order-step' | 'alert-step', name: string) => {
      sheet.box(kind, name, { x, y: place.y - STEP / 2, w: STEP, h: STEP });
      x += STEP + 2;
    };
    for (const i of stepsOf(ORDER)) put('order-step', String(i + 1));
    for (const i of stepsOf(ALERT)) put('alert-step', letter(i));
  }
}

/** The story beside the pipes. */
function drawPanel(sheet: Sheet, x: number): void {
  let y = HEADS.y;
  const tell = (
    heading: string,
    kind: 'order-step' | 'alert-step',
    steps: readonly Step[],
    nameOf: (i: number) => string,
  ) => {
    sheet.box('heading', heading, { x, y, w: PANEL.width, h: 22 });
    y += 32;
    for (const [i, { text }] of steps.entries()) {
      sheet.box(kind, nameOf(i), { x, y, w: STEP, h: STEP });
      const h = text.length * 15 + 2;
      sheet.box(
        'text',
        '',
        { x: x + STEP + 9, y: y + 0.5, w: PANEL.width - STEP - 9, h },
        { lines: text },
      );
      y += h + 7;
    }
    y += 18;
  };
  tell('An order, from click to PAID', 'order-step', ORDER, (i) => String(i + 1));
  tell('An alert, from event to resolved', 'alert-step', ALERT, letter);
}

function letter(i: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + i);
}

/** A card for each topology: its processors, their stores, and the topics that these can be restored from. */
function drawState(sheet: Sheet, top: number): void {
  const w = (sheet.width - 2 * LEFT - CARDS.gap * (STATE.length - 1)) / STATE.length;
  for (const [i, { application, title, processors }] of STATE.entries()) {
    const x = LEFT + i * (w + CARDS.gap);
    sheet.box('frame', title, { x, y: top, w, h: CARDS.height });
    let y = top + 38;
    const last = x + w - 12;
    for (const [name, stores] of processors) {
      const h = stores.length * CARDS.row - 10;
      const processor = sheet.box('processor', name, { x: x + 12, y, w: 92, h });
      for (const name of stores) {
        const store = sheet.box('store', name, { x: x + 132, y, w: 106, h: CARDS.row - 10 });
        const changelogArea = { x: x + 262, y: y + 1, w: last - x - 262, h: CARDS.row - 12 };
        // Long, and breakable only here.
        const changelog = sheet.box('changelog', `${application}-${name}-`, changelogArea, {
          lines: ['changelog'],
        });
        sheet.arrow('keeps', processor, store);
        sheet.arrow('logs', store, changelog);
        y += CARDS.row;
      }
    }
    sheet.box(
      'text',
      '',
      { x: x + 12, y: top + CARDS.height - 28, w: w - 24, h: 20 },
      { lines: [`What it can’t process: ${application}-dead-letter`] },
    );
  }
}
