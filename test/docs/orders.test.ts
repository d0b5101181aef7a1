import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { sagaDiagram, sagas } from '#topology/order-saga';

test('the drawing of the saga is the saga', () => {
  const text = readFileSync(new URL('../../docs/orders.md', import.meta.url), 'utf8');
  expect(text).toContain(`\`\`\`mermaid\n${sagaDiagram(sagas['order-create'])}\`\`\`\n`);
});
