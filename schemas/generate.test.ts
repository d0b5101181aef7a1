import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadContract, parseContract } from './contract.ts';
import { CONTRACTS, GENERATED, generateTypes } from './generate.ts';

test('the generated types are those of the contracts (else run: node schemas/generate.ts)', () => {
  expect(readFileSync(GENERATED, 'utf8')).toBe(generateTypes(CONTRACTS.map(loadContract)));
});

test('a name that two contracts define differently is refused', () => {
  const record = (symbol: string) =>
    parseContract(
      JSON.stringify({
        type: 'record',
        name: `Of${symbol}`,
        fields: [{ name: 'word', type: { type: 'enum', name: 'Word', symbols: [symbol] } }],
      }),
    );
  expect(() => generateTypes([record('A'), record('B')])).toThrow(/define Word differently/);
});

test('a list becomes a readonly array', () => {
  const contract = parseContract(
    '{"type":"record","name":"R","fields":[{"name":"a","type":{"type":"array","items":["null","long"]}}]}',
  );
  expect(generateTypes([contract])).toContain('readonly a: readonly (number | null)[];');
});
