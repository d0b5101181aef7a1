/**
 * Writes the drawing of the system, for diagrams.net and as pictures: `node docs/drawing/write.ts`.
 * What is drawn is in `overview.ts` and `data-flow.ts`; `test/docs/drawing.test.ts` fails while the files are not what this
 * writes, or the drawing is not what the code does.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dataFlow } from './data-flow.ts';
import { drawioOf } from './drawio.ts';
import { overview } from './overview.ts';
import { svgOf } from './svg.ts';

export const SHEETS = [overview(), dataFlow()] as const;

export interface WrittenFile {
  readonly kind: string;
  readonly path: URL;
  readonly text: string;
}

export function files(): WrittenFile[] {
  const at = (path: string) => new URL(`../${path}`, import.meta.url);
  const pictures = SHEETS.map((sheet): WrittenFile => {
    const name = sheet.name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
    const path = at(`images/ec-demo-architecture-${name}.svg`);
    return { kind: `picture of ${sheet.name}`, path, text: svgOf(sheet) };
  });
  const pages = { path: at('ec-demo-architecture.drawio'), text: drawioOf(SHEETS) };
  return [{ kind: 'file for diagrams.net', ...pages }, ...pictures];
}

if (import.meta.main) {
  for (const { path, text } of files()) {
    mkdirSync(new URL('.', path), { recursive: true });
    writeFileSync(path, text);
  }
}
