import { ARROWS, BOXES, LINE_SIZE, PADDING, lidOf, type BoxLook } from './looks.ts';
import type { Arrow, Box, Point, Sheet } from './sheet.ts';
import { escapeXml } from './xml.ts';

/** The pages as a file of diagrams.net, not compressed, so that its changes can be read. */
export function drawioOf(sheets: readonly Sheet[]): string {
  return [
    '<mxfile host="app.diagrams.net">',
    '  <!-- Written by docs/drawing/write.ts: change what is drawn there, not here. -->',
    ...sheets.flatMap(diagram),
    '</mxfile>',
    '',
  ].join('\n');
}

function diagram({ name, width, height, boxes, arrows }: Sheet): string[] {
  const steps = boxes.filter(({ kind }) => kind.endsWith('-step'));
  const cells = [
    ...boxes.filter(({ kind }) => kind === 'frame').map(vertex),
    ...boxes.filter((box) => box.kind !== 'frame' && !steps.includes(box)).map(vertex),
    ...arrows.map(edge),
    ...steps.map(vertex),
  ];
  return [
    `  <diagram id="${name.toLowerCase()}" name="${name}">`,
    `    <mxGraphModel grid="1" gridSize="10" guides="1" tooltips="1" connect="1" arrows="1" fold="1" page="1" pageScale="1" pageWidth="${width}" pageHeight="${height}" background="#ffffff" math="0" shadow="0">`,
    '      <root>',
    '        <mxCell id="0"/>',
    '        <mxCell id="1" parent="0"/>',
    ...cells.flat().map((line) => `        ${line}`),
    '      </root>',
    '    </mxGraphModel>',
    '  </diagram>',
  ];
}

function vertex(box: Box): string[] {
  const { id, x, y, w, h } = box;
  return [
    `<mxCell id="${id}" value="${escapeXml(labelOf(box))}" style="${styleOf(box)}" vertex="1" parent="1">`,
    `  <mxGeometry x="${x}" y="${y}" width="${w}" height="${h}" as="geometry"/>`,
    '</mxCell>',
  ];
}

/** Labels are HTML there. */
function labelOf({ kind, name, lines }: Box): string {
  const { bold } = BOXES[kind];
  const title = bold && name !== '' ? `<b>${escapeXml(name)}</b>` : escapeXml(name);
  const rest = lines.map(
    (line) => `<span style="font-size: ${LINE_SIZE}px;">${escapeXml(line)}</span>`,
  );
  return [...(name === '' ? [] : [title]), ...rest].join('<br>');
}

function styleOf({ kind, h }: Box): string {
  const look = BOXES[kind];
  const { fill, stroke, ink, size, align, valign } = look;
  return [
    ...shapeOf(look, h),
    'html=1',
    `fillColor=${fill}`,
    `strokeColor=${stroke}`,
    `fontColor=${ink}`,
    `fontSize=${size}`,
    `align=${align}`,
    `verticalAlign=${valign}`,
    ...(look.dashed ? ['dashed=1', 'dashPattern=5 3'] : []),
    ...(align === 'left' && look.shape !== 'none' ? [`spacingLeft=${PADDING - 4}`] : []),
    ...(valign === 'top' ? [`spacingTop=${PADDING - 4}`] : []),
    '',
  ].join(';');
}

function shapeOf({ shape }: BoxLook, height: number): string[] {
  switch (shape) {
    case 'none':
      return ['text', 'spacing=0'];
    case 'box':
      return ['rounded=1', 'absoluteArcSize=1', 'arcSize=12'];
    case 'pill':
      return ['rounded=1', 'absoluteArcSize=1', 'arcSize=40'];
    case 'circle':
      return ['shape=ellipse', 'perimeter=ellipsePerimeter', 'spacing=0'];
    case 'cylinder':
      return ['shape=cylinder3', 'boundedLbl=1', 'backgroundOutline=1', `size=${lidOf(height)}`];
  }
}

function edge({ id, kind, from, to, points, label, labelAt }: Arrow): string[] {
  const { stroke, start, end, dashed } = ARROWS[kind];
  const heads = { none: 'none', dot: 'oval', head: 'block' } as const;
  const first = points[0]!;
  const last = points.at(-1)!;
  const corners = points.slice(1, -1);
  const style = [
    // A straight one stays straight, however near its boxes are.
    corners.length === 0 ? 'edgeStyle=none' : 'edgeStyle=orthogonalEdgeStyle',
    'rounded=1',
    'html=1',
    `strokeColor=${stroke}`,
    'strokeWidth=2',
    `startArrow=${heads[start]}`,
    'startFill=1',
    'startSize=5',
    `endArrow=${heads[end]}`,
    'endFill=1',
    'endSize=5',
    ...(dashed ? ['dashed=1', 'dashPattern=4 3'] : []),
    ...port('exit', from, first),
    ...port('entry', to, last),
    `fontSize=${LINE_SIZE}`,
    'fontColor=#3e4c59',
    'labelBackgroundColor=#ffffff',
    '',
  ].join(';');
  const middle = middleOf(points);
  const offset = { x: labelAt.x - middle.x, y: labelAt.y - middle.y };
  return [
    `<mxCell id="${id}" value="${escapeXml(label)}" style="${style}" edge="1" parent="1" source="${from.id}" target="${to.id}">`,
    '  <mxGeometry relative="1" as="geometry">',
    ...(corners.length === 0
      ? []
      : [
          '    <Array as="points">',
          ...corners.map(({ x, y }) => `      <mxPoint x="${x}" y="${y}"/>`),
          '    </Array>',
        ]),
    ...(label === '' ? [] : [`    <mxPoint x="${offset.x}" y="${offset.y}" as="offset"/>`]),
    '  </mxGeometry>',
    '</mxCell>',
  ];
}

function port(end: 'exit' | 'entry', { x, y, w, h }: Box, point: Point): string[] {
  const share = (value: number) => Math.round(value * 10_000) / 10_000;
  return [
    `${end}X=${share((point.x - x) / w)}`,
    `${end}Y=${share((point.y - y) / h)}`,
    `${end}Dx=0`,
    `${end}Dy=0`,
    `${end}Perimeter=0`,
  ];
}

/** Half of the way, where a label is without an offset. */
function middleOf(points: readonly Point[]): Point {
  const parts = points.slice(1).map((to, i) => {
    const from = points[i]!;
    return { from, to, length: Math.abs(to.x - from.x) + Math.abs(to.y - from.y) };
  });
  let rest = parts.reduce((sum, { length }) => sum + length, 0) / 2;
  for (const { from, to, length } of parts) {
    if (rest <= length) {
      const share = length === 0 ? 0 : rest / length;
      return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
    }
    rest -= length;
  }
  return points.at(-1)!;
}
